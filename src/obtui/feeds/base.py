"""What every venue's protocol is to the rest of obtui, and the errors a decoder may raise.

    FeedError
    ├── Malformed       the frame is not what the protocol says
    ├── SequenceGap     a message was lost: the book can no longer be right
    ├── ChecksumMismatch  the venue's checksum is not that of our book
    ├── Disagreement    the venue's own best bid and offer are not our book's
    ├── SymbolRefused   the venue knows no such symbol: trying again is no use
    └── VenueError      the venue reported another error of its own

A decoder raises nothing else; any other exception from it is a bug. It knows no socket, no clock
and no other venue.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import ClassVar, Protocol, TypeVar

import msgspec

from obtui.book import OrderBook
from obtui.market import BookSnapshot, Day, Event, Instrument
from obtui.spelling import letters

# A price or size outside these is not a market's: "1E+999999" is a legal Decimal that would fill
# a screen or a file with digits.
SMALLEST = Decimal("1e-18")
LARGEST = Decimal("1e18")
LATEST = 2**63 - 1
"""Latest time that is one, in ns since the epoch: a JSON integer may have thousands of digits."""

UNDECODABLE = (msgspec.DecodeError, UnicodeError, ArithmeticError, RecursionError)
"""What msgspec raises for bytes that it cannot decode: bad JSON, other types, invalid UTF-8,
numbers out of all bounds, and nesting beyond the interpreter's depth."""


class FeedError(Exception):
    """All that a decoder raises. The message is one line for the screen."""


class Malformed(FeedError):
    """The frame is not what the venue's protocol says."""


class SequenceGap(FeedError):
    """A message was lost before this one."""


class ChecksumMismatch(FeedError):
    """The venue's checksum of the book is not that of ours."""


class Disagreement(FeedError):
    """The venue's own best bid and offer are not those of our book."""


class SymbolRefused(FeedError):
    """The venue's own answer that it has no such symbol."""


class VenueError(FeedError):
    """Another error that the venue reported."""


class Fetch(msgspec.Struct, frozen=True):
    """A decoder's wish: ask REST for this path; the reply comes back by `Decoder.reply`."""

    path: str
    delay_seconds: float = 0.0
    """How long to wait before asking."""


Decoded = Event | Fetch
"""What a decoder makes of a frame."""


class Decoder(Protocol):
    """One connection's decoder: bytes in, events out, with the connection's sequence state.

    A venue's decoder derives from this and overrides what it has.
    """

    def decode(self, data: bytes) -> Sequence[Decoded]:
        """Decode one frame, in the order of arrival; raises only `FeedError`."""
        ...

    def reply(self, path: str, status: int, body: str) -> Sequence[Decoded]:
        """Take a REST reply; raises only `FeedError`.

        Status 0: none came, and the body says why. An empty path: a recording that does not tell.
        """
        return ()

    def check(self, book: OrderBook, checksum: int) -> None:
        """Raise `ChecksumMismatch` unless `book` has this checksum, by the venue's rule."""
        return

    def save(self) -> str:
        """The connection's sequence state, for a decoder that is to go on from here."""
        ...

    def load(self, saved: str) -> None:
        """Go on from what `save` gave; raises `Malformed` for anything else."""
        ...


class Feed(Protocol):
    """One symbol on one protocol; a feed derives from this.

    What a REST reply says is the feed's to tell, and only that: it raises `Malformed` for a reply
    that is not what the venue's documentation says, and `SymbolRefused` for the venue's own answer
    to an unknown symbol. Any other failure of REST means 'not reachable', and the feed is tried.
    """

    name: ClassVar[str]
    """What `--venue` takes."""
    check: ClassVar[str] = ""
    """In a few words, what a lost message is found by; empty where nothing finds it."""
    book_from: ClassVar[str] = "the stream"
    """In a few words, where a new connection's whole book comes from."""
    top_from: ClassVar[str] = ""
    """The stream of the venue's own best bid and offer that the book is held against, or empty."""
    rest_url: ClassVar[str]
    """Scheme and host of the venue's REST interface."""
    unknown_is_silent: ClassVar[bool] = False
    """Whether the stream accepts a symbol that the venue does not have, and then says nothing."""
    house: ClassVar[str] = ""
    """The venue whose markets these are, where it has several protocols; else empty: `name`."""
    levels: ClassVar[int] = 0
    """Levels a side beyond which the venue tells nothing; 0 where it tells the whole book."""
    sibling: ClassVar[str] = ""
    """Another protocol of the same venue to try when this one cannot be reached, or empty."""
    stale_seconds: ClassVar[float]
    """Silence, in seconds of the monotonic clock, after which the book is stale."""
    ping_seconds: ClassVar[float] = 0.0
    """Seconds between our own pings; 0 where the venue needs none."""

    @property
    def symbol(self) -> str:
        """As the venue spells it for people, e.g. `BTCUSD` or `BTC/USD`."""
        ...

    @property
    def url(self) -> str:
        """The websocket's address, with path and query."""
        ...

    @property
    def instrument_path(self) -> str:
        """The REST path that describes the instrument."""
        ...

    @property
    def day_path(self) -> str:
        """The REST path that tells the last 24 hours; empty where there is none."""
        return ""

    def decoder(self) -> Decoder:
        """A decoder for a new connection."""
        ...

    def subscriptions(self) -> Sequence[str]:
        """The texts to send when a connection has opened."""
        return ()

    def ping(self) -> str:
        """The text of our own ping."""
        return ""

    def instrument(self, status: int, body: str) -> Instrument | None:
        """What a reply to `instrument_path` says; None when it says nothing of use.

        Raises `SymbolRefused` only for the venue's own invalid-symbol answer.
        """
        ...

    def day(self, body: str) -> Day | None:
        """What a reply to `day_path` of status 200 says; None when it says nothing of use."""
        return None


class VenueFeed(Feed, Protocol):
    """A feed of a venue, with the rest of what its REST interface tells."""

    _symbol: str

    def __init__(self, symbol: str) -> None:
        """`symbol` in the venue's own spelling, or in one that can only mean it."""
        self._symbol = self.respell(symbol)

    @classmethod
    def respell(cls, symbol: str) -> str:
        """As the venue spells it: in capitals without a separator, where it has no other way."""
        return letters(symbol)

    @property
    def symbol(self) -> str:
        """As the venue and people read it."""
        return self._symbol

    instruments_path: ClassVar[str]
    """The REST path of the venue's list of instruments."""

    @classmethod
    def instruments(cls, body: str) -> list[Instrument]:
        """What the reply to `instruments_path` lists, spot only; raises `Malformed`."""
        ...

    @classmethod
    def spell(cls, base: str, quote: str) -> str:
        """The venue's symbol of two currencies, where its list cannot be asked."""
        return base + quote

    def book_path(self, depth: int) -> str:
        """The REST path of a book of at least `depth` levels a side, or as many as it gives."""
        ...

    def book(self, status: int, body: str) -> BookSnapshot:
        """What a reply to `book_path` says; raises `Malformed`, `SymbolRefused`, `VenueError`."""
        ...


def check_levels(levels: Sequence[tuple[Decimal, Decimal]]) -> None:
    """Raise `Malformed` unless each is a price and a size that a market can have, or size 0."""
    try:
        for price, size in levels:
            # Comparing with NaN raises, so that it fails here too.
            if not SMALLEST <= price <= LARGEST or (size and not SMALLEST <= size <= LARGEST):
                raise Malformed(f"a level of price {price:.12g} and size {size:.12g}")
    except ArithmeticError as error:
        raise Malformed("a level that is not a number") from error


Saved = TypeVar("Saved")


def load_json(saved: str, form: type[Saved]) -> Saved:
    """A decoder's saved state as `form`; raises `Malformed`."""
    try:
        return msgspec.json.decode(saved, type=form)
    except UNDECODABLE as error:
        raise Malformed(f"not a decoder's state: {error}") from error


Form = TypeVar("Form")


def read(decode: Callable[[bytes | msgspec.Raw], Form], data: bytes | msgspec.Raw) -> Form:
    """A frame, or a part of it, by a typed decoder; raises `Malformed`."""
    try:
        return decode(data)
    except UNDECODABLE as error:
        raise Malformed(f"undecodable frame: {error}") from error
