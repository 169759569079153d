"""Binance's REST replies: symbols, a book with its update id, and the last 24 hours.

Source: binance-spot-api-docs (rest-api.md, filters.md, errors.md, 2026-07-21).
"""

from __future__ import annotations

from obtui.simulator.listing import Listing, Listings
from obtui.simulator.markets import MarketParameters, padded
from obtui.simulator.protocols import binance_wire as wire
from obtui.simulator.protocols.base import HttpReply, Query, json_reply, limit_of

DEEPEST = 5_000


def respond(path: str, query: Query, listings: Listings) -> HttpReply | None:
    """Answer a plain GET; None where the path is not Binance's."""
    kind = path.removeprefix("/api/v3/")
    if kind not in {"exchangeInfo", "depth", "ticker/24hr"} or kind == path:
        return None
    if kind == "exchangeInfo" and "symbol" not in query:
        return json_reply({"symbols": [_symbol(market) for market in listings.markets.values()]})
    listing = listings.find(query.get("symbol", ""))
    if listing is None:
        return json_reply({"code": -1121, "msg": "Invalid symbol."}, 400)
    if kind == "exchangeInfo":
        return json_reply({"symbols": [_symbol(listing.market)]})
    return _depth(listing, query) if kind == "depth" else _ticker(listing)


def _symbol(market: MarketParameters) -> dict[str, object]:
    tick = padded(10 ** (wire.DECIMALS - market.price_decimals), wire.DECIMALS)
    lot = padded(10 ** (wire.DECIMALS - market.size_decimals), wire.DECIMALS)
    return {
        "symbol": market.symbol,
        "status": "TRADING",
        "baseAsset": market.base,
        "quoteAsset": market.quote,
        "isSpotTradingAllowed": True,
        "filters": [
            {"filterType": "PRICE_FILTER", "tickSize": tick},
            {"filterType": "LOT_SIZE", "stepSize": lot},
        ],
    }


def _depth(listing: Listing, query: Query) -> HttpReply:
    limit = limit_of(query, "limit", 100)
    if not limit:
        return json_reply({"code": -1100, "msg": "Illegal characters found in 'limit'."}, 400)
    bids, asks = listing.levels(min(limit, DEEPEST))
    market = listing.market
    book = {
        "lastUpdateId": listing.last_id,
        "bids": wire.levels(market, bids),
        "asks": wire.levels(market, asks),
    }
    return json_reply(book)


def _ticker(listing: Listing) -> HttpReply:
    day, text, market = listing.day, listing.market.price_text, listing.market
    change = day.last - day.open
    figures = {
        "symbol": market.symbol,
        "priceChange": f"{'-' if change < 0 else ''}{text(abs(change))}",
        "openPrice": text(day.open),
        "lastPrice": text(day.last),
        "highPrice": text(day.high),
        "lowPrice": text(day.low),
        "volume": market.size_text(day.lots),
    }
    return json_reply(figures)
