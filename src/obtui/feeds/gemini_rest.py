"""Gemini's symbols and instruments: what its current and its archived websocket share.

Source: Gemini REST API, `/v1/symbols/details/{symbol}`.
"""

from __future__ import annotations

import re
from decimal import Decimal

import msgspec

from obtui.feeds.base import LARGEST, SMALLEST, UNDECODABLE, SymbolRefused
from obtui.market import Instrument

CURRENCY = re.compile(r"[A-Z0-9]{1,12}")
REST_URL = "https://api.gemini.com"


class SymbolDetails(msgspec.Struct):
    """The reply to `/v1/symbols/details/{symbol}`, or the house's form of an error."""

    symbol: str = ""
    base_currency: str = ""
    quote_currency: str = ""
    quote_increment: Decimal | None = None
    """The price tick. (`tick_size`, despite its name, is the step of the quantity.)"""
    result: str = ""
    reason: str = ""
    message: str = ""


_decoder = msgspec.json.Decoder(SymbolDetails)


def plain_symbol(text: str) -> str:
    """`BTC-USD`, `btc/usd` and `btcusd` as Gemini's `BTCUSD`."""
    return text.replace("-", "").replace("/", "").replace("_", "").upper()


def instrument_path(symbol: str) -> str:
    """Where REST describes the instrument."""
    return f"/v1/symbols/details/{symbol.lower()}"


def refuse_unknown_symbol(symbol: str, body: str | bytes) -> None:
    """Raise `SymbolRefused` if this is Gemini's answer to a symbol that it does not have."""
    try:
        details = _decoder.decode(body)
    except UNDECODABLE:
        return
    if details.result == "error" and (
        details.reason in {"InvalidSymbol", "NoValidTradingPairs"}
        or "not a valid symbol" in details.message
    ):
        raise SymbolRefused(f"gemini has no symbol {symbol} ({details.message or details.reason})")


def instrument(symbol: str, status: int, body: str) -> Instrument | None:
    """The instrument of a details reply; None for any failure but an unknown symbol."""
    if status != 200:
        refuse_unknown_symbol(symbol, body)
        return None
    try:
        details = _decoder.decode(body)
    except UNDECODABLE:
        return None
    tick = details.quote_increment
    if details.symbol.upper() != symbol:
        return None
    # Comparing with NaN raises, so finiteness is asked first.
    if tick is not None and not (tick.is_finite() and SMALLEST <= tick <= LARGEST):
        return None
    return Instrument(
        symbol=symbol,
        base=_currency(details.base_currency),
        quote=_currency(details.quote_currency),
        tick=tick,
    )


def _currency(text: str) -> str:
    """A currency's name, or nothing: what is shown must be a name, whatever the wire says."""
    name = text.upper()
    return name if CURRENCY.fullmatch(name) else ""
