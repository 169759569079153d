"""Bybit's public spot websocket, `wss://stream.bybit.com/v5/public/spot`: book and trades.

Source: Bybit API v5, orderbook and trade topics. The venue documents no rule of continuity: that
`u` rises by one from message to message of a topic is what other clients found, and it is what a
lost message is found by here.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, ClassVar

import msgspec

from obtui.feeds.base import (
    LATEST,
    UNDECODABLE,
    Decoded,
    Decoder,
    Malformed,
    SequenceGap,
    SymbolRefused,
    VenueError,
    check_levels,
    load_json,
)
from obtui.feeds.bybit_rest import BybitRest
from obtui.market import Aggressor, BookDelta, BookSnapshot, Heartbeat, Trade

DEPTH = 200
"""Levels a side: sent each 100 ms. (50 come each 20 ms, 1000 each 200 ms.)"""
NS_PER_MS = 1_000_000

_AGGRESSOR = {"Buy": Aggressor.BUYER, "Sell": Aggressor.SELLER}

Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=LATEST // NS_PER_MS)]


class Entry(msgspec.Struct, gc=False):
    """A print of `publicTrade`."""

    p: Decimal
    v: Decimal
    S: str = ""
    """The taker's side: Buy or Sell."""
    T: Milliseconds | None = None
    i: str = ""
    BT: bool = False
    """Whether it is a block trade, which takes nothing from the book."""


class Book(msgspec.Struct, gc=False):
    """`data` of an orderbook topic."""

    b: list[tuple[Decimal, Decimal]]
    a: list[tuple[Decimal, Decimal]]
    u: int
    """Update id; 1 in the snapshot after a restart of the service."""


class Message(msgspec.Struct, gc=False):
    """Every frame of the socket; which keys are there tells what it is."""

    topic: str = ""
    type: str = ""
    """snapshot or delta."""
    data: msgspec.Raw = msgspec.Raw()
    ts: Milliseconds | None = None
    cts: Milliseconds | None = None
    """The matching engine's time; trades carry their own."""
    success: bool | None = None
    """Of a reply to a request."""
    ret_msg: str = ""
    op: str = ""


_decode = msgspec.json.Decoder(Message).decode
_decode_book = msgspec.json.Decoder(Book).decode
_decode_trades = msgspec.json.Decoder(list[Entry]).decode


class BybitDecoder(Decoder):
    """The decoder of one connection. A snapshot may come at any time, and replaces everything."""

    def __init__(self, symbol: str) -> None:
        self._symbol = symbol
        self._book_topic = f"orderbook.{DEPTH}.{symbol}"
        self._trade_topic = f"publicTrade.{symbol}"
        self._last: int | None = None

    def decode(self, data: bytes) -> Sequence[Decoded]:
        """Decode one frame; raises only `FeedError`."""
        try:
            message = _decode(data)
            if message.topic == self._book_topic:
                return self._book(message, _decode_book(message.data))
            if message.topic == self._trade_topic:
                return [_trade(entry) for entry in _decode_trades(message.data)]
        except UNDECODABLE as error:
            raise Malformed(f"undecodable frame: {error}") from error
        return () if message.success is None else self._reply(message)

    def save(self) -> str:
        """The last update id; an empty list before the book."""
        return msgspec.json.encode([] if self._last is None else [self._last]).decode()

    def load(self, saved: str) -> None:
        """Go on after that update id."""
        self._last = next(iter(load_json(saved, list[int])), None)

    def _book(self, message: Message, book: Book) -> Sequence[Decoded]:
        moment = message.ts if message.cts is None else message.cts
        ts_event = None if moment is None else moment * NS_PER_MS
        if message.type == "delta":
            if self._last is None:
                return ()  # of an earlier subscription: it is in the snapshot when that comes
            if book.u != self._last + 1:
                raise SequenceGap(f"gap in update ids: {self._last} is followed by {book.u}")
        check_levels(book.b)
        check_levels(book.a)
        self._last = book.u
        if message.type == "delta":
            return (BookDelta(book.b, book.a, ts_event, depth=DEPTH),)
        if message.type == "snapshot":
            return (BookSnapshot(book.b, book.a, ts_event),)
        raise Malformed("a book that is neither snapshot nor delta")

    def _reply(self, message: Message) -> Sequence[Decoded]:
        if message.success:
            return (Heartbeat(),)
        text = message.ret_msg
        # One topic that is not there refuses the whole request, and is named.
        unknown = "not found" in text or "invalid" in text.lower()
        if message.op == "subscribe" and unknown and self._symbol in text:
            raise SymbolRefused(f"bybit has no symbol {self._symbol} ({text})")
        raise VenueError(f"bybit answered: {text}")


def _trade(entry: Entry) -> Trade:
    check_levels(((entry.p, entry.v),))
    aggressor = Aggressor.NONE if entry.BT else _AGGRESSOR.get(entry.S, Aggressor.NONE)
    ts_event = None if entry.T is None else entry.T * NS_PER_MS
    return Trade(entry.p, entry.v, aggressor, ts_event, entry.i or None)


class BybitFeed(BybitRest):
    """One spot symbol on Bybit, spelled `BTCUSDT`."""

    name: ClassVar[str] = "bybit"
    check: ClassVar[str] = "update ids rise by one"
    # A quiet market is silent; life is then the reply to our own ping.
    levels: ClassVar[int] = DEPTH
    stale_seconds: ClassVar[float] = 30.0
    ping_seconds: ClassVar[float] = 15.0

    @property
    def url(self) -> str:
        """Spot has a socket of its own: elsewhere the same name is another instrument."""
        return "wss://stream.bybit.com/v5/public/spot"

    def decoder(self) -> Decoder:
        """A decoder for a new connection."""
        return BybitDecoder(self.symbol)

    def subscriptions(self) -> Sequence[str]:
        """One request for both topics."""
        topics = f'"orderbook.{DEPTH}.{self.symbol}","publicTrade.{self.symbol}"'
        return (f'{{"req_id":"1","op":"subscribe","args":[{topics}]}}',)

    def ping(self) -> str:
        """Answered with op `ping`."""
        return '{"req_id":"ping","op":"ping"}'
