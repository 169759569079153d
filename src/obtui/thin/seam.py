"""Textual's screen on its way to the terminal, through our canvas and governor.

`Thin.show` takes what Textual would write; what is sent, and when, is decided here. A status query
rides behind what is sent, and the terminal's reply says that it has been shown.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import NamedTuple

from rich.color import ColorSystem
from rich.segment import Segment
from textual._compositor import CompositorUpdate

from obtui.thin.canvas import Canvas
from obtui.thin.cells import Cells
from obtui.thin.governor import SECOND, Governor
from obtui.thin.moves import UNKNOWN, move

SYNC_START, SYNC_END = "\x1b[?2026h", "\x1b[?2026l"
ASK_BYTES = 4
HOME, GO_HOME = (0, 0), "\x1b[H"
SAVED_SECONDS = 0.25
"""Of the bandwidth, if it is bounded, what was not used for so long may be used at once."""
RECENT_NS = 2 * SECOND
FEW, MOST_ASKS = 10, 240
"""Wishes for a frame, of which it is told whether the link limits, and which are remembered."""
URGENT_NS = 200_000_000
"""For so long after a key what is shown counts as its echo."""


class Traffic(NamedTuple):
    """What went to the terminal lately, for the diagnostics."""

    fps: float
    """Frames sent a second."""
    rate: float
    """Bytes sent a second."""
    round_trip_ms: float | None
    """Of the last frame; None where the terminal does not reply."""
    age_ms: float | None
    """How long ago what the terminal shows was sent, as far as it has replied."""
    limited: bool
    """Whether the terminal, or the way to it, takes less than is wanted."""
    capped: bool
    """Whether it is the bandwidth that was asked for."""
    waits: bool
    """Whether something wanted is not sent."""


class Thin:
    """One terminal's output."""

    def __init__(
        self,
        write: Callable[[str], None],
        ask: Callable[[], None],
        clock: Callable[[], int],
        *,
        busy: Callable[[], bool] = lambda: False,
        bandwidth: int | None = None,
    ) -> None:
        """`ask` asks the terminal for a reply; `busy` is whether it has yet to take what was
        written; `bandwidth` is the most bytes a second that may be sent, or None."""
        self._busy = busy
        self._write = write
        self._ask = ask
        self._clock = clock
        self._canvas = Canvas(0, 0)
        self._cells = Cells(self._canvas)
        self._governor = Governor()
        self._bandwidth = bandwidth
        self._saved = 0.0
        """Bytes that may be sent now, where the bandwidth is bounded; below 0 they are owed."""
        self._saved_ns = 0
        self._urgent_ns = 0
        self._cursor = (0, 0)
        self._sync = False
        self._recent: deque[tuple[int, int]] = deque()
        """When so many bytes were sent, of the last `RECENT_NS`."""
        self._asks: deque[tuple[int, bool, bool]] = deque()
        """When a frame was wanted, whether it could be had, whether the bandwidth allowed it."""
        self.first = 0
        """The row that matters most, from 0: where not all can be sent, it is sent first."""

    @property
    def traffic(self) -> Traffic:
        """Of the last seconds."""
        now = self._clock()
        self._forget_old(now)
        governor = self._governor
        refused = sum(not granted for _, granted, _ in self._asks)
        capped = sum(not allowed for _, _, allowed in self._asks)
        return Traffic(
            fps=len(self._recent) * SECOND / RECENT_NS,
            rate=sum(size for _, size in self._recent) * SECOND / RECENT_NS,
            round_trip_ms=governor.round_trip_ns / 1e6 if governor.replies else None,
            age_ms=(now - governor.shown_ns) / 1e6 if governor.replies else None,
            limited=len(self._asks) > FEW and refused > len(self._asks) / 2,
            capped=capped > refused / 2,
            waits=self._canvas.dirty,
        )

    def _forget_old(self, now: int) -> None:
        while self._recent and self._recent[0][0] < now - RECENT_NS:
            self._recent.popleft()
        while self._asks and self._asks[0][0] < now - RECENT_NS:
            self._asks.popleft()

    def show(
        self,
        update: CompositorUpdate,
        size: tuple[int, int],
        colours: ColorSystem,
        cursor: tuple[int, int],
        *,
        sync: bool,
    ) -> bool:
        """Take an update of a screen of so many columns and rows, with the cursor at column and row
        after it; False if it is of a kind that is not known: then Textual is to write it."""
        canvas = self._canvas
        if size != (canvas.width, canvas.height):
            canvas.resize(*size)
        if not self._cells.put(update, colours):
            canvas.forget()
            return False
        self._cursor, self._sync = (cursor[1], cursor[0]), sync
        self.pump()
        return True

    def holds(self, size: tuple[int, int]) -> bool:
        """Whether a screen of this size was shown."""
        return size == (self._canvas.width, self._canvas.height)

    def put_lines(
        self, column: int, row: int, lines: Mapping[int, list[Segment]], colours: ColorSystem
    ) -> None:
        """Want these lines, whose number counts from `row`; they are sent by the next `pump`."""
        for number, line in lines.items():
            self._cells.put_line(row + number, column, line, colours)

    def forget(self) -> None:
        """Something else wrote to the terminal, or what was written was lost."""
        self._canvas.forget()

    def key(self) -> None:
        """A key was pressed: what it changes is to be seen at once."""
        self._urgent_ns = self._clock() + URGENT_NS

    def acknowledged(self, cursor: tuple[int, int] = UNKNOWN) -> None:
        """The terminal replied that its cursor is in this row and column, from 0."""
        self._governor.acknowledged(self._clock(), mark=cursor == HOME)
        self.pump()

    @property
    def ready(self) -> bool:
        """Whether a frame painted now would be sent now. Of what is shown no two rows may be of
        different times: so it is not while the last one is not sent whole."""
        now = self._clock()
        return not self._canvas.dirty and self._affordable(now) and self._governor.may_send(now)

    def take_frame(self) -> bool:
        """What waits is sent, if it may be; whether a frame painted now would be sent now."""
        self.pump()
        granted = self.ready
        now = self._clock()
        self._asks.append((now, granted, self._affordable(now)))
        if len(self._asks) > MOST_ASKS:
            self._asks.popleft()
        return granted

    def pump(self) -> None:
        """Send what is wanted, if it may be sent."""
        if self._busy():
            return
        now = self._clock()
        governor = self._governor
        if governor.must_ask(now):
            # No frame leaves the cursor there.
            self._write(GO_HOME)
            self._canvas.place(HOME)
            self._ask()
        urgent = now < self._urgent_ns
        if self._canvas.dirty and self._affordable(now) and governor.may_send(now, urgent=urgent):
            self._send(now)

    def _send(self, now: int) -> None:
        text = self._canvas.flush(self._budget, self.first)
        text += self._place_cursor()
        if self._sync:
            text = f"{SYNC_START}{text}{SYNC_END}"
        size = len(text.encode()) + ASK_BYTES
        self._write(text)
        self._ask()
        self._governor.sent(size, now)
        self._recent.append((now, size))
        self._forget_old(now)
        self._saved -= size

    def _place_cursor(self) -> str:
        """Where a terminal shows what an IME composes: only where there is something to type in."""
        if self._cursor == (0, 0):
            return ""
        moved = move(self._canvas.cursor, self._cursor)
        self._canvas.place(self._cursor)
        return moved

    @property
    def _budget(self) -> int | None:
        """Bytes of one frame: what is more comes in pieces."""
        bounds = self._governor.budget, self._bandwidth
        return min((bound for bound in bounds if bound is not None), default=None)

    def _affordable(self, now: int) -> bool:
        """Whether the bandwidth allows a frame. It is sent whole, and what it took too much is
        waited for."""
        if self._bandwidth is None:
            return True
        passed = (now - self._saved_ns) / SECOND
        self._saved_ns = now
        self._saved = min(self._saved + passed * self._bandwidth, self._bandwidth * SAVED_SECONDS)
        return self._saved > 0
