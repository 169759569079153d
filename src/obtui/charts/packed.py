"""Levels in a quarter of their room: whole numbers of the smallest step that tells them, and sizes
in single precision, of which seven digits are more than a chart shows.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from obtui import metrics
from obtui.market import Level

MOST = 2**31 - 1
"""Of four bytes."""


class Packed(NamedTuple):
    """Levels of one side, best first."""

    scale: int = 1
    """Steps in one of the quote currency."""
    first: int = 0
    """The best price, in steps."""
    steps: Sequence[int] = array("i")
    """From the best price to each."""
    kept: array[float] = array("f")
    """Sizes."""

    @classmethod
    def of(cls, levels: Sequence[Level]) -> Packed:
        """Levels, best first; prices are kept exactly."""
        if not levels:
            return cls()
        prices = [level.price for level in levels]
        scale = 10 ** metrics.decimals(prices)
        whole = [int(price * scale) for price in prices]
        first = whole[0]
        steps = [it - first for it in whole]
        # By way of lists: an array that is made of an iterator keeps room to grow.
        small = array("i", steps) if max(map(abs, steps)) <= MOST else steps
        return cls(scale, first, small, array("f", [float(level.size) for level in levels]))

    @property
    def prices(self) -> list[float]:
        """In quote currency, the nearest to what the venue told."""
        first, scale = self.first, self.scale
        try:
            return [(first + steps) / scale for steps in self.steps]
        except OverflowError:  # beyond all measure: what no float tells is infinite
            return [float(Decimal(first + steps) / scale) for steps in self.steps]

    @property
    def sizes(self) -> list[float]:
        """In base currency, to seven digits."""
        return self.kept.tolist()
