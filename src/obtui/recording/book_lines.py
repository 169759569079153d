"""Book lines read back: each is a whole book of a few levels, in the place of a venue's message.

They become frames of a feed of their own, so that whatever shows a capture shows them. Nothing can
be checked in them, and which venue they are of is not in them: the feed's name says what they are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, ClassVar

import msgspec

from obtui.feeds.base import LATEST, UNDECODABLE, Decoder, Feed, Malformed, check_levels
from obtui.frame import Frame, FrameKind, Gap, Header
from obtui.market import BookSnapshot, BookState, Event, Instrument
from obtui.recording.lines import BadLine, why_bad

NS_PER_MS = 1_000_000
BOOK_LINES = "book lines"
"""The venue's name in the header of book lines."""
NO_BOOK = "the recording has no trusted book here"


class BookLevels(msgspec.Struct, gc=False):
    """A book line; best levels first."""

    bids: list[tuple[Decimal, Decimal]]
    asks: list[tuple[Decimal, Decimal]]
    ts: Annotated[float, msgspec.Meta(ge=0, le=LATEST // NS_PER_MS)]
    """Receive time in ms since the epoch."""


_decode_levels = msgspec.json.Decoder(BookLevels).decode


def book_frame(line: bytes) -> Frame:
    """A book line as a message of the `book lines` feed, or, with both sides empty, as the loss of
    the book that it says; raises `BadLine`. Its one time stands for both clocks."""
    try:
        levels = _decode_levels(line)
    except UNDECODABLE as error:
        raise BadLine(why_bad(line, error)) from error
    ts = int(levels.ts * NS_PER_MS) if levels.ts % 1 else int(levels.ts) * NS_PER_MS
    if levels.bids or levels.asks:
        return Frame(FrameKind.TEXT, line, ts, ts, 1)
    gap = Gap(state=BookState.SYNCING.value, reason=NO_BOOK, lost=False)
    return Frame(FrameKind.GAP, msgspec.json.encode(gap), ts, ts, 1)


class BookLinesDecoder(Decoder):
    """Every line is a whole book."""

    def decode(self, data: bytes) -> Sequence[Event]:
        """Decode one line; raises only `FeedError`."""
        try:
            levels = _decode_levels(data)
        except UNDECODABLE as error:
            raise Malformed(f"not a book line: {error}") from error
        check_levels(levels.bids)
        check_levels(levels.asks)
        return (BookSnapshot(levels.bids, levels.asks),)

    def save(self) -> str:
        """There is no state."""
        return ""

    def load(self, saved: str) -> None:
        """There is none to go on from."""


class BookLinesFeed(Feed):
    """Book lines in the place of a venue: the best levels only, and nothing to check them by."""

    name: ClassVar[str] = BOOK_LINES
    rest_url: ClassVar[str] = ""
    levels: ClassVar[int] = 1
    stale_seconds: ClassVar[float] = float("inf")

    def __init__(self, symbol: str) -> None:
        self._symbol = symbol

    @property
    def symbol(self) -> str:
        """As the file's name tells it."""
        return self._symbol

    @property
    def url(self) -> str:
        """Nobody to ask."""
        return ""

    @property
    def instrument_path(self) -> str:
        """Nobody to ask."""
        return ""

    def decoder(self) -> Decoder:
        """A decoder of lines."""
        return BookLinesDecoder()

    def instrument(self, status: int, body: str) -> Instrument | None:  # noqa: ARG002 - the caller's form
        """Nothing says."""
        return None


_OUR_NAME = re.compile(r"(?P<venue>[^-]+)-(?P<symbol>.+)-\d{8}T\d{6}Z")


def books_header(name: str) -> Header:
    """Of book lines in a file of that name: they do not say what they are of."""
    stem = name.partition(".")[0] if name != "-" else ""
    ours = _OUR_NAME.fullmatch(stem)
    return Header(BOOK_LINES, ours["symbol"] if ours else stem or "book", url="", program="")
