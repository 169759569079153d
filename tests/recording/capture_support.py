"""What the tests of captures share: a book, its changes, and a header read back."""

from __future__ import annotations

import msgspec

from obtui.frame import Frame, FrameKind, Header
from obtui.recording.capture import Instant
from support import wire
from support.frames import text

START = Instant(1_700_000_000_000_000_001, 5_000_000_000_001)
BOOK = text(wire.depth(1, [("99", "1")], [("101", "2")]), 0.1)


def change(number: int, seconds: float | None = None) -> Frame:
    """The `number`th message after the book, from 1."""
    at = 0.1 + number / 1000 if seconds is None else seconds
    return text(wire.depth(1 + number, [("98", str(number))], after=number), at)


def header_of(frame: Frame) -> Header:
    assert frame.kind is FrameKind.HEADER
    return msgspec.json.decode(frame.data, type=Header)
