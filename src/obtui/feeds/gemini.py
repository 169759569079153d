"""Gemini's current websocket API, `wss://ws.gemini.com`: book and trades of one symbol.

Source: Gemini's AsyncAPI description 0.10.7 and its message-format page. One socket may carry
several streams and products; frames are told apart by their keys, because trades and replies name
no type. There is no checksum: a lost frame shows in the chain of update ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, ClassVar

import msgspec

from obtui.feeds import gemini_rest
from obtui.feeds.base import (
    LATEST,
    UNDECODABLE,
    Decoder,
    Malformed,
    SequenceGap,
    SymbolRefused,
    VenueError,
    check_levels,
    load_json,
)
from obtui.market import (
    Aggressor,
    BookDelta,
    BookSnapshot,
    Event,
    Heartbeat,
    Instrument,
    Trade,
)

PING_ID = "ping"
MOST_EARLY = 20
"""Changes, each of 100 ms, after which a book that has not come will not come."""
INVALID_PARAMETERS = -1013


class ReplyError(msgspec.Struct, gc=False):
    """`error` of a refused request."""

    code: int = 0
    msg: str = ""


class Message(msgspec.Struct, gc=False):
    """Every frame of the socket; which keys are there tells what it is.

    depthUpdate: e, E, s, U, u, b, a · trade: E, s, t, p, q, m · bookTicker: u, E, s, b, B, a, A ·
    reply to a request: id, status, error.
    """

    e: str | None = None
    E: Annotated[int, msgspec.Meta(ge=0, le=LATEST)] | None = None
    """Event time, ns since the epoch."""
    s: str = ""
    """Symbol, always lower case."""
    U: int | None = None
    """First update id of the frame: equals `u` of the frame before."""
    u: int | None = None
    """Last update id of the frame."""
    b: list[tuple[Decimal, Decimal]] | str | None = None
    """Bids: price and absolute size; a bookTicker's best bid."""
    a: list[tuple[Decimal, Decimal]] | str | None = None
    t: int | None = None
    """Trade id."""
    p: Decimal | None = None
    q: Decimal | None = None
    m: bool | None = None
    """Whether the buyer was the maker: then the seller is the aggressor."""
    id: int | str | None = None
    status: int | None = None
    error: ReplyError | None = None


_decode = msgspec.json.Decoder(Message).decode


class GeminiDecoder:
    """The decoder of one connection.

    The first depth frame with `U == u` is the whole book. After it, with `last` the newest `u`:
    `u <= last` is old and dropped, `U <= last < u` applies, `U > last` is a gap. (Gemini's own
    text; a rule that tolerated `U == last + 1` could miss a frame of one id.)
    """

    def __init__(self, symbol: str) -> None:
        self._symbol = symbol.lower()
        self._last: int | None = None
        self._early = 0

    def decode(self, data: bytes) -> Sequence[Event]:
        """Decode one frame; raises only `FeedError`."""
        try:
            message = _decode(data)
        except UNDECODABLE as error:
            raise Malformed(f"undecodable frame: {error}") from error
        if message.s == self._symbol:
            if message.e == "depthUpdate":
                return self._depth(message)
            if message.t is not None:
                return self._trade(message)
        elif message.status is not None:
            return self._reply(message)
        return ()

    def save(self) -> str:
        """The last update id; an empty list before the book."""
        return msgspec.json.encode([] if self._last is None else [self._last]).decode()

    def load(self, saved: str) -> None:
        """Go on after that update id."""
        self._last = next(iter(load_json(saved, list[int])), None)

    def _depth(self, message: Message) -> Sequence[Event]:
        first, last, bids, asks = message.U, message.u, message.b, message.a
        if first is None or last is None or type(bids) is not list or type(asks) is not list:
            raise Malformed("depthUpdate without U, u, b or a")
        known = self._last
        if known is None:
            if first != last:
                # A delta of an earlier subscription: only U == u is a whole book. More than a
                # few of them, and the book itself was lost.
                self._early += 1
                if self._early > MOST_EARLY:
                    raise SequenceGap(f"{self._early} changes came, and no book before them")
                return ()
            check_levels(bids)
            check_levels(asks)
            self._last = last
            return (BookSnapshot(bids, asks, message.E),)
        if last <= known:
            return ()
        if first > known:
            raise SequenceGap(f"gap in update ids: {known} is followed by {first}")
        check_levels(bids)
        check_levels(asks)
        self._last = last
        return (BookDelta(bids, asks, message.E),)

    def _trade(self, message: Message) -> Sequence[Event]:
        price, size, buyer_made = message.p, message.q, message.m
        if price is None or size is None or buyer_made is None:
            raise Malformed("trade without p, q or m")
        check_levels(((price, size),))
        aggressor = Aggressor.SELLER if buyer_made else Aggressor.BUYER
        return (Trade(price, size, aggressor, message.E, message.t),)

    def _reply(self, message: Message) -> Sequence[Event]:
        # The venue's ack may carry any id, so only our ping's own error is known to be harmless.
        if message.status == 200 or message.id == PING_ID:
            return (Heartbeat(),)
        error = message.error or ReplyError()
        if error.code == INVALID_PARAMETERS and "stream name" in error.msg.lower():
            raise SymbolRefused(f"gemini has no symbol {self._symbol.upper()} ({error.msg})")
        raise VenueError(f"gemini answered {message.status}: {error.code} {error.msg}")


class GeminiFeed:
    """One symbol on Gemini's current API."""

    name: ClassVar[str] = "gemini"
    check: ClassVar[str] = "update ids follow without a gap"
    rest_url: ClassVar[str] = gemini_rest.REST_URL
    sibling: ClassVar[str] = "gemini-v1"
    # A quiet book legally sends nothing, so life is a frame or the reply to our own ping.
    stale_seconds: ClassVar[float] = 30.0
    ping_seconds: ClassVar[float] = 15.0

    def __init__(self, symbol: str) -> None:
        self._symbol = gemini_rest.plain_symbol(symbol)

    @property
    def symbol(self) -> str:
        """As people read it, e.g. `BTCUSD`."""
        return self._symbol

    @property
    def url(self) -> str:
        """Without `snapshot=-1` the venue sends changes only, and never a book."""
        return "wss://ws.gemini.com/?snapshot=-1"

    @property
    def instrument_path(self) -> str:
        """The REST path that describes the instrument."""
        return gemini_rest.instrument_path(self._symbol)

    def decoder(self) -> Decoder:
        """A decoder for a new connection."""
        return GeminiDecoder(self._symbol)

    def subscriptions(self) -> Sequence[str]:
        """One request for book and trades: one bad name would refuse the whole of it."""
        wire = self._symbol.lower()
        streams = f'"{wire}@depth@100ms","{wire}@trade"'
        return (f'{{"id":"1","method":"subscribe","params":[{streams}]}}',)

    def ping(self) -> str:
        """The venue's application ping, answered with status 200."""
        return f'{{"id":"{PING_ID}","method":"ping"}}'

    def instrument(self, status: int, body: str) -> Instrument | None:
        """What the symbol-details reply says; raises `SymbolRefused` for an unknown symbol."""
        return gemini_rest.instrument(self._symbol, status, body)
