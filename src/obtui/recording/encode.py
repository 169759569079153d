"""Frames as the lines of a capture, and what else becomes one.

    {"k": kind, "t": wall ns, "m": monotonic ns, "c": connection, "d": "text"}

`d` of a `frame` is the venue's text byte for byte: bytes that are no UTF-8 are escaped as lone
`\\udcXX`. `d` of all others is the JSON of what `frame.py` names for the kind. `lines.py` reads
them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from obtui import __version__
from obtui.frame import Frame, FrameKind, Header
from obtui.market import Instrument
from obtui.session import Session

PROGRAM = f"obtui {__version__}"

FRAME_WEIGHT = 256  # What a waiting frame keeps in memory beside its text.
_LEVEL_WEIGHT = 64  # And a level of a book: prices and sizes are the book's own.
_TEXT = FrameKind.TEXT
_LINE = b'{"k":"%b","t":%d,"m":%d,"c":%d,"d":%b}\n'

_quote = msgspec.json.Encoder().encode


class Instant(NamedTuple):
    """One moment, on both clocks."""

    received_ns: int
    """Wall clock, ns since the epoch."""
    monotonic_ns: int

    @classmethod
    def now(cls) -> Instant:
        """This moment."""
        return cls(time.time_ns(), time.monotonic_ns())

    @classmethod
    def of(cls, frame: Frame) -> Instant:
        """When `frame` arrived."""
        return cls(frame.received_ns, frame.monotonic_ns)


class Origin(NamedTuple):
    """What a capture is of, as its header tells it."""

    venue: str
    symbol: str
    url: Callable[[], str]
    """Asked when a header is written: a simulated exchange tells its own late."""


def header_of(
    origin: Origin, session: Session | None, segment: int, *, with_book: bool = False
) -> Header:
    """What is known of a market now; with its book, where the header is to hold that."""
    instrument = None if session is None else session.instrument
    return Header(
        venue=origin.venue,
        symbol=origin.symbol,
        url=origin.url(),
        program=PROGRAM,
        instrument=None if instrument == Instrument(symbol=origin.symbol) else instrument,
        segment=segment,
        checkpoint=session.checkpoint() if with_book and session is not None else None,
    )


class Opening(msgspec.Struct, frozen=True):
    """A header to be written: its book is only made text when its turn comes."""

    header: Header
    at: Instant
    connection: int


Line = Frame | Opening
"""What becomes a line."""


def encode_line(frame: Frame) -> bytes:
    """The capture line of `frame`, with its newline."""
    kind = b"frame" if frame.kind is _TEXT else frame.kind.value.encode()
    try:
        text = _quote(frame.data.decode())
    except UnicodeDecodeError:
        # The only writer that knows lone surrogates; with all that is not ASCII escaped.
        text = json.dumps(frame.data.decode("utf-8", "surrogateescape")).encode()
    return _LINE % (kind, frame.received_ns, frame.monotonic_ns, frame.connection, text)


def encode(line: Line) -> bytes:
    """The line of either."""
    if isinstance(line, Opening):
        data = msgspec.json.encode(line.header)
        line = Frame(FrameKind.HEADER, data, *line.at, line.connection)
    return encode_line(line)


def weigh(line: Line) -> int:
    """About the bytes that it keeps in memory while it waits."""
    if isinstance(line, Opening):
        book = line.header.checkpoint
        levels = 0 if book is None else len(book.bids) + len(book.asks)
        return FRAME_WEIGHT + _LEVEL_WEIGHT * levels
    return FRAME_WEIGHT + len(line.data)
