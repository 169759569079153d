"""The commands with a screen: what is checked before there is one, and how it ends.

However it ends (a key, a signal, a crash of the screen), recordings are closed first, then the
terminal is put back.
"""

from __future__ import annotations

import argparse
import codecs
import gc
import os
import signal
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from obtui import exits
from obtui.config import Options, UsageError
from obtui.feeds import FEEDS
from obtui.feeds.base import Feed
from obtui.live import LiveFeed
from obtui.recording.control import RecordingControl
from obtui.recording.files import RecordingError
from obtui.session import Session
from obtui.shared import Market
from obtui.simulator.markets import MARKETS
from obtui.simulator.process import SimulatorError, spawn

if TYPE_CHECKING:
    from types import FrameType

    from obtui.app import ObtuiApp

START_SECONDS = 10.0
"""How long the simulated exchange may take to start on a slow machine."""
RECORDING_SECONDS = 0.5
TERMINAL_SECONDS = 0.3
"""Bounds at a signal: of closing the recording, then of putting the terminal back."""


def run(arguments: argparse.Namespace) -> int:
    """`obtui watch`."""
    try:
        options = Options.of(vars(arguments))
        check_terminal(options)
        return Watch(options).run()
    except UsageError as error:
        return exits.fail(str(error), exits.USAGE)


def run_demo(arguments: argparse.Namespace) -> int:
    """`obtui demo`: the same, with a simulated exchange in a child process as its venue."""
    arguments.url = arguments.rest_url = ""
    try:
        options = Options.of(vars(arguments))
        check_terminal(options)
        symbol = FEEDS[options.venue](options.symbol).symbol
        if symbol not in MARKETS:
            raise UsageError(
                f"the simulated exchange has no {symbol}: choose {' or '.join(MARKETS)}"
            )
        seed = arguments.seed if arguments.seed is not None else int(time.time())
        with spawn(seed, arguments.speed, symbol) as exchange:
            watch = Watch(options, exchange_url=lambda: exchange.url(START_SECONDS))
            return watch.run()
    except UsageError as error:
        return exits.fail(str(error), exits.USAGE)
    except SimulatorError as error:
        return exits.fail(str(error))


def check_terminal(options: Options) -> None:
    """Raise `UsageError` where a screen cannot be shown."""
    # Textual draws on stderr and reads keys from stdin; without them it would run on unseen.
    for name, stream in (("stdin", sys.__stdin__), ("stderr", sys.__stderr__)):
        if stream is None or not stream.isatty():
            raise UsageError(
                f"{name} is not a terminal: run it in one, or record without a screen: "
                f"obtui record {options.symbol} --record FILE"
            )
    if os.environ.get("TERM", "") in {"", "dumb", "unknown"}:
        raise UsageError(
            f"TERM={os.environ.get('TERM', '')} cannot show a screen: set it to what your terminal "
            f"is, like TERM=xterm-256color"
        )
    encoding = sys.__stderr__.encoding if sys.__stderr__ else "ascii"
    if codecs.lookup(encoding).name != "utf-8":
        raise UsageError(f"the locale's encoding is {encoding}, not UTF-8: set LANG=C.UTF-8")
    if options.record == "-" and sys.__stdout__ is not None and sys.__stdout__.isatty():
        raise UsageError("--record - would write over the screen: redirect stdout, or name a file")


class Watch:
    """One run of the screen."""

    def __init__(self, options: Options, exchange_url: Callable[[], str] | None = None) -> None:
        self._options = options
        self._exchange_url = exchange_url
        self._feed: Feed = FEEDS[options.venue](options.symbol)
        self._market = Market(Session(self._feed))
        self._recording = RecordingControl(
            self._market, venue=self._feed.name, symbol=self._feed.symbol, depth=options.depth
        )
        self._app: ObtuiApp | None = None

    def run(self) -> int:
        """Until the user leaves; returns the exit code."""
        options = self._options
        self._catch_signals()
        if options.record:
            try:
                self._recording.start(options.record)
            except RecordingError as error:
                raise UsageError(str(error)) from error
        try:
            code = self._show()
        finally:
            self._recording.stop()
            for saved in self._recording.saved:
                exits.say(f"obtui: {saved}\n")
        if self._market.refused:
            return exits.fail(f"{self._market.refused}: choose another symbol", exits.USAGE)
        return code

    def _show(self) -> int:
        options = self._options
        # Both are read when textual is imported. Its screen timer would add up to a frame of ours.
        os.environ.setdefault("TEXTUAL_FPS", str(round(options.fps * 2)))
        from obtui.app import ObtuiApp

        url = self._exchange_url() if self._exchange_url is not None else options.url
        source = LiveFeed(
            self._feed,
            self._market,
            url=url,
            rest_url=None if self._exchange_url is not None else options.rest,
        )
        app = ObtuiApp(self._market, source, self._recording, fps=options.fps, theme=options.theme)
        self._app = app
        # What start-up made stays: the collector need never look at it again.
        gc.freeze()
        app.run(mouse=options.mouse)
        # After a crash run() returns as after q; only the code tells.
        return app.return_code or 0

    def _catch_signals(self) -> None:
        """With the terminal unread an event loop's handlers never run; these do."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            # nohup's choice is honoured.
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        for other in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(other, signal.SIG_IGN)
        self._recording.stop(RECORDING_SECONDS)
        words = "".join(f"obtui: {saved}\n" for saved in self._recording.saved)
        if self._app is not None:
            self._app.put_terminal_back(time.monotonic() + TERMINAL_SECONDS, words)
        os._exit(exits.SIGNAL + number)
