"""What the recent past of a market comes to: how wide its spread was, and its course in cells."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from obtui.charts.past import Sample

STEPS = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60, 120, 300, 600, 1800, 3600)
"""Seconds that one cell of a course may stand for."""
SECOND = 1_000_000_000
BRAILLE = 0x2800
DOTS = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))
"""Bits of a braille cell's left and right column, from below."""


class Spreads(NamedTuple):
    """How wide the spread was, in basis points of the midpoint; each look at it weighs the same."""

    seconds: float
    """From the first that is known to the last; 0 of one."""
    least: float
    median: float
    wide: float
    """The 95th percentile: of twenty seconds, one was as wide as this or wider."""
    most: float
    ordered: tuple[float, ...]
    """All of them, ascending."""

    def shape(self, cells: int) -> list[int]:
        """How many looks fell into each of so many (> 0) equal steps from `least` to `wide`; the
        last cell holds what is as wide or wider: it is the rare, and would flatten the rest."""
        counts = [0] * cells
        length = self.wide - self.least
        for value in self.ordered:
            share = min(1.0, (value - self.least) / length) if length else 0.0
            counts[int(share * (cells - 1))] += 1
        return counts


def spread_bps(sample: Sample) -> float | None:
    """In basis points of the midpoint; None where a side is empty or nothing was trusted."""
    spread, mid = sample.spread, sample.mid
    return spread / mid * 10_000 if sample.live and spread is not None and mid else None


def spreads(past: Iterable[Sample]) -> Spreads | None:
    """Of the looks, a second apart or more, at which the book was trusted and had both sides; None
    where there were none.

    The percentile is a value that was seen (nearest rank), the median halfway where two are in the
    middle.
    """
    known = [(it.monotonic_ns, bps) for it in past if (bps := spread_bps(it)) is not None]
    if not known:
        return None
    found = sorted(bps for _, bps in known)
    count = len(found)
    median = (found[(count - 1) // 2] + found[count // 2]) / 2
    wide = found[-(-count * 95 // 100) - 1]
    seconds = (known[-1][0] - known[0][0]) / SECOND
    return Spreads(seconds, found[0], median, wide, found[-1], tuple(found))


class Course(NamedTuple):
    """A figure over time, in cells of equal length."""

    values: tuple[float | None, ...]
    """The last known of each cell, oldest first; None where there is none."""
    step: int
    """Seconds of a cell."""


def course(past: Sequence[Sample], cells: int, figure: Callable[[Sample], float | None]) -> Course:
    """All of the past in at most so many cells (>= 0); what was not live is not known.

    A cell begins at a multiple of its length, so that it stands still until the next begins.
    """
    if cells <= 0 or not past:
        return Course((), STEPS[0])
    for step in STEPS:
        last = past[-1].monotonic_ns // (step * SECOND)
        first = past[0].monotonic_ns // (step * SECOND)
        if last - first < cells:
            break
    first = max(first, last - cells + 1)
    values: list[float | None] = [None] * (last - first + 1)
    for sample in past:
        cell = sample.monotonic_ns // (step * SECOND) - first
        value = figure(sample) if sample.live else None
        if value is not None and 0 <= cell < len(values):
            values[cell] = value
    return Course(tuple(values), step)


def drawn(values: Sequence[float | None], cells: int, rows: int) -> list[str]:
    """A line through the values in braille, two to a cell, the last ones at the right end.

    The lowest known is at the foot of so many rows (>= 1), the highest at their head; a line that
    never moves is in the middle. What is not known is a gap.
    """
    values = values[-2 * cells :] if cells > 0 else ()
    known = [value for value in values if value is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)
    top = rows * 4 - 1
    heights = [
        None
        if value is None
        else round((value - low) / (high - low) * top)
        if high > low
        else top // 2
        for value in values
    ]
    bits = [[0] * max(0, cells) for _ in range(rows)]
    shift = 2 * cells - len(values)
    for at, (before, height) in enumerate(itertools.pairwise([None, *heights])):
        if height is None:
            continue
        # What lies between it and the one before is drawn too: a jump is a line.
        ends = height if before is None else before + (before < height) - (before > height)
        for dot in range(min(height, ends), max(height, ends) + 1):
            cell, half = divmod(at + shift, 2)
            bits[rows - 1 - dot // 4][cell] |= DOTS[half][dot % 4]
    # A blank is one in every font.
    return ["".join(chr(BRAILLE + dots) if dots else " " for dots in row) for row in bits]
