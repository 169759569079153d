"""Volume traded at each price since the start.

The prices stand in blocks, ascending. A copy shares them, and who adds to a shared block makes one
of its own first: copying costs the same however much has traded.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from obtui.market import Aggressor, Trade

LIMIT = 20_000
"""Prices that are remembered."""
BLOCK = 64
"""Prices in one block, at most."""


class Volume(NamedTuple):
    """Base currency, >= 0."""

    bought: Decimal = Decimal()
    """By aggressive buyers, who take asks."""
    sold: Decimal = Decimal()
    """By aggressive sellers, who hit bids."""
    neither: Decimal = Decimal()
    """In auctions and the like."""

    @property
    def total(self) -> Decimal:
        """All of it."""
        return self.bought + self.sold + self.neither


# Read once for each trade: as attributes of the enumeration they cost more than the sum.
_BUYER, _SELLER = Aggressor.BUYER, Aggressor.SELLER
_NOTHING = Decimal()
_NONE = Volume()


class TradedVolume:
    """By price, bounded in prices: those farthest from the last trade are forgotten."""

    __slots__ = (
        "_block",
        "_blocks",
        "_ceiling",
        "_floor",
        "_forgotten_above",
        "_forgotten_below",
        "_limit",
        "_owner",
        "_prices",
        "_separators",
    )

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._prices = 0
        self._owner = object()
        self._block = _Block(self._owner, [])
        # Of the block that was added to last: prices in [floor, ceiling) belong to it.
        self._floor, self._ceiling = Decimal("-Infinity"), Decimal("Infinity")
        self._blocks = [self._block]
        self._separators: list[Decimal] = []
        """The floor of each block but the first."""
        self._forgotten_below: tuple[Decimal, Decimal] | None = None
        """Lowest and highest of the prices that were forgotten from below."""
        self._forgotten_above: tuple[Decimal, Decimal] | None = None

    def add(self, trade: Trade) -> None:
        """Count a trade that is no history."""
        price = trade.price
        block = self._block
        # Nearly always the next trade is near the last one.
        if block.owner is not self._owner or not self._floor <= price < self._ceiling:
            block = self._block_of(price)
        aggressor = trade.aggressor
        sizes = (
            block.bought
            if aggressor is _BUYER
            else block.sold
            if aggressor is _SELLER
            else block.neither
        )
        before = sizes.get(price)
        block.total = None
        if before is not None:
            sizes[price] = before + trade.size
            return
        new = not block.knows(price)
        sizes[price] = trade.size
        if new:
            self._grow(block, price)

    def copy(self) -> TradedVolume:
        """One that stands still."""
        copy = TradedVolume(self._limit)
        copy._prices = self._prices
        copy._block = self._block
        copy._blocks = self._blocks.copy()
        copy._separators = self._separators.copy()
        copy._forgotten_below = self._forgotten_below
        copy._forgotten_above = self._forgotten_above
        self._owner = object()  # from now on no block is its own
        return copy

    def between(self, lowest: Decimal, highest: Decimal) -> tuple[Volume, bool]:
        """What traded at prices in [lowest, highest], and whether that is all of it.

        It is not where prices in it may have been forgotten.
        """
        below, above = self._forgotten_below, self._forgotten_above
        whole = not (
            (below or above)
            and (_overlap(below, lowest, highest) or _overlap(above, lowest, highest))
        )
        first = bisect_right(self._separators, lowest)
        last = bisect_right(self._separators, highest)
        if first >= last:
            return self._blocks[first].between(lowest, highest), whole
        ends = [self._blocks[end].between(lowest, highest) for end in (first, last)]
        parts = ends + [block.sum() for block in self._blocks[first + 1 : last]]
        return Volume(*[sum(sizes, _NOTHING) for sizes in zip(*parts, strict=True)]), whole

    def _block_of(self, price: Decimal) -> _Block:
        """The block that a price belongs to, as one that may be changed."""
        index = bisect_right(self._separators, price)
        block = self._blocks[index]
        if block.owner is not self._owner:
            block = block.copy(self._owner)
            self._blocks[index] = block
        self._floor = self._separators[index - 1] if index else Decimal("-Infinity")
        last = index == len(self._separators)
        self._ceiling = Decimal("Infinity") if last else self._separators[index]
        self._block = block
        return block

    def _grow(self, block: _Block, price: Decimal) -> None:
        """A price traded that had not before, or was forgotten."""
        insort(block.prices, price)
        self._prices += 1
        if self._prices > self._limit:
            self._forget(price)
        if len(block.prices) > BLOCK:
            self._split(block, price)

    def _split(self, block: _Block, price: Decimal) -> None:
        """Make two of the block that a price belongs to."""
        index = bisect_right(self._separators, price)
        lower, upper = block.halves()
        self._blocks[index : index + 1] = [lower, upper]
        self._separators.insert(index, upper.prices[0])
        self._block_of(price)

    def _forget(self, last: Decimal) -> None:
        """The price farthest from that of the last trade; of two equally far the lower one."""
        lowest, highest = self._blocks[0].prices[0], self._blocks[-1].prices[-1]
        if last - lowest >= highest - last:
            self._drop(lowest, 0)
            known = self._forgotten_below or (lowest, lowest)
            self._forgotten_below = (min(known[0], lowest), max(known[1], lowest))
        else:
            self._drop(highest, -1)
            known = self._forgotten_above or (highest, highest)
            self._forgotten_above = (min(known[0], highest), max(known[1], highest))
        self._block_of(last)

    def _drop(self, price: Decimal, end: int) -> None:
        """Take the lowest (`end` 0) or the highest (-1) price out, and its block if it was all."""
        block = self._block_of(price)
        block.drop(end)
        self._prices -= 1
        if not block.prices and self._separators:
            del self._blocks[end]
            del self._separators[end]


def _overlap(forgotten: tuple[Decimal, Decimal] | None, lowest: Decimal, highest: Decimal) -> bool:
    return forgotten is not None and max(lowest, forgotten[0]) <= min(highest, forgotten[1])


class _Block:
    """Some prices, ascending, and what traded at them. Only its owner changes it."""

    __slots__ = ("bought", "neither", "owner", "prices", "sold", "total")

    def __init__(self, owner: object, prices: list[Decimal]) -> None:
        self.owner = owner
        self.prices = prices
        self.bought: dict[Decimal, Decimal] = {}
        self.sold: dict[Decimal, Decimal] = {}
        self.neither: dict[Decimal, Decimal] = {}
        self.total: Volume | None = None

    def knows(self, price: Decimal) -> bool:
        """Whether it traded."""
        return price in self.bought or price in self.sold or price in self.neither

    def copy(self, owner: object) -> _Block:
        """Another's block of the same."""
        copy = _Block(owner, self.prices.copy())
        copy.bought, copy.sold, copy.neither = [sizes.copy() for sizes in self._sizes()]
        return copy

    def halves(self) -> tuple[_Block, _Block]:
        """Two blocks of its owner's."""
        half = len(self.prices) // 2
        lower, upper = (
            _Block(self.owner, self.prices[:half]),
            _Block(self.owner, self.prices[half:]),
        )
        for part in (lower, upper):
            for all_sizes, sizes in zip(self._sizes(), part._sizes(), strict=True):
                sizes.update({each: all_sizes[each] for each in part.prices if each in all_sizes})
        return lower, upper

    def drop(self, end: int) -> None:
        """Forget the lowest price (`end` 0) or the highest (-1)."""
        price = self.prices.pop(end)
        for sizes in self._sizes():
            sizes.pop(price, None)
        self.total = None

    def sum(self) -> Volume:
        """Of all its prices."""
        if self.total is None:
            self.total = self._sum_of(self.prices)
        return self.total

    def between(self, lowest: Decimal, highest: Decimal) -> Volume:
        """Of its prices in [lowest, highest]."""
        prices = self.prices
        within = prices[bisect_left(prices, lowest) : bisect_right(prices, highest)]
        return self._sum_of(within) if within else _NONE

    def _sum_of(self, prices: Sequence[Decimal]) -> Volume:
        sums = [
            sum([sizes[price] for price in prices if price in sizes], _NOTHING)
            for sizes in self._sizes()
        ]
        return Volume(*sums)

    def _sizes(self) -> tuple[dict[Decimal, Decimal], ...]:
        return self.bought, self.sold, self.neither
