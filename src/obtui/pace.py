"""How fast a recording is played, by a clock that it is told: speed, pause, and what is skipped.

Not one of its methods waits, and it has no lock: who plays sees to both.
"""

from __future__ import annotations

from collections.abc import Callable

from obtui.frame import Frame, FrameKind

SECOND = 1_000_000_000
MAX = float("inf")
SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 25.0, 100.0, MAX)
"""What `-` and `+` go through; the last is as fast as it can."""
IDLE_SECONDS = 60.0
"""Of the recording. A longer time without a line is not waited out: a market that is watched says
something sooner, be it that it is silent, so nobody watched."""
TOLD_SECONDS = 5.0
"""Of ours: how long it is said that something was skipped."""


class Pace:
    """When the next frame is due."""

    def __init__(self, speed: float, clock: Callable[[], int]) -> None:
        """`speed` > 0; `clock` is monotonic, in ns."""
        self.speed = speed
        self.paused = False
        self._clock = clock
        self._anchor: tuple[int, int] | None = None
        """The recording's and our monotonic time at one moment; the pace is counted from it."""
        self._awaited = False
        """Whether the next frame had to be waited for: it is shown when it comes."""
        self._skipped: tuple[int, int] | None = None
        """How much was skipped last, and when."""

    @property
    def skipped_seconds(self) -> float:
        """Of the recording, skipped just now; 0 for nothing."""
        skipped = self._skipped
        if skipped is None or self._clock() - skipped[1] > TOLD_SECONDS * SECOND:
            return 0.0
        return skipped[0] / SECOND

    def begin_anew(self) -> None:
        """The next frame comes at its distance from the last one, counted from now."""
        self._anchor = None
        self._awaited = False

    def wait(self, last: Frame | None) -> None:
        """There is no next frame yet: it is due when it is there. `last` is the last frame."""
        self._awaited = True
        if self._anchor is None and last is not None:
            self._anchor = (last.monotonic_ns, self._clock())

    def toggle_pause(self) -> None:
        """Stand still, or go on from here."""
        self.paused = not self.paused
        self._anchor = None

    def change_speed(self, steps: int) -> None:
        """So many steps through `SPEEDS`, faster or slower."""
        at = min(range(len(SPEEDS)), key=lambda index: abs(SPEEDS[index] - self.speed))
        if self.speed == MAX:
            at = len(SPEEDS) - 1
        self.speed = SPEEDS[max(0, min(len(SPEEDS) - 1, at + steps))]
        self._anchor = None

    def monotonic_ns(self, last: Frame | None) -> int:
        """The recording's monotonic clock at this moment, `last` being the last frame."""
        anchor = self._anchor
        if last is None or anchor is None or self.paused or self.speed == MAX:
            return last.monotonic_ns if last else 0
        return max(last.monotonic_ns, anchor[0] + int((self._clock() - anchor[1]) * self.speed))

    def seconds_until(self, frame: Frame, last: Frame | None) -> float:
        """Until `frame`, the next after `last`, is due; 0 or less: now."""
        if self.speed == MAX:
            return 0.0
        if frame.kind is FrameKind.HEADER:
            self._skip(frame, last)  # another run: its clock is another
            return 0.0
        now = self._clock()
        if self._awaited:
            self._awaited = False
            self._anchor = (frame.monotonic_ns, now)
        if self._anchor is None:
            self._anchor = (last.monotonic_ns if last else frame.monotonic_ns, now)
        ahead = frame.monotonic_ns - self._anchor[0]
        left = ahead / self.speed - (now - self._anchor[1])
        if left * self.speed > IDLE_SECONDS * SECOND:
            self._skip(frame, last)
            return 0.0
        return left / SECOND

    def _skip(self, frame: Frame, last: Frame | None) -> None:
        self._anchor = None
        skipped = frame.received_ns - last.received_ns if last else 0
        if skipped > IDLE_SECONDS * SECOND and not self._awaited:
            self._skipped = (skipped, self._clock())
