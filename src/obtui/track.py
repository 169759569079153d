"""What a replay plays: a recording, where it can be gone on from, and what there is to go to."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from obtui.effects import Effect
from obtui.feeds.base import LATEST
from obtui.frame import FrameKind
from obtui.recording.events import moment_of, new_run, told_by
from obtui.recording.follow import follow
from obtui.recording.index import Checkpoint, Event, Index
from obtui.recording.reader import Located, Position, Recording
from obtui.text import printable
from obtui.way import Goal

Stop = Callable[[], bool]

TOLD = (
    FrameKind.MARK,
    FrameKind.GAP,
    FrameKind.DROP,
    FrameKind.DISCONNECT,
    FrameKind.HEADER,
)
"""What stands on the time line, and can be gone to; of runs, each after the first."""
MOST_EVENTS = 10_000
"""How many are noted of a recording that has no index."""


_FIRST = Position(0, 0)


class Track:
    """A recording, with its index where it has one, or as it grows."""

    def __init__(
        self,
        recording: Recording | None,
        index: Index | None = None,
        *,
        grows: bool = False,
    ) -> None:
        """Without an index a seek reads from the beginning; what `grows` is followed. There may be
        no recording yet: then there is nothing."""
        self.recording = recording
        self._index = index
        self.grows = grows
        self._events: list[Event] = []
        self._noted_to = Position(0, -1)
        self._noted_ns = index.last_ns if index else 0
        self._add(index.events if index else ())
        self.first_ns = recording.segments[0].first_ns if recording else 0
        """First receive time."""
        self.span = self._span()
        """First and last receive time in ns; None where the end is not known."""

    def _span(self) -> tuple[int, int] | None:
        if self.grows or self.recording is None:
            return None
        if self._index is not None:
            return self._index.first_ns, self._index.last_ns
        return self.recording.span

    @property
    def events(self) -> Sequence[Event]:
        """Marks, gaps and losses in their order: all, where there is an index, or those that were
        come by so far."""
        return self._events

    @property
    def seekable(self) -> bool:
        """Whether it can be gone back in."""
        return self.recording is not None and self.recording.seekable

    @property
    def limits(self) -> str:
        """What the recording cannot show, in a few words, or nothing."""
        books = self.recording is not None and self.recording.kind == "books"
        return "top levels only" if books else ""

    @property
    def damage(self) -> str:
        """What could not be read so far, in a few words; nothing where all could."""
        recording = self.recording
        if recording is None or recording.last_spoiled is None:
            return ""
        count, last = recording.spoiled, recording.last_spoiled
        places = "1 place" if count == 1 else f"{count:,} places"
        name = recording.segments[last.position.file].name
        return f"{places} could not be read, the last in {name}: {last.what}"

    def note(self, located: Located, effects: Sequence[Effect]) -> None:
        """A frame was come by: what is in no index, and belongs on the time line, is known so."""
        position, frame = located.position, located.frame
        if (self._index is not None and not self.grows) or position <= self._noted_to:
            return
        hole = frame.received_ns - self._noted_ns if self._noted_ns else 0
        self._noted_to, self._noted_ns = position, frame.received_ns
        told = told_by(frame, effects)
        if told is not None and len(self._events) < MOST_EVENTS:
            kind, text = told
            text = new_run(hole) if kind is FrameKind.HEADER else printable(text)
            self._add([Event(moment_of(frame), kind, text, position, frame.received_ns)])

    def _add(self, events: Iterable[Event]) -> None:
        """In the order of the recording; a mark where its moment was, before its line."""
        known = self._events
        for event in events:
            self._noted_to = max(self._noted_to, event.position)
            if event.kind not in TOLD or (
                event.kind is FrameKind.HEADER and event.position == _FIRST
            ):
                continue
            at = len(known)
            if event.received_ns < event.line_ns:
                while at and event.received_ns < known[at - 1].received_ns <= event.line_ns:
                    at -= 1
            kind = FrameKind.GAP if event.kind is FrameKind.HEADER else event.kind
            known.insert(at, msgspec.structs.replace(event, kind=kind))

    def before(self, goal: Goal) -> Checkpoint | None:
        """Where to begin on the way to a goal; None for the beginning."""
        index = self._index
        if index is None:
            return None
        if goal.position is not None:
            checkpoint = index.before_position(goal.position)
            while checkpoint is not None and checkpoint.received_ns > goal.received_ns:
                checkpoint = index.before_position(_under(checkpoint.position))
            return checkpoint
        checkpoint = index.before(goal.received_ns)
        if goal.after is not None:
            later = index.before_position(goal.after)
            if checkpoint is None or (later and later.position > checkpoint.position):
                return later
        return checkpoint

    def resolve(self, goal: Goal, stop: Stop) -> Goal:
        """The same with no frames to go back. Of no meaning once `stop` says so."""
        if not goal.back or self.recording is None:
            return goal
        wanted = goal.back + 1
        found: list[Position] = []
        reached: Callable[[Located], bool] = goal.passes
        checkpoint = self.before(goal)
        while True:
            start = checkpoint.position if checkpoint else None
            lines: deque[Position] = deque(maxlen=wanted - len(found))
            for located in self.recording.frames(start, stop=stop):
                if reached(located) or stop():
                    break
                # What comes before a file's first line, and is not in it, is gone to with it.
                if not lines or lines[-1] != located.position:
                    lines.append(located.position)
            found = [*lines, *found]
            if start is None or len(found) == wanted or stop():
                return Goal(LATEST, found[0]) if found else goal._replace(back=0)
            reached = _reaches(start)
            checkpoint = self.before(Goal(LATEST, _under(start)))

    def frames(
        self, position: Position | None, stop: Stop, wait: Callable[[float], object]
    ) -> Iterator[Located]:
        """From a line on; at the end of what grows it waits, until told to stop."""
        if self.recording is None:
            return iter(())
        if self.grows:
            return follow(self.recording, position, stop=stop, wait=wait)
        return self.recording.frames(position, stop=stop)


def _under(position: Position) -> Position:
    """Before that line."""
    if position.offset:
        return Position(position.file, position.offset - 1)
    return Position(max(0, position.file - 1), LATEST if position.file else 0)


def _reaches(line: Position) -> Callable[[Located], bool]:
    return lambda located: located.position >= line
