"""`obtui watch` and `obtui demo`: a market on the screen, recorded if asked for."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence

from obtui import exits
from obtui.config import Options, UsageError
from obtui.feeds import FEEDS
from obtui.feeds.base import Feed
from obtui.live import LiveFeed
from obtui.recording.control import RecordingControl
from obtui.recording.files import RecordingError
from obtui.recording.rotate import Rotation
from obtui.screen import Stage, check_terminal, prepare
from obtui.session import Session
from obtui.shared import Market
from obtui.simulator.markets import MARKETS
from obtui.simulator.process import SimulatorError, spawn

START_SECONDS = 10.0
"""How long the simulated exchange may take to start on a slow machine."""
CLOSE_SECONDS = 1.0
"""Bound of closing the recordings when the user leaves."""


def run(arguments: argparse.Namespace) -> int:
    """`obtui watch`."""
    try:
        options = Options.of(vars(arguments))
        _check_terminal(options)
        return Watch(options).run()
    except UsageError as error:
        return exits.fail(str(error), exits.USAGE)


def run_demo(arguments: argparse.Namespace) -> int:
    """`obtui demo`: the same, with a simulated exchange in a child process as its venue."""
    arguments.url = arguments.rest_url = ""
    try:
        options = Options.of(vars(arguments))
        _check_terminal(options)
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


def _check_terminal(options: Options) -> None:
    check_terminal(f"record without a screen: obtui record {options.symbol} --record FILE")
    for option, path in (("--record", options.record), ("--capture", options.capture)):
        if path == "-" and sys.__stdout__ is not None and sys.__stdout__.isatty():
            raise UsageError(
                f"{option} - would write over the screen: redirect stdout, or name a file"
            )


class Watch:
    """One run of the screen."""

    def __init__(self, options: Options, exchange_url: Callable[[], str] | None = None) -> None:
        self._options = options
        self._exchange_url = exchange_url
        self._feed: Feed = FEEDS[options.venue](options.symbol)
        self._market = Market(Session(self._feed))
        self._recording = RecordingControl(
            self._market,
            venue=self._feed.name,
            symbol=self._feed.symbol,
            url=lambda: self._url,
            depth=options.depth,
            rotation=Rotation(*options.rotation) if options.rotate else None,
            overwrite=options.overwrite,
        )
        self._url = ""
        """Where the feed is connected to, once that is known."""
        self._stage = Stage(self._close)

    def run(self) -> int:
        """Until the user leaves; returns the exit code."""
        options = self._options
        self._stage.catch_signals()
        if options.record or options.capture:
            try:
                self._recording.start(options.record, options.capture)
            except RecordingError as error:
                raise UsageError(str(error)) from error
        try:
            code = self._show()
        finally:
            for saved in self._close(CLOSE_SECONDS):
                exits.say(f"obtui: {saved}\n")
        if self._market.refused:
            return exits.fail(f"{self._market.refused}: choose another symbol", exits.USAGE)
        return code

    def _show(self) -> int:
        options = self._options
        prepare(options.fps)
        from obtui.app import ObtuiApp

        url = self._exchange_url() if self._exchange_url is not None else options.url
        source = LiveFeed(
            self._feed,
            self._market,
            url=url,
            rest_url=None if self._exchange_url is not None else options.rest,
        )
        self._url = source.url
        app = ObtuiApp(self._market, source, self._recording, fps=options.fps, theme=options.theme)
        return self._stage.show(app, mouse=options.mouse)

    def _close(self, timeout: float) -> Sequence[str]:
        self._recording.stop(timeout)
        return self._recording.saved
