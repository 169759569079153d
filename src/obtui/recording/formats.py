"""What a recording is, told by its lines, and how its lines become frames.

    capture   the lines that `--capture` writes: a frame each
    books     the lines that `--record`, and the crawler whose format it is, write
    sample    received messages with what was sent, as the test data is kept

It knows lines; no file and no order of files.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from obtui.feeds import FEEDS
from obtui.feeds.base import Feed, FeedError
from obtui.frame import Frame, FrameKind, Header
from obtui.recording.book_lines import BOOK_LINES, BookLinesFeed, book_frame
from obtui.recording.lines import BadLine, check_control, decode_line
from obtui.recording.samples import sample_frame
from obtui.text import printable

Kind = Literal["capture", "books", "sample"]


class RecordingUnreadable(Exception):
    """A file cannot be read as a recording; one line: what is wrong, where, and what to do."""


class NothingYet(RecordingUnreadable):
    """There is no whole line in it, which may change if it is still being written."""


def capture_frame(line: bytes) -> Frame:
    """A capture's line, and one that can be acted on; raises `BadLine`."""
    frame = decode_line(line)
    if frame.kind is not FrameKind.TEXT:
        check_control(frame)
        if frame.kind is FrameKind.HEADER:
            _check_decoder(msgspec.json.decode(frame.data, type=Header))
    return frame


def _check_decoder(header: Header) -> None:
    """Raise `BadLine` unless the venue's decoder can go on from the header's checkpoint."""
    checkpoint = header.checkpoint
    make = FEEDS.get(header.venue)
    if checkpoint is None or checkpoint.decoder is None or make is None:
        return
    try:
        make(header.symbol).decoder().load(checkpoint.decoder)
    except FeedError as error:
        raise BadLine(f"a header that says nothing: {error}") from error


FRAME_OF: dict[Kind, Callable[[bytes], Frame]] = {
    "capture": capture_frame,
    "books": book_frame,
    "sample": sample_frame,
}


def kind_of(line: bytes) -> Kind | None:
    """What a line is one of, or None."""
    for kind, frame_of in FRAME_OF.items():
        try:
            frame_of(line)
        except BadLine:
            continue
        return kind
    return None


def feed_of(header: Header) -> Feed:
    """What decodes a recording; raises `RecordingUnreadable` for a venue that is not known."""
    if header.venue == BOOK_LINES:
        return BookLinesFeed(header.symbol)
    make = FEEDS.get(header.venue)
    if make is None:
        raise RecordingUnreadable(
            f"the recording is of venue '{printable(header.venue)}', which this version of obtui "
            f"cannot decode: it knows {', '.join(FEEDS)}"
        )
    return make(header.symbol)
