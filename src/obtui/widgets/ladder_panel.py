"""The ladder: asks above, the spread between, bids below."""

from __future__ import annotations

import textwrap
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from rich.style import Style

from obtui import figures, ladder, metrics
from obtui.ladder import Row
from obtui.widgets.lines import LineWidget

EIGHTHS = " ▏▎▍▌▋▊▉"


class Columns(NamedTuple):
    """Widths in cells, and decimals; a column that does not fit has width 0."""

    price: int
    size: int
    size_places: int
    cumulative: int
    bar: int


class LadderPanel(LineWidget):
    """Paints both sides in one widget, so that a frame is one set of lines."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "ladder--ask",
        "ladder--bid",
        "ladder--ask-bar",
        "ladder--bid-bar",
        "ladder--figure",
        "ladder--quiet",
        "ladder--stale",
        "ladder--spread",
        "ladder--warning",
    }

    def paint(self, width: int, height: int) -> list[list[Segment]]:
        """Rows fill the height; asks sit on the spread."""
        view = self.view
        shown = ladder.build(view.bids, view.asks, height)
        ask_rows, bid_rows = ladder.split(height)
        columns = self._columns([*shown.asks, *shown.bids], width)
        gap: list[list[Segment]] = [[] for _ in range(ask_rows - len(shown.asks))]
        asks = [self._row(row, columns, "ask") for row in reversed(shown.asks)]
        bids = [self._row(row, columns, "bid") for row in shown.bids[:bid_rows]]
        below = bids or self._advice(width)
        return [*gap, *asks, self._spread_line(width), *below]

    def _advice(self, width: int) -> list[list[Segment]]:
        """Where there is no book to show: the whole reason, and what comes next or may be tried."""
        view = self.view
        if view.live:
            return []
        retry = f"retry in {view.retry_seconds:.0f} s" if view.retry_seconds > 0 else ""
        words = [*textwrap.wrap(view.reason, max(1, width - 2))[:3], retry, view.hint]
        style = self.part("ladder--quiet")
        return [[], *[[Segment(text.center(width), style)] for text in words if text]]

    def _columns(self, rows: list[Row], width: int) -> Columns:
        """Widths that fit the rows; what matters less gives way first where it is narrow."""
        places = self.view.price_decimals
        price = max((len(figures.price(row.price, places)) for row in rows), default=8)
        most = metrics.decimals(row.size for row in rows)
        size_places = min(most, 8 if width >= 60 else 4)
        size = max((len(figures.size(row.size, size_places)) for row in rows), default=6)
        cumulative = max((len(figures.size(row.cumulative, 3)) for row in rows), default=6)
        # Sticky in steps, so that the columns stand still while digits come and go.
        size, cumulative = size + size % 2, cumulative + cumulative % 2
        price = max(0, min(price, width - 2))
        size = max(0, min(size, width - 2 - price - 2))
        left = width - 2 - price - 2 - size
        if left < 2 + cumulative:
            cumulative = 0
        bar = left - (2 + cumulative if cumulative else 0) - 3
        return Columns(price, size, size_places, cumulative, max(0, bar))

    def _row(self, row: Row, columns: Columns, side: str) -> list[Segment]:
        live = self.view.live
        stale = self.part("ladder--stale")
        price_style = self.part(f"ladder--{side}") if live else stale
        figure = self.part("ladder--figure") if live else stale
        quiet = self.part("ladder--quiet") if live else stale
        price = figures.fit(figures.price(row.price, self.view.price_decimals), columns.price)
        size = figures.fit(figures.size(row.size, columns.size_places), columns.size)
        # The sign tells the side without colour: + adds to demand, - to supply.
        line = [
            Segment(f"{'+' if side == 'bid' else '-'} {price:>{columns.price}}", price_style),
            Segment(f"  {size:>{columns.size}}", figure),
        ]
        if columns.cumulative:
            total = figures.size(row.cumulative, 3)
            line.append(Segment(f"  {total:>{columns.cumulative}}", quiet))
        if columns.bar:
            line.append(Segment("  ", figure))
            bar = self.part(f"ladder--{side}-bar") if live else stale
            line += bar_of(row.fraction, columns.bar, bar, quiet if live else stale)
        return line

    def _spread_line(self, width: int) -> list[Segment]:
        view = self.view
        if not view.live:
            text = f"{view.state.value} · {view.reason}" if view.reason else view.state.value
            return [Segment(figures.fit(text, width).center(width), self.part("ladder--warning"))]
        style = self.part("ladder--spread")
        if not view.bids or not view.asks:
            side = "no bids" if view.asks else "no asks" if view.bids else "the book is empty"
            return [Segment(side.center(width)[:width], style)]
        bid, ask = view.bids[0], view.asks[0]
        spread = figures.amount(metrics.spread(bid, ask), view.price_decimals)
        text = f"spread {spread} {view.instrument.quote}".rstrip()
        text += f" · {metrics.spread_bps(bid, ask):.2f} bps"
        return [Segment(figures.fit(text, width).center(width), style)]


def bar_of(fraction: float, width: int, filled: Style, empty: Style) -> list[Segment]:
    """A bar of background-coloured blanks and one eighth block: `█` shows seams in xterm."""
    eighths = round(fraction * width * 8)
    whole, rest = divmod(eighths, 8)
    segments = [Segment(" " * whole, filled)] if whole else []
    if rest:
        edge = Style(color=filled.bgcolor, bgcolor=empty.bgcolor)
        segments.append(Segment(EIGHTHS[rest], edge))
    return segments
