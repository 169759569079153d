"""Making the index of one file, and finding the one that was made before.

It reads the file once through a session of its own, and takes that session's checkpoint now and
then; it knows how an index is kept, and where.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import zlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

import msgspec

from obtui import __version__
from obtui.effects import Outcome
from obtui.feeds.base import Feed
from obtui.frame import BookCheckpoint, Frame, FrameKind
from obtui.recording.events import event_of, moment_of, new_run
from obtui.recording.formats import RecordingUnreadable
from obtui.recording.index_file import Damaged, EventEntry, IndexFile, Saved, Table, Tie
from obtui.recording.segment import Segment
from obtui.session import Session
from obtui.text import printable

SPACING_BYTES = 4 << 20
SPACING_FRAMES = 20_000
"""A checkpoint is due after so much of either: what is read after it, to reach the very frame
that was asked for, takes about a quarter of a second."""
SHARE = 0.04
"""How much of the capture's size the checkpoints may take; one that would be more waits."""
LARGEST_SHARE = 0.05
"""An index that takes more is not kept: it is of a capture that is soon read."""
MOST_EVENTS = 100_000
PROGRESS_FRAMES = 8192
_EDGE = 4096


class FileIndex(NamedTuple):
    """One file's index."""

    table: Table
    store: IndexFile


def index_segment(segment: Segment, feed: Feed, progress: Callable[[int], None]) -> FileIndex:
    """The index of one file: as it is kept, carried on, or made; raises `RecordingUnreadable`."""
    tie = _tie_of(segment)
    old = _find(segment.path, tie)
    if old is not None and old.table.tie == tie:
        for unpacked, packed in old.table.entries:
            segment.entries.add(unpacked, packed)
        return old
    try:
        return _make(segment, feed, tie, old, progress)
    finally:
        if old is not None:
            old.store.close()


def _make(
    segment: Segment,
    feed: Feed,
    tie: Tie,
    old: FileIndex | None,
    progress: Callable[[int], None],
) -> FileIndex:
    store, place = _new_store(segment.path)
    try:
        work = _Work(segment, feed, store, Table(tie))
        if old is not None:
            with contextlib.suppress(Damaged, OSError):
                work.go_on(old)
        work.read(progress)
        table = work.table
        table.entries = segment.entries.pairs()
        store.finish(table)
        if place and store.size <= LARGEST_SHARE * tie.size:
            store.keep(place, os.stat(segment.path).st_mode)
        else:
            store.discard()
    except OSError:
        store.discard()  # a full disk: it serves from where it is, as far as it came
    except BaseException:
        store.discard()
        store.close()
        raise
    return FileIndex(work.table, store)


class _Work:
    """The reading of one file."""

    def __init__(self, segment: Segment, feed: Feed, store: IndexFile, table: Table) -> None:
        self._segment = segment
        self._store = store
        self._session = Session(feed)
        self.table = table
        self._last = Frame(FrameKind.END, b"", 0, 0, 0)
        self._time_ns = 0
        self._offset = 0
        self._room = 0.0
        self._wanted = 0

    def go_on(self, old: FileIndex) -> None:
        """From the last checkpoint of an index of the same file when it was shorter."""
        checkpoints = old.table.checkpoints
        if not checkpoints:
            return
        saved = old.store.read(checkpoints, len(checkpoints) - 1)
        self._store.take_over(old.store, checkpoints)
        session = self._session
        session.restore(saved.book, saved.monotonic_ns)
        session.instrument = saved.instrument
        session.connections = saved.connections
        session.resyncs = saved.resyncs
        session.trouble = saved.trouble
        self._last = Frame(
            FrameKind.END, b"", saved.received_ns, saved.monotonic_ns, saved.connection
        )
        self._offset = checkpoints[-1].offset
        self._time_ns = checkpoints[-1].time_ns
        table = self.table
        table.frames, table.messages = saved.frames, saved.messages
        table.checkpoints = checkpoints
        table.events = [event for event in old.table.events if event.offset < self._offset]
        for unpacked, packed in old.table.entries:
            if unpacked <= self._offset:
                self._segment.entries.add(unpacked, packed)

    def read(self, progress: Callable[[int], None]) -> None:
        """Read on to the end."""
        table = self.table
        segment = self._segment
        receive = self._session.receive
        due_offset = self._offset + SPACING_BYTES
        due_frames = table.frames + SPACING_FRAMES
        state = self._session.state
        for frame, offset in _frames(segment, self._offset):
            if offset >= due_offset or table.frames >= due_frames:
                self._checkpoint(offset)
                due_offset = offset + SPACING_BYTES
                due_frames = table.frames + SPACING_FRAMES
            outcome = receive(frame)
            table.frames += 1
            if frame.kind is FrameKind.TEXT:
                table.messages += 1
            if (
                frame.kind is not FrameKind.TEXT
                or outcome.effects
                or self._session.state is not state
            ):
                self._note(frame, offset, outcome)
                state = self._session.state
            self._last = frame
            self._time_ns = max(self._time_ns, frame.received_ns)
            if not table.frames % PROGRESS_FRAMES:
                progress(segment.read_to)
        table.first_ns = segment.first_ns
        table.last_ns = self._last.received_ns
        session = self._session
        table.connections, table.resyncs = session.connections, session.resyncs
        table.trouble, table.instrument = session.trouble, session.instrument
        progress(segment.read_to)

    def _checkpoint(self, offset: int) -> None:
        table = self.table
        used = table.checkpoints[-1].at + table.checkpoints[-1].length if table.checkpoints else 0
        room = SHARE * self._segment.read_to - used
        if room < self._wanted:
            return
        session = self._session
        saved = Saved(
            received_ns=self._last.received_ns,
            monotonic_ns=self._last.monotonic_ns,
            connection=self._last.connection,
            frames=table.frames,
            messages=table.messages,
            connections=session.connections,
            resyncs=session.resyncs,
            trouble=session.trouble,
            instrument=session.instrument,
            book=_in_order(session),
        )
        made = self._store.add(saved, offset, self._time_ns, len(table.checkpoints), room)
        if isinstance(made, int):
            self._wanted = made
        else:
            table.checkpoints.append(made)
            self._wanted = 0

    def _note(self, frame: Frame, offset: int, outcome: Outcome) -> None:
        """Put on the time line what belongs there."""
        table = self.table
        told = event_of(frame, outcome, self._session)
        if told is None:
            return
        if len(table.events) < MOST_EVENTS:
            kind, text = told
            moment = moment_of(frame)
            if kind is FrameKind.HEADER and self._last.received_ns:
                text = new_run(frame.received_ns - self._last.received_ns)
            text = printable(text)
            table.events.append(EventEntry(moment, kind, text, offset, frame.received_ns))
        else:
            table.more_events += 1


def _frames(segment: Segment, offset: int) -> Iterator[tuple[Frame, int]]:
    if not offset:
        for frame in segment.opening():
            yield frame, 0
    yield from segment.frames(offset)


def _in_order(session: Session) -> BookCheckpoint:
    """Its checkpoint with the levels by price, so that two of them differ only where they do."""
    checkpoint = session.checkpoint()
    bids, asks = session.book.bids, session.book.asks
    return msgspec.structs.replace(
        checkpoint,
        bids=[(price, bids.sizes[price]) for price in bids.prices],
        asks=[(price, asks.sizes[price]) for price in asks.prices],
    )


def _tie_of(segment: Segment) -> Tie:
    try:
        status = os.stat(segment.path)
        return _tie(segment.path, status.st_size, status.st_mtime_ns)
    except OSError as error:
        raise RecordingUnreadable(f"cannot read {segment.name}: {error.strerror}") from error


def _tie(path: str, size: int, mtime_ns: int) -> Tie:
    """What a file of that size is known by."""
    with open(path, "rb") as file:
        head = file.read(min(_EDGE, size))
        file.seek(max(0, size - _EDGE))
        tail = file.read(min(_EDGE, size))
    return Tie(size, mtime_ns, zlib.crc32(head), zlib.crc32(tail), __version__)


def _places(path: str) -> list[str]:
    """Where its index may be, the best first."""
    from platformdirs import user_cache_dir

    whole = os.path.realpath(path)
    name = hashlib.sha256(os.fsencode(whole)).hexdigest()[:32] + ".idx"
    return [whole + ".idx", os.path.join(user_cache_dir("obtui"), "index", name)]


def _find(path: str, tie: Tie) -> FileIndex | None:
    """An index of this file, or of the beginning of it, that can be used."""
    for place in _places(path):
        with contextlib.suppress(OSError, Damaged):
            store, table = IndexFile.load(place)
            was = table.tie
            size = os.path.getsize(path)
            # Of a file that grew, what was there then is as it was then, as far as the ends tell.
            if was == tie or (was.size < size and _tie(path, was.size, was.mtime_ns) == was):
                return FileIndex(table, store)
            store.close()
    return None


def _new_store(path: str) -> tuple[IndexFile, str]:
    """An empty one, and where it is to be kept; nowhere where no place can be written."""
    for place in _places(path):
        folder = os.path.dirname(place)
        with contextlib.suppress(OSError):
            os.makedirs(folder, exist_ok=True)
            return IndexFile.create(folder), place
    return IndexFile.create(None), ""
