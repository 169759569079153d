"""Bitstamp's REST interface.

Source: Bitstamp's API reference and probes of 2026-09-15: `/api/v2/order_book/{pair}/`,
`/api/v2/ticker/{pair}/`, `/api/v2/trading-pairs-info/`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

import msgspec

from obtui.feeds.base import LATEST, Malformed, SymbolRefused, VenueError, VenueFeed, check_levels
from obtui.feeds.told import currency, day_of, rest_json
from obtui.market import BookSnapshot, Day, Instrument

LATEST_MICROSECONDS = LATEST // 1_000

Levels = list[tuple[Decimal, Decimal]]


class Book(msgspec.Struct, gc=False):
    """`data` of `order_book_x`, and the reply to `/api/v2/order_book/x/`."""

    microtimestamp: str
    """When the book last changed, in µs since the epoch."""
    bids: Levels
    asks: Levels


class Pair(msgspec.Struct):
    """One of `/api/v2/trading-pairs-info/`.

    Its `counter_decimals` are coarser than the prices of the book, and so are no tick.
    """

    name: str = ""
    """`BTC/USD`."""
    url_symbol: str = ""
    """`btcusd`, as in paths and channels."""
    trading: str = ""
    """`Enabled` or `Disabled`."""


class Ticker(msgspec.Struct):
    """The reply to `/api/v2/ticker/x/`; for an unknown symbol it is a list of all of them.

    Its `open` is that of the day; the others are of a rolling window of 24 hours.
    """

    last: Decimal | None = None
    open_24: Decimal | None = None
    high: Decimal | None = None
    low: Decimal | None = None
    volume: Decimal | None = None
    """In base currency."""


def read_book(body: str) -> Book:
    """What the reply to `/api/v2/order_book/x/` says; raises `Malformed`."""
    book = rest_json(body, Book)
    check_levels(book.bids)
    check_levels(book.asks)
    return book


def microseconds(text: str) -> int:
    """A `microtimestamp`; raises `Malformed`."""
    if not (text.isascii() and text.isdigit() and len(text) <= 16):
        raise Malformed("a microtimestamp that is no time")
    return min(int(text), LATEST_MICROSECONDS)


class BitstampRest(VenueFeed):
    """What REST says of a symbol, and how it is spelled: `BTCUSD`, in lower case on the wire."""

    rest_url: ClassVar[str] = "https://www.bitstamp.net"
    instruments_path: ClassVar[str] = "/api/v2/trading-pairs-info/"

    @classmethod
    def instruments(cls, body: str) -> list[Instrument]:
        """Without ticks; status is `Enabled` or `Disabled`."""
        return [
            _instrument(pair)
            for pair in rest_json(body, list[Pair])
            if currency(pair.url_symbol)  # a perpetual's has a dash
        ]

    @property
    def instrument_path(self) -> str:
        """The list of all: there is no other."""
        return self.instruments_path

    @property
    def day_path(self) -> str:
        """A rolling window of 24 hours."""
        return f"/api/v2/ticker/{self._symbol.lower()}/"

    def book_path(self, depth: int) -> str:
        """The whole book, a level a price."""
        return f"/api/v2/order_book/{self._symbol.lower()}/?group=1"

    def instrument(self, status: int, body: str) -> Instrument | None:
        """What the list says; raises `SymbolRefused` where the symbol is not on it."""
        try:
            listed = self.instruments(body) if status == 200 else []
        except Malformed:
            return None
        for one in listed:
            if one.symbol == self._symbol:
                return one
        if listed:
            raise SymbolRefused(f"bitstamp has no symbol {self._symbol}")
        return None

    def day(self, body: str) -> Day | None:
        """What the ticker says."""
        try:
            it = rest_json(body, Ticker)
        except Malformed:
            return None
        return day_of(it.last, it.open_24, it.high, it.low, it.volume)

    def book(self, status: int, body: str) -> BookSnapshot:
        """What the book's reply says. Of an unknown symbol there is no page."""
        if status == 404:
            raise VenueError(f"bitstamp has no book of {self._symbol} (HTTP 404)")
        if status != 200:
            raise VenueError(f"bitstamp answered HTTP {status}")
        reply = read_book(body)
        return BookSnapshot(reply.bids, reply.asks, microseconds(reply.microtimestamp) * 1_000)


def _instrument(pair: Pair) -> Instrument:
    base, _, quote = pair.name.partition("/")
    return Instrument(
        symbol=currency(pair.url_symbol),
        base=currency(base),
        quote=currency(quote),
        status=pair.trading,
    )
