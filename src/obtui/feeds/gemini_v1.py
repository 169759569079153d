"""Gemini's archived v1 market data, `wss://api.gemini.com/v1/marketdata/{symbol}`.

Source: Gemini's archived v1 page. One symbol a socket, no subscription: data starts with the
handshake. `socket_sequence` counts every frame of the connection from 0, heartbeats included, so
any lost frame shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, ClassVar

import msgspec

from obtui.feeds.base import (
    LATEST,
    UNDECODABLE,
    Decoder,
    Malformed,
    SequenceGap,
    VenueError,
    check_levels,
    load_json,
)
from obtui.feeds.gemini_rest import GeminiRest, refuse_unknown_symbol
from obtui.market import (
    Aggressor,
    BookDelta,
    BookSnapshot,
    Event,
    Heartbeat,
    Trade,
)


class Entry(msgspec.Struct, gc=False):
    """One of a frame's `events`: a change of a level, a trade, or a kind that is passed over."""

    type: str
    side: str = ""
    price: Decimal | None = None
    remaining: Decimal | None = None
    """Absolute size now resting at the price; 0 removes."""
    reason: str = ""
    """`initial` marks the whole book; place, trade and cancel are changes."""
    amount: Decimal | None = None
    makerSide: str = ""
    tid: int | None = None


class Message(msgspec.Struct, gc=False):
    """Every frame of the socket, and the house's form of an error."""

    type: str = ""
    socket_sequence: int | None = None
    timestampms: Annotated[int, msgspec.Meta(ge=0, le=LATEST // 1_000_000)] | None = None
    """Venue's time in ms; the first frame has none."""
    events: list[Entry] = []
    result: str = ""
    reason: str = ""
    message: str = ""


_decode = msgspec.json.Decoder(Message).decode

_AGGRESSOR = {"ask": Aggressor.BUYER, "bid": Aggressor.SELLER}


class GeminiV1Decoder(Decoder):
    """The decoder of one connection."""

    def __init__(self, symbol: str) -> None:
        self._symbol = symbol
        self._next = 0
        self._synced = False

    def decode(self, data: bytes) -> Sequence[Event]:
        """Decode one frame; raises only `FeedError`."""
        try:
            message = _decode(data)
        except UNDECODABLE as error:
            raise Malformed(f"undecodable frame: {error}") from error
        if message.result == "error":
            refuse_unknown_symbol(self._symbol, data)
            raise VenueError(f"gemini answered: {message.reason} {message.message}")
        if message.socket_sequence != self._next:
            if message.socket_sequence is None:
                raise Malformed("frame without socket_sequence")
            raise SequenceGap(
                f"gap in socket_sequence: {self._next} was due, {message.socket_sequence} came"
            )
        self._next += 1
        if message.type == "update":
            return self._update(message)
        return (Heartbeat(),)

    def save(self) -> str:
        """The next sequence number, and whether the book has come."""
        return msgspec.json.encode((self._next, self._synced)).decode()

    def load(self, saved: str) -> None:
        """Go on with that number."""
        self._next, self._synced = load_json(saved, tuple[int, bool])

    def _update(self, message: Message) -> Sequence[Event]:
        bids: list[tuple[Decimal, Decimal]] = []
        asks: list[tuple[Decimal, Decimal]] = []
        trades: list[Event] = []
        ts_event = None if message.timestampms is None else message.timestampms * 1_000_000
        # An empty market's first frame has no events, and is its whole book all the same.
        initial = message.socket_sequence == 0 and not message.events
        for entry in message.events:
            if entry.type == "change":
                price, remaining = entry.price, entry.remaining
                if price is None or remaining is None:
                    raise Malformed("change without price or remaining")
                if entry.side == "bid":
                    bids.append((price, remaining))
                elif entry.side == "ask":
                    asks.append((price, remaining))
                else:
                    raise Malformed("change on neither bid nor ask")
                initial = initial or entry.reason == "initial"
            elif entry.type in {"trade", "block_trade"}:
                trades.append(_trade(entry, ts_event))
        check_levels(bids)
        check_levels(asks)
        if initial:
            self._synced = True
            return (BookSnapshot(bids, asks, ts_event), *trades)
        # Changes before the whole book have been seen: they are in it when it comes.
        if self._synced and (bids or asks):
            return (BookDelta(bids, asks, ts_event), *trades)
        return trades


def _trade(entry: Entry, ts_event: int | None) -> Trade:
    if entry.price is None or entry.amount is None:
        raise Malformed("trade without price or amount")
    check_levels(((entry.price, entry.amount),))
    # The venue names the maker's side; auctions and block trades have no aggressor.
    aggressor = _AGGRESSOR.get(entry.makerSide, Aggressor.NONE)
    return Trade(entry.price, entry.amount, aggressor, ts_event, entry.tid)


class GeminiV1Feed(GeminiRest):
    """One symbol on Gemini's archived v1 API."""

    name: ClassVar[str] = "gemini-v1"
    check: ClassVar[str] = "socket_sequence counts every frame"
    sibling: ClassVar[str] = "gemini"
    # Heartbeats come every 5 s, so three missing ones are a dead link.
    stale_seconds: ClassVar[float] = 15.0

    @property
    def url(self) -> str:
        """Heartbeats are asked for: silence is then a fault, not a quiet market."""
        return f"wss://api.gemini.com/v1/marketdata/{self.symbol}?heartbeat=true"

    def decoder(self) -> Decoder:
        """A decoder for a new connection. Nothing is sent to it: the path subscribes."""
        return GeminiV1Decoder(self.symbol)
