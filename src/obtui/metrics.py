"""What is derived from a book's levels: pure functions, which know no state and no screen.

Sums of what the venue said stay exact; ratios are floats and never flow back into a book.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Context, Decimal
from functools import lru_cache

from obtui.market import Level

EXACT = Context(prec=100)
"""Digits enough for sums and products of whatever a venue sends, to the last one."""


def midpoint(bid: Level, ask: Level) -> Decimal:
    """Halfway between the best prices, in quote currency."""
    return (bid.price + ask.price) / 2


def spread(bid: Level, ask: Level) -> Decimal:
    """Best ask less best bid, in quote currency; negative in a crossed book."""
    return ask.price - bid.price


def spread_bps(bid: Level, ask: Level) -> float:
    """The spread in basis points (1/100 of a percent) of the midpoint."""
    return float(spread(bid, ask) / midpoint(bid, ask)) * 10_000


def microprice(bid: Level, ask: Level) -> float:
    """The midpoint weighted to the side that would be taken first.

    (bid·ask_size + ask·bid_size) / (bid_size + ask_size), as in Stoikov, "The Micro-Price", 2018,
    where it is called the weighted mid.
    """
    total = bid.size + ask.size
    return float((bid.price * ask.size + ask.price * bid.size) / total)


def imbalance(bids: Iterable[Level], asks: Iterable[Level]) -> float:
    """(bid size - ask size) / (bid size + ask size) over the levels given, in [-1, 1].

    0 where there is nothing on either side.
    """
    bid_size = sum((level.size for level in bids), Decimal())
    ask_size = sum((level.size for level in asks), Decimal())
    total = bid_size + ask_size
    return float((bid_size - ask_size) / total) if total else 0.0


def decimals(values: Iterable[Decimal]) -> int:
    """The fewest decimal places that show every value exactly; padding zeros do not count."""
    return max(map(_places, values), default=0)


@lru_cache(maxsize=1 << 11)  # the same prices and sizes are on screen from frame to frame
def _places(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    # A str for NaN and infinity, which no level holds.
    return max(0, -exponent) if isinstance(exponent, int) else 0


def cumulative(levels: Sequence[Level]) -> list[Decimal]:
    """Size from the best level down to each, in the order given."""
    total = Decimal()
    sums = []
    for level in levels:
        total += level.size
        sums.append(total)
    return sums
