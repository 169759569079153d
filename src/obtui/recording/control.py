"""Starting and stopping what is recorded of one market, and telling how it stands.

Book lines, a capture or both: they begin at one moment and end at one moment, so that a replay of
the capture gives the same book lines. It knows no key and no screen; what a screen shows are its
`words`.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Protocol

from obtui import figures
from obtui.frame import Drop
from obtui.recording.books import BookRecorder, default_name
from obtui.recording.capture import CaptureRecorder, Instant, Origin
from obtui.recording.files import Disk, RecordingError
from obtui.recording.rotate import Rotation
from obtui.recording.status import Health, WriterStatus, place_of, saved_words
from obtui.recording.writer import LIMIT_BYTES
from obtui.session import Session
from obtui.shared import Listeners

CAPTURE_SUFFIX = ".capture.jsonl.zst"
"""Of a capture that nobody named: a day of one may have 10 GB."""
SETTLE_SECONDS = 0.25
"""What a frame that is being applied is waited for: the largest book takes a small part of it."""
_UTC_NOW = partial(datetime.now, UTC)


class Listened(Protocol):
    """What has a place for listeners: a market."""

    listeners: Listeners

    def settled(self, timeout: float) -> bool:
        """Wait until what is being applied is applied, for at most `timeout` s; whether it is."""
        ...


class RecordingControl:
    """What is recorded of one market: on or off, any number of times."""

    def __init__(
        self,
        market: Listened,
        *,
        venue: str,
        symbol: str,
        url: Callable[[], str] = str,
        depth: int = 10,
        limit: int | None = None,
        rotation: Rotation | None = None,
        overwrite: bool = False,
        now: Callable[[], datetime] = _UTC_NOW,
        instant: Callable[[], Instant] = Instant.now,
        disk: Disk | None = None,
        limit_bytes: int = LIMIT_BYTES,
    ) -> None:
        """`url`, where the venue is connected to, is asked when a header is written. `limit` counts
        book lines, or the venue's messages where only a capture is written. `overwrite` is for the
        files that the first start names: what this run has recorded is never overwritten."""
        self._market = market
        self._origin = Origin(venue, symbol, url)
        self._depth = depth
        self._limit = limit
        self._rotation = rotation
        self._overwrite = overwrite
        self._now = now
        self._instant = instant
        self._disk = disk
        self._limit_bytes = limit_bytes
        self.asked = ("", "")
        """Names of book lines and capture that a start without names is of: the last ones."""
        self._books: BookRecorder | None = None
        self._capture: CaptureRecorder | None = None
        self._earlier: list[BookRecorder | CaptureRecorder] = []
        """Of the present recording, those that failed and were started anew."""
        self._health = Health(time.monotonic())
        self._dropped = 0
        self.saved: list[str] = []
        """What was saved where, of each recording that was stopped."""
        self.ended: WriterStatus | None = None
        """How the last recording stood when it was closed: of two files, the one that failed."""

    @property
    def active(self) -> bool:
        """Whether something is being written, and nothing failed."""
        return bool(self._recorders()) and not self.failed

    @property
    def failed(self) -> bool:
        """Whether a recording ended by itself; until it is stopped or started anew."""
        return any(recorder.status().failed is not None for recorder in self._recorders())

    @property
    def capturing(self) -> bool:
        """Whether a capture is being written."""
        return self._capture is not None and self._capture.status().open

    @property
    def lines(self) -> int:
        """Book lines of the present recording."""
        return self._books.lines if self._books is not None else 0

    @property
    def frames(self) -> int:
        """Messages of the venue in the present capture."""
        return self._capture.frames if self._capture is not None else 0

    def names(self) -> tuple[str, str]:
        """Names, made of venue, symbol and time, for book lines and for a capture."""
        now, origin = self._now(), self._origin
        return (
            default_name(origin.venue, origin.symbol, now),
            default_name(origin.venue, origin.symbol, now, CAPTURE_SUFFIX),
        )

    @property
    def places(self) -> list[str]:
        """Where the present recordings are, book lines first."""
        return [place_of([recorder.status().path]) for recorder in self._recorders()]

    def start(self, books: str = "", capture: str = "") -> None:
        """Record book lines and a capture to these files; with neither, to the last ones named, or
        book lines to a name that is made. Raises RecordingError, and then nothing is written."""
        asked = (books, capture) if books or capture else self.asked
        books, capture = asked if any(asked) else (self.names()[0], "")
        self._open(books, capture, lambda: None)
        self.asked = asked

    def _open(self, books: str, capture: str, missed: Callable[[], Drop | None]) -> None:
        start = self._instant()
        both: tuple[BookRecorder | None, CaptureRecorder | None] = (None, None)
        with contextlib.ExitStack() as undo:
            # This one first: it writes nothing before its first frame, and can be undone.
            if capture:
                made = self._open_capture(capture, start, bool(books), missed)
                undo.callback(made.discard)
                both = (None, made)
            if books:
                both = (self._open_books(books, start), both[1])
            undo.pop_all()
        self._overwrite = False
        self._health = Health(time.monotonic())
        self._books, self._capture = both
        self._market.listeners = Listeners(*both)

    def _open_capture(
        self, path: str, start: Instant, with_books: bool, missed: Callable[[], Drop | None]
    ) -> CaptureRecorder:
        return CaptureRecorder(
            path,
            self._origin,
            start=start,
            rotation=self._rotation,
            overwrite=self._overwrite,
            limit=None if with_books else self._limit,
            on_limit=self._detach,
            missed=missed,
            begin=lambda session: self._begin(session, start),
            disk=self._disk,
            limit_bytes=self._limit_bytes,
        )

    def _open_books(self, path: str, start: Instant) -> BookRecorder:
        return BookRecorder.open(
            path,
            self._depth,
            self._limit,
            start_ns=start.received_ns,
            on_limit=self._detach,
            overwrite=self._overwrite,
            disk=self._disk,
            limit_bytes=self._limit_bytes,
        )

    def statuses(self) -> list[WriterStatus]:
        """How each of the present recordings stands, book lines first."""
        return [recorder.status() for recorder in self._recorders()]

    def done(self) -> bool:
        """Whether the limit was reached."""
        return any(recorder.done.is_set() for recorder in self._recorders())

    def mark(self, note: str = "", at_ns: int | None = None) -> str:
        """Mark a moment in the capture, `at_ns` since the epoch, or this one; returns what went
        wrong, or nothing."""
        if self._capture is None or not self.capturing:
            return "no capture is being written (--capture FILE)"
        self._capture.mark(note, at_ns)
        return ""

    def toggle(self) -> str:
        """Start or stop; returns what went wrong, or nothing. One that failed is started anew: it
        goes on in the same file, or in the next of a series, and begins with what was missed."""
        if self.failed:
            return self._resume()
        active = self.active
        self.stop()
        if not active:
            try:
                self.start()
            except RecordingError as error:
                return str(error)
        return ""

    def _resume(self) -> str:
        old, failed = self._capture, self._recorders()
        for recorder in failed:
            # A capture that failed goes on listening, and counts what it cannot write, up to the
            # first frame that the next one gets.
            if recorder.status().failed is None:
                recorder.close()
        books, capture = self.asked if any(self.asked) else (self.names()[0], "")
        try:
            self._open(books, capture, lambda: None if old is None else old.missing())
        except RecordingError as error:
            return str(error)
        self._earlier += failed
        return ""

    def stop(self, timeout: float = 1.0) -> str:
        """Close it within `timeout` s, in a signal's handler too; returns what was saved where."""
        deadline = time.monotonic() + timeout
        self.begin_stop(timeout / 2)
        return self.end_stop(deadline)

    def begin_stop(self, settle: float = SETTLE_SECONDS) -> None:
        """Take nothing more, and have the rest written: of several, before one is waited for."""
        books, capture = self._books, self._capture
        if books is None and capture is None:
            return
        self._detach()
        # A frame that still found the listeners is in both files, or in neither.
        self._market.settled(settle)
        end = self._instant()
        # What the feed still offers while it closes is not a loss: the recording is at its end.
        every = [*self._earlier, *self._recorders()]
        self._dropped = sum(
            it.dropped if isinstance(it, CaptureRecorder) else it.status().dropped for it in every
        )
        if capture is not None:
            capture.begin_close(end)
        if books is not None:
            books.begin_close(end.received_ns)

    def end_stop(self, deadline: float) -> str:
        """Wait for what `begin_stop` began, until a time of the monotonic clock, as `stop`."""
        if self._books is None and self._capture is None:
            return ""
        every = [*self._earlier, *self._recorders()]
        ended = [it.close(max(0.0, deadline - time.monotonic())) for it in self._recorders()]
        missing = self._dropped + sum(it.status().lost for it in every)
        self.ended = next((status for status in ended if status.failed), ended[0])
        self._books = self._capture = None
        self._earlier = []
        said = [*_said_of_books(every), *_said_of_captures(every)]
        saved = saved_words(said, self.ended.failed or "", missing)
        if saved:
            self.saved.append(saved)
        return saved

    def words(self) -> str:
        """How the recording stands, in one line."""
        statuses = self.statuses()
        if not statuses:
            return "not recording"
        if failed := next((status.failed for status in statuses if status.failed), ""):
            return f"RECORDING STOPPED · {failed} · r starts it anew"
        return self._health.words(statuses, time.monotonic())

    def _recorders(self) -> list[BookRecorder | CaptureRecorder]:
        return [recorder for recorder in (self._books, self._capture) if recorder is not None]

    def _begin(self, session: Session, start: Instant) -> None:
        """Told with the first frame of a capture that holds the book of its start: as in a replay
        of it, the book lines begin with that book."""
        if self._books is not None and session.trusted:
            self._books.on_book(session.book, start.received_ns)

    def _detach(self) -> None:
        self._market.listeners = Listeners()


def _said_of_books(recorders: Sequence[BookRecorder | CaptureRecorder]) -> Iterator[str]:
    its = [(it, it.status()) for it in recorders if isinstance(it, BookRecorder)]
    if any(it.lines or status.dropped or status.failed for it, status in its):
        lines = sum(max(0, it.lines - status.lost) for it, status in its)
        places = dict.fromkeys(status.path for _, status in its)
        yield f"{figures.count(lines)} book lines to {place_of([*places])}"


def _said_of_captures(recorders: Sequence[BookRecorder | CaptureRecorder]) -> Iterator[str]:
    its = [(it, it.status()) for it in recorders if isinstance(it, CaptureRecorder)]
    if any(status.items_written or it.dropped or status.failed for it, status in its):
        frames = sum(max(0, it.frames - status.lost) for it, status in its)
        # What failed before its first line has left no file.
        left = [it for it, status in its if status.items_written] or [it for it, _ in its[-1:]]
        places = dict.fromkeys(path for it in left for path in it.segments)
        yield f"{figures.count(frames)} frames to {place_of([*places])}"
