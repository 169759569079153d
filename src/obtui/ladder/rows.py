"""What a ladder shows: rows with their cumulative sizes and bars. Nothing of how it is drawn."""

from __future__ import annotations

import enum
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from operator import attrgetter
from typing import NamedTuple

from obtui.ladder.grouping import Group
from obtui.metrics import EXACT

DECADES = 4
"""Powers of ten that a logarithmic bar spans: what is smaller has none."""


class Form(enum.Enum):
    """How the sides stand to each other; the value is the word on screen."""

    STACKED = "stacked"
    """Asks above, bids below."""
    SIDE_BY_SIDE = "side by side"
    """Bids left, asks right, the best on top."""
    ANCHORED = "anchored"
    """Every price has its row and stands still; bids left of it, asks right."""


class Unit(enum.Enum):
    """What the main figure, the cumulative one and the bars are in."""

    SIZE = "size"
    """Base currency."""
    NOTIONAL = "notional"
    """Quote currency."""


class Bars(enum.Enum):
    """What a bar's length is; the value is the word on screen."""

    CUMULATIVE = "total"
    CUMULATIVE_LOG = "total, log"
    LEVEL = "level"
    LEVEL_LOG = "level, log"

    @property
    def cumulative(self) -> bool:
        """From the best level on, or of the level alone."""
        return self is Bars.CUMULATIVE or self is Bars.CUMULATIVE_LOG

    @property
    def log(self) -> bool:
        """Each quarter of it a power of ten."""
        return self is Bars.CUMULATIVE_LOG or self is Bars.LEVEL_LOG


@dataclass(frozen=True, slots=True)
class LadderSettings:
    """What a user chose."""

    form: Form = Form.STACKED
    step: int | None = None
    """Ticks that are put together; None: each level on its own, or where the prices stand still,
    what the market asks for."""
    unit: Unit = Unit.SIZE
    bars: Bars = Bars.CUMULATIVE
    traded: bool = False
    """Whether the volume traded at each price is shown."""


class Row(NamedTuple):
    """One level or group as shown."""

    price: Decimal
    size: Decimal
    """0 where nothing rests: only where every price has its row."""
    cumulative: Decimal
    """Size from the best level down to this one."""
    notional: Decimal
    """Price times size of each level in it, summed."""
    cumulative_notional: Decimal
    fraction: float = 0.0
    """The bar's length, in [0, 1]; 1 is the greatest of both sides."""
    partial: bool = False
    """Whether there may be more than is known, in it and from the best down to it."""

    def main(self, unit: Unit) -> Decimal:
        """What rests here."""
        return self.size if unit is Unit.SIZE else self.notional

    def total(self, unit: Unit) -> Decimal:
        """What rests from the best level down to here."""
        return self.cumulative if unit is Unit.SIZE else self.cumulative_notional

    def other(self, unit: Unit) -> Decimal:
        """What rests here, in the other unit."""
        return self.notional if unit is Unit.SIZE else self.size


class LadderView(NamedTuple):
    """Both sides, best level first."""

    asks: tuple[Row, ...]
    bids: tuple[Row, ...]


def split(height: int) -> tuple[int, int]:
    """Rows for asks and bids in `height` lines, one of which is the spread's."""
    rows = max(0, height - 1)
    return rows // 2, rows - rows // 2


def build(
    bids: Sequence[Group],
    asks: Sequence[Group],
    unit: Unit = Unit.SIZE,
    bars: Bars = Bars.CUMULATIVE,
) -> LadderView:
    """The ladder of groups that are given best first."""
    below, above = running(bids), running(asks)
    longest = greatest([*below, *above], unit, bars)
    return LadderView(scaled(above, unit, bars, longest), scaled(below, unit, bars, longest))


def running(
    groups: Sequence[Group], size: Decimal = Decimal(), notional: Decimal = Decimal()
) -> list[Row]:
    """Rows with their sums, and no bars yet; `size` and `notional` are what is before the first."""
    rows = []
    with localcontext(EXACT):
        for price, own, worth, partial in groups:
            size += own
            notional += worth
            rows.append(Row(price, own, size, worth, notional, 0.0, partial))
    return rows


def greatest(rows: Sequence[Row], unit: Unit, bars: Bars) -> Decimal:
    """What the longest bar stands for; 0 where there is none."""
    return max(map(_length(unit, bars), rows), default=Decimal())


def scaled(rows: Sequence[Row], unit: Unit, bars: Bars, longest: Decimal) -> tuple[Row, ...]:
    """The rows with their bars."""
    if not longest:
        return tuple(rows)
    length, log = _length(unit, bars), bars.log
    return tuple(
        [Row(*row[:5], fraction(length(row) / longest, log=log), row.partial) for row in rows]
    )


def fraction(share: Decimal, *, log: bool) -> float:
    """The length of a bar for a share of the greatest, both in [0, 1]."""
    if not log or not share:
        return float(share)
    return max(0.0, 1 + math.log10(share) / DECADES)


def _length(unit: Unit, bars: Bars) -> Callable[[Row], Decimal]:
    """What a row's bar stands for."""
    if bars.cumulative:
        return attrgetter("cumulative" if unit is Unit.SIZE else "cumulative_notional")
    return attrgetter("size" if unit is Unit.SIZE else "notional")
