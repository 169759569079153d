"""Frames in the wire form of Gemini's two protocols, small and self-written."""

from __future__ import annotations

import json
from collections.abc import Sequence

Pairs = Sequence[tuple[str, str]]


def encode(message: object) -> bytes:
    """JSON without spaces, as the venue sends it."""
    return json.dumps(message, separators=(",", ":")).encode()


def depth(
    u: int,
    bids: Pairs = (),
    asks: Pairs = (),
    *,
    after: int | None = None,
    symbol: str = "btcusd",
    ts: int = 1_789_456_740_173_524_809,
) -> bytes:
    """A depthUpdate; without `after` it is a whole book (U == u)."""
    first = u if after is None else after
    return encode(
        {"e": "depthUpdate", "E": ts, "s": symbol, "U": first, "u": u}
        | {"b": [list(pair) for pair in bids], "a": [list(pair) for pair in asks]}
    )


def trade(
    price: str = "100.5",
    size: str = "0.25",
    *,
    buyer_made: bool = False,
    symbol: str = "btcusd",
    trade_id: int = 7,
) -> bytes:
    """A trade, which names no type."""
    return encode(
        {"E": 1_783_981_140_085_684_200, "s": symbol, "t": trade_id}
        | {"p": price, "q": size, "m": buyer_made}
    )


def book_ticker(u: int, symbol: str = "btcusd") -> bytes:
    """A bookTicker: its b and a are plain prices where a depthUpdate has lists."""
    return encode(
        {"u": u, "E": 1_789_456_740_173_524_809, "s": symbol}
        | {"b": "100.0", "B": "1.0", "a": "101.0", "A": "2.0", "c": "100.5", "C": "0.1"}
    )


def ack(request: int | str = "1", status: int = 200) -> bytes:
    """The reply to a request."""
    return encode({"id": request, "status": status})


def refusal(code: int, msg: str, request: int | str = "1", status: int = 400) -> bytes:
    """The reply to a refused request."""
    return encode({"id": request, "status": status, "error": {"code": code, "msg": msg}})


UNKNOWN_STREAM = refusal(-1013, "Invalid stream name: nosuch@depth@100ms")
UNKNOWN_SYMBOL = (
    '{"result":"error","reason":"InvalidSymbol",'
    '"message":"Supplied value \'NOSUCH\' is not a valid symbol"}'
)

Event = dict[str, str | int]


def change(side: str, price: str, remaining: str, reason: str = "place") -> Event:
    """A change of one level, as v1 tells it."""
    event: Event = {"type": "change", "side": side, "price": price, "remaining": remaining}
    return event | {"delta": remaining, "reason": reason}


def v1_trade(price: str, amount: str, maker_side: str, tid: int = 9) -> Event:
    """A trade event of v1, which names the maker's side."""
    return {"type": "trade", "tid": tid, "price": price, "amount": amount, "makerSide": maker_side}


def v1_update(sequence: int, *events: Event, ms: int | None = 1_547_759_967_559) -> bytes:
    """A v1 update; the first of a connection has no time."""
    message: dict[str, object] = {"type": "update", "eventId": 5_375_504_382 + sequence}
    if ms is not None:
        message |= {"timestamp": ms // 1000, "timestampms": ms}
    return encode(message | {"socket_sequence": sequence, "events": list(events)})


def v1_initial(sequence: int, bids: Pairs, asks: Pairs) -> bytes:
    """The whole book of a v1 connection."""
    events = [change("bid", price, size, "initial") for price, size in bids]
    events += [change("ask", price, size, "initial") for price, size in asks]
    return v1_update(sequence, *events, ms=None)


def v1_heartbeat(sequence: int) -> bytes:
    """A v1 heartbeat, counted like any frame."""
    return encode({"type": "heartbeat", "socket_sequence": sequence})
