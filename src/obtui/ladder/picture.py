"""A ladder as it is to be drawn, line by line."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from obtui.ladder.readout import Readout
from obtui.ladder.rows import Form, Row
from obtui.market import Side


class Line(NamedTuple):
    """A line of the ladder, with what it shows of each side."""

    bid: Row | None = None
    ask: Row | None = None
    price: Decimal | None = None
    """Where every price has its line: that price."""

    def row(self, side: Side) -> Row | None:
        """What it shows of a side."""
        return self.bid if side is Side.BID else self.ask

    def price_of(self, side: Side) -> Decimal | None:
        """Where on a side it is; None where it shows nothing of it."""
        if self.price is not None:
            return self.price
        row = self.row(side)
        return None if row is None else row.price


class Picture(NamedTuple):
    """What is to be drawn, from top to bottom."""

    form: Form = Form.STACKED
    lines: tuple[Line, ...] = ()
    spread: int = 0
    """Before which of the lines the spread is told."""
    step: Decimal | None = None
    """What is put together; None: each level is on its own."""
    automatic: bool = False
    """Whether the market chose it."""
    cursor: int | None = None
    """The line under the cursor, if it is shown."""
    side: Side | None = None
    """The side of the cursor."""
    read: Readout | None = None
    """What is told of the cursor's price; None without a cursor."""

    @property
    def rows(self) -> list[Row]:
        """Of both sides."""
        return [row for line in self.lines for row in (line.bid, line.ask) if row is not None]
