"""Coinbase's wire: the frames of its Advanced Trade websocket.

Structs are the protocol; functions fill them from the flow's ticks and lots. A frame is an event in
an envelope that bears the connection's own count, so that events are written once and envelopes
for each client. Source: Coinbase's pages on the channels level2, market_trades and heartbeats, and
captures that others published: a trade's side is the maker's, and a frame's newest trade comes
first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from obtui.market import Side
from obtui.simulator.faults import HIGHEST_BID
from obtui.simulator.listing import Change
from obtui.simulator.markets import MarketParameters, unpadded
from obtui.simulator.streams import rfc3339

_encode = msgspec.json.Encoder().encode


class Request(msgspec.Struct):
    """What a client asks: one channel a message."""

    type: str
    channel: str = ""
    product_ids: list[str] = []


class LevelUpdate(msgspec.Struct):
    """A level and its new absolute size; 0 removes."""

    side: str
    """`bid` or `offer`."""
    event_time: str
    price_level: str
    new_quantity: str


class BookEvent(msgspec.Struct):
    """An event of the channel `l2_data`."""

    type: str
    """`snapshot` or `update`."""
    product_id: str
    updates: list[LevelUpdate]


class Trade(msgspec.Struct):
    """One of an event's trades."""

    product_id: str
    trade_id: str
    price: str
    size: str
    time: str
    side: str
    """The maker's: `BUY` or `SELL`."""


class TradeEvent(msgspec.Struct):
    """An event of the channel `market_trades`."""

    type: str
    trades: list[Trade]


class Frame(msgspec.Struct):
    """What every frame but an error is."""

    channel: str
    timestamp: str
    sequence_num: int
    """From 0, by one with each frame of the connection, whatever its channel."""
    events: list[msgspec.Raw]


def frame(channel: str, time_ns: int, sequence: int, event: bytes) -> bytes:
    """An event in its envelope."""
    return _encode(Frame(channel, rfc3339(time_ns, 9), sequence, [msgspec.Raw(event)]))


def book(
    market: MarketParameters,
    kind: str,
    time_ns: int,
    bids: Iterable[tuple[int, int]],
    asks: Iterable[tuple[int, int]],
) -> bytes:
    """An event of levels; `kind` is `snapshot` or `update`."""
    time = rfc3339(time_ns)
    price_text, size_text = market.price_text, market.size_text
    updates = [
        LevelUpdate(side, time, unpadded(price_text(price)), size_text(lots))
        for side, levels in (("bid", bids), ("offer", asks))
        for price, lots in levels
    ]
    return _encode(BookEvent(kind, market.symbol, updates))


def update(
    market: MarketParameters,
    time_ns: int,
    ids: tuple[int, int],  # noqa: ARG001 - this venue has none
    bids: Iterable[tuple[int, int]],
    asks: Iterable[tuple[int, int]],
) -> bytes:
    """An event of changed levels."""
    return book(market, "update", time_ns, bids, asks)


def crossed(data: bytes) -> bytes:
    """The same frame with a bid above every ask."""
    decoded = msgspec.json.decode(data, type=Frame)
    event = msgspec.json.decode(decoded.events[0], type=BookEvent)
    event.updates.append(LevelUpdate("bid", decoded.timestamp, HIGHEST_BID, "1"))
    decoded.events[0] = msgspec.Raw(_encode(event))
    return _encode(decoded)


def trades(market: MarketParameters, kind: str, changes: Sequence[Change]) -> bytes:
    """An event of trades, which are given oldest first."""
    told = [
        Trade(
            market.symbol,
            str(change.trade_id),
            unpadded(market.price_text(change.event.price)),
            market.size_text(-change.event.delta),
            rfc3339(change.time_ns),
            "BUY" if change.event.side is Side.BID else "SELL",
        )
        for change in reversed(changes)
    ]
    return _encode(TradeEvent(kind, told))


def heartbeat(time_ns: int, count: int) -> bytes:
    """An event of the channel `heartbeats`."""
    return _encode({"current_time": rfc3339(time_ns, 9), "heartbeat_counter": count})


def subscriptions(channels: Mapping[str, Iterable[str]]) -> bytes:
    """The acknowledgement of any change: all that is subscribed to."""
    return _encode({"subscriptions": {name: list(symbols) for name, symbols in channels.items()}})


def error(message: str) -> bytes:
    """An error: a frame without an envelope and without a number."""
    return _encode({"type": "error", "message": message})
