"""Kraken's checksum of a book: CRC32 over the text of its best 10 levels a side.

Source: Kraken's guide "book checksum (v2)". Asks from the best up, then bids from the best down;
of each level the price, then the quantity, both written with the instrument's number of decimals,
without the point and without leading zeros. The decimals matter: the JSON on the wire may leave
out trailing zeros, and the venue counts them.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple
from zlib import crc32

from obtui.book import BookSide, OrderBook
from obtui.feeds.base import ChecksumMismatch

LEVELS = 10
"""Levels a side, whatever the depth of the subscription."""
MOST_DECIMALS = 30
"""No instrument has more: they would only fill the text."""
MOST_GUESSED = 14
"""Decimals up to which a precision is guessed: 15 x 15 tries at most, some 5 ms, once."""
MOST_TEXTS = 4096
"""Levels whose text is remembered."""


class Precision(NamedTuple):
    """An instrument's decimals, 0 to `MOST_DECIMALS`."""

    price: int
    quantity: int


class Checksum:
    """The checksum of one connection's book, for one precision.

    Between two messages nearly all of the best levels are the same, so that a side is written
    anew only when one of its 10 has changed, and a level's text is remembered.
    """

    def __init__(self, precision: Precision) -> None:
        self.precision = precision
        self._texts: dict[tuple[Decimal, Decimal], bytes] = {}
        self._asks = _Written()
        self._bids = _Written()

    def of(self, book: OrderBook) -> int:
        """The unsigned checksum; `ChecksumMismatch` where a level has more decimals."""
        asks, bids = book.asks, book.bids
        text = self._write(self._asks, asks.prices[:LEVELS], asks)
        return crc32(self._write(self._bids, bids.prices[: -LEVELS - 1 : -1], bids), crc32(text))

    def _write(self, written: _Written, prices: list[Decimal], side: BookSide) -> bytes:
        """The text of these levels of a side, which are its best, best first."""
        sizes = list(map(side.sizes.__getitem__, prices))
        if sizes != written.sizes or prices != written.prices:
            texts = self._texts
            if len(texts) > MOST_TEXTS:
                texts.clear()
            parts = []
            for level in zip(prices, sizes, strict=True):
                part = texts.get(level)
                if part is None:
                    part = texts[level] = self._level(*level)
                parts.append(part)
            written.prices, written.sizes, written.text = prices, sizes, b"".join(parts)
        return written.text

    def _level(self, price: Decimal, quantity: Decimal) -> bytes:
        decimals = self.precision
        return _digits(price, decimals.price) + _digits(quantity, decimals.quantity)


class _Written:
    """What was written last of a side."""

    __slots__ = ("prices", "sizes", "text")

    def __init__(self) -> None:
        self.prices: list[Decimal] = []
        self.sizes: list[Decimal] = []
        self.text = b""


def inferred(book: OrderBook, checksum: int) -> Checksum | None:
    """The precision that gives this book this checksum, by trying.

    None for an empty book, which has the same checksum at any precision. Raises `ChecksumMismatch`
    where no precision of up to `MOST_GUESSED` decimals fits.
    """
    sides = (book.asks, book.bids)
    if not any(map(len, sides)):
        if checksum != 0:
            raise ChecksumMismatch(f"checksum {checksum} of an empty book")
        return None
    least_price = max(_decimals(side.prices) for side in sides)
    least_quantity = max(_decimals(side.sizes.values()) for side in sides)
    for price in range(least_price, MOST_GUESSED + 1):
        for quantity in range(least_quantity, MOST_GUESSED + 1):
            tried = Checksum(Precision(price, quantity))
            if tried.of(book) == checksum:
                return tried
    raise ChecksumMismatch(f"checksum {checksum}: the book has another at any precision")


def _decimals(numbers: Iterable[Decimal]) -> int:
    """The fewest decimals that all of these can be written with."""
    most = 0
    for number in numbers:
        digits, exponent = number.as_tuple()[1:]
        if isinstance(exponent, int) and -exponent > most:
            # Zeros at the end need not be the instrument's: they are left out of the count.
            shown = "".join(map(str, digits))
            most = max(most, -exponent - (len(shown) - len(shown.rstrip("0"))))
    return most


def _digits(number: Decimal, decimals: int) -> bytes:
    text = f"{number:.{decimals}f}"
    # Rounded, a wrong number could have the right checksum.
    if Decimal(text) != number:
        raise ChecksumMismatch(f"{number:.12g} has more than {decimals} decimals")
    return text.replace(".", "").lstrip("0").encode()
