"""Bitstamp's websocket, `wss://ws.bitstamp.net`: book and trades of one symbol.

Source: Bitstamp's Websocket API v2 page and API reference, and probes of both of 2026-09-15. Every
frame of `order_book_x` is the whole book of the best 100 levels a side, so that a lost one mends
itself; there is no sequence and no checksum by which it would show. (`diff_order_book_x` has the
full depth, but a lost change there stays wrong, unseen.) An unknown symbol is accepted in silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

import msgspec

from obtui.feeds.base import (
    Decoded,
    Decoder,
    Fetch,
    Malformed,
    SymbolRefused,
    VenueError,
    check_levels,
    load_json,
    read,
)
from obtui.feeds.bitstamp_rest import BitstampRest, Book, microseconds, read_book
from obtui.market import Aggressor, BookSnapshot, Event, Heartbeat, Trade

BOOK_LEVELS = 100
SEED_SECONDS = 2.0
"""REST's book may be a second old: asked so long after the subscription, it misses no change."""
MOST_OLD = 20
"""Books in a row that are older than the one before them."""

Id = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class Deal(msgspec.Struct, gc=False):
    """`data` of `live_trades_x`. Price and amount are there as numbers too, but shorter."""

    id: Id
    price_str: Decimal
    amount_str: Decimal
    type: Literal[0, 1]
    """What the taker did: 0 bought, 1 sold."""
    microtimestamp: str


class Complaint(msgspec.Struct, gc=False):
    """`data` of `bts:error`."""

    code: int | str | None = None
    message: str = ""


class Message(msgspec.Struct, gc=False):
    """Every frame of the socket."""

    event: str = ""
    channel: str = ""
    data: msgspec.Raw = msgspec.Raw()


_decode_message = msgspec.json.Decoder(Message).decode
_decode_book = msgspec.json.Decoder(Book).decode
_decode_deal = msgspec.json.Decoder(Deal).decode
_decode_complaint = msgspec.json.Decoder(Complaint).decode


class BitstampDecoder(Decoder):
    """The decoder of one connection.

    A book that is older than the last one is passed over, since the newer one is right; but many in
    a row are an error: then it is the one that is shown whose time is wrong.
    """

    def __init__(self, symbol: str, book_path: str) -> None:
        self._symbol = symbol
        self._path = book_path
        self._book_channel = f"order_book_{symbol.lower()}"
        self._trade_channel = f"live_trades_{symbol.lower()}"
        self._last = -1
        """Time of the newest book in µs; negative before it."""
        self._old = 0

    def decode(self, data: bytes) -> Sequence[Decoded]:
        """Decode one frame; raises only `FeedError`."""
        message = read(_decode_message, data)
        match message.event:
            case "data" if message.channel == self._book_channel:
                return self._book(read(_decode_book, message.data))
            case "trade" if message.channel == self._trade_channel:
                return _trade(message.data)
            case "bts:subscription_succeeded" if message.channel == self._book_channel:
                # The stream is silent until the next change: REST tells what there is till then.
                return (Heartbeat(), Fetch(self._path, SEED_SECONDS))
            case "bts:heartbeat":
                return (Heartbeat(),)
            case "bts:request_reconnect":
                raise VenueError("bitstamp is about to close this connection")
            case "bts:error":
                self._refuse(read(_decode_complaint, message.data))
        return ()

    def reply(self, path: str, status: int, body: str) -> Sequence[Decoded]:
        """Take the book of REST where none has come yet; it is not needed, and may fail."""
        if self._last >= 0 or status != 200 or path not in {"", self._path}:
            return ()
        try:
            book = read_book(body)
        except Malformed:
            return ()
        book.bids = sorted(book.bids, reverse=True)[:BOOK_LEVELS]
        book.asks = sorted(book.asks)[:BOOK_LEVELS]
        return self._book(book)

    def save(self) -> str:
        """The time of the last book, and how many older ones have come since."""
        return msgspec.json.encode((self._last, self._old)).decode()

    def load(self, saved: str) -> None:
        """Go on after it."""
        self._last, self._old = load_json(saved, tuple[int, int])

    def _book(self, book: Book) -> Sequence[Event]:
        check_levels(book.bids)
        check_levels(book.asks)
        time = microseconds(book.microtimestamp)
        if time < self._last:
            self._old += 1
            if self._old > MOST_OLD:
                raise VenueError(f"{self._old} books of bitstamp in a row are older than the last")
            return ()
        self._last, self._old = time, 0
        return (BookSnapshot(book.bids, book.asks, time * 1_000),)

    def _refuse(self, complaint: Complaint) -> None:
        # Our channels differ from good ones in nothing but the symbol.
        if complaint.message.startswith("Invalid channel"):
            raise SymbolRefused(f"bitstamp has no symbol {self._symbol} ({complaint.message})")
        code = "" if complaint.code is None else f"{complaint.code} "
        raise VenueError(f"bitstamp answered: {code}{complaint.message}")


def _trade(data: msgspec.Raw) -> Sequence[Event]:
    deal = read(_decode_deal, data)
    check_levels(((deal.price_str, deal.amount_str),))
    aggressor = Aggressor.SELLER if deal.type else Aggressor.BUYER
    time = microseconds(deal.microtimestamp) * 1_000
    return (Trade(deal.price_str, deal.amount_str, aggressor, time, deal.id),)


class BitstampFeed(BitstampRest):
    """One symbol on Bitstamp."""

    name: ClassVar[str] = "bitstamp"
    check: ClassVar[str] = ""
    book_from: ClassVar[str] = "each frame"
    unknown_is_silent: ClassVar[bool] = True
    # A quiet book legally sends nothing, so life is a frame or the reply to our own ping.
    levels: ClassVar[int] = 100
    stale_seconds: ClassVar[float] = 30.0
    ping_seconds: ClassVar[float] = 15.0

    @property
    def url(self) -> str:
        """One for all symbols."""
        return "wss://ws.bitstamp.net"

    def decoder(self) -> Decoder:
        """A decoder for a new connection."""
        return BitstampDecoder(self._symbol, self.book_path(BOOK_LEVELS))

    def subscriptions(self) -> Sequence[str]:
        """One request for each channel."""
        return tuple(
            f'{{"event":"bts:subscribe","data":{{"channel":"{kind}_{self._symbol.lower()}"}}}}'
            for kind in ("order_book", "live_trades")
        )

    def ping(self) -> str:
        """The venue's heartbeat, answered with status `success`."""
        return '{"event":"bts:heartbeat"}'
