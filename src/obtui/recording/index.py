"""Where to go on from in a recording: checkpoints of its book, and what there is on its time line.

Made once, by reading the recording through its own decoder; kept beside each capture as
`NAME.idx`, or in the user's cache where that folder cannot be written; noticed when the capture
has changed, and carried on when it has only grown. A capture is never written to, and an index
that cannot be used is made anew: nothing depends on there being one.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterator, Sequence

import msgspec

from obtui.feeds.base import LATEST
from obtui.frame import BookCheckpoint, FrameKind
from obtui.market import BookState, Instrument
from obtui.recording.events import new_run
from obtui.recording.formats import feed_of
from obtui.recording.index_file import Damaged, Saved
from obtui.recording.indexing import FileIndex, index_segment
from obtui.recording.reader import Position, Recording, RecordingUnreadable
from obtui.session import Session

Progress = Callable[[int, int], None]
"""Told how many bytes of the files are read by now, and how many there are."""


class Event(msgspec.Struct, frozen=True):
    """Something for the time line."""

    received_ns: int
    """When it happened: a mark's is when it was made, which may be before events before it."""
    kind: FrameKind
    """HEADER: a run begins; MARK; GAP: the book was lost, or its state changed by the clock or by
    crossing; DROP; DISCONNECT; END."""
    text: str
    """The mark's note, or the reason; one line."""
    position: Position
    """Of its line."""
    line_ns: int
    """Receive time of its line."""


class Checkpoint(msgspec.Struct, frozen=True):
    """A moment of a recording that can be gone on from."""

    position: Position
    """Of the first line after it."""
    received_ns: int
    """Of the last frame before it, by the wall clock, ns since the epoch."""
    monotonic_ns: int
    """The same by the monotonic clock."""
    connection: int
    """That frame's."""
    frames: int
    """Frames before it, since the beginning of the recording."""
    messages: int
    """Of these, the venue's messages."""
    connections: int
    """Connections opened, and books lost, before it."""
    resyncs: int
    trouble: str
    instrument: Instrument | None
    book: BookCheckpoint

    def restore(self, session: Session) -> None:
        """Make `session` what it was at this moment; it is of the same feed."""
        session.restore(self.book, self.monotonic_ns)
        session.connections = self.connections
        session.resyncs = self.resyncs
        session.trouble = self.trouble
        if self.instrument is not None:
            session.instrument = self.instrument


_NO_BOOK = BookCheckpoint(
    state=BookState.SYNCING.value,
    reason="the recording has no book here yet",
    bids=[],
    asks=[],
    has_book=False,
    decoder=None,
)


class Index:
    """What is known of a recording without reading it again; made by `open_index`.

    May be asked by one thread at a time.
    """

    def __init__(self, files: list[FileIndex], alone: Sequence[bool]) -> None:
        """`alone`: whether each file begins with its header."""
        self._files = files
        self._alone = alone
        self.frames = sum(file.table.frames for file in files)
        self.messages = sum(file.table.messages for file in files)
        self.first_ns = files[0].table.first_ns
        """First receive time, ns since the epoch; 0 where there is no frame."""
        self.last_ns = files[-1].table.last_ns
        """Last receive time."""
        self.events = tuple(_events(files))
        """Marks, gaps, drops, disconnects and ends, in the order of the recording; bounded."""
        self.more_events = sum(file.table.more_events for file in files)
        """How many are beyond the bound."""

    @property
    def checkpoints(self) -> int:
        """How many there are, the beginnings of files among them."""
        return sum(len(file.table.checkpoints) + 1 for file in self._files)

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        return sum(file.store.size for file in self._files)

    def before(self, time_ns: int) -> Checkpoint | None:
        """The last checkpoint at or before that receive time; None for the beginning.

        Where the clock was set back, the time's first occurrence is meant.
        """
        for number in range(len(self._files) - 1, -1, -1):
            table = self._files[number].table
            if number == 0 or table.first_ns <= time_ns:
                at = bisect.bisect_right(table.checkpoints, time_ns, key=lambda it: it.time_ns)
                return self._at(number, at)
        return None

    def before_position(self, position: Position) -> Checkpoint | None:
        """The last checkpoint at or before that line; None for the beginning."""
        if position.file >= len(self._files):
            return self.before(LATEST)  # of a file that was begun after the index was made
        table = self._files[position.file].table
        at = bisect.bisect_right(table.checkpoints, position.offset, key=lambda it: it.offset)
        return self._at(position.file, at)

    def close(self) -> None:
        """Let go of its files."""
        for file in self._files:
            file.store.close()

    def _at(self, number: int, count: int) -> Checkpoint | None:
        """The last of the first `count` of that file that can be read, or its beginning.

        A file that was cut out by hand has no book at its beginning: until it has one of its own,
        the book is that of the file before it, and is gone on from there.
        """
        file, alone = self._files[number], self._alone[number]
        checkpoints = file.table.checkpoints
        for at in range(count - 1, -1, -1):
            try:
                saved = file.store.read(checkpoints, at)
            except Damaged:
                continue  # the one before it costs only time
            if alone or saved.book.decoder is not None:
                return self._checkpoint(number, checkpoints[at].offset, saved)
        if number == 0:
            return None
        if not alone:
            return self._at(number - 1, len(self._files[number - 1].table.checkpoints))
        first = file.table.first_ns
        return self._checkpoint(
            number, 0, Saved(first, 0, 0, 0, 0, 0, 0, "", Instrument(""), _NO_BOOK)
        )

    def _checkpoint(self, number: int, offset: int, saved: Saved) -> Checkpoint:
        before = [file.table for file in self._files[:number]]
        instruments = [saved.instrument, *(table.instrument for table in reversed(before))]
        troubles = [saved.trouble, *(table.trouble for table in reversed(before))]
        return Checkpoint(
            position=Position(number, offset),
            received_ns=saved.received_ns,
            monotonic_ns=saved.monotonic_ns,
            connection=saved.connection,
            frames=saved.frames + sum(table.frames for table in before),
            messages=saved.messages + sum(table.messages for table in before),
            connections=saved.connections + sum(table.connections for table in before),
            resyncs=saved.resyncs + sum(table.resyncs for table in before),
            trouble=next(filter(None, troubles), ""),
            # One of which nothing but its name is known is one that was not told yet.
            instrument=next((it for it in instruments if it != Instrument(it.symbol)), None),
            book=saved.book,
        )


def _events(files: Sequence[FileIndex]) -> Iterator[Event]:
    last_ns = 0
    for number, file in enumerate(files):
        for it in file.table.events:
            text = it.text
            if it.kind is FrameKind.HEADER and not it.offset and last_ns:
                text = new_run(it.received_ns - last_ns)
            yield Event(it.received_ns, it.kind, text, Position(number, it.offset), it.line_ns)
        last_ns = file.table.last_ns


def open_index(recording: Recording, progress: Progress | None = None) -> Index:
    """The index of a recording: read, carried on, or made.

    `progress` is called now and then while it is made. Of a gzip file the index spares no reading:
    it can be read from its start only, so that seeking in it takes as long as that. Raises
    `RecordingUnreadable` for a pipe, for a venue that is not known, and when a file cannot be read.
    """
    if not recording.seekable:
        raise RecordingUnreadable("a pipe can be read only once, and has no index: save it first")
    feed = feed_of(recording.header)
    sizes = [segment.size or 0 for segment in recording.segments]
    files: list[FileIndex] = []
    try:
        for number, segment in enumerate(recording.segments):
            before = sum(sizes[:number])

            def told(done: int, before: int = before) -> None:
                if progress is not None:
                    progress(before + done, sum(sizes))

            files.append(index_segment(segment, feed, told))
    except BaseException:
        for file in files:
            file.store.close()
        raise
    return Index(files, [segment.alone for segment in recording.segments])
