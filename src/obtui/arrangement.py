"""Which panels stand where: rectangles for the ladder and what stands beside it.

Pure: it knows neither panels nor screens but by name and size. Nothing overlaps, the whole body is
covered, and what would be too small to be read is left out, the least wanted first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

LADDER = "ladder"
LADDER_WIDTH = 32
"""Columns below which a ladder loses more than bars and sums."""
BESIDE_WIDTH = 26
"""Columns below which no panel stands beside it."""
FURTHER_WIDTH = 34
"""Columns below which charts get no column of their own beside that of the figures."""

WITH_CHARTS_WIDTH = 46
"""Columns of the figures at most, where charts have a column too."""


class Box(NamedTuple):
    """Cells, from the body's upper left corner."""

    x: int
    y: int
    width: int
    height: int


class Need(NamedTuple):
    """Lines that a panel needs, title included."""

    least: int
    """With fewer it is left out."""
    enough: int
    """What it gets before others get more than this."""
    share: int
    """Of what is left then; 0: it never needs more."""


NEEDS: Mapping[str, Need] = {
    "heat": Need(7, 16, 5),
    "depth": Need(6, 11, 3),
    "stats": Need(5, 13, 0),
    "sweep": Need(4, 6, 0),
    "trades": Need(4, 8, 4),
    "events": Need(3, 6, 1),
}
"""Every panel that there is beside the ladder, in the order from top to bottom."""
CHARTS = ("heat", "depth")
"""They want width; the others are figures in columns."""


def arrange(
    width: int, height: int, shown: Sequence[str], *, first: str = LADDER, alone: str = ""
) -> dict[str, Box]:
    """A box for each that has room; `shown` is of panels, the most wanted first.

    `first` gets the width that is left over: the ladder or a panel. `alone` gets everything.
    """
    if width <= 0 or height <= 0:
        return {}
    if alone:
        return {alone: Box(0, 0, width, height)}
    columns = _columns(width, [it for it in shown if NEEDS[it].least <= height], first)
    boxes = {LADDER: Box(0, 0, columns[0][1], height)}
    x = columns[0][1]
    for names, column in columns[1:]:
        boxes |= _stack(names, first, x, column, height)
        x += column
    return boxes


def _columns(width: int, shown: Sequence[str], first: str) -> list[tuple[Sequence[str], int]]:
    """Names and widths, the ladder's (of no names) first."""
    if width < LADDER_WIDTH + BESIDE_WIDTH or not shown:
        return [((), width)]
    charts = [name for name in shown if name in CHARTS]
    figures = [name for name in shown if name not in CHARTS]
    side = _side_width(width)
    if charts and figures:
        side = min(side, WITH_CHARTS_WIDTH)
    if charts and figures and width - side >= LADDER_WIDTH + FURTHER_WIDTH:
        ladder = min(64, max(LADDER_WIDTH, (width - side) * 2 // 5))
        return [((), ladder), (charts, width - side - ladder), (figures, side)]
    if first != LADDER or charts:
        ladder = min(64, max(LADDER_WIDTH, width * 2 // 5))
        return [((), ladder), (shown, width - ladder)]
    return [((), width - side), (shown, side)]


def _side_width(width: int) -> int:
    """Of a column of figures."""
    return 28 if width < 92 else 38 if width < 160 else 64


def _stack(names: Sequence[str], first: str, x: int, width: int, height: int) -> dict[str, Box]:
    """One above the other, in their fixed order, filling the height."""
    lines: dict[str, int] = {}
    left = height
    for name in names:
        if NEEDS[name].least <= left:
            lines[name] = NEEDS[name].least
            left -= NEEDS[name].least
    if first in lines:
        more = min(left, max(0, height // 2 - lines[first]))
        lines[first] += more
        left -= more
    # Line by line, so that where all have little all have about as much.
    wanting = [name for name in lines if lines[name] < NEEDS[name].enough]
    while left and wanting:
        lines[wanting[0]] += 1
        left -= 1
        name = wanting.pop(0)
        if lines[name] < NEEDS[name].enough:
            wanting.append(name)
    _share(lines, left)
    boxes = {}
    y = 0
    for name in NEEDS:
        if name in lines:
            boxes[name] = Box(x, y, width, lines[name])
            y += lines[name]
    return boxes


def _share(lines: dict[str, int], left: int) -> None:
    """Give away what is left, by share; where nobody wants it, to the last."""
    wanting = [name for name in NEEDS if name in lines and NEEDS[name].share]
    total = sum(NEEDS[name].share for name in wanting)
    for name in wanting:
        more = left * NEEDS[name].share // total
        lines[name] += more
        left -= more
        total -= NEEDS[name].share
    if left and lines:
        lines[[name for name in NEEDS if name in lines][-1]] += left
