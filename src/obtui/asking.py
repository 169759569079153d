"""Asking a terminal, and reading what it answers, so that nothing of it is left behind.

What a terminal answers comes as if it were typed. It is read without echo and without waiting for
a line's end, for a bounded time; then the terminal is as it was before, also where a signal ends
the program meanwhile.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import termios
import time
from collections.abc import Iterator
from types import FrameType
from typing import Any

from obtui.doctor import Answers

DEADLINE_SECONDS = 0.5
"""For each of the two questions."""
LATE_SECONDS = 0.3
"""So long an answer that is overdue is waited for, lest the shell takes it for something typed."""
SLICE_SECONDS = 0.05
"""How soon a signal is noticed."""
WHERE = b"\x1b[6n"
"""Where is the cursor: nearly every terminal answers that, after what was asked before it."""
HERE = re.compile(rb"\x1b\[\d+;\d+R")
SYNCHRONIZED, MOUSE = 2026, 1006


class Interrupted(Exception):
    """A signal came; the terminal is as it was."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def ask(terminal: int) -> Answers:
    """Ask the terminal that is open as `terminal`; raises `Interrupted` at a signal, and
    `termios.error` where it is no terminal."""
    with _Asking.prepared(terminal) as asking:
        started = time.monotonic()
        if asking.exchange(WHERE) is None:
            asking.wait_for_the_late()
            return Answers()
        took = (time.monotonic() - started) * 1000
        modes = b"".join(b"\x1b[?%d$p" % mode for mode in (SYNCHRONIZED, MOUSE))
        heard = asking.exchange(modes + WHERE)
        if heard is None:
            asking.wait_for_the_late()
            return Answers(took)
        return Answers(took, _mode(heard, SYNCHRONIZED), _mode(heard, MOUSE))


def _mode(heard: bytes, mode: int) -> bool | None:
    """Whether it knows the mode, by its report (DECRPM): 0 says that it does not."""
    found = re.search(rb"\x1b\[\?%d;(\d+)\$y" % mode, heard)
    return None if found is None else int(found[1]) > 0


class _Asking:
    """One conversation."""

    def __init__(self, terminal: int) -> None:
        self._terminal = terminal
        self._number = 0
        self._heard = b""

    @classmethod
    @contextlib.contextmanager
    def prepared(cls, terminal: int) -> Iterator[_Asking]:
        """With the terminal made ready, and put back after it."""
        before = termios.tcgetattr(terminal)
        asking = cls(terminal)
        handlers = asking.catch_signals()
        try:
            termios.tcsetattr(terminal, termios.TCSANOW, _raw(before))
            yield asking
        finally:
            with contextlib.suppress(termios.error):  # it has hung up
                # Not TCSAFLUSH: it would wait for a terminal that takes no output.
                termios.tcflush(terminal, termios.TCIFLUSH)
                termios.tcsetattr(terminal, termios.TCSANOW, before)
            for number, handler in handlers.items():
                signal.signal(number, handler)
            if asking._number:
                raise Interrupted(asking._number)

    def catch_signals(self) -> dict[signal.Signals, Any]:
        """What would end or stop the program between; returns what was done with it before."""
        ending = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGTSTP)
        before = {number: signal.getsignal(number) for number in ending}
        for number, handler in before.items():
            if number is signal.SIGTSTP:
                # Whoever is stopped now leaves the terminal to the shell as it is.
                signal.signal(number, signal.SIG_IGN)
            elif handler is not signal.SIG_IGN:  # nohup's choice is honoured
                signal.signal(number, self.on_signal)
        return before

    def on_signal(self, number: int, _frame: FrameType | None) -> None:
        """It is left as soon as it is noticed."""
        self._number = number

    def exchange(self, question: bytes) -> bytes | None:
        """What was heard up to where the cursor is; None where that was not answered in time."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        self._heard = b""
        while not select.select([], [self._terminal], [], SLICE_SECONDS)[1]:
            if self._number or time.monotonic() > deadline:
                return None
        os.write(self._terminal, question)
        return self._heard if self._listen(deadline) else None

    def wait_for_the_late(self) -> None:
        """What was not sent yet is not to be answered at all."""
        termios.tcflush(self._terminal, termios.TCOFLUSH)
        if not self._number:
            self._listen(time.monotonic() + LATE_SECONDS)

    def _listen(self, deadline: float) -> bool:
        """Whether the cursor's place was heard by then."""
        while not HERE.search(self._heard):
            left = deadline - time.monotonic()
            if self._number or left <= 0:
                return False
            if select.select([self._terminal], [], [], min(left, SLICE_SECONDS))[0]:
                data = os.read(self._terminal, 4096)
                if not data:
                    return False  # it has hung up
                self._heard += data
        return True


def _raw(attributes: list[Any]) -> list[Any]:
    """Without echo, at once; the keys that send a signal still do."""
    *first, flags, input_speed, output_speed, keys = attributes
    keys = list(keys)
    keys[termios.VMIN], keys[termios.VTIME] = 1, 0
    flags &= ~(termios.ICANON | termios.ECHO)
    return [*first, flags, input_speed, output_speed, keys]
