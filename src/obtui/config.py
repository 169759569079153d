"""What the user asked for, checked: the one place that knows the bounds of each option."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from obtui.address import check_origin
from obtui.feeds import FEEDS
from obtui.text import printable

SYMBOL = re.compile(r"(?=.{1,40}$)[-/_.]*[A-Za-z0-9][-/_.A-Za-z0-9]*")
"""What goes into an address as it is; whether a venue has it is the venue's to say."""


class UsageError(Exception):
    """What the user asked for cannot be; one line that says what to do instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Options of the commands that follow a market."""

    symbol: str
    venue: str = "gemini"
    url: str = ""
    """Replaces the venue's websocket scheme, host and port; empty keeps them."""
    rest_url: str = ""
    """The same for REST. With `url` and without this, REST is not asked."""
    record: str = ""
    """File for book lines, `-` for standard output, empty for none."""
    depth: int = 10
    """Levels a side in a book line, >= 1."""
    fps: float = 20.0
    """Frames a second at most, 1 to 60."""
    theme: str = "obtui"
    mouse: bool = True
    duration: float | None = None
    """Seconds from the start of the command, > 0; None for no end."""
    messages: int | None = None
    """Book lines after which to end, >= 1; None for no end."""

    @classmethod
    def of(cls, arguments: Mapping[str, object]) -> Options:
        """From parsed arguments, of which others may be among them; raises `UsageError`."""
        options = msgspec.convert(arguments, cls)
        options.check()
        return options

    def check(self) -> None:
        """Raise `UsageError` for the first thing that cannot be."""
        if self.venue not in FEEDS:
            raise UsageError(
                f"there is no venue '{printable(self.venue)}': choose {' or '.join(FEEDS)}"
            )
        if not SYMBOL.fullmatch(self.symbol):
            raise UsageError(
                f"'{printable(self.symbol, 40)}' is not a symbol: "
                "give letters and digits, like BTCUSD"
            )
        for option, value, schemes in (
            ("--url", self.url, ("ws", "wss")),
            ("--rest-url", self.rest_url, ("http", "https")),
        ):
            fault = check_origin(value, schemes) if value else ""
            if fault:
                raise UsageError(f"{option} {printable(value)}: {fault}")

    @property
    def rest(self) -> str | None:
        """What replaces the venue's REST origin; None asks no REST."""
        return None if self.url and not self.rest_url else self.rest_url
