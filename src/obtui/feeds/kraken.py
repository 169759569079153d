"""Kraken's websocket API v2, `wss://ws.kraken.com/v2`: book and trades of one symbol.

Source: Kraken's pages on the channels book, trade, instrument, status and heartbeat of v2, and its
guide on the book's checksum. There is no sequence number: after each book message the venue's
checksum of the best 10 levels a side is held against ours. A wrong level further down is beyond
any check of the venue's, until it comes up to them.

The venue keeps as many levels a side as were subscribed to, and does not say when one falls out of
them: both sides are cut to that depth after each change.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, ClassVar

import msgspec

from obtui.book import OrderBook
from obtui.feeds.base import (
    ChecksumMismatch,
    Decoder,
    Malformed,
    SymbolRefused,
    VenueError,
    check_levels,
    load_json,
    read,
)
from obtui.feeds.kraken_checksum import MOST_DECIMALS, Checksum, Precision, inferred
from obtui.feeds.kraken_rest import KrakenRest
from obtui.feeds.told import utc_ns
from obtui.market import Aggressor, BookDelta, BookSnapshot, Event, Heartbeat, Trade

DEPTH = 1000
"""Levels a side that are asked for: the most that there are."""
BOOK_ID, TRADE_ID, INSTRUMENT_ID = 1, 2, 3


class Message(msgspec.Struct, gc=False):
    """Every frame of the socket: of a channel, or the reply to a request."""

    channel: str = ""
    type: str = ""
    """`snapshot` or `update`."""
    data: msgspec.Raw = msgspec.Raw(b"null")
    method: str = ""
    """Of a reply: `subscribe`, or `pong`."""
    req_id: int | None = None
    success: bool | None = None
    error: str | None = None
    symbol: str | None = None
    """Of a refused subscription."""
    result: msgspec.Raw = msgspec.Raw(b"null")


class BookLevel(msgspec.Struct, gc=False):
    """A changed level. The numbers are JSON numbers, with or without trailing zeros."""

    price: Decimal
    qty: Decimal
    """Absolute; 0 removes."""


class BookEntry(msgspec.Struct, gc=False):
    """One of `data` of the book channel. A level may come twice in it: the later one counts."""

    symbol: str
    bids: list[BookLevel]
    asks: list[BookLevel]
    checksum: Annotated[int, msgspec.Meta(ge=0, lt=1 << 32)]
    """Of the book as it is after this."""
    timestamp: str = ""


class TradeEntry(msgspec.Struct, gc=False):
    """One of `data` of the trade channel."""

    symbol: str
    side: str
    """Of the taker: `buy` or `sell`."""
    price: Decimal
    qty: Decimal
    trade_id: int | None = None
    timestamp: str = ""


class Pair(msgspec.Struct, gc=False):
    """One of `pairs` of the instrument channel."""

    symbol: str
    price_precision: int
    """Decimals of prices in the checksum's text."""
    qty_precision: int


class Instruments(msgspec.Struct, gc=False):
    """`data` of the instrument channel: all pairs at first, changed ones later."""

    pairs: list[Pair] = []


class Subscribed(msgspec.Struct, gc=False):
    """`result` of a subscription that was taken."""

    channel: str = ""
    symbol: str = ""
    depth: int | None = None
    """Levels a side that the venue keeps for us."""


_decode = msgspec.json.Decoder(Message).decode
_decode_book = msgspec.json.Decoder(list[BookEntry]).decode
_decode_trades = msgspec.json.Decoder(list[TradeEntry]).decode
_decode_instruments = msgspec.json.Decoder(Instruments).decode
_decode_subscribed = msgspec.json.Decoder(Subscribed).decode

Levels = list[tuple[Decimal, Decimal]]

_AGGRESSOR = {"buy": Aggressor.BUYER, "sell": Aggressor.SELLER}


class Saved(msgspec.Struct):
    """A decoder's state."""

    depth: Annotated[int, msgspec.Meta(ge=1)]
    synced: bool
    precision: tuple[int, int] | None


class KrakenDecoder(Decoder):
    """The decoder of one connection.

    The precision that the checksum needs is told by the instrument channel. Where the book comes
    first, or the channel never does, it is inferred: it is the one that gives the first book the
    venue's checksum.
    """

    def __init__(self, symbol: str) -> None:
        self._symbol = symbol
        self._depth = DEPTH
        self._synced = False
        self._checksum: Checksum | None = None

    def decode(self, data: bytes) -> Sequence[Event]:
        """Decode one frame; raises only `FeedError`."""
        message = read(_decode, data)
        match message.channel:
            case "book":
                return self._book(message.type, read(_decode_book, message.data))
            case "trade" if message.type == "update":
                # A snapshot tells the trades of before we came: they are no news.
                return self._trades(read(_decode_trades, message.data))
            case "instrument":
                return self._instruments(read(_decode_instruments, message.data).pairs)
            case "heartbeat" | "status":
                # Also while the venue is in maintenance: the connection lives, the book stands.
                return (Heartbeat(),)
            case "":
                return self._reply(message)
        return ()

    def check(self, book: OrderBook, checksum: int) -> None:
        """Raise `ChecksumMismatch` unless the book's best levels have this checksum."""
        if self._checksum is None:
            self._checksum = inferred(book, checksum)
            return
        ours = self._checksum.of(book)
        if ours != checksum:
            raise ChecksumMismatch(f"checksum {checksum} was due, the book has {ours}")

    def save(self) -> str:
        """Depth, whether the book has come, and the precision."""
        precision = None if self._checksum is None else self._checksum.precision
        return msgspec.json.encode(Saved(self._depth, self._synced, precision)).decode()

    def load(self, saved: str) -> None:
        """Go on with these."""
        state = load_json(saved, Saved)
        self._depth, self._synced = state.depth, state.synced
        self._checksum = None if state.precision is None else Checksum(_precision(*state.precision))

    def _book(self, kind: str, entries: list[BookEntry]) -> Sequence[Event]:
        events: list[Event] = []
        for entry in entries:
            if entry.symbol != self._symbol:
                continue
            bids = [(level.price, level.qty) for level in entry.bids]
            asks = [(level.price, level.qty) for level in entry.asks]
            check_levels(bids)
            check_levels(asks)
            ts_event = utc_ns(entry.timestamp)
            if kind == "snapshot":
                _check_order(bids, asks)
                self._synced = True
                events.append(BookSnapshot(bids, asks, ts_event, checksum=entry.checksum))
            elif kind != "update":
                raise Malformed("a book that is neither snapshot nor update")
            elif self._synced:  # else it is in the book that is to come
                events.append(
                    BookDelta(bids, asks, ts_event, checksum=entry.checksum, depth=self._depth)
                )
        return events

    def _trades(self, entries: list[TradeEntry]) -> Sequence[Event]:
        trades: list[Event] = []
        for entry in entries:
            if entry.symbol != self._symbol:
                continue
            check_levels(((entry.price, entry.qty),))
            aggressor = _AGGRESSOR.get(entry.side, Aggressor.NONE)
            ts_event = utc_ns(entry.timestamp)
            trades.append(Trade(entry.price, entry.qty, aggressor, ts_event, entry.trade_id))
        return trades

    def _instruments(self, pairs: list[Pair]) -> Sequence[Event]:
        for pair in pairs:
            if pair.symbol == self._symbol:
                precision = _precision(pair.price_precision, pair.qty_precision)
                if self._checksum is None or self._checksum.precision != precision:
                    self._checksum = Checksum(precision)
        return (Heartbeat(),)

    def _reply(self, message: Message) -> Sequence[Event]:
        if message.success is False or message.error:
            return self._refused(message)
        if message.method == "subscribe":
            taken = read(_decode_subscribed, message.result)
            if taken.channel == "book" and taken.symbol == self._symbol and taken.depth is not None:
                if taken.depth < 1:
                    raise Malformed("a book without depth")
                self._depth = taken.depth
        return (Heartbeat(),) if message.method else ()

    def _refused(self, message: Message) -> Sequence[Event]:
        error = message.error or "no reason given"
        symbol = message.symbol
        if symbol is not None and symbol.upper() != self._symbol:
            return ()
        if symbol is not None and error.lower().startswith("currency pair not"):
            raise SymbolRefused(f"kraken has no symbol {self._symbol} ({error})")
        if message.method == "subscribe" and message.req_id == INSTRUMENT_ID:
            return (Heartbeat(),)  # the precision is inferred
        raise VenueError(f"kraken answered: {error}")


def _check_order(bids: Levels, asks: Levels) -> None:
    """A whole book comes best first, each price once: a garbled price deep in it shows by that."""
    for better, worse in pairwise(bids):
        if worse[0] >= better[0]:
            raise Malformed(f"bid {worse[0]:.12g} comes after {better[0]:.12g}")
    for better, worse in pairwise(asks):
        if worse[0] <= better[0]:
            raise Malformed(f"ask {worse[0]:.12g} comes after {better[0]:.12g}")


def _precision(price: int, quantity: int) -> Precision:
    if not (0 <= price <= MOST_DECIMALS and 0 <= quantity <= MOST_DECIMALS):
        raise Malformed("an instrument with a precision that none has")
    return Precision(price, quantity)


class KrakenFeed(KrakenRest):
    """One symbol on Kraken's v2."""

    name: ClassVar[str] = "kraken"
    check: ClassVar[str] = "CRC32 of the best 10 levels a side"
    # Heartbeats come every second in which nothing else does.
    levels: ClassVar[int] = DEPTH
    stale_seconds: ClassVar[float] = 10.0

    @property
    def url(self) -> str:
        """The path names the version, not the symbol."""
        return "wss://ws.kraken.com/v2"

    def decoder(self) -> Decoder:
        """A decoder for a new connection."""
        return KrakenDecoder(self.symbol)

    def subscriptions(self) -> Sequence[str]:
        """The precision first, then the book, then trades from now on."""
        wanted: list[tuple[int, dict[str, object]]] = [
            (INSTRUMENT_ID, {"channel": "instrument", "snapshot": True}),
            (
                BOOK_ID,
                {"channel": "book", "symbol": [self.symbol], "depth": DEPTH, "snapshot": True},
            ),
            (TRADE_ID, {"channel": "trade", "symbol": [self.symbol], "snapshot": False}),
        ]
        return [
            msgspec.json.encode({"method": "subscribe", "params": params, "req_id": nth}).decode()
            for nth, params in wanted
        ]
