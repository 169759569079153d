"""Binance's REST interface, and that of Binance.US.

Source: binance-spot-api-docs (rest-api.md, filters.md, errors.md, 2026-07-21): `/api/v3/depth`,
`/api/v3/exchangeInfo`, `/api/v3/ticker/24hr`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated
from urllib.parse import quote

import msgspec

from obtui.feeds.base import Malformed, SymbolRefused, VenueError, VenueFeed, check_levels
from obtui.feeds.told import currency, day_of, rest_json, step
from obtui.market import BookSnapshot, Day, Instrument

MOST_LEVELS = 5_000
"""Levels a side that `depth` gives at most; those beyond are unknown until they change."""
ILLEGAL_CHARACTERS = -1100
INVALID_SYMBOL = -1121

Id = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Levels = list[tuple[Decimal, Decimal]]


class Refusal(msgspec.Struct, gc=False):
    """An error, of REST and of the stream."""

    code: int = 0
    msg: str = ""


class Book(msgspec.Struct, gc=False):
    """The reply to `depth`."""

    lastUpdateId: Id
    """Id of the last change in it."""
    bids: Levels
    asks: Levels


class Filter(msgspec.Struct):
    """A rule for orders; `PRICE_FILTER` has the tick."""

    filterType: str = ""
    tickSize: Decimal | None = None


class Symbol(msgspec.Struct):
    """One of `symbols`."""

    symbol: str
    status: str = ""
    """`TRADING`, `HALT` or `BREAK`."""
    baseAsset: str = ""
    quoteAsset: str = ""
    isSpotTradingAllowed: bool = True
    filters: list[Filter] = []


class ExchangeInfo(msgspec.Struct):
    """The reply to `exchangeInfo`."""

    symbols: list[Symbol]


class Ticker(msgspec.Struct):
    """The reply to `ticker/24hr`: a rolling window."""

    openPrice: Decimal | None = None
    lastPrice: Decimal | None = None
    highPrice: Decimal | None = None
    lowPrice: Decimal | None = None
    volume: Decimal | None = None
    """In base currency."""


def refuse_unknown_symbol(venue: str, symbol: str, body: str) -> None:
    """Raise `SymbolRefused` if this is the venue's answer to a symbol that it does not have."""
    refusal = _refusal(body)
    if refusal.code == INVALID_SYMBOL or (
        refusal.code == ILLEGAL_CHARACTERS and "symbol" in refusal.msg
    ):
        raise SymbolRefused(f"{venue} has no symbol {symbol} ({refusal.msg})")


def read_book(venue: str, symbol: str, status: int, body: str) -> Book:
    """What a reply to `depth` says; raises `Malformed`, `SymbolRefused`, `VenueError`.

    Status 0: none came, and the body says why.
    """
    if status == 0:
        raise VenueError(f"{venue}'s book comes over REST: {body}")
    if status != 200:
        refuse_unknown_symbol(venue, symbol, body)
        raise VenueError(_failure(venue, status, _refusal(body).msg))
    book = rest_json(body, Book)
    check_levels(book.bids)
    check_levels(book.asks)
    return book


def _refusal(body: str) -> Refusal:
    try:
        return rest_json(body, Refusal)
    except Malformed:
        return Refusal()


def _failure(venue: str, status: int, said: str) -> str:
    why = f": {said}" if said else ""
    match status:
        case 451:
            other = ", binance-us serves the US" if venue == "binance" else ""
            return f"{venue} does not serve this place (HTTP 451){other}"
        case 418:
            return f"{venue} refuses this address for a time (HTTP 418){why}"
        case 429:
            return f"{venue} gets too many requests from this address (HTTP 429){why}"
        case _:
            return f"{venue}'s REST answered HTTP {status} to the book{why}"


def _tick(filters: list[Filter]) -> Decimal | None:
    for one in filters:
        tick = step(one.tickSize) if one.filterType == "PRICE_FILTER" else None
        if tick is not None:
            return tick.normalize()  # it is padded to eight places
    return None


class BinanceRest(VenueFeed):
    """What REST says of a symbol, and how it is spelled: `BTCUSDT`."""

    @classmethod
    def instruments(cls, body: str) -> list[Instrument]:
        """With tick and status."""
        return [
            Instrument(
                symbol=currency(one.symbol),
                base=currency(one.baseAsset),
                quote=currency(one.quoteAsset),
                tick=_tick(one.filters),
                status=one.status,
            )
            for one in rest_json(body, ExchangeInfo).symbols
            if currency(one.symbol) and one.isSpotTradingAllowed
        ]

    @property
    def instrument_path(self) -> str:
        """Where REST describes the instrument."""
        return f"/api/v3/exchangeInfo?symbol={quote(self._symbol)}"

    @property
    def day_path(self) -> str:
        """A rolling window of 24 hours."""
        return f"/api/v3/ticker/24hr?symbol={quote(self._symbol)}"

    def book_path(self, depth: int) -> str:
        """Any depth up to 5,000."""
        limit = max(1, min(depth, MOST_LEVELS))
        return f"/api/v3/depth?symbol={quote(self._symbol)}&limit={limit}"

    def instrument(self, status: int, body: str) -> Instrument | None:
        """What the exchange's information says; raises `SymbolRefused` for an unknown symbol."""
        if status != 200:
            refuse_unknown_symbol(self.name, self._symbol, body)
            return None
        try:
            listed = self.instruments(body)
        except Malformed:
            return None
        return next((one for one in listed if one.symbol == self._symbol), None)

    def day(self, body: str) -> Day | None:
        """What the ticker says."""
        try:
            it = rest_json(body, Ticker)
        except Malformed:
            return None
        return day_of(it.lastPrice, it.openPrice, it.highPrice, it.lowPrice, it.volume)

    def book(self, status: int, body: str) -> BookSnapshot:
        """What the book's reply says."""
        reply = read_book(self.name, self._symbol, status, body)
        return BookSnapshot(reply.bids, reply.asks)
