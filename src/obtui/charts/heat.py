"""The heatmap's numbers: what rested in each row of prices at each moment, and its intensity.

A row is a price step wide, and is named by the multiple of the step that its prices are told at:
bids are rounded down to it and asks up, so that a row never looks better than what rests there.
Floats, for drawing.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from decimal import Decimal
from math import ceil, floor, isfinite
from operator import neg
from typing import NamedTuple

from obtui import steps
from obtui.charts.past import Sample

UNKNOWN = -1.0
"""A row of which nothing is known, which is not one where nothing rests."""
NEAR_LEVELS = 32
"""A side, which the heatmap shows beside the recent movement."""
ROOM = 1.25
"""How much more than the recent movement."""
NUDGE = 1e-6
"""In steps: a float that is meant to be on a multiple is this near to it."""
LEAST_RATIO = 4.0
"""Of the largest sizes to the smaller ones."""
FAR = 1e15
"""In steps: what is further away is not told apart."""
LEVELS = 8
"""Steps of intensity; 0 is nothing."""

Levels = tuple[list[float], list[float]]
"""Prices and sizes."""


class Grid(NamedTuple):
    """Rows of prices, each a step above the one below it."""

    step: float
    """In quote currency."""
    low: int
    """The lowest row's price, in steps."""
    rows: int

    def below(self, price: float) -> int:
        """The row of a bid, or of what hit one; it may be outside of the grid."""
        return floor(min(price / self.step, FAR) + NUDGE) - self.low

    def above(self, price: float) -> int:
        """The row of an ask, or of what took one; it may be outside of the grid."""
        return ceil(min(price / self.step, FAR) - NUDGE) - self.low


class Deal(NamedTuple):
    """What traded in one row: base currency, by aggressor."""

    bought: float = 0.0
    sold: float = 0.0
    neither: float = 0.0

    @property
    def total(self) -> float:
        """All of it."""
        return self.bought + self.sold + self.neither


class Column(NamedTuple):
    """One moment. Rows from the lowest; those of the touch may be outside of the grid."""

    live: bool
    sizes: array[float]
    """By row; `UNKNOWN` where nothing is known."""
    bid: int | None
    ask: int | None
    deals: dict[int, Deal]
    """By row, of those in the grid."""


def column(sample: Sample, grid: Grid, *, limited: bool = False) -> Column:
    """A moment in the rows of `grid`.

    `limited`: the venue tells only so many levels, and nothing of what may be beyond them.
    """
    sizes = array("d", [UNKNOWN]) * grid.rows
    if not sample.live:
        return Column(False, sizes, None, None, {})
    bids, asks = sample.bids.prices, sample.asks.prices
    bid = grid.below(bids[0]) if bids else None
    ask = grid.above(asks[0]) if asks else None
    # Zero between the last known levels, and beyond them where there are no more.
    lowest, highest = ask if ask is not None else grid.rows, bid if bid is not None else -1
    if sample.bids_whole and not limited:
        lowest = 0
    elif bids:
        lowest = min(lowest, grid.below(bids[-1]))
    if sample.asks_whole and not limited:
        highest = grid.rows - 1
    elif asks:
        highest = max(highest, grid.above(asks[-1]))
    for row in range(max(0, lowest), min(grid.rows - 1, highest) + 1):
        sizes[row] = 0.0
    _rest(sizes, grid, (bids, sample.bids.sizes), (asks, sample.asks.sizes))
    return Column(True, sizes, bid, ask, _deals(sample, grid))


def _rest(sizes: array[float], grid: Grid, bids: Levels, asks: Levels) -> None:
    """Add what rests in the grid: both sides are best first."""
    step, low, rows = grid
    bottom, top = (low - 1) * step, (low + rows + 1) * step
    prices, resting = bids
    near = slice(bisect_left(prices, -top, key=neg), bisect_right(prices, -bottom, key=neg))
    for price, size in zip(prices[near], resting[near], strict=True):
        row = floor(price / step + NUDGE) - low
        if 0 <= row < rows:
            sizes[row] += size
    prices, resting = asks
    near = slice(bisect_left(prices, bottom), bisect_right(prices, top))
    for price, size in zip(prices[near], resting[near], strict=True):
        row = ceil(price / step - NUDGE) - low
        if 0 <= row < rows:
            sizes[row] += size


def _deals(sample: Sample, grid: Grid) -> dict[int, Deal]:
    deals: dict[int, Deal] = {}
    traded = zip(sample.trade_prices, sample.trade_sizes, sample.trade_signs, strict=True)
    for price, size, sign in traded:
        row = grid.above(price) if sign > 0 else grid.below(price)
        if 0 <= row < grid.rows:
            bought, sold, neither = deals.get(row, Deal())
            if sign > 0:
                deals[row] = Deal(bought + size, sold, neither)
            elif sign < 0:
                deals[row] = Deal(bought, sold + size, neither)
            else:
                deals[row] = Deal(bought, sold, neither + size)
    return deals


def middle(sample: Sample) -> float | None:
    """Halfway between the best prices, or the best of the only side; None of an empty book."""
    mid = sample.mid
    if mid is not None:
        return mid
    return sample.bid if sample.bid is not None else sample.ask


def fitting(samples: Sequence[Sample], rows: int, tick: Decimal) -> int:
    """How many 1-2-5 steps of the tick (> 0) a row should be wide (0: one tick), so that the
    movement in `samples` and some depth of the newest fit into `rows` (>= 1)."""
    told = [sample for sample in samples if sample.live and middle(sample) is not None]
    if not told:
        return 0
    middles = [mid for sample in told if (mid := middle(sample)) is not None]
    newest = told[-1]
    depth = 0.0
    for prices in (newest.bids.prices, newest.asks.prices):
        if prices:
            depth += abs(prices[min(NEAR_LEVELS, len(prices)) - 1] - middles[-1])
    need = (max(middles) - min(middles)) * ROOM + depth
    ticks = need / rows / float(tick)
    if not isfinite(ticks):
        return 0
    return steps.reaching(Decimal(max(1.0, ticks)))


class Intensity(NamedTuple):
    """How sizes become steps: by their logarithm between a small and a large one."""

    least: float = 1.0
    most: float = 1.0
    bounds: tuple[float, ...] = ()
    """The least size of step 2, 3, ...; ascending."""

    def of(self, size: float) -> int:
        """0 for nothing, else 1 to `LEVELS` - 1; -1 where nothing is known."""
        if size <= 0:
            return 0 if size == 0 else -1
        return 1 + bisect_right(self.bounds, size)

    def fits(self, other: Intensity) -> bool:
        """Whether it will do where `other` would be exact."""
        pairs = ((self.least, other.least), (self.most, other.most))
        return bool(self.bounds) and all(mine / 1.6 <= its <= mine * 1.6 for mine, its in pairs)


def intensity(sizes: Iterable[float]) -> Intensity:
    """From the 40th to the 98th of a hundred of those sizes that are something: walls stand out."""
    resting = sorted(size for size in sizes if size > 0 and isfinite(size))
    if not resting:
        return Intensity()
    least = resting[len(resting) * 40 // 100]
    # Sizes that are nearly the same are not told apart.
    most = max(resting[len(resting) * 98 // 100], LEAST_RATIO * least)
    steep = (most / least) ** (1 / (LEVELS - 2))
    bounds = [least * steep**number for number in range(1, LEVELS - 2)]
    return Intensity(least, most, (*bounds, most))
