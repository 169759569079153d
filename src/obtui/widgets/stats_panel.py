"""Figures beside the ladder: the touch, what is derived from it, and how the feed does."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment

from obtui import figures, metrics
from obtui.market import Level
from obtui.widgets.lines import LineWidget

LABEL = 8
"""Cells of the label column."""
TALL = 11
"""Lines that all figures take with one a line; with fewer, the feed's share lines."""


class StatsPanel(LineWidget):
    """The more important first: what does not fit is cut from below."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "stats--label",
        "stats--figure",
        "stats--ask",
        "stats--bid",
        "stats--spark",
        "stats--stale",
    }

    visible_levels: int = 0
    """Levels a side that the ladder shows: the imbalance is theirs."""

    def paint(self, width: int, height: int) -> list[list[Segment]]:
        """The lines that fit."""
        lines = [*self._touch(width), *self._feed(width, compact=height < TALL)][:height]
        return [
            [label, Segment(figures.fit(figure.text, width - LABEL), figure.style)]
            for label, figure in lines
        ]

    def _line(self, label: str, text: str, part: str = "stats--figure") -> list[Segment]:
        return [
            Segment(f" {label:<{LABEL - 1}}", self.part("stats--label")),
            Segment(text, self.part(part)),
        ]

    def _touch(self, width: int) -> list[list[Segment]]:
        view = self.view
        bid = view.bids[0] if view.bids else None
        ask = view.asks[0] if view.asks else None
        book = "stats--figure" if view.live else "stats--stale"
        lines = [
            self._line("ask", self._level(ask, width), "stats--ask" if view.live else book),
            self._line("bid", self._level(bid, width), "stats--bid" if view.live else book),
        ]
        if bid is None or ask is None:
            lines += [self._line(label, "-", book) for label in ("mid", "micro", "imbal")]
            return lines
        places = view.price_decimals + 1
        visible = self.visible_levels
        balance = metrics.imbalance(view.bids[:visible], view.asks[:visible])
        mid = figures.amount(metrics.midpoint(bid, ask), places)
        lines.append(self._line("mid", mid, book))
        lines.append(self._line("micro", f"{metrics.microprice(bid, ask):.{places}f}", book))
        lines.append(self._line("imbal", _balance(balance, width - LABEL), book))
        return lines

    def _level(self, level: Level | None, width: int) -> str:
        if level is None:
            return "-"
        places = min(8 if width >= 34 else 4, metrics.decimals([level.size]))
        price = figures.price(level.price, self.view.price_decimals)
        return f"{price} × {figures.amount(level.size, places)}"

    def _feed(self, width: int, *, compact: bool) -> list[list[Segment]]:
        view = self.view
        age = "-" if view.age_seconds is None else figures.duration(view.age_seconds)
        lag = "-" if view.lag_ms is None else figures.milliseconds(view.lag_ms)
        rate = figures.count(view.rates[-1] if view.rates else 0)
        total = figures.count(view.messages)
        spark = figures.sparkline(view.rates, width - LABEL - 1)
        if compact:
            return [
                self._line("rate", f"{rate}/s · {total} msg"),
                self._line("age", f"{age} · lag {lag}"),
                self._line("1 min", spark, "stats--spark"),
            ]
        lines = [
            self._line("rate", f"{rate} msg/s"),
            self._line("1 min", spark, "stats--spark"),
            self._line("total", f"{total} messages"),
            self._line("age", age),
            self._line("lag", lag),
            self._line("levels", f"{view.ask_levels:,} ask · {view.bid_levels:,} bid"),
        ]
        if view.agreed:
            # The venue's own best bid and offer, held against the book after each of its frames.
            lines.append(self._line("agreed", f"{figures.count(view.agreed)} tops of the venue's"))
        return lines


def _balance(value: float, width: int) -> str:
    """A signed figure and a gauge that leans to the heavier side."""
    cells = min(16, width - 8)
    if cells < 5:
        return f"{value:+.2f}"
    at = min(cells - 1, int((value + 1) / 2 * cells))
    gauge = "".join("●" if cell == at else "─" for cell in range(cells))
    return f"{value:+.2f} {gauge}"
