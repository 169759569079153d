"""Where to go to in a recording, by keys that may be pressed faster than it is gone there.

Places are lines of the recording, not times: a clock that was set back gives one time twice, and
one time may stand for several frames. Not one of its methods waits, and it has no lock: who plays
sees to both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from obtui.feeds.base import LATEST
from obtui.frame import Frame
from obtui.recording.index import Event
from obtui.recording.reader import Located, Position

SECOND = 1_000_000_000
AGAIN_SECONDS = 2.0
"""Of ours: the previous mark, asked for again so soon after one was gone to, is the one before that
one, though it is played on meanwhile."""


class Goal(NamedTuple):
    """A place to go to: the last frame before the first one that `passes` it."""

    received_ns: int
    """Frames at or before this time; `LATEST`: whatever their time..."""
    position: Position | None = None
    """...that do not come behind this line..."""
    after: Position | None = None
    """...with all up to this one."""
    back: int = 0
    """Of these the last, or so many before it; the first where there are not so many."""

    def passes(self, located: Located) -> bool:
        """Whether a frame comes behind it, `back` set aside."""
        if self.position is not None and located.position > self.position:
            return True
        if located.frame.received_ns <= self.received_ns:
            return False
        return self.after is None or located.position > self.after


class Way:
    """Where it stands, and where it is to go next."""

    def __init__(self, clock: Callable[[], int]) -> None:
        """`clock` is monotonic, in ns."""
        self.goal: Goal | None = None
        """Where to go to next."""
        self.going: Goal | None = None
        """Where it is on its way to, since `going_ns`."""
        self.going_ns = 0
        self.steps = 0
        """How many frames it is to go on, one by one."""
        self.last: Frame | None = None
        """The last frame that it came by."""
        self._place: tuple[Position, int] | None = None
        """The last frame's line, or a line, and how many frames before it; None: before all."""
        self._clock = clock
        self._event: Event | None = None
        """The one that was gone to last, if it was not gone elsewhere since."""
        self._event_place: tuple[Position, int] | None = None
        self._event_ns = 0

    @property
    def pending(self) -> Goal | None:
        """Where it will be in a moment: keys that are pressed fast must all count."""
        return self.goal or self.going

    def come_by(self, located: Located) -> None:
        """A frame was come by."""
        self.last = located.frame
        self._place = located.position, 0

    def take(self) -> Goal | None:
        """Set out for the next goal, if there is one."""
        self.going, self.goal = self.goal, None
        self.going_ns = self._clock()
        return self.going

    def arrive(self, last: Frame | None, place: tuple[Position, int] | None) -> None:
        """Stand behind `last`, found by a line and how many frames before it."""
        self.last = last or self.last
        self._place = place
        self.going = None
        if self.goal is None and self._event is not None:
            self._event_place, self._event_ns = place, self._clock()

    def give_up(self) -> None:
        """It cannot be gone there."""
        self.going = None
        self._event = None

    def seek(self, goal: Goal) -> None:
        """Go there next."""
        self.goal = goal
        self.steps = 0
        self._event = None

    def step_on(self, frames: int) -> None:
        """Go on so many frames, besides those that were not gone yet."""
        self.steps += frames
        self._event = None

    def step_back(self) -> None:
        """Go to the frame before this one."""
        pending = self.pending
        if self.steps:
            self.steps -= 1  # one on that was not gone yet
        elif pending is not None:
            self.seek(pending._replace(back=pending.back + 1))
        elif self._place is not None:
            line, back = self._place
            self.seek(Goal(LATEST, line, back=back + 1))

    def seek_by(self, ns: int, first_ns: int) -> None:
        """Go on or back by the recording's time, which begins at `first_ns`."""
        now = self.last.received_ns if self.last else first_ns
        line = self._place[0] if self._place else None
        pending = self.pending
        if pending is not None:
            line = pending.after or pending.position
            if self._event is not None:
                now = self._event.received_ns
            elif pending.received_ns < LATEST or pending.position is None:
                now = pending.received_ns
        # Where the clock was set back, on is still on.
        self.seek(Goal(now + ns, after=line if ns > 0 else None))

    def seek_event(self, direction: int, events: Sequence[Event]) -> Event | None:
        """Go to the next (1) or previous (-1) of `events`, which are in their order; returns it."""
        found = self._find(direction, events)
        if found is not None:
            moment = found.received_ns if found.received_ns < found.line_ns else LATEST
            self.seek(Goal(moment, found.position))
            self._event, self._event_place = found, None
        return found

    def _find(self, direction: int, events: Sequence[Event]) -> Event | None:
        if self._event is not None and self._is_at_event(direction):
            at = events.index(self._event) + direction
            return events[at] if 0 <= at < len(events) else None
        if direction > 0:
            return next((event for event in events if self._is_ahead(event)), None)
        return next((event for event in reversed(events) if self._is_behind(event)), None)

    def _is_at_event(self, direction: int) -> bool:
        if self.pending is not None or self._place == self._event_place:
            return True
        return direction < 0 and self._clock() - self._event_ns < AGAIN_SECONDS * SECOND

    def _is_ahead(self, event: Event) -> bool:
        line, back, now = self._reference()
        if line is None:
            return event.received_ns > now
        # A mark's moment may be long before its line.
        if event.received_ns < event.line_ns and event.received_ns <= now:
            return False
        return event.position > line or (back > 0 and event.position == line)

    def _is_behind(self, event: Event) -> bool:
        line, _, now = self._reference()
        if line is None:
            return event.received_ns < now
        if event.received_ns < event.line_ns and event.received_ns < now:
            return True
        return event.position < line

    def _reference(self) -> tuple[Position | None, int, int]:
        """Line, frames before it and time that events are compared with; with no line, the time
        alone counts."""
        pending = self.pending
        now = self.last.received_ns if self.last else -1
        if pending is not None:
            now = now if pending.received_ns == LATEST and pending.position else pending.received_ns
            return pending.position, pending.back, now
        return (*self._place, now) if self._place else (None, 0, -1)
