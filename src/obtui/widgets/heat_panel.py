"""The heatmap: what rested at each price over time, and what traded there."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby
from typing import ClassVar

from rich.color import Color
from rich.segment import Segment
from rich.style import Style

from obtui import figures, metrics
from obtui.charts import heat_map
from obtui.charts.heat import LEVELS
from obtui.charts.heat_map import ASK_LINE, BID_LINE, Cell, HeatMap, Mark, Picture
from obtui.charts.past import SECOND, Sample
from obtui.ladder import grouping
from obtui.widgets.panel import Panel

LABELLED_WIDTH = 22
"""Columns below which there are no prices beside it."""
CLOCK_WIDTH = 8
SHADES = " ·░░▒▒▓▓"
"""What rests where there are no colours, by intensity."""
SIGNS = {1: "▴▲▲", -1: "▾▼▼", 0: "◇◆◆"}
"""What traded, by aggressor, small to large; the largest are inverse."""
GAP = "┊"


class HeatPanel(Panel):
    """A column for each second, newest right."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "heat--ground",
        "heat--bid",
        "heat--ask",
        "heat--neither",
        "heat--quiet",
        "heat--gap",
        "heat--mid",
        *(f"heat--step{number}" for number in range(LEVELS)),
    }

    glyphs: bool = False
    """Whether it must be read without colours."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._map = HeatMap()
        self._market = ("", "")
        self._last_ns: int | None = None
        """The newest column's time while it is scrolled back."""
        self._columns = 1
        self._painted_of: tuple[object, ...] = ()
        self._painted_past: Sequence[Sample] = ()
        self._styles: dict[Cell, tuple[str, Style]] = {}

    def zoom(self, step: int) -> None:
        """So many 1-2-5 steps finer (> 0) or coarser."""
        self._map.zoom += step
        self.repaint()

    def scroll_back(self, columns: int) -> None:
        """So many columns back in time, on where it is negative; 0: to the present."""
        past = self.view.past
        newest = len(past) - 1
        to = max(self._newest(past) - columns, min(self._columns - 1, newest))
        self._last_ns = past[to].monotonic_ns if columns and 0 <= to < newest else None
        self.repaint()

    @property
    def scrolled_seconds(self) -> int:
        """How far back it is; 0 in the present."""
        past = self.view.past
        if self._last_ns is None or not past:
            return 0
        return (past[-1].monotonic_ns - past[self._newest(past)].monotonic_ns) // SECOND

    def _newest(self, past: Sequence[Sample]) -> int:
        """The index of the newest column's sample; -1 where there is none."""
        if self._last_ns is None:
            return len(past) - 1
        at = bisect_right(past, self._last_ns, key=lambda sample: sample.monotonic_ns) - 1
        return max(at, min(self._columns, len(past)) - 1)

    def repaint(self) -> None:
        """Nothing, but once a second, and where what is shown was chosen otherwise."""
        view = self.view
        of = (
            *(view.venue, view.instrument, view.state, view.limited, view.price_decimals),
            *(self.size, self.glyphs, self.has_focus, self._map.zoom, self._last_ns),
        )
        if of == self._painted_of and view.past is self._painted_past and self._kept:
            return
        super().repaint()
        self._painted_of, self._painted_past = of, view.past

    def notify_style_update(self) -> None:
        """The theme changed: every style holds the old colours."""
        self._styles = {}
        self._painted_of = ()
        super().notify_style_update()

    def paint(self, width: int, height: int) -> list[list[Segment]]:
        """Another market is shown from its present."""
        market = self.view.venue, self.view.instrument.symbol
        if market != self._market:
            self._market = market
            self._map.forget()
            self._last_ns = None
        return super().paint(width, height)

    def title(self) -> tuple[str, str]:
        """How far back; the state, where it is not live."""
        view = self.view
        back = self.scrolled_seconds
        left = f"heatmap · {figures.duration(back)} back" if back else "heatmap"
        return left, "" if view.live else view.state.value

    def paint_body(self, width: int, height: int) -> list[list[Segment]]:
        """The picture, prices beside it, times below it."""
        view = self.view
        if height <= 0 or width <= 0:
            return []
        lines = height - 1 if height >= 3 else height
        beside = self._beside() if width >= LABELLED_WIDTH else 0
        self._columns = columns = max(1, width - beside)
        newest = self._newest(view.past)
        samples = view.past[max(0, newest + 1 - columns) : newest + 1]
        if not any(sample.live for sample in samples):
            text = figures.fit("nothing seen yet", width).center(width)
            return [[Segment(text, self.part("heat--quiet"))]]
        picture = self._map.picture(
            samples,
            lines,
            tick=grouping.tick_of(view.instrument, view.price_decimals),
            per_line=1 if self.glyphs else 2,
            limited=view.limited,
        )
        painted = self._lines(picture, columns, beside)
        return [*painted, self._times(samples, columns, beside)] if height >= 3 else painted

    def _beside(self) -> int:
        """The width of what stands beside it: prices and a time."""
        longest = max((len(self._mid(it)[1]) for it in self.view.past[-1:]), default=0)
        return max(longest, CLOCK_WIDTH) + 1

    def _mid(self, sample: Sample) -> tuple[Decimal | None, str]:
        """Halfway between the best prices, exactly."""
        if sample.bid is None or sample.ask is None:
            return None, ""
        # The shortest text that is that float is the price's own.
        mid = (Decimal(repr(sample.bid)) + Decimal(repr(sample.ask))) / 2
        places = max(self.view.price_decimals, metrics.decimals([mid]))
        return mid, figures.price(mid, places)

    def _lines(self, picture: Picture, columns: int, beside: int) -> list[list[Segment]]:
        prices = heat_map.labelled(picture) if beside else {}
        places = metrics.decimals([picture.step])
        labels = {line: figures.price(price, places) for line, price in prices.items()}
        mid, told = self._mid(picture.samples[-1])
        here = picture.line(mid) if mid is not None and beside else -1
        ground, quiet = self.part("heat--ground"), self.part("heat--quiet")
        pad = Segment(" " * (columns - len(picture.samples)), ground)
        found = []
        for at, line in enumerate(picture.lines):
            painted = [pad, *self._segments(line)]
            if at == here:
                painted.append(Segment(figures.fit(f" {told}", beside), self.part("heat--mid")))
            elif at in labels:
                painted.append(Segment(figures.fit(f" {labels[at]}", beside), quiet))
            found.append(painted)
        return found

    def _segments(self, line: Sequence[Cell]) -> list[Segment]:
        found = []
        for cell, run in groupby(line):
            known = self._styles.get(cell)
            if known is None:
                known = self._styles[cell] = self._cell(cell)
            found.append(Segment(known[0] * len(list(run)), known[1]))
        return found

    def _cell(self, cell: Cell) -> tuple[str, Style]:
        """How a cell is written."""
        if cell.gap:
            return GAP, self.part("heat--gap")
        if cell.mark is not None:
            return self._marked(cell.mark, cell.upper)
        if self.glyphs:
            line = {BID_LINE: ("+", "heat--bid"), ASK_LINE: ("-", "heat--ask")}
            if cell.upper in line:
                sign, part = line[cell.upper]
                return sign, self.part(part)
            return SHADES[max(0, cell.upper)], self.part("heat--quiet")
        upper, lower = self._colour(cell.upper), self._colour(cell.lower)
        sign = " " if upper == lower else "▀"
        return sign, Style(color=upper, bgcolor=lower)

    def _colour(self, kind: int) -> Color | None:
        if kind == BID_LINE:
            return self.part("heat--bid").color
        if kind == ASK_LINE:
            return self.part("heat--ask").color
        return self.part("heat--ground" if kind < 0 else f"heat--step{kind}").bgcolor

    def _marked(self, mark: Mark, ground: int) -> tuple[str, Style]:
        part = self.part({1: "heat--bid", -1: "heat--ask", 0: "heat--neither"}[mark.sign])
        sign = SIGNS[mark.sign][mark.large]
        if self.glyphs:
            return sign, part + Style(reverse=mark.large == 2)
        if mark.large == 2:
            return sign, Style(color=self._colour(-1), bgcolor=part.color, bold=True)
        # On what is bright a mark would not be seen.
        return sign, Style(color=part.color, bgcolor=self._colour(min(ground, 2)), bold=True)

    def _times(self, samples: Sequence[Sample], columns: int, beside: int) -> list[Segment]:
        """Round times below their columns, and the newest column's."""
        line = " " * (columns - len(samples))
        first = len(line)
        for at, received_ns in heat_map.times(samples):
            if first + at >= len(line) and first + at + 1 + CLOCK_WIDTH <= columns:
                line = line.ljust(first + at) + "╵" + figures.clock(received_ns)
        line = line.ljust(columns)
        if beside:
            line += " " + figures.clock(samples[-1].received_ns)
        return [Segment(line, self.part("heat--quiet"))]
