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
from obtui.feeds.gemini_rest import GeminiRest
from obtui.market import (
    Aggressor,
    BookDelta,
    BookSnapshot,
    Event,
    Heartbeat,
    Level,
    TopOfBook,
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
    B: Decimal | None = None
    """A bookTicker's size at the best bid."""
    A: Decimal | None = None
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


class GeminiDecoder(Decoder):
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
            if message.B is not None:
                return _ticker(message)
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
            return (BookSnapshot(bids, asks, message.E, last),)
        if last <= known:
            return ()
        if first > known:
            raise SequenceGap(f"gap in update ids: {known} is followed by {first}")
        check_levels(bids)
        check_levels(asks)
        self._last = last
        return (BookDelta(bids, asks, message.E, last),)

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


def _ticker(message: Message) -> Sequence[Event]:
    bid, ask, bid_size, ask_size = message.b, message.a, message.B, message.A
    if message.u is None or bid_size is None or ask_size is None:
        raise Malformed("bookTicker without u, B or A")
    if type(bid) is not str or type(ask) is not str:
        raise Malformed("bookTicker without b or a")
    try:
        best = Level(Decimal(bid), bid_size), Level(Decimal(ask), ask_size)
    except ArithmeticError as error:
        raise Malformed("a bookTicker's price that is not a number") from error
    check_levels(best)
    shown = [level if level.size else None for level in best]
    return (TopOfBook(shown[0], shown[1], message.u),)


class GeminiFeed(GeminiRest):
    """One symbol on Gemini's current API."""

    name: ClassVar[str] = "gemini"
    check: ClassVar[str] = "update ids follow without a gap"
    top_from: ClassVar[str] = "bookTicker"
    sibling: ClassVar[str] = "gemini-v1"
    # A quiet book legally sends nothing, so life is a frame or the reply to our own ping.
    stale_seconds: ClassVar[float] = 30.0
    ping_seconds: ClassVar[float] = 15.0

    @property
    def url(self) -> str:
        """Without `snapshot=-1` the venue sends changes only, and never a book."""
        return "wss://ws.gemini.com/?snapshot=-1"

    def decoder(self) -> Decoder:
        """A decoder for a new connection."""
        return GeminiDecoder(self.symbol)

    def subscriptions(self) -> Sequence[str]:
        """One request for all three streams: one bad name would refuse the whole of it."""
        wire = self.symbol.lower()
        streams = ",".join(f'"{wire}@{kind}"' for kind in ("depth@100ms", "bookTicker", "trade"))
        return (f'{{"id":"1","method":"subscribe","params":[{streams}]}}',)

    def ping(self) -> str:
        """The venue's application ping, answered with status 200."""
        return f'{{"id":"{PING_ID}","method":"ping"}}'
