"""The fewest bytes that bring the cursor from one cell to another (ECMA-48, and VT102's controls).

A bare line feed becomes a carriage return and line feed on the way through a terminal's line
discipline; a vertical tab goes down and keeps the column.
"""

from __future__ import annotations

from functools import lru_cache

UNKNOWN = (-1, -1)
"""Where the cursor is after the last column was written, or before anything is known."""
SHORTEST = 4
"""Bytes without which no cell can be named by its row and column, but for the first one."""


def move(before: tuple[int, int], after: tuple[int, int]) -> str:
    """From row and column to row and column, both counted from 0."""
    if before == after:
        return ""
    row, column = after
    if before == UNKNOWN:
        return _there(row, column)
    # Ways are kept by how far they go: there are too many pairs of cells to keep those.
    stepwise = _down(row - before[0]) + _along(column - before[1], column)
    if len(stepwise) <= SHORTEST and after != (0, 0):
        return stepwise
    return min(stepwise, _there(row, column), key=len)


def _there(row: int, column: int) -> str:
    if column:
        return f"\x1b[{row + 1};{column + 1}H"
    return f"\x1b[{row + 1}H" if row else "\x1b[H"


@lru_cache(maxsize=1024)
def _down(rows: int) -> str:
    if rows > 0:
        return min("\x0b" * rows, f"\x1b[{rows}B", key=len) if rows < 8 else f"\x1b[{rows}B"
    if rows < 0:
        return "\x1bM" if rows == -1 else f"\x1b[{-rows}A"
    return ""


def _along(columns: int, to: int) -> str:
    """So many columns to the right, or to the left (< 0)."""
    if columns >= 0:
        # Never longer than the column's name, which is a greater number.
        return _right(columns)
    if not to:
        return "\r"
    left = _left(-columns)
    return left if len(left) <= SHORTEST else min(left, f"\x1b[{to + 1}G", key=len)


@lru_cache(maxsize=1024)
def _right(columns: int) -> str:
    return "" if not columns else "\x1b[C" if columns == 1 else f"\x1b[{columns}C"


@lru_cache(maxsize=1024)
def _left(columns: int) -> str:
    return "\b" * columns if columns < 5 else f"\x1b[{columns}D"
