"""Kraken's REST replies: pairs, a book, and the last 24 hours.

Source: Kraken REST API: `/0/public/AssetPairs`, `/0/public/Depth`, `/0/public/Ticker`. REST says
`XBT` where the websocket's v2 says `BTC`, and errors come with status 200.
"""

from __future__ import annotations

from collections.abc import Mapping

from obtui.simulator.listing import Listing, Listings, PriceLevels
from obtui.simulator.markets import MarketParameters
from obtui.simulator.protocols.base import HttpReply, Query, json_reply, limit_of

DEEPEST = 500
_OF_REST = {"BTC": "XBT"}


def respond(path: str, query: Query, listings: Listings) -> HttpReply | None:
    """Answer a plain GET; None where the path is not Kraken's."""
    kind = path.removeprefix("/0/public/")
    if kind not in {"AssetPairs", "Depth", "Ticker"} or kind == path:
        return None
    wanted = query.get("pair")
    every = wanted is None and kind == "AssetPairs"
    found = [it for it in listings.markets.values() if every or wanted == _altname(it)]
    if not found:
        return json_reply({"error": ["EQuery:Unknown asset pair"]})
    result: dict[str, object] = {}
    for market in found:
        if kind == "AssetPairs":
            result[_name(market)] = _pair(market)
            continue
        listing = listings.find(market.symbol)
        assert listing is not None
        result[_name(market)] = _depth(listing, query) if kind == "Depth" else _ticker(listing)
    return json_reply({"error": [], "result": result})


def _rest_base(market: MarketParameters) -> str:
    return _OF_REST.get(market.base, market.base)


def _altname(market: MarketParameters) -> str:
    return _rest_base(market) + market.quote


def _name(market: MarketParameters) -> str:
    """The venue's inner name: currencies of four letters, X for coins and Z for money."""
    return f"X{_rest_base(market)}Z{market.quote}"


def _pair(market: MarketParameters) -> Mapping[str, object]:
    return {
        "altname": _altname(market),
        "wsname": f"{_rest_base(market)}/{market.quote}",
        "base": f"X{_rest_base(market)}",
        "quote": f"Z{market.quote}",
        "pair_decimals": market.price_decimals,
        "lot_decimals": market.size_decimals,
        "tick_size": market.price_text(1),
        "status": "online",
    }


def _depth(listing: Listing, query: Query) -> Mapping[str, object]:
    count = limit_of(query, "count", 100) or 100
    seconds = listing.clock.time_ns() // 1_000_000_000
    text, size = listing.market.price_text, listing.market.size_text

    def told(levels: PriceLevels) -> list[tuple[str, str, int]]:
        return [(text(price), size(lots), seconds) for price, lots in levels]

    bids, asks = listing.levels(min(count, DEEPEST))
    return {"asks": told(asks), "bids": told(bids)}


def _ticker(listing: Listing) -> Mapping[str, object]:
    """Of today and of 24 hours, which are the same here."""
    text, size = listing.market.price_text, listing.market.size_text
    day, ((bid, bid_lots), (ask, ask_lots)) = listing.day, listing.best()
    last = listing.trades[-1].event if listing.trades else None
    return {
        "a": [text(ask), "1", size(ask_lots)],
        "b": [text(bid), "1", size(bid_lots)],
        "c": [text(day.last), size(-last.delta) if last is not None else "0"],
        "v": [size(day.lots)] * 2,
        "l": [text(day.low)] * 2,
        "h": [text(day.high)] * 2,
        "o": text(day.open),
    }
