"""Gemini's REST interface: what its current and its archived websocket share.

Source: Gemini REST API: `/v1/symbols`, `/v1/symbols/details/{symbol}`, `/v1/book/{symbol}`,
`/v2/ticker/{symbol}`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

import msgspec

from obtui.feeds.base import Malformed, SymbolRefused, VenueError, VenueFeed, check_levels
from obtui.feeds.told import currency, day_of, rest_json, step
from obtui.market import BookSnapshot, Day, Instrument


class SymbolDetails(msgspec.Struct):
    """The reply to `/v1/symbols/details/{symbol}`, or the house's form of an error."""

    symbol: str = ""
    base_currency: str = ""
    quote_currency: str = ""
    quote_increment: Decimal | None = None
    """The price tick. (`tick_size`, despite its name, is the step of the quantity.)"""
    status: str = ""
    product_type: str = ""
    """`spot`, or a kind of contract such as `swap`."""
    result: str = ""
    reason: str = ""
    message: str = ""


class BookLevel(msgspec.Struct):
    """A level of `/v1/book`; its timestamp is a dummy and passed over."""

    price: Decimal
    amount: Decimal


class Book(msgspec.Struct):
    """The reply to `/v1/book/{symbol}`."""

    bids: list[BookLevel]
    asks: list[BookLevel]


class Ticker(msgspec.Struct):
    """The reply to `/v2/ticker/{symbol}`: the last 24 hours, without a volume."""

    open: Decimal | None = None
    high: Decimal | None = None
    low: Decimal | None = None
    close: Decimal | None = None


def refuse_unknown_symbol(symbol: str, body: str | bytes) -> None:
    """Raise `SymbolRefused` if this is Gemini's answer to a symbol that it does not have."""
    try:
        details = rest_json(body, SymbolDetails)
    except Malformed:
        return
    if details.result == "error" and (
        details.reason in {"InvalidSymbol", "NoValidTradingPairs"}
        or "not a valid symbol" in details.message
    ):
        raise SymbolRefused(f"gemini has no symbol {symbol} ({details.message or details.reason})")


class GeminiRest(VenueFeed):
    """What both of Gemini's protocols say of a symbol, and how they spell it: `BTCUSD`."""

    house: ClassVar[str] = "gemini"
    rest_url: ClassVar[str] = "https://api.gemini.com"
    instruments_path: ClassVar[str] = "/v1/symbols"

    @classmethod
    def instruments(cls, body: str) -> list[Instrument]:
        """Names alone: the currencies of each are told by its details."""
        return [
            Instrument(symbol=currency(name))
            for name in rest_json(body, list[str])
            # Perpetuals are on the list too.
            if currency(name) and not name.lower().endswith("perp")
        ]

    @property
    def instrument_path(self) -> str:
        """Where REST describes the instrument."""
        return f"/v1/symbols/details/{self._symbol.lower()}"

    @property
    def day_path(self) -> str:
        """Open, high, low and close of 24 hours."""
        return f"/v2/ticker/{self._symbol.lower()}"

    def book_path(self, depth: int) -> str:
        """Any depth."""
        return f"/v1/book/{self._symbol.lower()}?limit_bids={depth}&limit_asks={depth}"

    def instrument(self, status: int, body: str) -> Instrument | None:
        """What the symbol-details reply says; raises `SymbolRefused` for an unknown symbol."""
        if status != 200:
            refuse_unknown_symbol(self._symbol, body)
            return None
        try:
            details = rest_json(body, SymbolDetails)
        except Malformed:
            return None
        tick = details.quote_increment
        if details.symbol.upper() != self._symbol or (tick is not None and step(tick) is None):
            return None
        return Instrument(
            symbol=self._symbol,
            base=currency(details.base_currency),
            quote=currency(details.quote_currency),
            tick=tick,
            status=details.status,
            contract=_contract(self._symbol, details.product_type),
        )

    def day(self, body: str) -> Day | None:
        """What the ticker says."""
        try:
            ticker = rest_json(body, Ticker)
        except Malformed:
            return None
        return day_of(ticker.close, ticker.open, ticker.high, ticker.low)

    def book(self, status: int, body: str) -> BookSnapshot:
        """What the book's reply says."""
        if status != 200:
            refuse_unknown_symbol(self._symbol, body)
            raise VenueError(f"gemini answered {status}")
        reply = rest_json(body, Book)
        bids = [(level.price, level.amount) for level in reply.bids]
        asks = [(level.price, level.amount) for level in reply.asks]
        check_levels(bids)
        check_levels(asks)
        return BookSnapshot(bids, asks)


def _contract(symbol: str, product_type: str) -> str:
    """What it is, if it is not the currencies themselves that are traded."""
    if symbol.endswith("PERP"):
        return "perpetual"
    return "" if product_type in {"", "spot"} else product_type
