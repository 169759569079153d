"""Volume traded at each price since the start."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from obtui.market import Trade


class Volume(NamedTuple):
    """Base currency, >= 0."""

    bought: Decimal = Decimal()
    """By aggressive buyers, who take asks."""
    sold: Decimal = Decimal()
    """By aggressive sellers, who hit bids."""
    neither: Decimal = Decimal()
    """In auctions and the like."""

    @property
    def total(self) -> Decimal:
        """All of it."""
        return self.bought + self.sold + self.neither


class TradedVolume:
    """By price, bounded in prices."""

    def add(self, trade: Trade) -> None:
        """Count a trade that is no history."""

    def copy(self) -> TradedVolume:
        """One that stands still."""
        return self

    def between(self, lowest: Decimal, highest: Decimal) -> tuple[Volume, bool]:
        """What traded at prices in [lowest, highest], and whether that is all of it.

        It is not where prices in it may have been forgotten.
        """
        return Volume(), True
