"""A market of Binance's, with its history: what was streamed, and every book that was true."""

from __future__ import annotations

import random
from decimal import Decimal

from support import binance_wire as wire
from support.books import Levels, set_level


class Exchange:
    """A market's history: changes of ten ids each, and the true book after each of them."""

    def __init__(self, count: int, seed: int = 5) -> None:
        chance = random.Random(seed)
        book: Levels = ({Decimal(1): Decimal(1)}, {Decimal(200): Decimal(1)})
        self.truth: list[Levels] = [(dict(book[0]), dict(book[1]))]
        self.diffs: list[bytes] = []
        """The change that makes book n is number n - 1, of the ids 10n - 9 to 10n."""
        for number in range(1, count + 1):
            bids, asks = [("1", str(number + 1))], []
            for _ in range(chance.randint(1, 3)):
                bids.append((f"{chance.randint(90, 99)}.50", chance.choice("0123")))
                asks.append((f"{chance.randint(101, 110)}", chance.choice("0123")))
            for sizes, side in zip(book, (bids, asks), strict=True):
                for price, size in side:
                    set_level(sizes, price, size)
            self.truth.append((dict(book[0]), dict(book[1])))
            self.diffs.append(wire.diff(10 * number - 9, 10 * number, bids, asks))

    def snapshot(self, number: int) -> tuple[int, str]:
        """REST's reply with a book."""
        sides = [
            [(str(price), str(size)) for price, size in side.items()] for side in self.truth[number]
        ]
        return 200, wire.book(10 * number, sides[0], sides[1])
