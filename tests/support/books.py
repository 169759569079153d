"""Books computed the plain way, to compare against, and a listener that keeps what it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal

from obtui.book import OrderBook

Sizes = dict[Decimal, Decimal]
Levels = tuple[Sizes, Sizes]
"""Bids and asks: size by price."""


def set_level(sizes: Sizes, price: str, size: str) -> None:
    """The venue's rule: an absolute size, and 0 removes."""
    if Decimal(size) == 0:
        sizes.pop(Decimal(price), None)
    else:
        sizes[Decimal(price)] = Decimal(size)


def side_of(levels: Iterable[tuple[str, str]]) -> Sizes:
    """One side of a book given as texts."""
    sizes: Sizes = {}
    for price, size in levels:
        set_level(sizes, price, size)
    return sizes


def levels_of(book: OrderBook) -> Levels:
    """Every level of a book; its invariants hold, too."""
    book.check()
    return dict(book.bids.sizes), dict(book.asks.sizes)


class BookLog:
    """A `BookListener` that keeps every book it is told of, or what `look` makes of it."""

    def __init__(self, look: Callable[[OrderBook], object] = levels_of) -> None:
        self._look = look
        self.books: list[object] = []
        self.crossed = 0
        self.calls: list[str] = []
        """`book` and `untrusted`, in order."""

    def on_book(self, book: OrderBook, received_ns: int) -> None:
        self.books.append(self._look(book))
        self.crossed += book.crossed
        self.calls.append("book")

    def on_untrusted(self, received_ns: int) -> None:
        self.calls.append("untrusted")
