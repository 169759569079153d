"""What a file is a recording of, told by its first lines and not by its name.

It reads no further than it must, and keeps nothing open.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

import msgspec

from obtui.frame import Frame, FrameKind, Header
from obtui.recording.blocks import ZSTD_MAGIC
from obtui.recording.book_lines import books_header
from obtui.recording.formats import FRAME_OF, Kind, NothingYet, RecordingUnreadable, kind_of
from obtui.recording.lines import BadLine
from obtui.recording.raw import FileBytes, PipeBytes
from obtui.recording.samples import sample_header
from obtui.recording.split import Splitter
from obtui.recording.unpack import GZIP_MAGIC, Entries, unpack

LOOK_LINES = 200
"""How many lines are looked at, to know what a file is."""

NOTHING = "nothing was recorded, or it is only being begun"
_BEGINNINGS = (b'{"k"', b'{"bids"', b'{"ts"', ZSTD_MAGIC, GZIP_MAGIC)


class Nature(NamedTuple):
    """What the first lines say."""

    kind: Kind
    header: Header | None
    """Without its book; None where there is none among the first lines."""
    first_ns: int
    """Receive time of the first whole line, ns since the epoch."""
    first_monotonic_ns: int
    alone: bool
    """Whether it begins with its header, and not in the middle of what another file begins."""


def recognise(raw: FileBytes | PipeBytes, path: str, name: str) -> Nature:
    """What is in `raw`, the file at `path`, which messages call `name`.

    Raises `RecordingUnreadable` for what is no recording; that is a `NothingYet` where there is
    no whole line in it. Raises OSError.
    """
    kind: Kind = "capture"
    frames: list[Frame] = []
    nothing = True
    for whole, line in islice(_first_lines(raw), LOOK_LINES):
        nothing = False
        found = kind_of(line) if not frames else kind
        if found is None:
            if not whole and _is_beginning(line):
                raise NothingYet(f"{name} holds only the beginning of a line: {NOTHING}")
            continue
        kind = found
        with contextlib.suppress(BadLine):
            frames.append(FRAME_OF[kind](line))
        if kind != "sample" and (kind == "books" or frames[-1].kind is FrameKind.HEADER):
            break
    if nothing:
        what = "holds nothing whole" if raw.size else "is empty"
        raise NothingYet(f"{name} {what}: {NOTHING}")
    if not frames:
        raise RecordingUnreadable(
            f"{name} is not a recording: give a file that obtui has written with "
            f"--capture or --record"
        )
    first = frames[0]
    alone = kind != "capture" or first.kind is FrameKind.HEADER
    header = _header_of(kind, frames, path)
    return Nature(kind, header, first.received_ns, first.monotonic_ns, alone)


def _header_of(kind: Kind, frames: list[Frame], path: str) -> Header | None:
    match kind:
        case "books":
            return books_header(os.path.basename(path))
        case "sample":
            return sample_header(frames)
        case "capture" if frames[-1].kind is FrameKind.HEADER:
            header = msgspec.json.decode(frames[-1].data, type=Header)
            # A book of thousands of levels: whoever needs it reads the line.
            return msgspec.structs.replace(header, checkpoint=None)
    return None


def _is_beginning(line: bytes) -> bool:
    """Whether half a line may be the beginning of a recording."""
    return any(line.startswith(it) or it.startswith(line) for it in _BEGINNINGS)


def _first_lines(raw: FileBytes | PipeBytes) -> Iterator[tuple[bool, bytes]]:
    """Lines from the start, and whether each has its newline; those too long are left out."""
    stream = unpack(raw, lambda _offset, _what: None, Entries())
    splitter = Splitter(0)
    while data := stream.read() or stream.finish():
        for _, line in splitter.feed(data):
            if line is not None:
                yield True, line
    last = splitter.rest()
    if last:
        yield False, last
