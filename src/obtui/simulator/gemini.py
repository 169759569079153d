"""Gemini's wire: the frames of its current websocket API, of its archived v1, and of its REST.

Structs are the protocol; functions fill them from the flow's ticks and lots and return the bytes
to send. Source: Gemini's AsyncAPI specification 0.10.7, its archived v1 pages, and captures that
others published. It knows no connection and no clock: ids, sequence and time are handed in.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from obtui.market import Side
from obtui.simulator.flow import BookEvent, Reason
from obtui.simulator.markets import MarketParameters, unpadded

PriceLevels = list[tuple[int, int]]
"""(price in ticks, lots resting there); 0 lots removes."""
WireLevels = list[tuple[str, str]]

INVALID_PARAMETERS = -1013
UNKNOWN_METHOD = -1020

_encode = msgspec.json.Encoder().encode


class Request(msgspec.Struct):
    """What a client of the current API asks."""

    method: str
    """In capitals or not."""
    id: int | str | None = None
    params: msgspec.Raw = msgspec.Raw(b"[]")
    """An array of stream names; its form is checked apart, for it has an error of its own."""


class DepthUpdate(msgspec.Struct):
    """A snapshot (`first` equals `last`), or the changes since the frame that ended at `first`."""

    e: str
    event_ns: int = msgspec.field(name="E")
    """Nanoseconds since the epoch."""
    s: str
    """Symbol, in small letters."""
    first: int = msgspec.field(name="U")
    last: int = msgspec.field(name="u")
    bids: WireLevels = msgspec.field(name="b")
    asks: WireLevels = msgspec.field(name="a")


class TradeUpdate(msgspec.Struct):
    """One trade; the only data frame without a key that names it."""

    event_ns: int = msgspec.field(name="E")
    s: str
    t: int
    p: str
    q: str
    buyer_is_maker: bool = msgspec.field(name="m")


class BookTicker(msgspec.Struct, omit_defaults=True):
    """The best level of each side; the last trade is left out until there is one."""

    u: int
    event_ns: int = msgspec.field(name="E")
    s: str
    bid: str = msgspec.field(name="b")
    bid_size: str = msgspec.field(name="B")
    ask: str = msgspec.field(name="a")
    ask_size: str = msgspec.field(name="A")
    last_price: str = msgspec.field(name="c", default="")
    last_size: str = msgspec.field(name="C", default="")


class ErrorBody(msgspec.Struct):
    """What was wrong with a request."""

    code: int
    msg: str


class Reply(msgspec.Struct, omit_defaults=True):
    """The answer to a request, bearing its id."""

    id: int | str | None
    status: int
    result: dict[str, int] | list[str] | None = None
    error: ErrorBody | None = None


class V1Change(msgspec.Struct, tag="change", tag_field="type"):
    """A level and its new absolute size."""

    delta: str
    price: str
    reason: str
    remaining: str
    side: str


class V1Trade(msgspec.Struct, tag="trade", tag_field="type"):
    """A trade, told by its maker's side."""

    amount: str
    makerSide: str  # noqa: N815 - the wire's word
    price: str
    tid: int


V1Event = V1Change | V1Trade


class V1Update(msgspec.Struct, omit_defaults=True):
    """A frame of v1; the first one carries the book and no time."""

    eventId: int  # noqa: N815 - the wire's word
    events: list[V1Event]
    socket_sequence: int
    timestamp: int = 0
    timestampms: int = 0
    # Last, as in the captures; by a factory, because a plain default would be left out.
    type: str = msgspec.field(default_factory=lambda: "update")


def wire_levels(market: MarketParameters, levels: Iterable[tuple[int, int]]) -> WireLevels:
    """Levels as the current API writes them: prices padded to the tick."""
    price_text, size_text = market.price_text, market.size_text
    return [(price_text(price), size_text(lots)) for price, lots in levels]


def depth_update(
    market: MarketParameters,
    event_ns: int,
    ids: tuple[int, int],
    bids: Iterable[tuple[int, int]],
    asks: Iterable[tuple[int, int]],
) -> bytes:
    """A `depthUpdate` frame; ids are (U, u), equal for a snapshot."""
    return _encode(
        DepthUpdate(
            "depthUpdate",
            event_ns,
            market.symbol.lower(),
            *ids,
            wire_levels(market, bids),
            wire_levels(market, asks),
        )
    )


def trade_update(market: MarketParameters, event_ns: int, trade_id: int, event: BookEvent) -> bytes:
    """A trade frame, made from the change of the maker's level."""
    return _encode(
        TradeUpdate(
            event_ns,
            market.symbol.lower(),
            trade_id,
            market.price_text(event.price),
            market.size_text(-event.delta),
            event.side is Side.BID,
        )
    )


def book_ticker(
    market: MarketParameters,
    event_ns: int,
    update_id: int,
    best: tuple[tuple[int, int], tuple[int, int]],
    last_trade: BookEvent | None,
) -> bytes:
    """A `bookTicker` frame; `best` is the best bid and the best ask."""
    (bid, ask) = wire_levels(market, best)
    last = ("", "")
    if last_trade is not None:
        last = market.price_text(last_trade.price), market.size_text(-last_trade.delta)
    return _encode(BookTicker(update_id, event_ns, market.symbol.lower(), *bid, *ask, *last))


def acknowledgement(
    request_id: int | str | None, result: dict[str, int] | list[str] | None = None
) -> bytes:
    """The answer to a request that succeeded, a ping included."""
    return _encode(Reply(request_id, 200, result))


def refusal(request_id: int | str | None, code: int, message: str) -> bytes:
    """The answer to a request that failed."""
    return _encode(Reply(request_id, 400, error=ErrorBody(code, message)))


def v1_initial(
    market: MarketParameters, event_id: int, bids: PriceLevels | None, asks: PriceLevels | None
) -> bytes:
    """The first frame of a v1 socket; a side is None where the client did not want it."""
    events: list[V1Event] = []
    for side, levels in ((Side.BID, bids), (Side.ASK, asks)):
        for price, lots in levels or []:
            size = market.size_text(lots)
            text = unpadded(market.price_text(price))
            events.append(V1Change(size, text, "initial", size, side.value))
    return _encode(V1Update(event_id, events, 0))


def v1_events(market: MarketParameters, trade_id: int, event: BookEvent) -> list[V1Event]:
    """The change of a level, after the trade that made it if a trade did."""
    price = unpadded(market.price_text(event.price))
    change = V1Change(
        market.size_text(event.delta),
        price,
        event.reason.value,
        market.size_text(event.remaining),
        event.side.value,
    )
    if event.reason is not Reason.TRADE:
        return [change]
    amount = market.size_text(-event.delta)
    return [V1Trade(amount, event.side.value, price, trade_id), change]


def v1_update(event_id: int, events: list[V1Event], sequence: int, time_ns: int) -> bytes:
    """A v1 frame of changes and trades; sequence is the connection's, shared with heartbeats."""
    return _encode(
        V1Update(event_id, events, sequence, time_ns // 1_000_000_000, time_ns // 1_000_000)
    )


def v1_heartbeat(sequence: int) -> bytes:
    """A v1 heartbeat."""
    return b'{"socket_sequence":%d,"type":"heartbeat"}' % sequence
