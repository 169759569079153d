"""OKX's public websocket, `wss://ws.okx.com:8443/ws/v5/public`: book and trades of one instrument.

Source: OKX API v5, order book and trades channels; its announcement of 2026-05-21 that the
`checksum` field is dead: it is always 0, so it is not looked at. What is checked is the chain of
sequence ids. The venue's `bbo-tbt` bears the same ids, but is sampled each 10 ms and so may come
after a book that it is older than: it cannot be held against the book.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar

import msgspec

from obtui.feeds.base import (
    LATEST,
    Decoded,
    Decoder,
    Malformed,
    SequenceGap,
    SymbolRefused,
    VenueError,
    check_levels,
    load_json,
    read,
)
from obtui.feeds.okx_rest import OkxRest
from obtui.market import Aggressor, BookDelta, BookSnapshot, Heartbeat, Trade

DEPTH = 400
"""Levels a side of the `books` channel."""
UNKNOWN_CHANNEL = "60018"
NS_PER_MS = 1_000_000

_AGGRESSOR = {"buy": Aggressor.BUYER, "sell": Aggressor.SELLER}


class Level(msgspec.Struct, array_like=True, gc=False):
    """Price, absolute size (0 removes); a deprecated field and a count of orders follow."""

    price: Decimal
    size: Decimal


class Argument(msgspec.Struct, gc=False):
    """Which channel of which instrument."""

    channel: str = ""
    instId: str = ""


class Entry(msgspec.Struct, gc=False):
    """One of a frame's `data`. books: asks, bids, ts, seqId, prevSeqId · trades: the rest, ts."""

    asks: list[Level] | None = None
    bids: list[Level] | None = None
    ts: str = ""
    """ms since the epoch."""
    seqId: int | None = None
    prevSeqId: int | None = None
    """`seqId` of the message before; -1 in a snapshot."""
    px: Decimal | None = None
    sz: Decimal | None = None
    side: str = ""
    """The taker's."""
    tradeId: str = ""


class Message(msgspec.Struct, gc=False):
    """Every frame of the socket but the text `pong`."""

    event: str = ""
    """subscribe, error, notice, ...; data has none."""
    arg: Argument | None = None
    action: str = ""
    """snapshot or update, of `books`."""
    data: msgspec.Raw = msgspec.Raw()
    """A list of `Entry` in the channels that were asked for; each channel has its own form."""
    code: str = ""
    msg: str = ""


_decode = msgspec.json.Decoder(Message).decode
_decode_entries = msgspec.json.Decoder(list[Entry]).decode


class OkxDecoder(Decoder):
    """The decoder of one connection.

    Each update's `prevSeqId` must be the `seqId` before it, by whatever step that is. A keepalive
    (both equal, no levels) and the maintenance reset (`seqId` below `prevSeqId`) are in the chain
    like any other.
    """

    def __init__(self, symbol: str) -> None:
        self._symbol = symbol
        self._last: int | None = None

    def decode(self, data: bytes) -> Sequence[Decoded]:
        """Decode one frame; raises only `FeedError`."""
        if data == b"pong":
            return (Heartbeat(),)
        message = read(_decode, data)
        if message.event:
            return self._word(message)
        channel = message.arg
        if channel is None or channel.instId != self._symbol:
            return ()
        if channel.channel == "trades":
            return [_trade(entry) for entry in read(_decode_entries, message.data)]
        if channel.channel == "books":
            entries = read(_decode_entries, message.data)
            return [event for entry in entries for event in self._book(message.action, entry)]
        return ()

    def save(self) -> str:
        """The last sequence id; an empty list before the book."""
        return msgspec.json.encode([] if self._last is None else [self._last]).decode()

    def load(self, saved: str) -> None:
        """Go on after that sequence id."""
        self._last = next(iter(load_json(saved, list[int])), None)

    def _book(self, action: str, entry: Entry) -> Sequence[Decoded]:
        sequence, before = entry.seqId, entry.prevSeqId
        if sequence is None or before is None or entry.bids is None or entry.asks is None:
            raise Malformed("a book without seqId, prevSeqId, bids or asks")
        ts_event = _ns(entry.ts)
        if action == "update" and self._last is None:
            return ()  # a change of an earlier subscription: it is in the snapshot when that comes
        if action == "update" and before != self._last:
            raise SequenceGap(f"gap in sequence ids: {self._last} is followed by {before}")
        bids = [(level.price, level.size) for level in entry.bids]
        asks = [(level.price, level.size) for level in entry.asks]
        check_levels(bids)
        check_levels(asks)
        self._last = sequence
        if action == "update":
            return (BookDelta(bids, asks, ts_event, depth=DEPTH),)
        if action == "snapshot":
            return (BookSnapshot(bids, asks, ts_event),)
        raise Malformed("a book that is neither snapshot nor update")

    def _word(self, message: Message) -> Sequence[Decoded]:
        if message.event == "error":
            if message.code == UNKNOWN_CHANNEL:
                raise SymbolRefused(f"okx has no symbol {self._symbol} ({message.msg})")
            raise VenueError(f"okx answered {message.code}: {message.msg}")
        if message.event == "notice":
            # Sent about a minute before the venue cuts the connection for an upgrade.
            raise VenueError(f"okx asks to reconnect: {message.msg}")
        return (Heartbeat(),)


def _trade(entry: Entry) -> Trade:
    if entry.px is None or entry.sz is None:
        raise Malformed("trade without px or sz")
    check_levels(((entry.px, entry.sz),))
    aggressor = _AGGRESSOR.get(entry.side, Aggressor.NONE)
    return Trade(entry.px, entry.sz, aggressor, _ns(entry.ts), entry.tradeId or None)


def _ns(ms: str) -> int | None:
    if not ms:
        return None
    if not (ms.isascii() and ms.isdigit() and len(ms) <= 15) or int(ms) > LATEST // NS_PER_MS:
        raise Malformed("a time that is none")
    return int(ms) * NS_PER_MS


class OkxFeed(OkxRest):
    """One instrument on OKX, spelled `BTC-USDT`."""

    name: ClassVar[str] = "okx"
    check: ClassVar[str] = "each update names the one before it"
    # A quiet market is silent; life is then the reply to our own ping.
    levels: ClassVar[int] = DEPTH
    stale_seconds: ClassVar[float] = 30.0
    ping_seconds: ClassVar[float] = 15.0

    @property
    def url(self) -> str:
        """One socket for all public channels."""
        return "wss://ws.okx.com:8443/ws/v5/public"

    def decoder(self) -> Decoder:
        """A decoder for a new connection."""
        return OkxDecoder(self.symbol)

    def subscriptions(self) -> Sequence[str]:
        """One request for both channels."""
        both = ",".join(
            f'{{"channel":"{channel}","instId":"{self.symbol}"}}' for channel in ("books", "trades")
        )
        return (f'{{"id":"1","op":"subscribe","args":[{both}]}}',)

    def ping(self) -> str:
        """A text that is no JSON, answered by `pong`."""
        return "ping"
