"""Binance's wire: the frames of its combined spot streams.

Structs are the protocol; functions fill them from the flow's ticks and lots and return the bytes
to send. Source: binance-spot-api-docs (web-socket-streams.md, 2026-07-21), and captures that
others published. Every number is a text with eight decimals, times are in milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from obtui.market import Side
from obtui.simulator.faults import HIGHEST_BID
from obtui.simulator.flow import BookEvent
from obtui.simulator.listing import Best, Change
from obtui.simulator.markets import MarketParameters, padded

DECIMALS = 8
DEPTH_SECONDS = {"depth@100ms": 0.1, "depth": 1.0}

WireLevels = list[tuple[str, str]]

_encode = msgspec.json.Encoder().encode


class Request(msgspec.Struct):
    """What a client asks."""

    method: str
    params: list[str] = []
    id: int | str | None = None


class DepthUpdate(msgspec.Struct):
    """Changed levels with their new absolute sizes; 0 removes."""

    e: str
    event_ms: int = msgspec.field(name="E")
    s: str
    first: int = msgspec.field(name="U")
    """One more than `last` of the frame before."""
    last: int = msgspec.field(name="u")
    bids: WireLevels = msgspec.field(name="b")
    asks: WireLevels = msgspec.field(name="a")


class BookTicker(msgspec.Struct):
    """The best level of each side, as of an update id."""

    u: int
    s: str
    bid: str = msgspec.field(name="b")
    bid_size: str = msgspec.field(name="B")
    ask: str = msgspec.field(name="a")
    ask_size: str = msgspec.field(name="A")


class Trade(msgspec.Struct):
    """One trade."""

    e: str
    event_ms: int = msgspec.field(name="E")
    s: str
    t: int
    p: str
    q: str
    trade_ms: int = msgspec.field(name="T")
    buyer_is_maker: bool = msgspec.field(name="m")
    ignored: bool = msgspec.field(name="M")


class Wrapped(msgspec.Struct):
    """What the combined endpoint puts every stream's frames in."""

    stream: str
    data: msgspec.Raw


def levels(market: MarketParameters, told: Iterable[tuple[int, int]]) -> WireLevels:
    """Levels as texts."""
    price_scale = 10 ** (DECIMALS - market.price_decimals)
    size_scale = 10 ** (DECIMALS - market.size_decimals)
    return [
        (padded(price * price_scale, DECIMALS), padded(lots * size_scale, DECIMALS))
        for price, lots in told
    ]


def wrapped(market: MarketParameters, kind: str, data: object) -> bytes:
    """A frame of the stream `{symbol}@{kind}`."""
    return _encode(Wrapped(f"{market.symbol.lower()}@{kind}", msgspec.Raw(_encode(data))))


def depth_update(
    market: MarketParameters,
    time_ns: int,
    ids: tuple[int, int],
    bids: Iterable[tuple[int, int]],
    asks: Iterable[tuple[int, int]],
    *,
    kind: str,
) -> bytes:
    """A `depthUpdate` frame; ids are the last one before these changes, and the last of them."""
    before, last = ids
    update = DepthUpdate(
        "depthUpdate",
        time_ns // 1_000_000,
        market.symbol,
        before + 1,
        last,
        levels(market, bids),
        levels(market, asks),
    )
    return wrapped(market, kind, update)


def crossed(frame: bytes) -> bytes:
    """The same `depthUpdate` with a bid above every ask."""
    decoded = msgspec.json.decode(frame, type=Wrapped)
    update = msgspec.json.decode(decoded.data, type=DepthUpdate)
    update.bids.append((HIGHEST_BID, "1.00000000"))
    return _encode(Wrapped(decoded.stream, msgspec.Raw(_encode(update))))


def book_ticker(
    market: MarketParameters,
    time_ns: int,  # noqa: ARG001 - the spot one has no time
    update_id: int,
    best: Best,
    last_trade: BookEvent | None,  # noqa: ARG001 - nor a trade
) -> bytes:
    """A `bookTicker` frame."""
    bid, ask = levels(market, best)
    return wrapped(market, "bookTicker", BookTicker(update_id, market.symbol, *bid, *ask))


def trade(market: MarketParameters, changes: Sequence[Change]) -> bytes:
    """A trade's frame, made from the change of the maker's level."""
    (change,) = changes
    event = change.event
    ((price, size),) = levels(market, [(event.price, -event.delta)])
    time_ms = change.time_ns // 1_000_000
    buyer_is_maker = event.side is Side.BID
    data = Trade(
        "trade", time_ms, market.symbol, change.trade_id, price, size, time_ms, buyer_is_maker, True
    )
    return wrapped(market, "trade", data)


def answer(request_id: int | str | None, result: list[str] | None = None) -> bytes:
    """The answer to a request that succeeded."""
    return _encode({"result": result, "id": request_id})


def refusal(code: int, message: str, request_id: int | str | None = None) -> bytes:
    """The answer to a request that failed."""
    return _encode({"error": {"code": code, "msg": message}, "id": request_id})
