"""What is watched over the length of a recording: clocks, rate, states, connections.

Each is told frames in their order, and keeps a bounded sum of them. None decodes a message.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from obtui.effects import Outcome
from obtui.frame import Frame
from obtui.market import BookState
from obtui.recording.report import ConnectionReport, Crossing, SequenceResult

SECOND = 1_000_000_000
STEP_NS = SECOND // 10
"""The clocks may part by so much from one line to the next before it is a step."""
SLEW = 1000
"""One part in so many: a clock that is being adjusted runs no faster than that."""
MOST_CROSSINGS = 1000
MOST_CONNECTIONS = 1000


class ClockWatch:
    """The wall clock against the monotonic one, which is never set."""

    def __init__(self) -> None:
        self._offset: int | None = None
        self._monotonic_ns = 0

    def begin(self) -> None:
        """A run: its monotonic clock may be another machine's, or since another start."""
        self._offset = None

    def step_ns(self, frame: Frame) -> int:
        """By how much the wall clock was set before this frame, in ns; 0 if it was not."""
        offset = frame.received_ns - frame.monotonic_ns
        before, self._offset = self._offset, offset
        passed, self._monotonic_ns = frame.monotonic_ns - self._monotonic_ns, frame.monotonic_ns
        if before is None or offset == before:
            return 0
        step = offset - before
        return step if abs(step) > max(STEP_NS, passed // SLEW) else 0


class RateWatch:
    """Messages a second."""

    def __init__(self) -> None:
        self.peak = 0
        """Most in a whole second of the monotonic clock."""
        self._second = -1
        self._count = 0

    def begin(self) -> None:
        """A run, with another monotonic clock."""
        self._second = -1

    def add(self, monotonic_ns: int) -> None:
        """A message."""
        second = monotonic_ns // SECOND
        if second != self._second:
            self._second = second
            self._count = 0
        self._count += 1
        self.peak = max(self.peak, self._count)


class StateWatch:
    """How long the book was in which state."""

    def __init__(self) -> None:
        self.state: BookState | None = None
        self.times_ns: Counter[BookState] = Counter()
        self.crossings: list[Crossing] = []
        """The first of them."""
        self.crossing_count = 0
        self.crossed_ns = 0
        self._since_ns = 0
        self._since_wall_ns = 0

    def begin(self, state: BookState, monotonic_ns: int) -> None:
        """A run begins with a book in that state."""
        self.state = state
        self._since_ns = monotonic_ns

    def become(self, state: BookState, frame: Frame) -> None:
        """The state changed with that frame."""
        self._leave(frame.monotonic_ns)
        self.state = state
        self._since_ns = frame.monotonic_ns
        self._since_wall_ns = frame.received_ns

    def finish(self, last: Frame) -> None:
        """A run is over with that frame."""
        self._leave(last.monotonic_ns)
        self.state = None

    def _leave(self, monotonic_ns: int) -> None:
        if self.state is None:
            return
        # Book lines and samples have the wall clock for both, which may be set back.
        passed = max(0, monotonic_ns - self._since_ns)
        self.times_ns[self.state] += passed
        if self.state is BookState.CROSSED:
            self.crossing_count += 1
            self.crossed_ns += passed
            if len(self.crossings) < MOST_CROSSINGS:
                self.crossings.append(Crossing(self._since_wall_ns, passed / SECOND))


class _Connection:
    """One that is open."""

    def __init__(self, run: int, number: int, opened_ns: int | None) -> None:
        self.run = run
        self.number = number
        self.opened_ns = opened_ns
        self.closed_ns: int | None = None
        self.messages = 0
        self.books = 0
        self.checksums = 0
        self.fault = ""


class ConnectionWatch:
    """Connections, and what became of them."""

    def __init__(self) -> None:
        self.count = 0
        self.losses = 0
        """Connections that ended before the recording did."""
        self._run = 0
        self._checksums = 0
        """Of all connections so far."""
        self._open: _Connection | None = None
        self._all: list[_Connection] = []

    def begin(self, run: int) -> None:
        """A run, counted from 1."""
        self._run = run

    def opened(self, frame: Frame) -> None:
        """A connection opened."""
        if self._open is not None:
            self.lost(frame)
        self._add(_Connection(self._run, frame.connection, frame.received_ns))

    def message(self, frame: Frame, outcome: Outcome, checksums: int) -> None:
        """A message came, and was applied; `checksums` were right so far."""
        here = self._open
        if here is None or here.number != frame.connection:
            # Its opening is not in the recording: it is in the segment before, or was lost.
            if here is not None:
                self.lost(frame)
            here = self._add(_Connection(self._run, frame.connection, None))
        here.messages += 1
        here.books += outcome.book
        here.checksums += max(0, checksums - self._checksums)
        self._checksums = checksums

    def broken(self, fault: str) -> None:
        """The connection's messages do not follow one another."""
        if self._open is not None and not self._open.fault:
            self._open.fault = fault

    def lost(self, frame: Frame) -> None:
        """The connection ended, if there was one."""
        if self._open is not None:
            self.losses += 1
            self._open.closed_ns = frame.received_ns
            self._open = None

    def finish(self, _last: Frame) -> None:
        """A run is over: what was open was closed by us."""
        self._open = None

    def _add(self, connection: _Connection) -> _Connection:
        self.count += 1
        self._open = connection
        if len(self._all) < MOST_CONNECTIONS:
            self._all.append(connection)
        return connection

    def reports(self, check: str, *, decoded: bool) -> Sequence[ConnectionReport]:
        """The first of them; `check` is what the venue can be checked by, or nothing."""
        return [
            ConnectionReport(
                run=it.run,
                connection=it.number,
                opened_ns=it.opened_ns,
                closed_ns=it.closed_ns,
                messages=it.messages,
                books=it.books,
                sequence=_sequence(it.fault, check, decoded=decoded),
                fault=it.fault,
                checksums=it.checksums or None,
            )
            for it in self._all
        ]


def _sequence(fault: str, check: str, *, decoded: bool) -> SequenceResult:
    if not decoded:
        return "not decoded"
    if fault:
        return "broken"
    return "whole" if check else "unchecked"
