"""One file of a recording: opened, recognised by its content, and read line by line.

It knows one file. Which files belong together, and in which order, is the reader's.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator

import msgspec

from obtui.frame import Connect, Frame, FrameKind
from obtui.recording.formats import FRAME_OF, Kind, RecordingUnreadable, kind_of
from obtui.recording.lines import BadLine
from obtui.recording.raw import (
    FileBytes,
    PipeBytes,
    Raw,
    Stop,
    Stopped,
    never,
    open_raw,
    shown,
    why_unreadable,
)
from obtui.recording.recognise import Nature, recognise
from obtui.recording.split import LONGEST_LINE, Splitter
from obtui.recording.unpack import Entries, Plain, Unpacked, unpack

Bad = Callable[[int, str, bool], None]
"""Told of a place that cannot be read: offset, what is wrong, whether it is the file's end."""
More = Callable[[], bool]


def _nobody(_offset: int, _what: str, _at_end: bool) -> None:
    """Nobody is told."""


class Segment:
    """A file, or a pipe, that is a recording; made by `open`."""

    def __init__(self, path: str, pipe: PipeBytes | None, stdin: int, nature: Nature) -> None:
        self.path = path
        self.name = shown(path)
        """What to call it in a message."""
        self.pipe = pipe
        self.entries = Entries()
        self.kind: Kind = nature.kind
        self.header = nature.header
        """Without its book; None where the file has none among its first lines."""
        self.alone = nature.alone
        """Whether it begins with its header, and not in the middle of what another file begins."""
        self.first_ns = nature.first_ns
        """Receive time of its first whole line, ns since the epoch."""
        self.first_monotonic_ns = nature.first_monotonic_ns
        self.read_to = 0
        """How far the file itself has been read by now, in bytes; for progress."""
        self._size = self.size or 0
        self._stdin = stdin

    @classmethod
    def open(cls, path: str, stdin: int = 0, stop: Stop = never) -> Segment:
        """Look at the beginning of `path`, or of the descriptor `stdin` for `-`.

        Raises `RecordingUnreadable`; that is a `NothingYet` where there is no whole line in it.
        `stop` is asked while a pipe is waited for; `Stopped` is raised when it says so.
        """
        name = shown(path)
        try:
            raw = open_raw(path, stdin)
        except (OSError, ValueError) as error:
            raise RecordingUnreadable(f"cannot read {name}: {why_unreadable(error)}") from error
        pipe = raw if isinstance(raw, PipeBytes) else None
        if pipe is not None:
            pipe.keep = True
            pipe.stop = stop
        try:
            return cls(path, pipe, stdin, recognise(raw, path, name))
        except OSError as error:
            raise RecordingUnreadable(f"cannot read {name}: {why_unreadable(error)}") from error
        finally:
            if pipe is None:
                raw.close()

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
        self, offset: int, bad: Bad = _nobody, more: More = never, stop: Stop = never
    ) -> Iterator[tuple[Frame, int]]:
        """Frames and where their lines begin, from the line at `offset` on.

        At the end of what is there `more` is asked whether to look again; a last line without its
        newline is given only when it says no, and only if it is whole all the same. `stop` is
        asked while nothing can be given yet. Raises `Stopped`, and `RecordingUnreadable` when the
        file cannot be read any more, or has lost what was in it.
        """
        frame_of = FRAME_OF[self.kind]
        try:
            for start, line in self._lines(offset, bad, more, stop):
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

    def _lines(self, offset: int, bad: Bad, more: More, stop: Stop) -> Iterator[tuple[int, bytes]]:
        tear = _Tear(bad)
        raw = self._raw(stop)
        try:
            stream = unpack(raw, tear, self.entries, offset)
            splitter = Splitter(offset)
            removed = False
            while not tear.at_end:
                data = _piece(stream, offset, stop)
                if not data:
                    plain = isinstance(stream, Plain)
                    self._check_there(raw, splitter.start if plain else stream.packed, removed)
                    if more():
                        # What came just before it was removed is still to be read.
                        removed = isinstance(raw, FileBytes) and raw.removed
                        # The recorder may take a torn line off again and write another in its
                        # place: half a line is not kept, it is read anew.
                        if isinstance(stream, Plain):
                            splitter = Splitter(stream.rewind(splitter.start))
                        continue
                    if more is never:
                        # Under a follower's eyes a recorder may mend an end that was torn.
                        self._check_there(raw, self._size)
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

    def _check_there(self, raw: Raw, length: int, removed: bool = False) -> None:
        """Raise `RecordingUnreadable` where the file had so many bytes, and has them no more, or
        was removed before it was read to its end."""
        if removed:
            raise RecordingUnreadable(
                f"{self.name} was removed: nothing more will come in it; follow another file"
            )
        if isinstance(raw, FileBytes) and raw.size < length:
            raise RecordingUnreadable(
                f"{self.name} was cut short while it was read, to {raw.size:,} bytes; what is left "
                "can be read anew"
            )

    def _raw(self, stop: Stop) -> FileBytes | PipeBytes:
        if self.pipe is None:
            return FileBytes(self.path)
        if not self.pipe.keep:
            raise RecordingUnreadable(f"{self.name} can be read only once: save it to a file first")
        self.pipe.keep = False
        self.pipe.stop = stop
        return self.pipe


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


def _piece(stream: Unpacked, offset: int, stop: Stop) -> bytes:
    """Some more of the stream from `offset` on, which may be long after where it begins."""
    while True:
        at = stream.offset
        data = stream.read()
        if not data or stream.offset > offset:
            return data[offset - at :] if at < offset else data
        if stop():
            raise Stopped


def _finish(stream: Unpacked, offset: int) -> bytes:
    at = stream.offset
    return stream.finish()[max(0, offset - at) :]


def _last_lines(raw: FileBytes) -> Iterator[bytes]:
    """Some of the last lines of a plain file, the last first; the first of them may be half one."""
    size, reach = raw.size, 1 << 16
    data = raw.read_at(max(0, size - reach), reach)
    while b"\n" not in data[:-1] and reach < min(size, LONGEST_LINE):
        reach *= 8
        data = raw.read_at(max(0, size - reach), reach)
    yield from reversed(data.split(b"\n"))
