"""Levels of a book put together in steps of 1, 2, 5, 10, ... times the tick.

Bids are put at the step below them and asks at the step above: a group never looks better than
what rests there. Sums are exact. A whole side of 46,000 levels is put together in some 15 ms, and
again in 5 where little of it changed.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from decimal import Decimal, localcontext
from functools import lru_cache
from operator import mul
from typing import NamedTuple

from obtui import steps
from obtui.book import BookSide
from obtui.market import Instrument, Level, Side
from obtui.metrics import EXACT

SHARE = 10
"""The coarsest step is at most the price divided by this: beyond it a ladder shows nothing."""


class Group(NamedTuple):
    """What rests at one price, or at the prices of one step."""

    price: Decimal
    """The worst price that belongs to it, whether or not anything rests there."""
    size: Decimal
    notional: Decimal
    """Price times size of each level, summed."""
    partial: bool = False
    """Whether there may be more in it than is known."""


def tick_of(instrument: Instrument, places: int) -> Decimal:
    """The smallest price step: what the venue said, or what `places` decimals can show."""
    tick = instrument.tick
    return tick if tick is not None and tick > 0 else Decimal(1).scaleb(-places)


def at_least(multiple: Decimal | int) -> int:
    """The first of 1, 2, 5, 10, 20, ... that is not less."""
    return int(steps.step(steps.reaching(max(Decimal(1), Decimal(multiple)))))


def coarser(multiple: int) -> int:
    """The one after it of 1, 2, 5, 10, 20, ..."""
    return int(steps.step(steps.reaching(Decimal(multiple)) + 1))


def finer(multiple: int) -> int:
    """The one before it of 1, 2, 5, 10, 20, ..., which 1 does not have: it stays 1."""
    return int(steps.step(max(0, steps.reaching(Decimal(multiple)) - 1)))


@lru_cache(maxsize=256)
def coarsest(tick: Decimal, price: Decimal) -> int:
    """The most ticks that are still a useful step at this price; at least 1."""
    most = 1
    while coarser(most) * tick * SHARE <= price:
        most = coarser(most)
    return most


def index_of(side: Side, price: Decimal, step: Decimal) -> int:
    """Which multiple of `step` (> 0) a level at `price` (>= 0) is put at."""
    with localcontext(EXACT):
        below = int(price // step)
        return below + 1 if side is Side.ASK and below * step != price else below


def group_of(side: Side, price: Decimal, step: Decimal) -> Decimal:
    """The price at which a level at `price` (>= 0) is put."""
    with localcontext(EXACT):
        return index_of(side, price, step) * step


def range_of(side: Side, price: Decimal, step: Decimal | None) -> tuple[Decimal, Decimal]:
    """The lowest and highest price of what is put at `price`; both belong to it."""
    if step is None:
        return price, price
    with localcontext(EXACT):
        # Prices may be finer than a tick: the next one that could be written ends the range.
        if side is Side.BID:
            return price, (price + step).next_minus()
        return (price - step).next_plus(), price


def count_to(side: BookSide, price: Decimal) -> int:
    """How many levels are at `price` or better."""
    prices = side.prices
    return len(prices) - bisect_left(prices, price) if side.bids else bisect_right(prices, price)


def best_of(side: BookSide, count: int) -> list[Decimal]:
    """The prices of the best `count` (>= 0) levels, ascending."""
    prices = side.prices
    return prices[max(0, len(prices) - count) :] if side.bids else prices[:count]


def beyond_known(side: BookSide, price: Decimal) -> bool:
    """Whether `price` is worse than every known level; so it is where none is known."""
    prices = side.prices
    return not prices or (price < prices[0] if side.bids else price > prices[-1])


def total_to(side: BookSide, price: Decimal, *, limited: bool = False) -> Group:
    """All that rests at `price` or better; partial where a limited book does not reach so far."""
    taken = best_of(side, count_to(side, price))
    size, notional = sums(taken, [side.sizes[it] for it in taken])
    return Group(price, size, notional, limited and beyond_known(side, price))


def each(levels: Iterable[Level]) -> list[Group]:
    """Every level on its own."""
    with localcontext(EXACT):
        return [Group(price, size, price * size) for price, size in levels]


class Grouper:
    """Puts the sides of one book together again and again: a group of which no level changed since
    the last time is not summed again."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[bool, dict[Decimal, tuple[list[Decimal], list[Decimal], Group]]] = {}

    def groups(
        self,
        side: BookSide,
        step: Decimal,
        count: int,
        *,
        limited: bool = False,
        skip: int = 0,
        worst: Decimal | None = None,
    ) -> list[Group]:
        """The best `count` (>= 0) groups that hold anything, best first, in steps of `step` (> 0).

        The best `skip` levels are left out, and those beyond `worst`. A side is `limited` where
        there may be levels beyond the last known one: then the group that reaches beyond it is
        partial.
        """
        bids, prices = side.bids, side.prices
        name = Side.BID if bids else Side.ASK
        before, known = self._known.get(bids, {}), {}
        found: list[Group] = []
        far = len(prices) if worst is None else count_to(side, worst)
        first, last = (len(prices) - far, len(prices) - skip) if bids else (skip, far)
        with localcontext(EXACT):
            while first < last and len(found) < count:
                price = group_of(name, prices[last - 1] if bids else prices[first], step)
                if bids:
                    start, end = bisect_left(prices, price, first, last), last
                    last = start
                else:
                    start, end = first, bisect_right(prices, price, first, last)
                    first = end
                taken = prices[start:end]
                held = list(map(side.sizes.__getitem__, taken))
                partial = limited and beyond_known(side, price)
                old = before.get(price)
                # The numbers of a copied book are the same objects, so that this is quick.
                if old is not None and old[1] == held and old[0] == taken:
                    group = old[2]._replace(partial=partial)
                else:
                    group = Group(price, *sums(taken, held), partial)
                known[price] = taken, held, group
                found.append(group)
        self._known[bids] = known
        return found


def sums(prices: list[Decimal], sizes: list[Decimal]) -> tuple[Decimal, Decimal]:
    """Size, and price times size, over all levels that are given."""
    with localcontext(EXACT):
        return sum(sizes, Decimal()), sum(map(mul, prices, sizes), Decimal())
