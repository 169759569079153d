"""Recent trades, newest on top, told by aggressor."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment

from obtui import figures, metrics
from obtui.market import Aggressor
from obtui.tape import Print
from obtui.widgets.lines import LineWidget

SIGNS = {Aggressor.BUYER: "▲", Aggressor.SELLER: "▼", Aggressor.NONE: "·"}
"""Who took: a buyer lifts the price, a seller hits it; the sign says so without colour."""


class TradesPanel(LineWidget):
    """Time (UTC), aggressor, price and size of each trade."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "trades--title",
        "trades--time",
        "trades--buyer",
        "trades--seller",
        "trades--none",
        "trades--size",
    }

    def paint(self, width: int, height: int) -> list[list[Segment]]:
        """A title, then as many trades as fit."""
        view = self.view
        title = f" trades · {figures.count(view.trades)}" if view.trades else " no trades yet"
        zone = "UTC " if len(title) + 5 <= width else ""
        lines = [[Segment(title + zone.rjust(width - len(title)), self.part("trades--title"))]]
        shown = view.prints[: max(0, height - 1)]
        most = metrics.decimals(entry.trade.size for entry in shown)
        places = min(most, 8 if width >= 34 else 4)
        # A trade may print between ticks of the book: its own digits are never cut.
        price_places = max(
            view.price_decimals, metrics.decimals(entry.trade.price for entry in shown)
        )
        price = max((len(f"{entry.trade.price:.{price_places}f}") for entry in shown), default=0)
        return lines + [self._print(entry, price, price_places, places, width) for entry in shown]

    def _print(
        self, entry: Print, price: int, price_places: int, places: int, width: int
    ) -> list[Segment]:
        trade = entry.trade
        side = self.part(f"trades--{trade.aggressor.value}")
        time = figures.clock(entry.received_ns)
        size = figures.size(trade.size, places)
        figure = f"{SIGNS[trade.aggressor]} {figures.price(trade.price, price_places):>{price}}"
        # The hour gives way first: the panel holds minutes.
        fits = len(time) + len(figure) + len(size) + 4 <= width
        time = f" {time if fits else time[3:]} "
        left = width - len(time) - len(figure) - 2
        return [
            Segment(time, self.part("trades--time")),
            Segment(figure, side),
            Segment(f" {figures.fit(size, left):>{max(0, left)}}", self.part("trades--size")),
        ]
