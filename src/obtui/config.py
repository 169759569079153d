"""What the user asked for, checked: the one place that knows the bounds of each option."""

from __future__ import annotations

import argparse
import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from obtui import keymap, values
from obtui.address import check_origin
from obtui.text import printable

SYMBOL = re.compile(r"(?=.{1,40}$)[-/_.]*[A-Za-z0-9][-/_.A-Za-z0-9]*")
"""What goes into an address as it is; whether a venue has it is the venue's to say."""

MOST_MARKETS = 32
"""At once: each has a thread, a connection and a book of its own."""


class UsageError(Exception):
    """What the user asked for cannot be; one line that says what to do instead."""


class Asked(NamedTuple):
    """A market that was asked for."""

    venue: str
    symbol: str
    """As it was typed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Options of the commands that follow markets."""

    symbol: str = ""
    """Of a command that follows one."""
    symbols: tuple[str, ...] = ()
    """Of one that follows several at once: each `SYMBOL` or `venue:SYMBOL`."""
    venue: str = values.DEFAULT_VENUE
    """Of symbols that name none."""
    url: str = ""
    """Replaces the venue's websocket scheme, host and port; empty keeps them."""
    rest_url: str = ""
    """The same for REST. With `url` and without this, REST is not asked."""
    record: str = ""
    """File for book lines, `-` for standard output, empty for none. In it, `{venue}` and `{symbol}`
    stand for those of each market."""
    capture: str = ""
    """File for the capture, `-` for standard output, empty for none."""
    rotate: str = ""
    """Size or time after which the capture goes on in its next segment; empty: never."""
    overwrite: bool = False
    """Whether files that are there are replaced; otherwise they are appended to."""
    depth: int = 10
    """Levels a side in a book line, >= 1."""
    fps: float = 20.0
    """Frames a second at most, 1 to 60."""
    theme: str = "obtui"
    layout: str = ""
    """A layout's name; empty: the screen as it was left."""
    theme_origin: str = ""
    """Where the theme's name comes from, where that is known."""
    mouse: bool = True
    thin: bool = True
    """Whether only changed cells are sent."""
    bandwidth: int | None = None
    """Bytes a second to the terminal at most; None: as many as it takes."""
    alerts: tuple[str, ...] = ()
    """What is to be told, as it was written."""
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=keymap.defaults)
    """Of every action of the screen."""
    duration: float | None = None
    """Seconds from the start of the command, > 0; None for no end."""
    messages: int | None = None
    """Book lines, or frames where only a capture is written, after which to end, >= 1; None for no
    end."""

    @classmethod
    def of(cls, arguments: Mapping[str, object]) -> Options:
        """From parsed arguments, of which others may be among them; raises `UsageError`."""
        options = msgspec.convert(arguments, cls)
        options.check()
        [(venue, symbol), *more] = options.markets
        return options if more else dataclasses.replace(options, venue=venue, symbol=symbol)

    def check(self) -> None:
        """Raise `UsageError` for the first thing that cannot be."""
        if len(self.symbols) > MOST_MARKETS:
            raise UsageError(f"{len(self.symbols)} markets: at most {MOST_MARKETS} at once")
        for venue, symbol in self.markets:
            _check_market(venue, symbol)
        for option, value, schemes in (
            ("--url", self.url, ("ws", "wss")),
            ("--rest-url", self.rest_url, ("http", "https")),
        ):
            fault = check_origin(value, schemes) if value else ""
            if fault:
                raise UsageError(f"{option} {printable(value)}: {fault}")
        self._check_recording()

    @property
    def markets(self) -> tuple[Asked, ...]:
        """What is to be followed, in the order asked for."""
        parts = (symbol.rpartition(":") for symbol in self.symbols or (self.symbol,))
        return tuple([Asked(venue or self.venue, symbol) for venue, _, symbol in parts])

    def _check_recording(self) -> None:
        for option, name in (("--record", self.record), ("--capture", self.capture)):
            self._check_name(option, name)
        if self.record and self.record == self.capture:
            raise UsageError(
                f"--record and --capture both name {printable(self.record)}: name two files"
            )
        if self.rotate:
            _ = self.rotation
            if self.record and not self.capture:
                raise UsageError("--rotate is for a capture: name one with --capture FILE")
            if self.capture == "-":
                raise UsageError("--rotate makes files: name one with --capture FILE, not -")

    def _check_name(self, option: str, name: str) -> None:
        """Raise `UsageError` unless `name` gives each market a file of its own."""
        markets = set(self.markets)
        files = {name.replace("{venue}", it.venue).replace("{symbol}", it.symbol) for it in markets}
        if name and len(files) < len(markets):
            raise UsageError(
                f"{option} {printable(name)} names one file for {len(markets)} markets: write "
                "{venue} and {symbol} into it, like 'x-{venue}-{symbol}.jsonl'"
            )

    @property
    def rotation(self) -> tuple[int | None, float | None]:
        """Bytes or seconds after which the capture goes on in its next segment; neither: never.

        Raises `UsageError`.
        """
        if not self.rotate:
            return None, None
        try:
            return values.rotation(self.rotate)
        except argparse.ArgumentTypeError as fault:
            raise UsageError(f"--rotate {fault}") from fault

    @property
    def rest(self) -> str | None:
        """What replaces the venue's REST origin; None asks no REST."""
        return None if self.url and not self.rest_url else self.rest_url


def _check_market(venue: str, symbol: str) -> None:
    """Raise `UsageError` for a venue that is not known, or what cannot be a symbol."""
    try:
        values.venue(venue)
    except argparse.ArgumentTypeError as fault:
        raise UsageError(str(fault)) from fault
    if not SYMBOL.fullmatch(symbol):
        raise UsageError(
            f"'{printable(symbol, 40)}' is not a symbol: give letters and digits, like BTCUSD"
        )
