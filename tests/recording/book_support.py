"""What the tests of book lines share: a book from its levels, and the line of no book."""

from __future__ import annotations

from decimal import Decimal

from obtui.book import OrderBook
from obtui.market import BookSnapshot

NOW_NS = 1_562_558_999_000_000_000
UNTRUSTED_NOW = '{"bids": [], "asks": [], "ts": 1562558999000}\n'


def book(bids: str = "", asks: str = "") -> OrderBook:
    """A book from `price:size price:size ...` a side."""
    made = OrderBook()
    sides = []
    for side in (bids, asks):
        pairs = [level.split(":") for level in side.split()]
        sides.append([(Decimal(price), Decimal(size)) for price, size in pairs])
    made.apply_snapshot(BookSnapshot(bids=sides[0], asks=sides[1]))
    return made
