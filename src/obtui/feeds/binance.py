"""Binance's spot streams, `wss://stream.binance.com:9443/stream`, and those of Binance.US.

Source: binance-spot-api-docs (web-socket-streams.md, rest-api.md, errors.md, 2026-07-21) and
binance-us-api-docs (web-socket-streams.md, 2024-06-17). The address subscribes: on the combined
endpoint one socket carries book, best prices and trades, each frame wrapped with its stream's name.
The whole book comes over REST alone, and the changes of the stream are spliced onto it. Each change
names the ids that it covers, so that a lost one shows. An unknown symbol is not refused there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import ClassVar
from urllib.parse import quote

import msgspec

from obtui.feeds.base import (
    Decoded,
    Decoder,
    VenueError,
    check_levels,
    read,
)
from obtui.feeds.binance_rest import MOST_LEVELS, BinanceRest, Id, Refusal, read_book
from obtui.feeds.binance_splice import Diff, Milliseconds, Splice
from obtui.market import Aggressor, Event, Heartbeat, Level, TopOfBook, Trade

PING_ID = 1
PING = f'{{"method":"LIST_SUBSCRIPTIONS","id":{PING_ID}}}'
"""The stream has no application ping; this is the request that changes nothing."""


class Ticker(msgspec.Struct, gc=False):
    """`bookTicker`: the best prices at an update id; size 0 where a side is empty."""

    u: Id
    b: Decimal
    B: Decimal
    a: Decimal
    A: Decimal


class Print(msgspec.Struct, gc=False):
    """`trade`. (Order ids, `a` and `b`, are still there on Binance.US.)"""

    t: Id
    p: Decimal
    q: Decimal
    T: Milliseconds
    m: bool
    """Whether the buyer was the maker: then the seller is the aggressor."""


class Message(msgspec.Struct, gc=False):
    """Every frame of the socket: a stream's, a reply to a request, or a notice of the server."""

    stream: str = ""
    data: msgspec.Raw = msgspec.Raw()
    e: str = ""
    id: int | str | None = None
    error: Refusal | None = None
    code: int | None = None
    """An error may also stand without a wrapper, and then without the request's id."""
    msg: str = ""


_decode_message = msgspec.json.Decoder(Message).decode
_decode_diff = msgspec.json.Decoder(Diff).decode
_decode_ticker = msgspec.json.Decoder(Ticker).decode
_decode_print = msgspec.json.Decoder(Print).decode


class BinanceDecoder(Decoder):
    """The decoder of one connection."""

    def __init__(self, venue: str, symbol: str, book_path: str) -> None:
        self._venue = venue
        self._symbol = symbol
        self._path = book_path
        self._splice = Splice(book_path)
        wire = symbol.lower()
        self._streams: dict[str, Callable[[msgspec.Raw], Sequence[Decoded]]] = {
            f"{wire}@depth@100ms": self._depth,
            f"{wire}@bookTicker": _ticker,
            f"{wire}@trade": _trade,
        }

    def decode(self, data: bytes) -> Sequence[Decoded]:
        """Decode one frame; raises only `FeedError`."""
        message = read(_decode_message, data)
        stream = self._streams.get(message.stream)
        return self._control(message) if stream is None else stream(message.data)

    def reply(self, path: str, status: int, body: str) -> Sequence[Decoded]:
        """Take the book of REST, or say why there is none; passed over where there is one."""
        if self._splice.done or path not in {"", self._path}:
            return ()
        return self._splice.answer(read_book(self._venue, self._symbol, status, body))

    def save(self) -> str:
        """The last update id, or the changes that wait for the book."""
        return self._splice.save()

    def load(self, saved: str) -> None:
        """Go on from there."""
        self._splice.load(saved)

    def _depth(self, data: msgspec.Raw) -> Sequence[Decoded]:
        diff = read(_decode_diff, data)
        check_levels(diff.b)
        check_levels(diff.a)
        return self._splice.change(diff)

    def _control(self, message: Message) -> Sequence[Decoded]:
        if "serverShutdown" in (message.e, message.stream.removeprefix("!")):
            raise VenueError(f"{self._venue} is about to close this connection")
        error = message.error
        if message.code is not None:
            error = Refusal(message.code, message.msg)
        # Also an error is life, where it is about our ping.
        if error is not None and message.id != PING_ID:
            raise VenueError(f"{self._venue} answered: {error.code} {error.msg}")
        return () if message.id is None else (Heartbeat(), *self._splice.opened())


def _ticker(data: msgspec.Raw) -> Sequence[Event]:
    ticker = read(_decode_ticker, data)
    bid = Level(ticker.b, ticker.B) if ticker.B else None
    ask = Level(ticker.a, ticker.A) if ticker.A else None
    check_levels([level for level in (bid, ask) if level is not None])
    return (TopOfBook(bid, ask, ticker.u),)


def _trade(data: msgspec.Raw) -> Sequence[Event]:
    trade = read(_decode_print, data)
    check_levels(((trade.p, trade.q),))
    aggressor = Aggressor.SELLER if trade.m else Aggressor.BUYER
    return (Trade(trade.p, trade.q, aggressor, trade.T * 1_000_000, trade.t),)


class BinanceFeed(BinanceRest):
    """One symbol on Binance."""

    name: ClassVar[str] = "binance"
    check: ClassVar[str] = "update ids follow without a gap"
    book_from: ClassVar[str] = "REST"
    top_from: ClassVar[str] = "bookTicker"
    rest_url: ClassVar[str] = "https://api.binance.com"
    stream_url: ClassVar[str] = "wss://stream.binance.com:9443"
    # The permissions are most of a reply of many megabytes.
    instruments_path: ClassVar[str] = "/api/v3/exchangeInfo?showPermissionSets=false"
    unknown_is_silent: ClassVar[bool] = True
    # A quiet book legally sends nothing, so life is a frame or the reply to our own request.
    levels: ClassVar[int] = 5000
    stale_seconds: ClassVar[float] = 30.0
    ping_seconds: ClassVar[float] = 15.0

    @property
    def url(self) -> str:
        """The streams' symbols are in lower case."""
        wire = quote(self.symbol.lower())
        streams = "/".join(f"{wire}@{kind}" for kind in ("depth@100ms", "bookTicker", "trade"))
        return f"{self.stream_url}/stream?streams={streams}"

    def decoder(self) -> Decoder:
        """A decoder for a new connection."""
        return BinanceDecoder(self.name, self.symbol, self.book_path(MOST_LEVELS))

    def subscriptions(self) -> Sequence[str]:
        """The address subscribes; this asks for a word that the stream of a quiet book is open."""
        return (PING,)

    def ping(self) -> str:
        """A request that changes nothing."""
        return PING


class BinanceUsFeed(BinanceFeed):
    """One symbol on Binance.US: another market with the same protocol."""

    name: ClassVar[str] = "binance-us"
    rest_url: ClassVar[str] = "https://api.binance.us"
    stream_url: ClassVar[str] = "wss://stream.binance.us:9443"
    instruments_path: ClassVar[str] = "/api/v3/exchangeInfo"
