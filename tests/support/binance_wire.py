"""Binance's frames and REST replies, small and self-written."""

from __future__ import annotations

import json
from collections.abc import Sequence

from support.wire import Pairs, encode


def pairs(levels: Pairs) -> list[list[str]]:
    """Levels as JSON has them."""
    return [list(level) for level in levels]


def stream(kind: str, data: object, symbol: str = "btcusdt") -> bytes:
    """A frame of the combined endpoint."""
    return encode({"stream": f"{symbol}@{kind}", "data": data})


def diff(
    first: int, last: int, bids: Pairs = (), asks: Pairs = (), *, symbol: str = "btcusdt"
) -> bytes:
    """A depthUpdate of the ids from `first` to `last`."""
    data = {"e": "depthUpdate", "E": 1_723_161_255_208, "s": symbol.upper()}
    levels = {"b": pairs(bids), "a": pairs(asks)}
    return stream("depth@100ms", data | {"U": first, "u": last} | levels, symbol)


def ticker(
    update_id: int,
    bid: tuple[str, str] = ("99", "1"),
    ask: tuple[str, str] = ("101", "1"),
    *,
    symbol: str = "btcusdt",
) -> bytes:
    """A bookTicker, which names no type."""
    best = {"b": bid[0], "B": bid[1], "a": ask[0], "A": ask[1]}
    return stream("bookTicker", {"u": update_id, "s": symbol.upper()} | best, symbol)


def trade(price: str = "100.5", size: str = "0.25", *, buyer_made: bool = False) -> bytes:
    """A trade."""
    data = {"e": "trade", "E": 1_723_161_255_343, "s": "BTCUSDT", "t": 3735683259, "p": price}
    return stream("trade", data | {"q": size, "T": 1_723_161_255_342, "m": buyer_made, "M": True})


def listed(request: int | str | None = 1) -> bytes:
    """The reply to our ping."""
    return encode({"result": ["btcusdt@depth@100ms", "btcusdt@trade"], "id": request})


SHUTDOWN = encode({"stream": "!serverShutdown", "data": {"e": "serverShutdown", "E": 1}})
INVALID_SYMBOL = '{"code":-1121,"msg":"Invalid symbol."}'
RESTRICTED = '{"code":0,"msg":"Service unavailable from a restricted location"}'


def book(last: int, bids: Pairs = (), asks: Pairs = ()) -> str:
    """The reply to `depth`."""
    return json.dumps({"lastUpdateId": last, "bids": pairs(bids), "asks": pairs(asks)})


def symbol(
    name: str = "BTCUSDT",
    base: str = "BTC",
    quote: str = "USDT",
    *,
    tick: object = "0.01000000",
    status: str = "TRADING",
    spot: bool = True,
) -> dict[str, object]:
    """One of the exchange's symbols."""
    filters = [
        {"filterType": "LOT_SIZE", "stepSize": "0.00001000"},
        {"filterType": "PRICE_FILTER", "minPrice": "0.01000000", "tickSize": tick},
    ]
    one = {"symbol": name, "status": status, "baseAsset": base, "quoteAsset": quote}
    return one | {"isSpotTradingAllowed": spot, "filters": filters, "permissionSets": []}


def info(symbols: Sequence[dict[str, object]]) -> str:
    """The reply to `exchangeInfo`."""
    return json.dumps({"timezone": "UTC", "serverTime": 1, "rateLimits": [], "symbols": symbols})
