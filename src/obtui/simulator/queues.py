"""The exchange's own book: orders waiting in queues, in whole ticks and lots.

It differs from `obtui.book` on purpose. A venue knows single orders and their turn, a viewer only
sums by price; and a simulator that shared the viewer's book would share its mistakes. It knows no
time, no chance and no wire.
"""

from __future__ import annotations

from bisect import bisect_left, insort

from obtui.market import Side


class Order:
    """A resting limit order; `lots` falls as it is filled, and 0 means that it is gone."""

    __slots__ = ("lots", "price", "side")

    def __init__(self, side: Side, price: int, lots: int) -> None:
        self.side = side
        self.price = price
        self.lots = lots


class QueueSide:
    """One side: a queue of orders at each price, oldest first, and their sum."""

    __slots__ = ("prices", "queues", "side", "totals")

    def __init__(self, side: Side) -> None:
        self.side = side
        self.prices: list[int] = []
        """In ticks, ascending on both sides."""
        self.queues: dict[int, list[Order]] = {}
        self.totals: dict[int, int] = {}
        """Lots resting at each price, always > 0."""

    def __len__(self) -> int:
        return len(self.prices)

    @property
    def best(self) -> int:
        """The price nearest the other side, in ticks; the side must not be empty."""
        return self.prices[-1 if self.side is Side.BID else 0]

    def load(self, orders: list[Order]) -> None:
        """Fill an empty side at once: sorting once beats thousands of insertions."""
        for order in orders:
            self.queues.setdefault(order.price, []).append(order)
            self.totals[order.price] = self.totals.get(order.price, 0) + order.lots
        self.prices = sorted(self.queues)

    def add(self, order: Order) -> int:
        """Queue an order; returns the lots now resting at its price."""
        price = order.price
        queue = self.queues.get(price)
        if queue is None:
            insort(self.prices, price)
            self.queues[price] = [order]
            self.totals[price] = order.lots
            return order.lots
        queue.append(order)
        self.totals[price] += order.lots
        return self.totals[price]

    def cancel(self, order: Order) -> int:
        """Withdraw what is left of an order; returns the lots still resting at its price."""
        left = self.totals[order.price] - order.lots
        order.lots = 0
        if left:
            self.totals[order.price] = left
            self.queues[order.price].remove(order)
        else:
            self._remove(order.price)
        return left

    def take(self, price: int, lots: int) -> int:
        """Fill `lots` (<= what rests there) oldest first; returns the lots still resting."""
        left = self.totals[price] - lots
        queue = self.queues[price]
        while lots:
            order = queue[0]
            filled = min(lots, order.lots)
            order.lots -= filled
            lots -= filled
            if not order.lots:
                del queue[0]
        if left:
            self.totals[price] = left
        else:
            self._remove(price)
        return left

    def clear(self, price: int) -> int:
        """Withdraw every order at a price; returns the lots that rested there."""
        lots = self.totals[price]
        for order in self.queues[price]:
            order.lots = 0
        self._remove(price)
        return lots

    def levels(self, depth: int = 0) -> list[tuple[int, int]]:
        """The best `depth` levels as (price, lots), best first; 0 means all of them."""
        prices = self.prices[::-1] if self.side is Side.BID else self.prices
        return [(price, self.totals[price]) for price in (prices[:depth] if depth else prices)]

    def check(self) -> None:
        """Assert every invariant; for tests."""
        assert self.prices == sorted(self.queues), "prices are the sorted keys of the queues"
        assert self.queues.keys() == self.totals.keys(), "every queue has a sum"
        for price, queue in self.queues.items():
            assert queue, "no empty queue is kept"
            assert all(order.lots > 0 for order in queue), "no filled order waits"
            assert sum(order.lots for order in queue) == self.totals[price], "sums are exact"

    def _remove(self, price: int) -> None:
        del self.queues[price]
        del self.totals[price]
        del self.prices[bisect_left(self.prices, price)]
