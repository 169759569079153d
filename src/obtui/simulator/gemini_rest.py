"""Gemini's REST replies that belong to its sockets: symbols, their details, and a book.

Paths and parameters in, a status and a body out. It knows no server and no clock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import msgspec

from obtui.simulator.markets import MARKETS, MarketParameters, unpadded
from obtui.simulator.queues import QueueSide

Books = Callable[[MarketParameters], tuple[QueueSide, QueueSide]]
"""Finds the bids and the asks of a market, which only has them once somebody looked."""


class HttpReply(NamedTuple):
    """What a plain GET is answered with."""

    status: int
    body: bytes


class _Details(msgspec.Struct):
    symbol: str
    base_currency: str
    quote_currency: str
    # The venue's trap: this is the step of sizes, and `quote_increment` the step of prices.
    tick_size: float
    quote_increment: float
    min_order_size: str
    status: str = "open"
    wrap_enabled: bool = False
    product_type: str = "spot"


class _BookLevel(msgspec.Struct):
    price: str
    amount: str
    timestamp: str


def invalid_symbol(name: str) -> HttpReply:
    """The refusal of a symbol that is not listed."""
    body = {
        "result": "error",
        "reason": "InvalidSymbol",
        "message": f"Supplied value '{name.upper()}' is not a valid symbol",
    }
    return HttpReply(400, msgspec.json.encode(body))


def bad_request(message: str) -> HttpReply:
    """The refusal of a request that cannot be understood or is not offered."""
    return HttpReply(
        400, msgspec.json.encode({"result": "error", "reason": "Bad Request", "message": message})
    )


def respond(path: str, query: Mapping[str, str], books: Books) -> HttpReply:
    """Answer a plain GET."""
    match path.strip("/").split("/"):
        case ["v1", "symbols"]:
            return HttpReply(200, msgspec.json.encode([name.lower() for name in MARKETS]))
        case ["v1", "symbols", "details", name]:
            market = MARKETS.get(name.upper())
            return invalid_symbol(name) if market is None else _details(market)
        case ["v1", "book", name]:
            market = MARKETS.get(name.upper())
            return invalid_symbol(name) if market is None else _book(market, query, books)
    body = {"result": "error", "reason": "EndpointNotFound", "message": "API entry point not found"}
    return HttpReply(404, msgspec.json.encode(body))


def _details(market: MarketParameters) -> HttpReply:
    details = _Details(
        symbol=market.symbol,
        base_currency=market.base,
        quote_currency=market.quote,
        tick_size=10.0**-market.size_decimals,
        quote_increment=10.0**-market.price_decimals,
        min_order_size="0.00001",
    )
    return HttpReply(200, msgspec.json.encode(details))


def _book(market: MarketParameters, query: Mapping[str, str], books: Books) -> HttpReply:
    limits = []
    for name in ("limit_bids", "limit_asks"):
        text = query.get(name, "50")
        if not (text.isascii() and text.isdigit() and len(text) <= 9):
            return bad_request(f"Supplied value '{text}' is not a valid {name}")
        limits.append(int(text))
    bids, asks = (
        [
            # The real reply's timestamps are dummies, too.
            _BookLevel(unpadded(market.price_text(price)), market.size_text(lots), "0")
            for price, lots in side.levels(limit)
        ]
        for side, limit in zip(books(market), limits, strict=True)
    )
    return HttpReply(200, msgspec.json.encode({"bids": bids, "asks": asks}))
