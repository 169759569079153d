"""Gemini's REST replies that belong to its sockets: symbols, their details, books, 24 hours.

Paths and parameters in, a status and a body out. It knows no server and no clock.
"""

from __future__ import annotations

import msgspec

from obtui.simulator.listing import Listing, Listings
from obtui.simulator.markets import MarketParameters, unpadded
from obtui.simulator.protocols.base import HttpReply, Query, json_reply, limit_of


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
    return json_reply(body, 400)


def bad_request(message: str) -> HttpReply:
    """The refusal of a request that cannot be understood or is not offered."""
    return json_reply({"result": "error", "reason": "Bad Request", "message": message}, 400)


def respond(path: str, query: Query, listings: Listings) -> HttpReply | None:
    """Answer a plain GET; None where the path is not Gemini's."""
    match path.strip("/").split("/"):
        case ["v1", "symbols"]:
            return json_reply([name.lower() for name in listings.markets])
        case ["v1", "symbols", "details", name]:
            market = listings.markets.get(name.upper())
            return invalid_symbol(name) if market is None else _details(market)
        case ["v1", "book", name]:
            listing = listings.find(name.upper())
            return invalid_symbol(name) if listing is None else _book(listing, query)
        case ["v2", "ticker", name]:
            listing = listings.find(name.upper())
            return invalid_symbol(name) if listing is None else _ticker(listing)
    return None


def _details(market: MarketParameters) -> HttpReply:
    details = _Details(
        symbol=market.symbol,
        base_currency=market.base,
        quote_currency=market.quote,
        tick_size=10.0**-market.size_decimals,
        quote_increment=10.0**-market.price_decimals,
        min_order_size="0.00001",
    )
    return json_reply(details)


def _book(listing: Listing, query: Query) -> HttpReply:
    limits = []
    for name in ("limit_bids", "limit_asks"):
        limit = limit_of(query, name, 50)
        if limit is None:
            return bad_request(f"Supplied value '{query[name]}' is not a valid {name}")
        limits.append(limit)
    market, flow = listing.market, listing.flow
    bids, asks = (
        [
            # The real reply's timestamps are dummies, too.
            _BookLevel(unpadded(market.price_text(price)), market.size_text(lots), "0")
            for price, lots in side.levels(limit)
        ]
        for side, limit in zip((flow.bids, flow.asks), limits, strict=True)
    )
    return json_reply({"bids": bids, "asks": asks})


def _ticker(listing: Listing) -> HttpReply:
    text, day, (bid, ask) = listing.market.price_text, listing.day, listing.best()
    figures = {
        "symbol": listing.market.symbol,
        "open": text(day.open),
        "high": text(day.high),
        "low": text(day.low),
        "close": text(day.last),
        "changes": [text(day.last)],
        "bid": text(bid[0]),
        "ask": text(ask[0]),
    }
    return json_reply(figures)
