"""A market over time, in text: made anew only when its past is another, which is once a second."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter

from obtui import figures
from obtui.charts import statistics
from obtui.charts.past import Sample
from obtui.charts.statistics import Course, Spreads

FIGURES: dict[str, Callable[[Sample], float | None]] = {
    "mid": attrgetter("mid"),
    "spread": statistics.spread_bps,
}
"""What is drawn: in quote currency, and in basis points."""
LEAST = 4
"""Cells of a trend that tells something."""


class OverTime:
    """Of one past at a time."""

    def __init__(self) -> None:
        self._past: tuple[Sample, ...] = ()
        self._courses: dict[tuple[str, int], Course] = {}
        self.spreads: Spreads | None = None
        """How wide the spread was; None where nothing is known."""

    def look(self, past: tuple[Sample, ...]) -> None:
        """What is asked for from now on is of this."""
        if past is not self._past:
            self._past = past
            self._courses = {}
            self.spreads = statistics.spreads(past)

    @property
    def drawable(self) -> bool:
        """Whether there is something that may have moved."""
        return self.spreads is not None and len(self._past) > 1

    def trend(self, name: str, cells: int) -> str:
        """One line of at most so many cells; nothing where it would tell nothing."""
        if cells < LEAST or not self.drawable:
            return ""
        return figures.trend(self._course(name, cells).values, cells)

    def chart(self, name: str, width: int, rows: int, write: Callable[[float], str]) -> list[str]:
        """So many rows (>= 1), each of `width` cells: a line, and beside it its highest and lowest
        as `write` tells them."""
        known = [it for it in self._course(name, 2 * width).values if it is not None]
        ends = [write(end) for end in (max(known), min(known))] if known else []
        label = max(map(len, ends), default=0)
        cells = width - label - 3
        if cells < LEAST:
            return [""] * rows
        lines = [
            f" {line} "
            for line in statistics.drawn(self._course(name, 2 * cells).values, cells, rows)
        ]
        for row, end in zip((0, rows - 1), ends, strict=False):
            if row or end is ends[0]:  # of one row, the highest
                lines[row] += f"{end:>{label}} "
        return [f"{line:<{width}}" for line in lines]

    def span(self) -> str:
        """How long it is."""
        if not self._past:
            return ""
        return figures.duration((self._past[-1].monotonic_ns - self._past[0].monotonic_ns) / 1e9)

    def _course(self, name: str, cells: int) -> Course:
        found = self._courses.get((name, cells))
        if found is None:
            found = statistics.course(self._past, cells, FIGURES[name])
            self._courses[name, cells] = found
        return found
