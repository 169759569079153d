"""Coinbase's Advanced Trade websocket, `wss://advanced-trade-ws.coinbase.com`: book and trades of
one product.

Source: Coinbase's pages on the channels level2, market_trades and heartbeats. `sequence_num` counts
every frame of a connection, whatever its channel and product, acknowledgements and heartbeats
included, so that any lost frame shows. There is no checksum.

What the pages leave open was read off a recording of 2026-09-30: the `side` of a trade is the
maker's. Against the book as of each trade's own time, all 17 of side BUY were at the best bid or
below, and 89 of 90 of side SELL at the best ask or above (one was between). Trades of one frame
come newest first.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar, Literal

import msgspec

from obtui.feeds.base import (
    Decoder,
    Malformed,
    SequenceGap,
    SymbolRefused,
    VenueError,
    check_levels,
    load_json,
    read,
)
from obtui.feeds.coinbase_rest import CoinbaseRest
from obtui.feeds.told import utc_ns
from obtui.market import Aggressor, BookDelta, BookSnapshot, Event, Heartbeat, Trade


class Change(msgspec.Struct, gc=False):
    """One of a book event's `updates`; its `event_time` is passed over."""

    side: Literal["bid", "offer"]
    price_level: Decimal
    new_quantity: Decimal
    """Absolute; 0 removes, also what was never there."""


class Execution(msgspec.Struct, gc=False):
    """One of a trade event's `trades`."""

    product_id: str
    price: Decimal
    size: Decimal
    side: str
    """Of the maker: `BUY`, `SELL`, or a word for neither."""
    trade_id: str | int | None = None
    time: str = ""


class Entry(msgspec.Struct, gc=False):
    """One of a frame's `events`: of l2_data a book of one product, of market_trades trades."""

    type: str = ""
    """`snapshot` or `update`."""
    product_id: str = ""
    updates: list[Change] = []
    trades: list[Execution] = []


class Message(msgspec.Struct, gc=False):
    """Every frame of the socket; an error has `type` and `message`, and no number."""

    channel: str = ""
    sequence_num: int | None = None
    timestamp: str = ""
    events: list[Entry] = []
    type: str = ""
    message: str = ""
    reason: str = ""


_decode = msgspec.json.Decoder(Message).decode

_AGGRESSOR = {"BUY": Aggressor.SELLER, "SELL": Aggressor.BUYER}


class CoinbaseDecoder(Decoder):
    """The decoder of one connection."""

    def __init__(self, symbol: str) -> None:
        self._symbol = symbol
        # The books of USD and USDC are one, and its frames bear the name of USD.
        self._names = {symbol, symbol[:-1] if symbol.endswith("-USDC") else symbol}
        self._last: int | None = None
        self._synced = False

    def decode(self, data: bytes) -> Sequence[Event]:
        """Decode one frame; raises only `FeedError`."""
        message = read(_decode, data)
        if message.type == "error":
            self._refused(f"{message.message} {message.reason}".strip())
        self._count(message.sequence_num)
        match message.channel:
            case "l2_data":
                return self._book(message)
            case "market_trades":
                return self._trades(message.events)
            case "heartbeats" | "subscriptions":
                return (Heartbeat(),)
        return ()

    def save(self) -> str:
        """The last sequence number, and whether the book has come."""
        return msgspec.json.encode((self._last, self._synced)).decode()

    def load(self, saved: str) -> None:
        """Go on after that number."""
        self._last, self._synced = load_json(saved, tuple[int | None, bool])

    def _count(self, number: int | None) -> None:
        if number is None:
            raise Malformed("frame without sequence_num")
        # The first frame of a connection sets the count: what could have been lost before it is
        # the book, and that is waited for.
        if self._last is not None and number != self._last + 1:
            raise SequenceGap(f"gap in sequence_num: {self._last} is followed by {number}")
        self._last = number

    def _book(self, message: Message) -> Sequence[Event]:
        events: list[Event] = []
        ts_event = utc_ns(message.timestamp)
        for entry in message.events:
            if entry.product_id not in self._names:
                continue
            bids: list[tuple[Decimal, Decimal]] = []
            asks: list[tuple[Decimal, Decimal]] = []
            for change in entry.updates:
                side = bids if change.side == "bid" else asks
                side.append((change.price_level, change.new_quantity))
            check_levels(bids)
            check_levels(asks)
            if entry.type == "snapshot":
                self._synced = True
                events.append(BookSnapshot(bids, asks, ts_event))
            elif entry.type != "update":
                raise Malformed("a book that is neither snapshot nor update")
            elif self._synced:  # else it is in the book that is to come
                events.append(BookDelta(bids, asks, ts_event))
        return events

    def _trades(self, entries: list[Entry]) -> Sequence[Event]:
        trades: list[Event] = []
        for entry in entries:
            history = entry.type != "update"  # the last hundred of before we came
            for one in reversed(entry.trades):
                if one.product_id not in self._names:
                    continue
                check_levels(((one.price, one.size),))
                side, moment = _AGGRESSOR.get(one.side, Aggressor.NONE), utc_ns(one.time)
                trades.append(Trade(one.price, one.size, side, moment, one.trade_id, history))
        return trades

    def _refused(self, error: str) -> None:
        """Raise what the venue's error means; the connection has no product but ours."""
        said = error.lower()
        if "valid product" in said or "invalid product" in said:
            raise SymbolRefused(f"coinbase has no symbol {self._symbol} ({error})")
        raise VenueError(f"coinbase answered: {error or 'an error without a word'}")


class CoinbaseFeed(CoinbaseRest):
    """One product on Coinbase Advanced Trade."""

    name: ClassVar[str] = "coinbase"
    check: ClassVar[str] = "sequence_num counts every frame"
    # Heartbeats come every second.
    stale_seconds: ClassVar[float] = 10.0

    @property
    def url(self) -> str:
        """One address for all products."""
        return "wss://advanced-trade-ws.coinbase.com"

    def decoder(self) -> Decoder:
        """A decoder for a new connection."""
        return CoinbaseDecoder(self.symbol)

    def subscriptions(self) -> Sequence[str]:
        """One channel each. Without heartbeats the venue closes a quiet channel after a minute."""
        ours = {"product_ids": [self.symbol]}
        wanted: list[dict[str, object]] = [
            {**ours, "channel": "level2"},
            {**ours, "channel": "market_trades"},
            {"channel": "heartbeats"},
        ]
        return [msgspec.json.encode({"type": "subscribe", **one}).decode() for one in wanted]
