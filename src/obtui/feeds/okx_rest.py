"""OKX's REST interface: its instruments, a book, the last 24 hours.

Source: OKX API v5, `/api/v5/public/instruments`, `/api/v5/market/ticker` and `/books`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

import msgspec

from obtui.feeds.base import Malformed, SymbolRefused, VenueError, VenueFeed, check_levels
from obtui.feeds.told import currency, day_of, rest_json, step
from obtui.market import BookSnapshot, Day, Instrument

DEEPEST = 400
"""Levels a side that a reply has at most."""
UNKNOWN_INSTRUMENT = "51001"


class Level(msgspec.Struct, array_like=True):
    """Price and size; a deprecated field and a count of orders follow."""

    price: Decimal
    size: Decimal


class RestInstrument(msgspec.Struct):
    """Of `/api/v5/public/instruments`; a swap has no currencies of its own."""

    instId: str
    baseCcy: str = ""
    quoteCcy: str = ""
    tickSz: str = ""
    """Empty until it is traded."""
    state: str = ""


class RestTicker(msgspec.Struct):
    """Of `/api/v5/market/ticker`: the last 24 hours."""

    last: Decimal
    open24h: Decimal
    high24h: Decimal
    low24h: Decimal
    vol24h: Decimal
    """In base currency, of a spot market."""


class RestBook(msgspec.Struct):
    """Of `/api/v5/market/books`."""

    asks: list[Level]
    bids: list[Level]


class Instruments(msgspec.Struct):
    """The reply to `/api/v5/public/instruments`."""

    code: str = ""
    msg: str = ""
    data: list[RestInstrument] = []


class Tickers(msgspec.Struct):
    """The reply to `/api/v5/market/ticker`."""

    data: list[RestTicker]


class Books(msgspec.Struct):
    """The reply to `/api/v5/market/books`."""

    code: str = ""
    msg: str = ""
    data: list[RestBook] = []


class OkxRest(VenueFeed):
    """What OKX says of an instrument, and how it spells it: `BTC-USDT`."""

    rest_url: ClassVar[str] = "https://www.okx.com"
    instruments_path: ClassVar[str] = "/api/v5/public/instruments?instType=SPOT"

    @classmethod
    def respell(cls, symbol: str) -> str:
        """With the venue's separator."""
        return symbol.upper().replace("/", "-").replace("_", "-")

    @classmethod
    def instruments(cls, body: str) -> list[Instrument]:
        """Its spot markets."""
        reply = rest_json(body, Instruments)
        return [_instrument(it) for it in reply.data if it.baseCcy and it.quoteCcy]

    @classmethod
    def spell(cls, base: str, quote: str) -> str:
        """`BTC-USDT`."""
        return f"{base}-{quote}"

    @property
    def instrument_path(self) -> str:
        """Of one instrument; swaps are listed apart."""
        kind = "SWAP" if self._symbol.endswith("-SWAP") else "SPOT"
        return f"/api/v5/public/instruments?instType={kind}&instId={self._symbol}"

    @property
    def day_path(self) -> str:
        """The last 24 hours."""
        return f"/api/v5/market/ticker?instId={self._symbol}"

    def book_path(self, depth: int) -> str:
        """At most 400 levels a side."""
        return f"/api/v5/market/books?instId={self._symbol}&sz={min(depth, DEEPEST)}"

    def instrument(self, status: int, body: str) -> Instrument | None:
        """What the reply says of our instrument; raises `SymbolRefused` for an unknown one."""
        try:
            reply = rest_json(body, Instruments)
        except Malformed:
            return None
        if reply.code == UNKNOWN_INSTRUMENT:
            raise SymbolRefused(f"okx has no symbol {self._symbol} ({reply.msg})")
        ours = [it for it in reply.data if it.instId == self._symbol]
        return _instrument(ours[0]) if status == 200 and ours else None

    def day(self, body: str) -> Day | None:
        """What the ticker says."""
        try:
            tickers = rest_json(body, Tickers).data
        except Malformed:
            return None
        if not tickers:
            return None
        it = tickers[0]
        return day_of(it.last, it.open24h, it.high24h, it.low24h, it.vol24h)

    def book(self, status: int, body: str) -> BookSnapshot:
        """What the book's reply says."""
        reply = rest_json(body, Books)
        if reply.code == UNKNOWN_INSTRUMENT:
            raise SymbolRefused(f"okx has no symbol {self._symbol} ({reply.msg})")
        if status != 200 or not reply.data:
            raise VenueError(f"okx answered {status}: {reply.code} {reply.msg}".rstrip(": "))
        bids = [(level.price, level.size) for level in reply.data[0].bids]
        asks = [(level.price, level.size) for level in reply.data[0].asks]
        check_levels(bids)
        check_levels(asks)
        return BookSnapshot(bids, asks)


def _instrument(it: RestInstrument) -> Instrument:
    try:
        tick = step(Decimal(it.tickSz)) if it.tickSz else None
    except ArithmeticError:
        tick = None
    return Instrument(
        symbol=it.instId,
        base=currency(it.baseCcy),
        quote=currency(it.quoteCcy),
        tick=tick,
        contract="" if it.quoteCcy else "contract",
        status=it.state,
    )
