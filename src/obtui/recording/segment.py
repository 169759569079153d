"""One file of a recording: opened, recognised by its content, and read line by line.

It knows one file. Which files belong together, and in which order, is the reader's.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from itertools import islice

import msgspec

from obtui.frame import Connect, Frame, FrameKind, Header
from obtui.recording.blocks import ZSTD_MAGIC
from obtui.recording.book_lines import books_header
from obtui.recording.formats import (
    FRAME_OF,
    Kind,
    NothingYet,
    RecordingUnreadable,
    kind_of,
)
from obtui.recording.lines import BadLine
from obtui.recording.raw import FileBytes, PipeBytes, open_raw, shown, why_unreadable
from obtui.recording.samples import sample_header
from obtui.recording.split import LONGEST_LINE, Splitter
from obtui.recording.unpack import GZIP_MAGIC, Entries, Plain, Unpacked, unpack

LOOK_LINES = 200
"""How many lines are looked at, to know what a file is."""

NOTHING = "nothing was recorded, or it is only being begun"
_BEGINNINGS = (b'{"k"', b'{"bids"', b'{"ts"', ZSTD_MAGIC, GZIP_MAGIC)

Bad = Callable[[int, str, bool], None]
"""Told of a place that cannot be read: offset, what is wrong, whether it is the file's end."""
More = Callable[[], bool]


def _nobody(_offset: int, _what: str, _at_end: bool) -> None:
    """Nobody is told."""


def _no_more() -> bool:
    return False


class Segment:
    """A file, or a pipe, that is a recording; made by `open`."""

    def __init__(self, path: str, pipe: PipeBytes | None, stdin: int) -> None:
        self.path = path
        self.name = shown(path)
        """What to call it in a message."""
        self.pipe = pipe
        self.entries = Entries()
        self.kind: Kind = "capture"
        self.header: Header | None = None
        """Without its book; None where the file has none among its first lines."""
        self.first_ns = 0
        """Receive time of its first whole line, ns since the epoch."""
        self.first_monotonic_ns = 0
        self.read_to = 0
        """How far the file itself has been read by now, in bytes; for progress."""
        self._stdin = stdin

    @classmethod
    def open(cls, path: str, stdin: int = 0) -> Segment:
        """Look at the beginning of `path`, or of the descriptor `stdin` for `-`.

        Raises `RecordingUnreadable`; that is a `NothingYet` where there is no whole line in it.
        """
        try:
            raw = open_raw(path, stdin)
        except (OSError, ValueError) as error:
            raise RecordingUnreadable(
                f"cannot read {shown(path)}: {why_unreadable(error)}"
            ) from error
        segment = cls(path, raw if isinstance(raw, PipeBytes) else None, stdin)
        try:
            segment._recognise(raw)
        except OSError as error:
            raise RecordingUnreadable(
                f"cannot read {segment.name}: {why_unreadable(error)}"
            ) from error
        finally:
            if segment.pipe is None:
                raw.close()
        return segment

    def opening(self) -> Iterator[Frame]:
        """What comes before the first line and is not in the file, of book lines and samples."""
        if self.kind != "capture":
            at = self.first_ns
            yield Frame(FrameKind.HEADER, msgspec.json.encode(self.header), at, at, 0)
            if self.kind == "books":
                yield Frame(FrameKind.CONNECT, msgspec.json.encode(Connect("")), at, at, 1)

    @property
    def size(self) -> int | None:
        """Bytes of the file, as of now; None for a pipe."""
        if self.pipe is not None:
            return None
        with contextlib.suppress(OSError):
            return os.stat(self.path).st_size
        return 0

    def last_ns(self) -> int | None:
        """Receive time of the last whole line; None where all would have to be read for it."""
        if self.pipe is not None:
            return None
        frame_of = FRAME_OF[self.kind]
        try:
            raw = FileBytes(self.path)
            try:
                if not isinstance(unpack(raw, lambda _at, _what: None, Entries()), Plain):
                    return None
                for line in _last_lines(raw):
                    with contextlib.suppress(BadLine):
                        return frame_of(line).received_ns
            finally:
                raw.close()
        except OSError as error:
            raise RecordingUnreadable(
                f"cannot read {self.name}: {why_unreadable(error)}"
            ) from error
        return None

    def frames(
        self, offset: int, bad: Bad = _nobody, more: More = _no_more
    ) -> Iterator[tuple[Frame, int]]:
        """Frames and where their lines begin, from the line at `offset` on.

        At the end of what is there `more` is asked whether to look again; a last line without its
        newline is given only when it says no, and only if it is whole all the same. Raises
        `RecordingUnreadable` when the file cannot be read any more.
        """
        frame_of = FRAME_OF[self.kind]
        try:
            for start, line in self._lines(offset, bad, more):
                try:
                    frame = frame_of(line)
                except BadLine as error:
                    bad(start, str(error), False)
                else:
                    yield frame, start
        except OSError as error:
            raise RecordingUnreadable(
                f"cannot read {self.name}: {why_unreadable(error)}"
            ) from error

    def _lines(self, offset: int, bad: Bad, more: More) -> Iterator[tuple[int, bytes]]:
        tear = _Tear(bad)
        raw = self._raw()
        try:
            stream = unpack(raw, tear, self.entries, offset)
            splitter = Splitter(offset)
            while not tear.at_end:
                data = _piece(stream, offset)
                if not data:
                    if more():
                        # The recorder may take a torn line off again and write another in its
                        # place: half a line is not kept, it is read anew.
                        if isinstance(stream, Plain):
                            splitter = Splitter(stream.rewind(splitter.start))
                        continue
                    tear.at_end = True
                    data = _finish(stream, offset)
                self.read_to = stream.packed
                for start, line in splitter.feed(data):
                    if line is None:
                        bad(start, "a line longer than 64 MiB", False)
                    else:
                        yield start, line
            last = splitter.rest()
            if last and kind_of(last) == self.kind:
                yield splitter.start, last
            elif last or last is None:
                tear(splitter.start, "the last line is torn")
        finally:
            if self.pipe is None:
                raw.close()

    def _raw(self) -> FileBytes | PipeBytes:
        if self.pipe is None:
            return FileBytes(self.path)
        if not self.pipe.keep:
            raise RecordingUnreadable(f"{self.name} can be read only once: save it to a file first")
        self.pipe.keep = False
        return self.pipe

    def _recognise(self, raw: FileBytes | PipeBytes) -> None:
        """Set kind, header and first time by the first lines."""
        if self.pipe is not None:
            self.pipe.keep = True
        lines = islice(_first_lines(raw), LOOK_LINES)
        frames: list[Frame] = []
        nothing = True
        for whole, line in lines:
            nothing = False
            kind = kind_of(line) if not frames else self.kind
            if kind is None:
                if not whole and _is_beginning(line):
                    raise NothingYet(f"{self.name} holds only the beginning of a line: {NOTHING}")
                continue
            self.kind = kind
            with contextlib.suppress(BadLine):
                frames.append(FRAME_OF[kind](line))
            if kind != "sample" and (kind == "books" or frames[-1].kind is FrameKind.HEADER):
                break
        if nothing:
            what = "holds nothing whole" if raw.size else "is empty"
            raise NothingYet(f"{self.name} {what}: {NOTHING}")
        if not frames:
            raise RecordingUnreadable(
                f"{self.name} is not a recording: give a file that obtui has written with "
                f"--capture or --record"
            )
        self.first_ns = frames[0].received_ns
        self.first_monotonic_ns = frames[0].monotonic_ns
        self.header = self._header_of(frames)

    def _header_of(self, frames: list[Frame]) -> Header | None:
        match self.kind:
            case "books":
                return books_header(os.path.basename(self.path))
            case "sample":
                return sample_header(frames)
            case "capture" if frames[-1].kind is FrameKind.HEADER:
                header = msgspec.json.decode(frames[-1].data, type=Header)
                # A book of thousands of levels: whoever needs it reads the line.
                return msgspec.structs.replace(header, checkpoint=None)
        return None


class _Tear:
    """Tells once that the end of the file is torn, whoever finds it."""

    def __init__(self, bad: Bad) -> None:
        self._bad = bad
        self.at_end = False
        self._told = False

    def __call__(self, offset: int, what: str) -> None:
        if not (self.at_end and self._told):
            self._told = self.at_end
            self._bad(offset, what, self.at_end)


def _is_beginning(line: bytes) -> bool:
    """Whether half a line may be the beginning of a recording."""
    return any(line.startswith(it) or it.startswith(line) for it in _BEGINNINGS)


def _piece(stream: Unpacked, offset: int) -> bytes:
    """Some more of the stream from `offset` on, which may be after where it begins."""
    while True:
        at = stream.offset
        data = stream.read()
        if not data or stream.offset > offset:
            return data[offset - at :] if at < offset else data


def _finish(stream: Unpacked, offset: int) -> bytes:
    at = stream.offset
    return stream.finish()[max(0, offset - at) :]


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


def _last_lines(raw: FileBytes) -> Iterator[bytes]:
    """Some of the last lines of a plain file, the last first; the first of them may be half one."""
    size, reach = raw.size, 1 << 16
    data = raw.read_at(max(0, size - reach), reach)
    while b"\n" not in data[:-1] and reach < min(size, LONGEST_LINE):
        reach *= 8
        data = raw.read_at(max(0, size - reach), reach)
    yield from reversed(data.split(b"\n"))
