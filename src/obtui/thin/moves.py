"""The fewest bytes that bring the cursor from one cell to another (ECMA-48, and VT102's controls).

A bare line feed becomes a carriage return and line feed on the way through a terminal's line
discipline; a vertical tab goes down and keeps the column.
"""

from __future__ import annotations

from functools import lru_cache

UNKNOWN = (-1, -1)
"""Where the cursor is after the last column was written, or before anything is known."""


@lru_cache(maxsize=1 << 16)
def move(before: tuple[int, int], after: tuple[int, int]) -> str:
    """From row and column to row and column, both counted from 0."""
    if before == after:
        return ""
    row, column = after
    there = f"\x1b[{row + 1};{column + 1}H" if column else f"\x1b[{row + 1 if row else ''}H"
    if before == UNKNOWN:
        return there
    stepwise = _down(row - before[0]) + _along(before[1], column)
    return min(stepwise, there, key=len)


def _down(rows: int) -> str:
    if rows > 0:
        return min("\x0b" * rows, f"\x1b[{rows}B", key=len) if rows < 8 else f"\x1b[{rows}B"
    if rows < 0:
        return "\x1bM" if rows == -1 else f"\x1b[{-rows}A"
    return ""


def _along(old: int, new: int) -> str:
    if new == old:
        return ""
    ways = [f"\x1b[{new + 1}G", "\r" + _right(new)]
    ways.append(_right(new - old) if new > old else _left(old - new))
    return min(ways, key=len)


def _right(columns: int) -> str:
    return "" if not columns else "\x1b[C" if columns == 1 else f"\x1b[{columns}C"


def _left(columns: int) -> str:
    return "\b" * columns if columns < 5 else f"\x1b[{columns}D"
