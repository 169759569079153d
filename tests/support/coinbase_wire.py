"""Frames in the wire form of Coinbase Advanced Trade, and its books computed the plain way."""

from __future__ import annotations

import json
from collections.abc import Sequence

from support.books import Levels, set_level
from support.wire import Pairs, encode

SYMBOL = "BTC-USD"
TIME = "2026-09-30T02:39:53.670986313Z"
TIME_NS = 1_790_735_993_670_986_313


def frame(number: int | None, channel: str, *events: object) -> bytes:
    """Any frame; the connection's number stands in every one of them."""
    message = {"channel": channel, "timestamp": TIME, "sequence_num": number}
    return encode(message | {"events": list(events)})


def book(
    number: int, bids: Pairs = (), asks: Pairs = (), *, kind: str = "update", symbol: str = SYMBOL
) -> bytes:
    """A frame of l2_data."""
    updates = [
        {"side": side, "event_time": TIME, "price_level": price, "new_quantity": size}
        for side, levels in (("bid", bids), ("offer", asks))
        for price, size in levels
    ]
    event = {"type": kind, "product_id": symbol, "updates": updates}
    return frame(number, "l2_data", event)


def trade(side: str = "BUY", trade_id: str = "7", symbol: str = SYMBOL) -> dict[str, str]:
    """One trade."""
    named = {"product_id": symbol, "trade_id": trade_id, "side": side}
    return named | {"price": "83277.25", "size": "0.5", "time": TIME}


def trades(number: int, *made: dict[str, str], kind: str = "update") -> bytes:
    """A frame of market_trades, the newest first."""
    return frame(number, "market_trades", {"type": kind, "trades": list(made)})


def heartbeat(number: int) -> bytes:
    """A heartbeat, counted like any frame."""
    event = {"current_time": "2026-09-30 02:39:54.16 +0000 UTC m=+1.2", "heartbeat_counter": 12240}
    return frame(number, "heartbeats", event)


def subscriptions(number: int) -> bytes:
    """The acknowledgement of a subscription, counted like any frame."""
    return frame(number, "subscriptions", {"subscriptions": {"level2": [SYMBOL]}})


def error(message: str, **more: str) -> bytes:
    """An error, which bears no number."""
    return encode({"type": "error", "message": message} | more)


UNKNOWN_SYMBOL = error("Failed to subscribe", reason="NOSUCH-USD is not a valid product")


def books_of(frames: Sequence[str], symbol: str) -> list[Levels]:
    """The whole book after each frame of a capture that is of the product's book."""
    levels: Levels = ({}, {})
    books = []
    for text in frames:
        message = json.loads(text)
        if message["channel"] != "l2_data":
            continue
        for event in message["events"]:
            if event["product_id"] == symbol:
                for one in event["updates"]:
                    sizes = levels[0] if one["side"] == "bid" else levels[1]
                    set_level(sizes, one["price_level"], one["new_quantity"])
                books.append((dict(levels[0]), dict(levels[1])))
    return books
