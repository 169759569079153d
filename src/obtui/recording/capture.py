"""Captures: every frame as it came, a line each, so that a replay is the same as having been there.

A run begins with a header, of segment 0, and ends with an end line, unless it was killed. Where it
begins in the middle of a connection, the header holds the book of that moment. Where lines are
missing, a drop line says how many, and a header with the book as it then was follows, so that what
comes after can be read; it is no new run, and its segment is 1 or more.

It knows frames and the file's writer; not the venue, the screen, or what the frames lead to.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence

import msgspec

from obtui import figures
from obtui.frame import Drop, End, Frame, FrameKind, Mark
from obtui.recording.encode import (
    FRAME_WEIGHT,
    Instant,
    Line,
    Opening,
    Origin,
    encode,
    encode_line,
    header_of,
    weigh,
)
from obtui.recording.files import Disk
from obtui.recording.lines import BadLine, decode_line
from obtui.recording.rotate import Rotation, Series
from obtui.recording.status import WriterStatus
from obtui.recording.writer import LIMIT_BYTES, Turn, Writer
from obtui.session import Session

__all__ = ["BadLine", "CaptureRecorder", "Instant", "Origin", "decode_line", "encode_line"]

_NEVER_NS = 2**63 - 1
_MOST_TOLD = 100  # Half of the bound is written between two: older ones are in the file.
_TEXT = FrameKind.TEXT


class CaptureRecorder:
    """Writes every frame, and what went missing.

    `on_frame` is called by the one thread that applies frames; `mark`, `close` and `status` by any,
    the last two also from a signal handler.
    """

    def __init__(
        self,
        path: str,
        origin: Origin,
        *,
        start: Instant | None = None,
        rotation: Rotation | None = None,
        overwrite: bool = False,
        limit: int | None = None,
        on_limit: Callable[[], None] = lambda: None,
        missed: Callable[[], Drop | None] = lambda: None,
        begin: Callable[[Session], None] = lambda _session: None,
        limit_bytes: int = LIMIT_BYTES,
        disk: Disk | None = None,
        stdout: int = 1,
    ) -> None:
        """Open `path` (`-`: the descriptor `stdout`) for appending; nothing is written yet.

        `start` is the time of its header; `rotation`, where it is given, makes `path` a series of
        numbered files; `limit` is how many messages of the venue are written (>= 1; None: no
        limit), further frames being ignored, and `on_limit` is called behind the last of them.
        `missed` is asked at the first frame for what an earlier recorder could not write; `begin`
        is told of the session then, if the header holds its book. Raises RecordingError when the
        file cannot be opened or is of another market.
        """
        self.frames = 0
        """Messages of the venue put so far."""
        self.done = threading.Event()
        """Set when `limit` messages were put. A recording that fails does not set it."""
        self.dropped = 0
        """Frames that could not be taken, told of or not."""
        self.begun = False
        """Whether a first frame came."""
        self._origin = origin
        self._start = start or Instant.now()
        self._rotation = rotation or Rotation()
        self._limit = limit
        self._on_limit = on_limit
        self._missed = missed
        self._begin = begin
        self._limit_bytes = limit_bytes

        # Whatever is not done for each frame is done where this is set.
        self._attentive = True
        self._over = False
        self._segment = 0
        self._turns = 0
        self._turn_wanted = False
        self._turn_ns = _NEVER_NS
        self._missing = 0
        self._missing_since = self._start
        self._told: deque[tuple[int, int]] = deque(maxlen=_MOST_TOLD)
        """Drop lines that were put: which line of all, and how many were missing."""
        self._session: Session | None = None
        self._marks: deque[Frame] = deque()
        self._end: Instant | None = None
        self._discarded = False

        disk = disk or Disk()
        self._series = Series(path, origin.venue, origin.symbol, disk)
        if rotation is None:
            sink = self._series.open_one(stdout=stdout, overwrite=overwrite)
        else:
            sink = self._series.open_first(overwrite=overwrite)
        self._writer: Writer[Line] = Writer(
            sink,
            encode,
            limit_bytes=limit_bytes,
            at_end=self._at_end,
            grown=self._grown if self._rotation.size else None,
            disk=disk,
        )
        self._put = self._writer.backlog.put

    def on_frame(self, frame: Frame, session: Session) -> None:
        """Record `frame`; `session` is as before it."""
        if self._attentive or frame.monotonic_ns >= self._turn_ns:
            if self._over:
                return
            taken = self._put(
                frame, len(frame.data) + FRAME_WEIGHT, lambda: self._preface(frame, session)
            )
        else:
            taken = self._put(frame, len(frame.data) + FRAME_WEIGHT)
        if not taken:
            self._miss(frame)
        elif frame.kind is _TEXT:
            self.frames += 1
            if self.frames == self._limit:
                self._attentive = self._over = True
                self.done.set()
                self._on_limit()

    def mark(self, note: str = "", at_ns: int | None = None) -> None:
        """Record that the user marked a moment: `at_ns` since the epoch, or this one."""
        now = Instant.now()
        mark = Mark(note, now.received_ns if at_ns is None else at_ns)
        connection = 0 if self._session is None else self._session.connections
        frame = Frame(FrameKind.MARK, msgspec.json.encode(mark), *now, connection)
        if self.begun:
            self._writer.backlog.put_over(frame, len(frame.data) + FRAME_WEIGHT)
        else:
            self._marks.append(frame)  # the header comes first, and with the first frame

    def missing(self) -> Drop | None:
        """What was not written and is not told of yet; asked after a failure."""
        status = self._writer.status()
        untold = sum(count for at, count in self._told if at >= status.items_written)
        count = self._missing + status.lost + untold
        return Drop(count, status.failed or "") if count else None

    def status(self) -> WriterStatus:
        """How the recording stands."""
        return self._writer.status()

    @property
    def segments(self) -> Sequence[str]:
        """The files that it is in, in their order."""
        return self._series.opened

    def begin_close(self, end: Instant | None = None) -> None:
        """Take nothing more, and end with a line of that time. Waits for nothing."""
        self._end = self._end or end or Instant.now()
        self._writer.begin_close()

    def close(self, timeout: float = 1.0) -> WriterStatus:
        """End the recording; see `Writer.close`."""
        self.begin_close()
        return self._writer.close(timeout)

    def discard(self) -> None:
        """End it without having written anything; before the first frame."""
        self._discarded = True
        self.close()

    def _miss(self, frame: Frame) -> None:
        if self._end is not None:
            return  # what the feed still offers at the end is no loss
        if not self._missing:
            self._missing_since = Instant.of(frame)
        self._missing += 1
        self.dropped += 1
        self._attentive = True

    def _preface(self, frame: Frame, session: Session) -> Sequence[tuple[Line | Turn[Line], int]]:
        """What is due before `frame`, which is taken."""
        self._attentive = False  # first: whoever has a wish from now on has it for the next frame
        self._session = session
        lines: list[Line] = []
        turn: Turn[Line] | None = None
        if not self.begun:
            self.begun = True
            lines += self._beginning(frame, session)
            self._plan_turn(frame)
        else:
            missing = self._missing > 0
            if missing:
                lines.append(self._drop())
            if self._turn_wanted or frame.monotonic_ns >= self._turn_ns:
                self._segment += 1
                opening = self._opening(frame, session, self._segment)
                turn = Turn(self._series.open_next, opening)
                self._turns += 1
                self._turn_wanted = False
                self._plan_turn(frame)
            elif missing:
                lines.append(self._opening(frame, session, max(1, self._segment)))
        due: list[tuple[Line | Turn[Line], int]] = [(line, weigh(line)) for line in lines]
        if turn is not None:
            due.append((turn, weigh(turn.first)))
        while self._marks:
            mark = self._marks.popleft()
            due.append((mark, weigh(mark)))
        return due

    def _beginning(self, frame: Frame, session: Session) -> list[Line]:
        in_the_middle = session.connections > 0 and frame.kind is not FrameKind.CONNECT
        missed = self._missed()
        if in_the_middle or missed is not None:
            self._begin(session)
        if missed is None:
            header = header_of(self._origin, session, 0, with_book=in_the_middle)
            return [Opening(header, self._start, session.connections)]
        connection = session.connections
        self._told.append((1, missed.count))
        data = msgspec.json.encode(missed)
        return [
            Opening(header_of(self._origin, session, 0), self._start, connection),
            Frame(FrameKind.DROP, data, *self._start, connection),
            Opening(header_of(self._origin, session, 1, with_book=True), self._start, connection),
        ]

    def _opening(self, frame: Frame, session: Session, segment: int) -> Opening:
        header = header_of(self._origin, session, segment, with_book=True)
        return Opening(header, Instant.of(frame), session.connections)

    def _drop(self) -> Frame:
        """The line that says how many are missing here, at the time of the first of them."""
        room = figures.quantity(self._limit_bytes)
        data = msgspec.json.encode(Drop(self._missing, f"over {room} waited for the disk"))
        self._told.append((self._writer.backlog.accepted, self._missing))
        self._missing = 0
        connection = 0 if self._session is None else self._session.connections
        return Frame(FrameKind.DROP, data, *self._missing_since, connection)

    def _plan_turn(self, frame: Frame) -> None:
        if self._rotation.seconds:
            self._turn_ns = frame.monotonic_ns + int(self._rotation.seconds * 1e9)

    def _grown(self, size: int, turns: int) -> None:
        """Told in the recorder thread: the file has so many bytes."""
        limit = self._rotation.size
        # One that is already to be turned from may still grow by what waits.
        if limit and size >= limit and turns == self._turns:
            self._turn_wanted = self._attentive = True

    def _at_end(self, _last: Line | Turn[Line] | None) -> Sequence[Line]:
        """Asked in the recorder thread, when all that was put is written."""
        lines: list[Line] = []
        if self._discarded or not (self.begun or self._writer.appended):
            return lines  # a file that was made for nothing is removed
        end = self._end or Instant.now()
        connection = 0 if self._session is None else self._session.connections
        if not self.begun:
            lines.append(Opening(header_of(self._origin, None, 0), self._start, 0))
        if self._missing:
            lines.append(self._drop())
        lines += self._marks
        data = msgspec.json.encode(End())
        lines.append(Frame(FrameKind.END, data, *end, connection))
        return lines
