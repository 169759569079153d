"""Coinbase's REST replies: products with their last 24 hours, and a book.

Source: Coinbase Advanced Trade API: `/api/v3/brokerage/market/products`, `.../products/{id}` and
`.../product_book`.
"""

from __future__ import annotations

from obtui.simulator.listing import Listing, Listings, PriceLevels
from obtui.simulator.markets import padded
from obtui.simulator.protocols.base import HttpReply, Query, json_reply, limit_of
from obtui.simulator.streams import rfc3339

MARKET = ["api", "v3", "brokerage", "market"]


def respond(path: str, query: Query, listings: Listings) -> HttpReply | None:
    """Answer a plain GET; None where the path is not Coinbase's."""
    parts = path.strip("/").split("/")
    if parts[: len(MARKET)] != MARKET:
        return None
    match parts[len(MARKET) :]:
        case ["products"]:
            found = [listings.find(name) for name in listings.markets]
            products = [_product(listing) for listing in found if listing is not None]
            return json_reply({"products": products, "num_products": len(products)})
        case ["products", name]:
            listing = listings.find(name)
            return _unknown() if listing is None else json_reply(_product(listing))
        case ["product_book"]:
            listing = listings.find(query.get("product_id", ""))
            return _unknown() if listing is None else _book(listing, query)
    return None


def _unknown() -> HttpReply:
    message = "valid product_id is required"
    return json_reply({"error": "NOT_FOUND", "error_details": message, "message": message}, 404)


def _product(listing: Listing) -> dict[str, str | bool]:
    market, day = listing.market, listing.day
    return {
        "product_id": market.symbol,
        "price": market.price_text(day.last),
        "price_percentage_change_24h": f"{100 * (day.last / day.open - 1):.8f}",
        "volume_24h": market.size_text(day.lots),
        "base_increment": padded(1, market.size_decimals),
        "quote_increment": market.price_text(1),
        "price_increment": market.price_text(1),
        "base_currency_id": market.base,
        "quote_currency_id": market.quote,
        "status": "online",
        "trading_disabled": False,
        "product_type": "SPOT",
    }


def _book(listing: Listing, query: Query) -> HttpReply:
    text, size = listing.market.price_text, listing.market.size_text

    def told(levels: PriceLevels) -> list[dict[str, str]]:
        return [{"price": text(price), "size": size(lots)} for price, lots in levels]

    bids, asks = listing.levels(limit_of(query, "limit", 0) or 0)
    book = {
        "product_id": listing.market.symbol,
        "bids": told(bids),
        "asks": told(asks),
        "time": rfc3339(listing.clock.time_ns()),
    }
    return json_reply({"pricebook": book})
