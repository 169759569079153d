"""What it costs to take a size from one side of a book at once.

Sums are exact; only the average is rounded, to 28 digits. What lies beyond the known levels is not
guessed: a sweep that comes to their end says so.
"""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import NamedTuple

from obtui.book import BookSide
from obtui.metrics import EXACT


class Sweep(NamedTuple):
    """A market order of some size, taken level by level, best first."""

    size: Decimal
    """What was asked for, in base currency."""
    filled: Decimal
    """What the known levels give of it."""
    notional: Decimal
    """Price times size of what is filled, in quote currency."""
    average: Decimal | None
    """Price paid for the filled part; None where nothing is."""
    worst: Decimal | None
    """Price of the last level taken; None where none is."""
    levels: int
    """Levels taken, the last perhaps in part."""
    slippage_bps: float | None
    """How much worse than the mid the average is, in basis points of the mid; below 0 it is better.
    None where there is no mid or nothing is filled."""

    @property
    def whole(self) -> bool:
        """Whether the known levels hold all of it."""
        return self.filled == self.size


def sweep(side: BookSide, size: Decimal, mid: Decimal | None) -> Sweep:
    """Take `size` (base currency, >= 0) from a side: from the asks to buy, from the bids to sell.

    `mid` is the price that slippage is measured from, > 0.
    """
    filled = notional = Decimal()
    levels = 0
    worst = None
    sizes = side.sizes
    with localcontext(EXACT):
        for price in reversed(side.prices) if side.bids else side.prices:
            left = size - filled
            if left <= 0:
                break
            held = sizes[price]
            taken = min(held, left)
            filled += taken
            notional += price * taken
            worst = price
            levels += 1
    average = notional / filled if filled else None
    slippage = None
    if average is not None and mid is not None:
        worse = mid - average if side.bids else average - mid
        slippage = float(worse / mid * 10_000)
    return Sweep(size, filled, notional, average, worst, levels, slippage)
