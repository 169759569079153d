"""A ladder whose prices stand still, as on a trader's screen.

Every row is one multiple of the step, whether or not anything rests there, and the market moves
through the rows.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from decimal import Decimal, localcontext
from typing import NamedTuple

from obtui.book import BookSide
from obtui.ladder import grouping
from obtui.ladder.grouping import Group, Grouper
from obtui.ladder.rows import Bars, Row, Unit, greatest, running, scaled
from obtui.market import Side
from obtui.metrics import EXACT

NONE = Decimal()
EDGE = 2
"""Rows from the first and last one in which the best prices are not to come."""
WIDEST, NARROWEST = Decimal("1.5"), Decimal("0.2")
"""An automatic step stands as long as what would be needed is between these times it."""


class AnchoredRow(NamedTuple):
    """A price, and what rests there; both may where the best prices meet."""

    price: Decimal
    bid: Row | None
    """None above the best bid; size 0 below it where nothing rests."""
    ask: Row | None
    """None below the best ask; size 0 above it where nothing rests."""


def automatic(
    bids: BookSide, asks: BookSide, rows: int, tick: Decimal, now: int | None = None
) -> int:
    """Ticks a row so that `rows` rows reach about as far as as many best levels do; `now` is kept
    where it still serves."""
    count = max(1, rows // 2)
    near, far = grouping.best_of(bids, count), grouping.best_of(asks, count)
    if near and far:
        reach = far[-1] - near[0]
    elif near or far:
        reach = 2 * ((near or far)[-1] - (near or far)[0])
    else:
        return now or 1
    needed = reach / max(1, rows) / tick
    if now is not None and NARROWEST * now <= needed <= WIDEST * now:
        return now
    return grouping.at_least(needed)


class Anchor:
    """Where the rows stand: moved only when the market leaves them, or when they are let go."""

    __slots__ = ("_rows", "_step", "_top")

    def __init__(self) -> None:
        self._top: int | None = None
        self._rows = 0
        self._step = Decimal()

    def let_go(self) -> None:
        """Centre it the next time."""
        self._top = None

    def place(
        self, bid: Decimal | None, ask: Decimal | None, step: Decimal, rows: int
    ) -> int | None:
        """The multiple of `step` (> 0) that the first of `rows` (>= 1) rows shows, given the best
        prices; None as long as there never was one."""
        top = self._top if step == self._step else None
        if top is not None:
            top += rows // 2 - self._rows // 2
        self._rows, self._step = rows, step
        low = None if bid is None else grouping.index_of(Side.BID, bid, step)
        high = None if ask is None else grouping.index_of(Side.ASK, ask, step)
        low, high = low if low is not None else high, high if high is not None else low
        if low is not None and high is not None:
            middle = (low + high) // 2
            edge = min(EDGE, (rows - 1) // 4)
            if high - low + 1 + 2 * edge > rows:
                low = high = middle  # a spread wider than the rows: there is no more to see
            if top is None or high > top - edge or low < top - rows + 1 + edge:
                top = max(middle + rows // 2, rows - 1)  # no price is below 0
        self._top = top
        return top


class Limits(NamedTuple):
    """Whether there may be levels beyond the last known one."""

    bids: bool = False
    asks: bool = False


class Window(NamedTuple):
    """Which multiples of a step are shown."""

    top: int
    rows: int
    step: Decimal


def build(
    bids: BookSide,
    asks: BookSide,
    grouper: Grouper,
    window: Window,
    limits: Limits,
    *,
    unit: Unit = Unit.SIZE,
    bars: Bars = Bars.CUMULATIVE,
) -> tuple[AnchoredRow, ...]:
    """The rows of a window, highest price first."""
    top, rows, step = window
    with localcontext(EXACT):
        prices = [index * step for index in range(top, top - rows, -1)]
    below = _side(bids, grouper, prices, step, limited=limits.bids)
    above = _side(asks, grouper, prices[::-1], step, limited=limits.asks)
    longest = greatest([*below, *above], unit, bars)
    bid = {row.price: row for row in scaled(below, unit, bars, longest)}
    ask = {row.price: row for row in scaled(above, unit, bars, longest)}
    return tuple([AnchoredRow(price, bid.get(price), ask.get(price)) for price in prices])


def _side(
    side: BookSide, grouper: Grouper, prices: list[Decimal], step: Decimal, *, limited: bool
) -> list[Row]:
    """A row for each of `prices`, best first, from the best level's on."""
    best = side.best()
    if best is None or not prices:
        return []
    name = Side.BID if side.bids else Side.ASK
    low, high = grouping.range_of(name, prices[0], step)
    # What is better than the first row belongs to the sums, too.
    skip = (
        len(side) - bisect_right(side.prices, high) if side.bids else bisect_left(side.prices, low)
    )
    before = grouping.best_of(side, skip)
    ahead = grouping.sums(before, [side.sizes[price] for price in before])
    rows = len(prices)
    found = grouper.groups(side, step, rows, limited=limited, skip=skip, worst=prices[-1])
    known = {group.price: group for group in found}
    start = grouping.group_of(name, best.price, step)
    groups = []
    for price in prices:
        if price <= start if side.bids else price >= start:
            empty = Group(price, NONE, NONE, limited and grouping.beyond_known(side, price))
            groups.append(known.get(price, empty))
    return running(groups, *ahead)
