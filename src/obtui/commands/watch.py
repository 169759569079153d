"""`obtui watch` and `obtui demo`: markets on the screen, recorded if asked for."""

from __future__ import annotations

import argparse
import dataclasses
import sys
import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial

from obtui import exits, following, values
from obtui.commands import plain_command
from obtui.config import Asked, Options, UsageError
from obtui.following import Following
from obtui.looks import Look
from obtui.market import Instrument
from obtui.opening.live import Opening, VenueLists
from obtui.recording.files import RecordingError
from obtui.recording.group import RecordingGroup
from obtui.screen import Stage, check_terminal, prepare
from obtui.simulator import markets as simulated
from obtui.simulator.process import SimulatorError, spawn
from obtui.watched import Watched

START_SECONDS = 10.0
"""How long the simulated exchange may take to start on a slow machine."""
CLOSE_SECONDS = 1.0
"""Bound of closing the recordings when the user leaves."""


def run(arguments: argparse.Namespace, started: float) -> int:
    """`obtui watch`, which `started` by the monotonic clock."""
    try:
        options = Options.of(vars(arguments))
        plain = plain_command.asked(arguments, started)
        if plain is None:
            _check_terminal(options)
        instruments = following.resolve(options.markets, options.rest)
        return Watch(options, instruments, plain=plain).run()
    except UsageError as error:
        return exits.fail(str(error), exits.USAGE)


def run_demo(arguments: argparse.Namespace, started: float) -> int:
    """`obtui demo`: the same, with a simulated exchange in a child process as every venue."""
    arguments.url = arguments.rest_url = ""
    if arguments.venue not in simulated.PROTOCOLS and arguments.origins["venue"] != "--venue":
        arguments.venue = values.DEFAULT_VENUE  # a setting is for real markets
    arguments.symbols = arguments.symbols or [simulated.first(arguments.venue)]
    try:
        options = Options.of(vars(arguments))
        plain = plain_command.asked(arguments, started)
        if plain is None:
            _check_terminal(options)
        instruments = [_simulated(it) for it in options.markets]
        pairs = zip(options.markets, instruments, strict=True)
        markets = [(asked.venue, instrument.symbol) for asked, instrument in pairs]
        seed = arguments.seed if arguments.seed is not None else int(time.time())
        with spawn(seed, arguments.speed, markets) as exchange:
            url = partial(exchange.url, START_SECONDS)
            watch = Watch(options, instruments, url, plain=plain)
            return watch.run()
    except UsageError as error:
        return exits.fail(str(error), exits.USAGE)
    except SimulatorError as error:
        return exits.fail(str(error))


def _simulated(asked: Asked) -> Instrument:
    """As the simulated exchange lists it; raises `UsageError` where it does not."""
    if asked.venue not in simulated.PROTOCOLS:
        raise UsageError(
            f"the simulated exchange does not speak as {asked.venue}: "
            f"choose {' or '.join(simulated.PROTOCOLS)}"
        )
    market = simulated.find(asked.venue, asked.symbol)
    if market is None:
        listed = " or ".join(simulated.listed(asked.venue))
        raise UsageError(f"the simulated exchange has no {asked.symbol}: choose {listed}")
    return _instrument(market)


def _instrument(market: simulated.MarketParameters) -> Instrument:
    tick = Decimal(1).scaleb(-market.price_decimals)
    return Instrument(market.symbol, market.base, market.quote, tick)


class Simulated:
    """What the simulated exchange lists: a `Catalogue` that is known without asking."""

    def venues(self) -> Sequence[str]:
        """All that it speaks as."""
        return list(simulated.PROTOCOLS)

    def symbols(self, venue: str) -> Sequence[Instrument]:
        """Each with its tick."""
        return [_instrument(market) for market in simulated.listed(venue).values()]


def _check_terminal(options: Options) -> None:
    name = "FILE" if len(options.markets) == 1 else "'x-{venue}-{symbol}.jsonl'"
    asked = " ".join(options.symbols)
    check_terminal(f"record without a screen: obtui record {asked} --record {name}")
    for option, path in (("--record", options.record), ("--capture", options.capture)):
        if path == "-" and sys.__stdout__ is not None and sys.__stdout__.isatty():
            raise UsageError(
                f"{option} - would write over the screen: redirect stdout, or name a file"
            )


class Watch:
    """One run of the screen."""

    def __init__(
        self,
        options: Options,
        instruments: Sequence[Instrument],
        exchange_url: Callable[[], str] | None = None,
        *,
        plain: plain_command.Show | None = None,
    ) -> None:
        """`plain` shows the markets in place of the screen."""
        self._options = options
        self._exchange_url = exchange_url
        self._plain = plain
        self._followed = following.follow(options, instruments)
        self._recording = RecordingGroup({it.name: it.recording for it in self._followed})
        catalogue = VenueLists(options.rest) if exchange_url is None else Simulated()
        self._opening = Opening(options, catalogue, self._connect, self._recording)
        self._stage = Stage(self._close)

    def run(self) -> int:
        """Until the user leaves; returns the exit code."""
        options = self._options
        self._stage.catch_signals()
        if options.record or options.capture:
            try:
                following.record_all(self._followed)
            except RecordingError as error:
                raise UsageError(str(error)) from error
        try:
            code = self._show()
        finally:
            for saved in self._close(CLOSE_SECONDS):
                exits.say(f"obtui: {saved}\n")
        return self._judge(code)

    def _show(self) -> int:
        options = self._options
        if self._plain is not None:
            return self._plain(self._opening.begin(self._followed))
        prepare()
        from obtui.app import ObtuiApp
        from obtui.opening.further import Further

        watched = self._opening.begin(self._followed)
        app = ObtuiApp(watched, self._recording, Look.of(dataclasses.asdict(options)))
        app.markets = Further(app, self._opening)
        return self._stage.show(app, mouse=options.mouse)

    def _connect(self, it: Following) -> Watched:
        if self._exchange_url is None:
            return it.connect(self._options.url, self._options.rest)
        url = self._exchange_url()
        # Where all else is known, asking REST would only put off the first picture.
        by_rest = it.feed.name in simulated.BOOK_OVER_REST
        return it.connect(url, url.replace("ws:", "http:", 1) if by_rest else None)

    def _judge(self, code: int) -> int:
        """Say what became of those that did not work; returns the exit code."""
        watched = self._opening.watched
        refused = [it.refused for it in watched if it.refused]
        if watched and len(refused) == len(watched):
            for reason in refused:
                exits.fail(f"{reason}: choose another symbol")
            return exits.USAGE
        for it in watched:
            if it.fault:
                code = exits.fail(f"{it.name}: {it.fault}") or code
        return code

    def _close(self, timeout: float) -> Sequence[str]:
        self._recording.stop(timeout)
        return self._recording.saved
