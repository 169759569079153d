"""What is checked before there is a screen, and how it ends.

However it ends (a key, a signal, a crash of the screen), recordings are closed first, then the
terminal is put back.
"""

from __future__ import annotations

import codecs
import contextlib
import ctypes
import gc
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from obtui import exits
from obtui.config import UsageError

if TYPE_CHECKING:
    from types import FrameType

    from obtui.app import ObtuiApp

MALLOC = ((-8, 1), (-1, 128 << 10), (-3, 128 << 10))
"""Options of `mallopt` (malloc.h): at most one arena; what is free at the end of the heap, and what
is asked for, from which on it is given back when it is free."""
YOUNG = 3_000
"""Objects that are made before the collector looks for cycles among them."""
SCREEN_FPS = 120
"""Looks a second at what is to be drawn."""
ESC_MS = 25
RECORDING_SECONDS = 0.5
TERMINAL_SECONDS = 0.3
"""Bounds at a signal: of closing the recordings, then of putting the terminal back."""


def check_terminal(advice: str) -> None:
    """Raise `UsageError` where a screen cannot be shown; `advice` is what may be done instead."""
    # Textual draws on stderr and reads keys from stdin; without them it would run on unseen.
    for name, stream in (("stdin", sys.__stdin__), ("stderr", sys.__stderr__)):
        if stream is None or not stream.isatty():
            raise UsageError(f"{name} is not a terminal: run it in one, or {advice}")
    if os.environ.get("TERM", "") in {"", "dumb", "unknown"}:
        raise UsageError(
            f"TERM={os.environ.get('TERM', '')} cannot show a screen: set it to what your terminal "
            f"is, like TERM=xterm-256color"
        )
    encoding = sys.__stderr__.encoding if sys.__stderr__ else "ascii"
    if codecs.lookup(encoding).name != "utf-8":
        raise UsageError(f"the locale's encoding is {encoding}, not UTF-8: set LANG=C.UTF-8")


def prepare() -> None:
    """Set what textual reads when it is imported: to be called before that."""
    # Its own screen timer puts off what a key changed; how often the market is painted is ours.
    os.environ.setdefault("TEXTUAL_FPS", str(SCREEN_FPS))
    # Esc is told from a longer sequence by what does not follow it. Terminals send one at a time,
    # and links do not part what is sent at a time: textual's 100 ms are felt at each Esc.
    os.environ.setdefault("ESCDELAY", str(ESC_MS))
    # Empty is as not set, says no-color.org; textual takes it for set.
    if not os.environ.get("NO_COLOR"):
        os.environ.pop("NO_COLOR", None)


def _give_memory_back() -> None:
    """What glibc's allocator keeps for later, of each thread, was 1 to 2 MB after minutes."""
    with contextlib.suppress(OSError, AttributeError):  # another C library
        mallopt = ctypes.CDLL(None).mallopt
        for option, value in MALLOC:
            mallopt(option, value)


class Stage:
    """One run of a screen, from before there is one until after it."""

    def __init__(self, close: Callable[[float], Sequence[str]]) -> None:
        """`close` closes what is open in at most so many seconds, and returns what to say of it;
        it is called by a signal's handler too."""
        self._close = close
        self._app: ObtuiApp | None = None

    def catch_signals(self) -> None:
        """With the terminal unread an event loop's handlers never run; these do."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            # nohup's choice is honoured.
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._on_signal)

    def show(self, app: ObtuiApp, *, mouse: bool) -> int:
        """Until the user leaves; returns the exit code."""
        self._app = app
        _give_memory_back()
        # What start-up made stays: the collector need never look at it again. A frame makes
        # thousands of objects and no cycle: it need not look at each 700 of them either.
        gc.freeze()
        gc.set_threshold(YOUNG)
        app.run(mouse=mouse)
        # After a crash run() returns as after q; only the code tells.
        return app.return_code or 0

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        for other in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(other, signal.SIG_IGN)
        words = "".join(f"obtui: {saved}\n" for saved in self._close(RECORDING_SECONDS))
        if self._app is not None:
            self._app.put_terminal_back(time.monotonic() + TERMINAL_SECONDS, words)
        os._exit(exits.SIGNAL + number)
