"""What grew and shrank, told in whole numbers, milliseconds and words."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from obtui.ladder.changes import Changes, Mark
from obtui.market import Side

MS = 1_000_000


class Watched:
    """Changes, told in whole numbers and milliseconds."""

    def __init__(self) -> None:
        self.changes = Changes()
        self.volumes: dict[tuple[Side, int], int] = {}
        self.ms = 1000

    def at(self, ms: int, bids: Mapping[int, int], asks: Mapping[int, int] | None = None) -> None:
        self.ms = ms
        sizes = {(Side.BID, price): size for price, size in bids.items()}
        sizes |= {(Side.ASK, price): size for price, size in (asks or {}).items()}
        self.changes.update(
            {(side, Decimal(price)): Decimal(size) for (side, price), size in sizes.items()},
            lambda side, price: Decimal(self.volumes.get((side, int(price)), 0)),
            ms * MS,
        )

    def sold(self, price: int, size: int) -> None:
        key = (Side.BID, price)
        self.volumes[key] = self.volumes.get(key, 0) + size

    def bid(self, price: int) -> str:
        return told(self.changes.mark(Side.BID, Decimal(price)))

    def ask(self, price: int) -> str:
        return told(self.changes.mark(Side.ASK, Decimal(price)))


def told(mark: Mark | None) -> str:
    if mark is None:
        return ""
    return f"{'grew' if mark.grew else 'traded' if mark.traded else 'pulled'} {mark.stage}"
