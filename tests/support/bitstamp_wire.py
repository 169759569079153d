"""Bitstamp's frames and REST replies, small and self-written."""

from __future__ import annotations

import json

from support.wire import Pairs, encode

TIME = 1_790_401_258_521_974
"""µs since the epoch."""


def _book(bids: Pairs, asks: Pairs, time: int | str) -> dict[str, object]:
    return {
        "timestamp": str(time)[:10],
        "microtimestamp": str(time),
        "bids": [list(level) for level in bids],
        "asks": [list(level) for level in asks],
    }


def book(
    bids: Pairs = (), asks: Pairs = (), time: int | str = TIME, *, symbol: str = "btcusd"
) -> bytes:
    """A whole book."""
    data = _book(bids, asks, time)
    return encode({"data": data, "channel": f"order_book_{symbol}", "event": "data"})


def trade(
    price: str = "83946.07", amount: str = "0.12500000", kind: int = 1, *, symbol: str = "btcusd"
) -> bytes:
    """A trade; its numbers are shorter than its texts."""
    data = {"id": 643660479, "timestamp": "1790401277", "amount": 0.125, "amount_str": amount}
    data |= {"price": 83946.07, "price_str": price, "type": kind, "buy_order_id": 1}
    data |= {"microtimestamp": "1790401277185000", "sell_order_id": 2}
    return encode({"data": data, "channel": f"live_trades_{symbol}", "event": "trade"})


def subscribed(channel: str = "order_book_btcusd") -> bytes:
    """The reply to a subscription, also to one of a symbol that there is not."""
    return encode({"event": "bts:subscription_succeeded", "channel": channel, "data": {}})


def error(message: str, code: int | None = None) -> bytes:
    """A `bts:error`."""
    data = {"code": code, "message": message}
    return encode({"event": "bts:error", "channel": "", "data": data})


INVALID_CHANNEL = error("Invalid channel provided.")
HEARTBEAT = encode({"event": "bts:heartbeat", "channel": "", "data": {"status": "success"}})
RECONNECT = encode({"event": "bts:request_reconnect", "channel": "", "data": None})


def rest_book(bids: Pairs, asks: Pairs, time: int | str = TIME) -> str:
    """The reply to `order_book`."""
    return json.dumps(_book(bids, asks, time))


def pair(name: str, trading: str = "Enabled", decimals: int = 0) -> dict[str, object]:
    """One of the list; `name` is `BTC/USD`."""
    wire = name.replace("/", "").lower()
    counts = {"base_decimals": 8, "counter_decimals": decimals, "minimum_order": "10 USD"}
    return {"name": name, "url_symbol": wire, "trading": trading, "description": "-"} | counts


def pairs(*listed: dict[str, object]) -> str:
    """The reply to `trading-pairs-info`."""
    return json.dumps(listed)
