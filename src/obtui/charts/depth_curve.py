"""The depth chart's numbers: how much rests between the middle and each price, and their scales.

A column is a price step wide, of 1, 2 or 5 times a power of ten, and begins at a multiple of it, so
that the picture stands still while the market moves within it. Sums are exact.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from decimal import Decimal, localcontext
from itertools import accumulate
from typing import NamedTuple

from obtui import steps
from obtui.book import BookSide, OrderBook
from obtui.metrics import EXACT

SHARE = 10
"""A fitting range holds 1/10 of what rests on the side that rests nearer."""
LOOK_NS = 5_000_000_000
"""How often it is asked whether the range still fits."""
TOPS = tuple(Decimal(top) for top in ("1", "1.5", "2", "3", "4", "5", "6", "8", "10"))
LEAST_FILLED = Decimal("0.4")
"""Of the height, by the deeper side: with less the height is chosen anew."""


class Curve(NamedTuple):
    """Cumulative sizes, in base currency."""

    step: Decimal
    """Width of a column, in quote currency."""
    centre: int
    """The middle, in steps."""
    bids: tuple[Decimal, ...]
    """What rests at or above the n-th multiple below the middle, nearest first."""
    asks: tuple[Decimal, ...]
    """What rests at or below the n-th multiple above the middle, nearest first."""
    bids_known: int
    """Columns whose sum is known; of those beyond it is the least that it can be."""
    asks_known: int

    def price(self, column: int) -> Decimal:
        """At the far edge of a column: -1 is the bids' first, 1 the asks', 0 the middle."""
        return (self.centre + column) * self.step


def middle(book: OrderBook) -> Decimal | None:
    """Halfway between the best prices, or the best of the only side; None of an empty book."""
    bid, ask = book.bids.best(), book.asks.best()
    if bid is not None and ask is not None:
        return (bid.price + ask.price) / 2
    only = bid or ask
    return only.price if only is not None else None


def curve(
    book: OrderBook, step: Decimal, centre: int, columns: int, *, limited: bool = False
) -> Curve:
    """What rests within `columns` (>= 1) steps either side of `centre`, itself in steps.

    `limited`: the venue tells only so many levels, and nothing of what may be beyond them.
    """
    edges = [(centre + column) * step for column in range(-columns, columns + 1)]
    below, above = edges[columns - 1 :: -1], edges[columns + 1 :]
    bids, asks = book.bids.prices, book.asks.prices
    bid_sums = _sums(book.bids, bids[bisect_left(bids, below[-1]) :][::-1])
    ask_sums = _sums(book.asks, asks[: bisect_right(asks, above[-1])])
    return Curve(
        step,
        centre,
        tuple([bid_sums[len(bids) - bisect_left(bids, edge)] for edge in below]),
        tuple([ask_sums[bisect_right(asks, edge)] for edge in above]),
        sum(not limited or (bool(bids) and bids[0] <= edge) for edge in below),
        sum(not limited or (bool(asks) and asks[-1] >= edge) for edge in above),
    )


def _sums(side: BookSide, prices: Sequence[Decimal]) -> list[Decimal]:
    """Of none, of the first, of the first two, ..."""
    with localcontext(EXACT):
        return list(accumulate(map(side.sizes.__getitem__, prices), initial=Decimal()))


def fitting(book: OrderBook, mid: Decimal) -> Decimal:
    """How far from `mid` the chart should reach: to 1/10 of the nearer side's size.

    What rests at less than half or more than twice the price does not count.
    """
    bids, asks = book.bids.prices, book.asks.prices
    near_bids = bids[bisect_left(bids, mid / 2) :][::-1]
    near_asks = asks[: bisect_right(asks, mid * 2)]
    reaches = []
    for side, near in ((book.bids, near_bids), (book.asks, near_asks)):
        if near:
            sums = _sums(side, near)
            at = bisect_left(sums, sums[-1] / SHARE, lo=1) - 1
            # The best level is never at the chart's very edge.
            reaches.append(max(abs(near[at] - mid), 2 * abs(near[0] - mid)))
    bests = [level.price for level in (book.bids.best(), book.asks.best()) if level is not None]
    return min(reaches) if reaches else 2 * max(abs(price - mid) for price in bests)


class Scale:
    """What stands still while the market moves: the step, the middle and the height."""

    def __init__(self) -> None:
        self.zoom = 0
        """Steps finer (> 0) or coarser than what fits."""
        self._number: int | None = None
        self._looked_ns = 0
        self._columns = 0
        self._centre: tuple[Decimal, int] | None = None
        self._top = Decimal()

    def forget(self) -> None:
        """Another market: its scales are its own. The zoom stays."""
        self._number = self._centre = None
        self._top = Decimal()

    def place(
        self, book: OrderBook, columns: int, monotonic_ns: int, least: Decimal
    ) -> tuple[Decimal, int] | None:
        """The step and the middle, in steps, for `columns` (>= 1) a side; None of an empty book.

        The step is no less than `least`, but where the chart would reach below a price of 0.
        """
        mid = middle(book)
        if mid is None:
            return None
        number = self._fitting(book, mid, columns, monotonic_ns)
        lowest = steps.reaching(least)
        highest = steps.reaching(mid / columns) if mid > 0 else number
        if mid > 0 and steps.step(highest) * columns > mid:  # no price is negative
            highest -= 1
        shown = min(highest, max(lowest, number - self.zoom))
        self.zoom = number - shown if self.zoom else 0
        step = steps.step(shown)
        centre = self._centre
        kept = centre is not None and centre[0] == step and centre[1] >= columns
        if centre is None or not kept or abs(mid - centre[1] * step) > step:
            self._centre = centre = step, steps.nearest(mid, step)
        return centre

    def _fitting(self, book: OrderBook, mid: Decimal, columns: int, monotonic_ns: int) -> int:
        """The step's number without zoom; asked for anew now and then, and kept if it will do."""
        passed = monotonic_ns - self._looked_ns
        if self._number is None or columns != self._columns or not 0 <= passed < LOOK_NS:
            wanted = fitting(book, mid) / columns
            number = steps.reaching(wanted) if wanted else self._number or 0
            if self._number is None or columns != self._columns or abs(number - self._number) > 1:
                self._number = number
            self._looked_ns, self._columns = monotonic_ns, columns
        return self._number

    def top(self, deepest: Decimal) -> Decimal:
        """The size at the chart's upper edge, no less than `deepest`; > 0."""
        if not LEAST_FILLED * self._top <= deepest <= self._top or not self._top:
            unit = Decimal(1).scaleb(deepest.adjusted()) if deepest else Decimal(1)
            self._top = next(top * unit for top in TOPS if top * unit >= deepest)
        return self._top


def marks(top: Decimal, most: int) -> list[Decimal]:
    """Sizes to label, up to `top` (> 0), at most `most` (>= 1), at multiples of a 1-2-5 step."""
    step = steps.step(steps.reaching(top / most))
    return [step * number for number in range(1, int(top / step) + 1)]


def eighths(sizes: Sequence[Decimal], top: Decimal, lines: int) -> list[int]:
    """Heights in eighths of a line, at most `lines` of them; what is not nothing has one."""
    most = lines * 8
    return [max(1, round(size / top * most)) if size else 0 for size in sizes]
