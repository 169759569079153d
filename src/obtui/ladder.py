"""What a ladder shows: rows with their cumulative sizes and bars. Nothing of how it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from obtui import metrics
from obtui.market import Level


class Row(NamedTuple):
    """One level as shown."""

    price: Decimal
    size: Decimal
    cumulative: Decimal
    """Size from the best level down to this one."""
    fraction: float
    """Cumulative size as a share of the deeper side's visible total, in [0, 1]."""


class LadderView(NamedTuple):
    """Both sides, best level first."""

    asks: tuple[Row, ...]
    bids: tuple[Row, ...]


def split(height: int) -> tuple[int, int]:
    """Rows for asks and bids in `height` lines, one of which is the spread's."""
    rows = max(0, height - 1)
    return rows // 2, rows - rows // 2


def build(bids: Sequence[Level], asks: Sequence[Level], height: int) -> LadderView:
    """The ladder of a book in `height` lines."""
    ask_rows, bid_rows = split(height)
    asks, bids = asks[:ask_rows], bids[:bid_rows]
    ask_sums, bid_sums = metrics.cumulative(asks), metrics.cumulative(bids)
    deepest = max([*ask_sums[-1:], *bid_sums[-1:]], default=Decimal())
    return LadderView(_rows(asks, ask_sums, deepest), _rows(bids, bid_sums, deepest))


def _rows(levels: Sequence[Level], sums: Sequence[Decimal], deepest: Decimal) -> tuple[Row, ...]:
    return tuple(
        [
            Row(level.price, level.size, total, float(total / deepest))
            for level, total in zip(levels, sums, strict=True)
        ]
    )
