"""What every venue's protocol is to the rest of obtui, and the errors a decoder may raise.

    FeedError
    ├── Malformed       the frame is not what the protocol says
    ├── SequenceGap     a message was lost: the book can no longer be right
    ├── SymbolRefused   the venue knows no such symbol: trying again is no use
    └── VenueError      the venue reported another error of its own

A decoder raises nothing else; any other exception from it is a bug. It knows no socket, no clock
and no other venue.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar, Protocol, TypeVar

import msgspec

from obtui.market import Event, Instrument

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


class SymbolRefused(FeedError):
    """The venue's own answer that it has no such symbol."""


class VenueError(FeedError):
    """Another error that the venue reported."""


class Decoder(Protocol):
    """One connection's decoder: bytes in, events out, with the connection's sequence state."""

    def decode(self, data: bytes) -> Sequence[Event]:
        """Decode one frame, in the order of arrival; raises only `FeedError`."""
        ...

    def save(self) -> str:
        """The connection's sequence state, for a decoder that is to go on from here."""
        ...

    def load(self, saved: str) -> None:
        """Go on from what `save` gave; raises `Malformed` for anything else."""
        ...


class Feed(Protocol):
    """One symbol on one venue's protocol."""

    name: ClassVar[str]
    """What `--venue` takes."""
    check: ClassVar[str]
    """In a few words, what a lost message is found by; empty where nothing finds it."""
    rest_url: ClassVar[str]
    """Scheme and host of the venue's REST interface."""
    sibling: ClassVar[str]
    """Another protocol of the same venue to try when this one cannot be reached, or empty."""
    stale_seconds: ClassVar[float]
    """Silence, in seconds of the monotonic clock, after which the book is stale."""
    ping_seconds: ClassVar[float]
    """Seconds between our own pings; 0 where the venue needs none."""

    @property
    def symbol(self) -> str:
        """As people read it, e.g. `BTCUSD`."""
        ...

    @property
    def url(self) -> str:
        """The websocket's address, with path and query."""
        ...

    @property
    def instrument_path(self) -> str:
        """The REST path that describes the instrument."""
        ...

    def decoder(self) -> Decoder:
        """A decoder for a new connection."""
        ...

    def subscriptions(self) -> Sequence[str]:
        """The texts to send when a connection has opened."""
        ...

    def ping(self) -> str:
        """The text of our own ping."""
        ...

    def instrument(self, status: int, body: str) -> Instrument | None:
        """What a reply to `instrument_path` says; None when it says nothing of use.

        Raises `SymbolRefused` only for the venue's own invalid-symbol answer: any other failure
        of REST means 'not reachable', and the feed is tried.
        """
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
    except (msgspec.DecodeError, UnicodeError) as error:
        raise Malformed(f"not a decoder's state: {error}") from error
