"""Time and sales: what traded, newest on top, told by aggressor."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar, NamedTuple

from rich.segment import Segment

from obtui import figures, metrics, prints
from obtui.market import Aggressor
from obtui.prints import PrintLine, Usual
from obtui.tape import Print
from obtui.view import MarketView
from obtui.widgets.bar import bar_of
from obtui.widgets.panel import Panel

SIGNS = {Aggressor.BUYER: "▲", Aggressor.SELLER: "▼", Aggressor.NONE: "·"}
"""Who took: a buyer lifts the price, a seller hits it; the sign says so without colour."""
LARGE_SIGN = "◆"
PRINTS_WANTED = 500
"""Prints that a view should hold for this panel: several make a line, and a filter hides many."""
CLOCK, SHORT_CLOCK = 8, 5
"""Cells of the time, and of it without the hour: the panel holds minutes."""
USUAL_TIMES = 3
"""Cells of `×12`, for which there is room before any such line comes."""
ROOMY = 34
"""Cells from which sizes have more than four decimals."""
CUT = 5
"""Cells for a gap and what is left of a size that does not fit, below which the time gives way."""
LEAST_BAR, MOST_BAR = 8, 40
"""Cells: a narrower bar says nothing, and a wider one nothing more."""


class Columns(NamedTuple):
    """Widths in cells, and decimals; a column that does not fit has width 0."""

    time: int
    price: int
    price_places: int
    gap: int
    """Before the size."""
    size: int
    size_places: int
    times: int
    bar: int


class TradesPanel(Panel):
    """Time (UTC), aggressor, price and size; `×n` of n prints that are one line, ◆ large ones."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "trades--time",
        "trades--buyer",
        "trades--seller",
        "trades--none",
        "trades--buyer-bar",
        "trades--seller-bar",
        "trades--none-bar",
        "trades--size",
        "trades--large",
    }

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._filter = Decimal()
        self._median: Decimal | None = None
        self._prints: tuple[Print, ...] = ()
        self._lines: list[PrintLine] = []
        self._usual: Usual | None = None
        self._price_places = self._size_places = 0

    @property
    def filter(self) -> Decimal:
        """The least size, in base currency, of a line that is shown; 0: all are."""
        return self._filter

    @filter.setter
    def filter(self, least: Decimal) -> None:
        self._filter, self._median = least, None
        self.repaint()

    def next_filter(self) -> None:
        """None, the median of the recent lines, what is large among them; then none again."""
        usual = self._usual
        was_median = self._median is not None
        if usual is None or (self.filter and not was_median):
            self.filter = Decimal()
        elif was_median:
            self.filter = usual.large
        else:
            self.filter = usual.median
            self._median = usual.median

    def show(self, view: MarketView) -> None:
        """Paint this, where the prints are others than before."""
        before, self.view = self.view, view
        if _told(before) == _told(view) and self._prints == view.prints:
            return
        if before.venue and _told(before)[:2] != _told(view)[:2]:
            # Another base currency: a size of the last one says nothing here.
            self._filter, self._median = Decimal(), None
        if self._prints != view.prints:
            self._lines = prints.continued(self._lines, self._prints, view.prints)
            self._prints = view.prints
            self._usual = prints.usual(self._lines)
            self._price_places = max([line.price_places for line in self._lines], default=0)
            self._size_places = max([line.size_places for line in self._lines], default=0)
        self.repaint()

    def title(self) -> tuple[str, str]:
        """How many there were, what is left out, and the time's zone."""
        if not self.view.trades:
            return "no prints yet", ""
        text = f"prints · {figures.count(self.view.trades)}"
        if self.view.since_ns:
            text += f" {figures.since(self.view.since_ns, 'start')}"
        if self.filter:
            text += f" · ≥ {_exact(self.filter)}"
        return text, "UTC"

    def paint_body(self, width: int, height: int) -> list[list[Segment]]:
        """As many lines as fit."""
        shown = prints.at_least(self._lines, self.filter)[:height]
        if not shown:
            empty = Segment(figures.fit(self._why_empty(), width), self.part("trades--time"))
            return [[empty]][:height]
        columns = self._columns(width)
        largest = max(line.size for line in shown)
        return [self._line(line, columns, largest) for line in shown]

    def _why_empty(self) -> str:
        if not self._lines:
            return ""
        return f" none of the last {len(self._prints)} is as large"

    def _columns(self, width: int) -> Columns:
        """Widths that fit all lines, shown or not, so that they stand still while lines pass by;
        what matters less gives way first where it is narrow."""
        found = self._lines
        # A trade may print between ticks of the book: its own digits are never cut.
        price_places = max(self.view.price_decimals, self._price_places)
        price = len(figures.price(max(line.price for line in found), price_places))
        size_places = min(self._size_places, 8 if width >= ROOMY else 4)
        sizes = [line.size for line in found]
        size = max(len(figures.size(it, size_places)) for it in (min(sizes), max(sizes)))
        several = max(line.times for line in found)
        times = len(f"×{several}") if several > 1 else 0
        wanted = max(USUAL_TIMES, times)
        for clock, gap, cells in (
            (CLOCK, 2, wanted),
            (CLOCK, 1, wanted),
            (SHORT_CLOCK, 1, times),
            (SHORT_CLOCK, 1, 0),
            (0, 1, 0),
        ):
            left = width - _cells(clock, price, gap + size, cells)
            if left >= 0:
                bar = min(MOST_BAR, left - 3) if left >= LEAST_BAR + 3 else 0
                return Columns(clock, price, price_places, gap, size, size_places, cells, bar)
        clock = SHORT_CLOCK if _cells(SHORT_CLOCK, price, CUT, 0) <= width else 0
        price = max(0, min(price, width - _cells(clock, 0, 0, 0)))
        left = max(0, width - _cells(clock, price, 0, 0))
        gap = min(1, left)
        return Columns(clock, price, price_places, gap, left - gap, size_places, 0, 0)

    def _line(self, line: PrintLine, columns: Columns, largest: Decimal) -> list[Segment]:
        quiet = self.part("trades--time")
        large = self._usual is not None and line.size >= self._usual.large
        side = line.aggressor.value
        time = figures.clock(line.received_ns)[CLOCK - columns.time :]
        price = figures.fit(figures.price(line.price, columns.price_places), columns.price)
        size = figures.fit(figures.size(line.size, columns.size_places), columns.size)
        segments = [
            Segment(LARGE_SIGN if large else " ", self.part("trades--large")),
            Segment(f"{time} " if time else "", quiet),
            Segment(
                f"{SIGNS[line.aggressor]} {price:>{columns.price}}", self.part(f"trades--{side}")
            ),
            Segment(
                f"{' ' * columns.gap}{size:>{columns.size}}",
                self.part("trades--large" if large else "trades--size"),
            ),
        ]
        if columns.times:
            times = f"×{line.times}" if line.times > 1 else ""
            segments.append(Segment(f" {times:<{columns.times}}", quiet))
        if columns.bar:
            segments.append(Segment("  ", quiet))
            share = float(line.size / largest) if largest else 0.0
            segments += bar_of(share, columns.bar, self.part(f"trades--{side}-bar"), quiet)
        return segments


def _told(view: MarketView) -> tuple[object, ...]:
    """What of it is painted, beside the prints."""
    it = view.instrument
    return view.venue, it.symbol, view.trades, view.price_decimals, view.since_ns


def _cells(time: int, price: int, size: int, times: int) -> int:
    """Of a line: large or not, time, sign and price, size with the gap before it, times."""
    return 1 + (time + 1 if time else 0) + 2 + price + size + (1 + times if times else 0)


def _exact(size: Decimal) -> str:
    return figures.amount(size, metrics.decimals([size]))
