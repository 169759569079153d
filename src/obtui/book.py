"""The order book: every level that the venue sent, and nothing else.

The full depth is always kept: a book cut to its visible levels is wrong as soon as the market
moves, because the levels that come into view were thrown away. It checks no sequence and knows
no time; whether it may be trusted is the session's to say.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import partial

from obtui.market import BookDelta, BookSnapshot, Level

_level: Callable[[tuple[Decimal, Decimal]], Level] = partial(tuple.__new__, Level)
"""A level of a price and a size; without the call that `Level` makes, which is most of its time
where a recorder wants some for each message."""


class BookSide:
    """One side: sizes by price, and the prices in order.

    A dict and a list kept sorted by bisect measured faster than a sorted-dict library for real
    update streams, whose changes are near the touch (see tests/bench).
    """

    __slots__ = ("_top", "_top_depth", "bids", "prices", "sizes")

    def __init__(self, *, bids: bool) -> None:
        self.bids = bids
        """Whether the best price is the highest."""
        self.sizes: dict[Decimal, Decimal] = {}
        self.prices: list[Decimal] = []
        """Ascending on both sides: the best bid is the last, the best ask the first."""
        self._top: tuple[Level, ...] = ()
        """What was asked for last, of `_top_depth` levels (-1: it is not true any more): most
        messages change one side, and a recorder wants both after each."""
        self._top_depth = -1

    def __len__(self) -> int:
        return len(self.prices)

    def apply(self, changes: Iterable[tuple[Decimal, Decimal]]) -> None:
        """Set absolute sizes, in order; size 0 removes, and removing what is not there is legal.

        Prices that are equal as numbers are one level, however the venue pads them.
        """
        self._top_depth = -1
        sizes = self.sizes
        prices = self.prices
        for price, size in changes:
            if size:
                # Hashing a Decimal is the dearest step here, so it is done once: the dict's
                # length tells whether the level is new.
                known = len(sizes)
                sizes[price] = size
                if len(sizes) != known:
                    insort(prices, price)
            elif sizes.pop(price, None) is not None:
                del prices[bisect_left(prices, price)]

    def replace(self, levels: Iterable[tuple[Decimal, Decimal]]) -> None:
        """Forget everything, then take these levels, in any order."""
        self._top_depth = -1
        self.sizes = {}
        for price, size in levels:
            if size:
                self.sizes[price] = size
            else:
                self.sizes.pop(price, None)
        self.prices = sorted(self.sizes)

    def truncate(self, depth: int) -> None:
        """Forget all but the best `depth` levels (>= 1)."""
        excess = len(self.prices) - depth
        if excess > 0:
            self._top_depth = -1
            gone = slice(0, excess) if self.bids else slice(depth, None)
            for price in self.prices[gone]:
                del self.sizes[price]
            del self.prices[gone]

    def best(self) -> Level | None:
        """The level nearest the other side, or None when the side is empty."""
        if not self.prices:
            return None
        price = self.prices[-1 if self.bids else 0]
        return Level(price, self.sizes[price])

    def copy(self) -> BookSide:
        """The same levels in an object of their own, which stands still while this one moves."""
        other = BookSide(bids=self.bids)
        other.sizes = self.sizes.copy()
        other.prices = self.prices.copy()
        return other

    def top(self, depth: int) -> tuple[Level, ...]:
        """The best `depth` levels (>= 0), best first; the same object until the side changes."""
        if depth <= 0:
            return ()
        if self._top_depth != depth:
            prices = self.prices[: -depth - 1 : -1] if self.bids else self.prices[:depth]
            sizes = map(self.sizes.__getitem__, prices)
            self._top = tuple(map(_level, zip(prices, sizes, strict=True)))
            self._top_depth = depth
        return self._top


class OrderBook:
    """Bids and asks at full depth."""

    __slots__ = ("asks", "bids")

    def __init__(self) -> None:
        self.bids = BookSide(bids=True)
        self.asks = BookSide(bids=False)

    def apply_snapshot(self, snapshot: BookSnapshot) -> None:
        """Replace the whole book."""
        self.bids.replace(snapshot.bids)
        self.asks.replace(snapshot.asks)

    def apply_delta(self, delta: BookDelta) -> None:
        """Set the changed levels."""
        if delta.bids:
            self.bids.apply(delta.bids)
        if delta.asks:
            self.asks.apply(delta.asks)
        if delta.depth is not None:
            self.bids.truncate(delta.depth)
            self.asks.truncate(delta.depth)

    def copy(self) -> OrderBook:
        """The same levels in a book that stands still; some 10 ns a level."""
        other = OrderBook()
        other.bids = self.bids.copy()
        other.asks = self.asks.copy()
        return other

    @property
    def crossed(self) -> bool:
        """Whether the best bid is at or above the best ask, which no working market shows."""
        bids = self.bids.prices
        asks = self.asks.prices
        return bool(bids and asks and bids[-1] >= asks[0])

    def check(self) -> None:
        """Assert every invariant; for tests, called after each step of a random walk."""
        for side in (self.bids, self.asks):
            assert side.prices == sorted(side.sizes), "prices are the sorted keys of sizes"
            assert all(size > 0 for size in side.sizes.values()), "no empty level is kept"
