"""Counts events per second of a clock that it is told; it reads none."""

from __future__ import annotations

SECOND = 1_000_000_000


class RateMeter:
    """Events in each of the last `seconds` whole seconds."""

    __slots__ = ("_counts", "_second", "total")

    def __init__(self, seconds: int = 60) -> None:
        # One more than is shown: the second that is still filling.
        self._counts = [0] * (seconds + 1)
        self._second = 0
        self.total = 0
        """Events since the start."""

    def add(self, monotonic_ns: int) -> None:
        """Count one event at this time; times do not go back."""
        second = monotonic_ns // SECOND
        if second != self._second:
            self._roll(second)
        self._counts[second % len(self._counts)] += 1
        self.total += 1

    def history(self, monotonic_ns: int) -> tuple[int, ...]:
        """Counts of the last whole seconds, oldest first."""
        self._roll(monotonic_ns // SECOND)
        size = len(self._counts)
        start = self._second + 1
        return tuple([self._counts[(start + index) % size] for index in range(size - 1)])

    def _roll(self, second: int) -> None:
        size = len(self._counts)
        for passed in range(max(self._second + 1, second - size + 1), second + 1):
            self._counts[passed % size] = 0
        self._second = max(self._second, second)
