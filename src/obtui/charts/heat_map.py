"""The heatmap's picture: what each cell shows, with what stands still from second to second.

It is told samples and a size; of colours and terminals it knows nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from obtui import steps
from obtui.charts import heat
from obtui.charts.heat import Column, Deal, Grid, Intensity
from obtui.charts.past import SECOND, Sample

BID_LINE, ASK_LINE = 8, 9
"""Beside the steps of intensity: where the touch is. -1 is the ground."""
EDGE = 0.15
"""Of the rows, at either end: when the market is there it is brought to the middle."""
SOME = 2000
"""Sizes of which the intensity is made."""


class Mark(NamedTuple):
    """What traded in a cell."""

    sign: int
    """1 where buyers took more, -1 sellers, 0 neither."""
    large: int
    """0 to 2: with the smaller half of them, above it, one of the largest 5 of a hundred."""


class Cell(NamedTuple):
    """One place on the screen: two rows of prices, or one."""

    upper: int
    """-1 to 9: the ground, an intensity, or the touch."""
    lower: int
    """As `upper`; where a cell is one row it is the same."""
    mark: Mark | None = None
    gap: bool = False
    """Whether the edge of a time without a trusted book is here."""


PLAIN = {
    (upper, lower): Cell(upper, lower)
    for upper in range(-1, ASK_LINE + 1)
    for lower in range(-1, ASK_LINE + 1)
}
"""Nearly all there are: the same object is compared faster."""


@dataclass(slots=True)
class _Kept:
    """What was made of a sample."""

    sample: Sample
    column: Column
    cells: list[Cell]
    """From the top; none until they are made."""


class Picture(NamedTuple):
    """What is to be painted."""

    lines: list[list[Cell]]
    """From the top; each as wide as there are samples."""
    samples: Sequence[Sample]
    """Of the columns."""
    step: Decimal
    low: int
    per_line: int
    """Rows in a line."""

    def price(self, line: int) -> Decimal:
        """Of the lower row of a line."""
        return (self.low + (len(self.lines) - 1 - line) * self.per_line) * self.step

    def line(self, price: Decimal) -> int:
        """Where a price is; it may be outside of the picture."""
        row = steps.floor(price, self.step) - self.low
        return len(self.lines) - 1 - row // self.per_line


class HeatMap:
    """Makes pictures of one market after the other.

    A column is computed once, and the rows, the intensity and the sizes of marks are kept while
    they will do: from one second to the next the picture moves by a column, and else stands still.
    """

    def __init__(self) -> None:
        self.zoom = 0
        """1-2-5 steps finer (> 0) or coarser than what fits."""
        self._number: int | None = None
        self._grid = Grid(1.0, 0, 0)
        self._of: tuple[object, ...] = ()
        self._intensity = Intensity()
        self._deals = (0.0, 0.0)
        self._kept: dict[int, _Kept] = {}
        """By time, of those that were shown last."""

    def forget(self) -> None:
        """Another market: its prices are its own. The zoom stays."""
        self._number = None

    def picture(
        self,
        samples: Sequence[Sample],
        lines: int,
        *,
        tick: Decimal,
        per_line: int = 2,
        limited: bool = False,
    ) -> Picture:
        """`samples`, one a column, in `lines` (>= 1) of one or two rows."""
        rows = lines * per_line
        step = self._place(samples, rows, tick, per_line)
        of = self._grid, tick, limited, per_line
        if of != self._of:
            self._of = of
            self._kept = {}
        kept = self._binned(samples, limited)
        columns = [it.column for it in kept]
        self._judge(columns)
        for it in kept:
            if not it.cells:
                it.cells = self._made(it.column, per_line)
        cells = [it.cells for it in kept]
        for at in _edges(columns):
            cells[at] = [Cell(-1, -1, gap=True)] * lines
        across = [list(line) for line in zip(*cells, strict=True)] or [[] for _ in range(lines)]
        return Picture(across, samples, step, self._grid.low, per_line)

    def _place(self, samples: Sequence[Sample], rows: int, tick: Decimal, per_line: int) -> Decimal:
        """Choose the rows, where those of before will not do."""
        number = heat.fitting(samples, rows, tick)
        kept = self._number
        if kept is None or rows != self._grid.rows or abs(number - kept) > 1:
            self._number = kept = number
        mid = next((it for it in map(heat.middle, reversed(samples)) if it is not None), 0.0)
        # Nothing is finer than a tick, and no price is negative.
        ticks = max(1.0, min(mid, heat.FAR) / rows * 2 / float(tick))
        furthest = max(kept, steps.reaching(Decimal(ticks)) - 1)
        self.zoom = max(kept - furthest, min(self.zoom, kept))
        step = steps.step(kept - self.zoom) * tick
        low, width = self._grid.low, float(step)
        at = Grid(width, 0, rows).below(mid)
        if (width, rows) != (self._grid.step, self._grid.rows) or not (
            rows * EDGE <= at - low < rows * (1 - EDGE)
        ):
            low = at - rows // 2
            low -= low % per_line
        self._grid = Grid(width, low, rows)
        return step

    def _binned(self, samples: Sequence[Sample], limited: bool) -> list[_Kept]:
        known, kept = self._kept, {}
        for sample in samples:
            found = known.get(sample.monotonic_ns)
            if found is None or found.sample is not sample:
                found = _Kept(sample, heat.column(sample, self._grid, limited=limited), [])
            kept[sample.monotonic_ns] = found
        self._kept = kept
        return list(kept.values())

    def _judge(self, columns: Sequence[Column]) -> None:
        """Choose the intensity and the sizes of marks, where those of before will not do."""
        every = max(1, len(columns) * self._grid.rows // SOME)
        fresh = heat.intensity(size for column in columns[::-every] for size in column.sizes)
        if not self._intensity.fits(fresh):
            self._intensity = fresh
            self._make_anew()
        totals = sorted(deal.total for column in columns for deal in column.deals.values())
        if totals:
            half, most = totals[len(totals) // 2], totals[len(totals) * 95 // 100]
            pairs = zip(self._deals, (half, most), strict=True)
            if not all(mine / 2 <= its <= mine * 2 for mine, its in pairs):
                self._deals = half, most
                self._make_anew()

    def _make_anew(self) -> None:
        for it in self._kept.values():
            it.cells = []

    def _made(self, column: Column, per_line: int) -> list[Cell]:
        """A column's cells, from the top."""
        of = self._intensity.of
        shades = [of(size) for size in column.sizes]
        ground = shades.copy()
        for row, kind in ((column.ask, ASK_LINE), (column.bid, BID_LINE)):
            if row is not None and 0 <= row < len(shades):
                shades[row] = kind
        upper, lower = shades[::-per_line], shades[-per_line::-per_line]
        cells = [PLAIN[pair] for pair in zip(upper, lower, strict=True)]
        traded: dict[int, list[int]] = {}
        for row in column.deals:
            traded.setdefault(row // per_line, []).append(row)
        for line, rows in traded.items():
            most = max(rows, key=lambda row: column.deals[row].total)
            mark = self._mark([column.deals[row] for row in rows])
            cells[len(cells) - 1 - line] = Cell(ground[most], ground[most], mark)
        return cells

    def _mark(self, deals: Sequence[Deal]) -> Mark:
        bought = sum(deal.bought for deal in deals)
        sold = sum(deal.sold for deal in deals)
        total = sum(deal.total for deal in deals)
        half, most = self._deals
        return Mark((bought > sold) - (sold > bought), (total >= half) + (total >= most))


def _edges(columns: Sequence[Column]) -> list[int]:
    """The first and the last column of each time without a trusted book."""
    gone = [not column.live for column in columns]
    return [
        at
        for at, gap in enumerate(gone)
        if gap and not (0 < at < len(gone) - 1 and gone[at - 1] and gone[at + 1])
    ]


def labelled(picture: Picture) -> dict[int, Decimal]:
    """Which lines have their price beside them: round ones, some lines apart."""
    apart = (5 if len(picture.lines) >= 15 else 2) * picture.per_line
    lines = range(len(picture.lines))
    rows = ((line, picture.low + (len(lines) - 1 - line) * picture.per_line) for line in lines)
    return {line: row * picture.step for line, row in rows if row % apart == 0}


TIMES = (10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
"""Seconds from one time on the axis to the next."""
TIME_WIDTH = 12
"""Columns for each of them."""


def times(samples: Sequence[Sample]) -> list[tuple[int, int]]:
    """What the time axis tells: columns, and wall-clock times in ns, at round ones."""
    if not samples:
        return []
    seconds = [sample.received_ns // SECOND for sample in samples]
    wanted = (seconds[-1] - seconds[0]) / len(seconds) * TIME_WIDTH
    apart = next((it for it in TIMES if it >= wanted), TIMES[-1])
    return [
        (at, samples[at].received_ns)
        for at in range(1, len(seconds))
        if seconds[at] // apart > seconds[at - 1] // apart
    ]
