"""Bybit's REST interface for spot: its instruments, a book, the last 24 hours.

Source: Bybit API v5, `/v5/market/instruments-info`, `/tickers` and `/orderbook`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

import msgspec

from obtui.feeds.base import Malformed, SymbolRefused, VenueError, VenueFeed, check_levels
from obtui.feeds.told import currency, day_of, rest_json, step
from obtui.market import BookSnapshot, Day, Instrument

DEEPEST = 200
"""Levels a side that a reply has at most."""


class PriceFilter(msgspec.Struct):
    """Of an instrument."""

    tickSize: Decimal | None = None


class RestInstrument(msgspec.Struct):
    """Of `/v5/market/instruments-info`."""

    symbol: str
    baseCoin: str = ""
    quoteCoin: str = ""
    status: str = ""
    priceFilter: PriceFilter | None = None


class RestTicker(msgspec.Struct):
    """Of `/v5/market/tickers`: the last 24 hours."""

    lastPrice: Decimal
    prevPrice24h: Decimal
    highPrice24h: Decimal
    lowPrice24h: Decimal
    volume24h: Decimal
    """In base currency."""


class InstrumentList(msgspec.Struct):
    """`result` of the list of instruments."""

    instruments: list[RestInstrument] = msgspec.field(name="list", default_factory=list)


class TickerList(msgspec.Struct):
    """`result` of the tickers."""

    tickers: list[RestTicker] = msgspec.field(name="list", default_factory=list)


class InstrumentsReply(msgspec.Struct):
    """The reply to `/v5/market/instruments-info`."""

    retCode: int = -1
    retMsg: str = ""
    result: InstrumentList | None = None


class TickersReply(msgspec.Struct):
    """The reply to `/v5/market/tickers`."""

    result: TickerList


class BookResult(msgspec.Struct):
    """`result` of a book, which is empty where there is none."""

    b: list[tuple[Decimal, Decimal]] = []
    a: list[tuple[Decimal, Decimal]] = []


class BookReply(msgspec.Struct):
    """The reply to `/v5/market/orderbook`."""

    retCode: int = -1
    retMsg: str = ""
    result: BookResult | None = None


class BybitRest(VenueFeed):
    """What Bybit says of a spot symbol, and how it spells it: `BTCUSDT`."""

    rest_url: ClassVar[str] = "https://api.bybit.com"
    instruments_path: ClassVar[str] = "/v5/market/instruments-info?category=spot"

    @classmethod
    def instruments(cls, body: str) -> list[Instrument]:
        """Its spot markets."""
        result = rest_json(body, InstrumentsReply).result
        return [] if result is None else [_instrument(it) for it in result.instruments]

    @property
    def instrument_path(self) -> str:
        """Of one instrument."""
        return f"/v5/market/instruments-info?category=spot&symbol={self._symbol}"

    @property
    def day_path(self) -> str:
        """The last 24 hours."""
        return f"/v5/market/tickers?category=spot&symbol={self._symbol}"

    def book_path(self, depth: int) -> str:
        """At most 200 levels a side."""
        limit = min(depth, DEEPEST)
        return f"/v5/market/orderbook?category=spot&symbol={self._symbol}&limit={limit}"

    def instrument(self, status: int, body: str) -> Instrument | None:
        """What the reply says of our symbol; raises `SymbolRefused` where the list is empty."""
        try:
            reply = rest_json(body, InstrumentsReply)
        except Malformed:
            return None
        if status != 200 or reply.retCode != 0 or reply.result is None:
            return None
        for it in reply.result.instruments:
            if it.symbol == self._symbol:
                return _instrument(it)
        raise SymbolRefused(f"bybit has no symbol {self._symbol}")

    def day(self, body: str) -> Day | None:
        """What the ticker says."""
        try:
            tickers = rest_json(body, TickersReply).result.tickers
        except Malformed:
            return None
        if not tickers:
            return None
        it = tickers[0]
        return day_of(it.lastPrice, it.prevPrice24h, it.highPrice24h, it.lowPrice24h, it.volume24h)

    def book(self, status: int, body: str) -> BookSnapshot:
        """What the book's reply says."""
        reply = rest_json(body, BookReply)
        book = reply.result
        if status != 200 or reply.retCode != 0 or book is None:
            if "symbol" in reply.retMsg.lower():
                raise SymbolRefused(f"bybit has no symbol {self._symbol} ({reply.retMsg})")
            raise VenueError(f"bybit answered {status}: {reply.retCode} {reply.retMsg}".rstrip())
        check_levels(book.b)
        check_levels(book.a)
        return BookSnapshot(book.b, book.a)


def _instrument(it: RestInstrument) -> Instrument:
    return Instrument(
        symbol=it.symbol,
        base=currency(it.baseCoin),
        quote=currency(it.quoteCoin),
        tick=step(it.priceFilter.tickSize if it.priceFilter else None),
        status=it.status,
    )
