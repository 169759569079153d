"""What arrived, with the time it arrived: the one thing that live feed, capture and replay share.

It knows no venue and no file; nothing after it can tell a live frame from a replayed one.
"""

from __future__ import annotations

import enum
from decimal import Decimal

import msgspec

from obtui.market import Instrument, TopOfBook


class FrameKind(enum.Enum):
    """What happened. The values are the `k` of a capture line; all `data` but TEXT's is JSON."""

    HEADER = "header"
    """A capture, or a segment of one, begins; `data` is a `Header`."""
    CONNECT = "connect"
    """A connection opened; `data` is a `Connect`."""
    SEND = "send"
    """We sent a text; `data` is a `Sent`."""
    TEXT = "frame"
    """A message came; `data` is the venue's text byte for byte."""
    REST = "rest"
    """A REST reply came; `data` is a `RestReply`."""
    DISCONNECT = "disconnect"
    """The connection ended or could not be made; `data` is a `Disconnect`."""
    GAP = "gap"
    """The state of the book changed with no frame to blame; `data` is a `Gap`."""
    DROP = "drop"
    """Our own recorder left lines out here; `data` is a `Drop`."""
    MARK = "mark"
    """The user marked this moment; `data` is a `Mark`."""
    END = "end"
    """The capture was closed whole; `data` is an `End`."""


class Frame(msgspec.Struct, frozen=True, gc=False):
    """One thing that arrived."""

    kind: FrameKind
    data: bytes
    received_ns: int
    """Wall clock, ns since the epoch."""
    monotonic_ns: int
    """Monotonic clock: the only one that ages are computed from."""
    connection: int
    """1 for the first connection of a run, counting up; 0 before there is one."""


class SavedCheck(msgspec.Struct, frozen=True):
    """How the venue's own best bid and offer are held against the book, to go on from."""

    agreed: int
    """How often they were the same."""
    newest: TopOfBook | None
    waiting: list[TopOfBook]
    """Younger than the book, in order."""


class BookCheckpoint(msgspec.Struct, frozen=True):
    """All that a session needs to go on from a moment in the middle of a connection."""

    state: str
    """A `BookState`'s word."""
    reason: str
    bids: list[tuple[Decimal, Decimal]]
    asks: list[tuple[Decimal, Decimal]]
    has_book: bool
    """Whether the book is this connection's, or an older one that is only shown."""
    decoder: str | None
    """The decoder's own state, as it made it; None where the connection was given up."""
    crossed_ns: int | None = None
    """Monotonic time since when the book is crossed, if it is."""
    crosscheck: SavedCheck | None = None
    """What the venue's own best bid and offer have said."""


class Header(msgspec.Struct, frozen=True):
    """What a capture is of. Every segment opens with one, and can be read alone."""

    venue: str
    symbol: str
    url: str
    program: str
    """`obtui` and its version."""
    instrument: Instrument | None = None
    format: int = 1
    segment: int = 0
    """0 for the first of a run; a later one goes on where the one before it ended."""
    checkpoint: BookCheckpoint | None = None
    """The book at the opening of a segment in the middle of a connection."""


def begins_run(frame: Frame) -> bool:
    """Whether a recorder was started here: what it appended to is another run's."""
    if frame.kind is not FrameKind.HEADER:
        return False
    return msgspec.json.decode(frame.data, type=Header).segment == 0


class Connect(msgspec.Struct, frozen=True):
    """Where a connection was opened to."""

    url: str


class Sent(msgspec.Struct, frozen=True):
    """What we sent."""

    text: str


class Gap(msgspec.Struct, frozen=True):
    """A change of state by the clock alone: staleness, a book crossed for too long."""

    state: str
    """The `BookState` that it changed to."""
    reason: str
    lost: bool
    """Whether the connection was given up."""


class Drop(msgspec.Struct, frozen=True):
    """Lines that the recorder could not take."""

    count: int
    reason: str = ""


class Mark(msgspec.Struct, frozen=True):
    """The user's mark. Its line stands where the note was written."""

    note: str = ""
    at_ns: int | None = None
    """The moment that is marked, ns since the epoch; None: its line's own."""


class End(msgspec.Struct, frozen=True):
    """Why the capture ended."""

    reason: str = ""


class Disconnect(msgspec.Struct, frozen=True):
    """Why there is no connection, and when the next try comes."""

    reason: str
    retry_seconds: float
    """Seconds from the frame's time to the next try, >= 0."""


class RestReply(msgspec.Struct, frozen=True, omit_defaults=True):
    """A reply of the venue's REST interface that the book or the instrument is built on."""

    path: str
    status: int
    body: str
    retry_seconds: float = 0.0
    """How long the venue asks not to be asked again; 0 where it does not."""
