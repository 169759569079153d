"""Levels in a fifth of their room: prices as whole numbers of the smallest step that tells them,
each from the one before, and sizes in single precision, of which seven digits are more than a chart
shows.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import accumulate, pairwise
from typing import NamedTuple

from obtui import metrics
from obtui.market import Level

FORMS = (("h", 2**15 - 1), ("i", 2**31 - 1))
"""Of two bytes and of four, and the most that they hold."""


class Packed(NamedTuple):
    """Levels of one side, best first."""

    scale: int = 1
    """Steps in one of the quote currency."""
    first: int = 0
    """The best price, in steps."""
    steps: Sequence[int] = array("h")
    """From each price to the next."""
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
        steps = [after - before for before, after in pairwise(whole)]
        # By way of lists: an array that is made of an iterator keeps room to grow.
        sizes = array("f", [float(level.size) for level in levels])
        return cls(scale, whole[0], _small(steps), sizes)

    @property
    def prices(self) -> list[float]:
        """In quote currency, the nearest to what the venue told."""
        scale = self.scale
        try:
            return [whole / scale for whole in self._whole()]
        except OverflowError:  # beyond all measure: what no float tells is infinite
            return [float(Decimal(whole) / scale) for whole in self._whole()]

    def _whole(self) -> Iterable[int]:
        return accumulate(self.steps, initial=self.first) if self.kept else ()

    @property
    def sizes(self) -> list[float]:
        """In base currency, to seven digits."""
        return self.kept.tolist()


def _small(steps: list[int]) -> Sequence[int]:
    """In as few bytes as hold them all."""
    most = max(map(abs, steps), default=0)
    form = next((form for form, holds in FORMS if most <= holds), None)
    return array(form, steps) if form else steps
