"""A row for each market: how it stands, its touch, its spread, its rate and its last trade."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.events import Click
from textual.message import Message

from obtui import figures, metrics
from obtui.view import MarketView
from obtui.widgets.lines import LineWidget
from obtui.widgets.market_tabs import NUMBERED
from obtui.widgets.standing import spread, standing

MARK = "▸"


class Column(NamedTuple):
    """A figure of a market that can be trusted."""

    title: str
    text: Callable[[MarketView], str]
    part: str


class OverviewPanel(LineWidget):
    """A market that cannot be trusted shows why instead of figures. One row is chosen."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "overview--title",
        "overview--text",
        "overview--chosen",
        "overview--bid",
        "overview--ask",
        "overview--quiet",
        "overview--trusted",
        "overview--waiting",
        "overview--broken",
    }

    class Opened(Message):
        """A click."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.views: Sequence[MarketView] = ()
        self.chosen = 0
        """Which row, from 0."""
        self._first = 0
        """The first row that is shown."""

    def show_all(self, views: Sequence[MarketView]) -> None:
        """Paint these from now on."""
        self.views = views
        self.repaint()

    def choose(self, index: int) -> None:
        """Choose a row; beyond the ends, the nearest."""
        self.chosen = max(0, min(index, len(self.views) - 1))
        self.repaint()

    def on_click(self, event: Click) -> None:
        """Open the market of that row."""
        index = self._first + event.y - 1
        if event.y and index < len(self.views):
            self.post_message(self.Opened(index))

    def paint(self, width: int, height: int) -> list[list[Segment]]:
        """A title, then as many rows as fit, the chosen one among them."""
        room = max(1, height - 1)
        self._first = max(0, min(self._first, self.chosen, len(self.views) - room))
        self._first = max(self._first, self.chosen - room + 1)
        states = max((len(standing(view).word) for view in self.views), default=0) + 2
        names = max((len(_name(view)) for view in self.views), default=0)
        names = max(0, min(max(names, len("market")), width - states - 8))
        columns, widths = self._fitting(width - names - states - 6)
        title = f"    {'market':<{names}}  {'state':<{states}}"
        title += "".join(
            f"  {column.title:>{cells}}" for column, cells in zip(columns, widths, strict=True)
        )
        rows = range(self._first, min(len(self.views), self._first + room))
        fitting = list(zip(columns, widths, strict=True))
        return [
            [Segment(figures.fit(title, width).ljust(width), self.part("overview--title"))],
            *[self._row(index, (names, states), fitting, width) for index in rows],
        ]

    def _fitting(self, room: int) -> tuple[list[Column], list[int]]:
        """The columns that fit, and their widths; what matters less gives way first."""
        live = [view for view in self.views if view.live]
        columns = [column for column in COLUMNS if any(column.text(view) for view in live)]
        while columns:
            widths = [
                max(len(column.title), *(len(column.text(view)) for view in live))
                for column in columns
            ]
            if sum(widths) + 2 * len(widths) <= room:
                return columns, widths
            columns.remove(next(it for it in GIVING_WAY if it in columns))
        return [], []

    def _row(
        self,
        index: int,
        left: tuple[int, int],
        columns: Sequence[tuple[Column, int]],
        width: int,
    ) -> list[Segment]:
        names, states = left
        view = self.views[index]
        ground = Style()
        if index == self.chosen:
            chosen = self.part("overview--chosen")
            ground = Style(bgcolor=chosen.bgcolor, bold=True)
        number = f"{index + 1}" if index < NUMBERED else ""
        mark = MARK if index == self.chosen else " "
        stands = standing(view)
        line = [
            Segment(f"{mark}{number:>2} ", self.part("overview--quiet") + ground),
            Segment(
                f"{figures.fit(_name(view), names):<{names}}  ",
                self.part("overview--text") + ground,
            ),
            Segment(
                f"{stands.sign} {stands.word:<{states - 2}}",
                self.part(f"overview--{stands.part}") + ground,
            ),
        ]
        used = sum(len(segment.text) for segment in line)
        if view.live:
            for column, cells in columns:
                figure = f"  {column.text(view):>{cells}}"
                line.append(Segment(figure, self.part(f"overview--{column.part}") + ground))
                used += len(figure)
        else:
            reason = figures.fit(f"  {_reason(view)}", width - used)
            line.append(Segment(reason, self.part("overview--quiet") + ground))
            used += len(reason)
        line.append(Segment(" " * max(0, width - used), self.part("overview--text") + ground))
        return line


def _name(view: MarketView) -> str:
    """With the quote currency, where the symbol does not end in it: USD is not USDT."""
    name = f"{view.venue} {view.instrument.symbol}"
    quote = view.instrument.quote
    return name if not quote or view.instrument.symbol.endswith(quote) else f"{name} in {quote}"


def _reason(view: MarketView) -> str:
    retry = f"retry in {view.retry_seconds:.0f} s" if view.retry_seconds > 0 else ""
    return " · ".join(text for text in (view.reason, retry) if text)


def _bid(view: MarketView) -> str:
    return figures.price(view.bids[0].price, view.price_decimals) if view.bids else "-"


def _ask(view: MarketView) -> str:
    return figures.price(view.asks[0].price, view.price_decimals) if view.asks else "-"


def _rate(view: MarketView) -> str:
    return f"{figures.count(view.rates[-1] if view.rates else 0)}/s"


def _last(view: MarketView) -> str:
    if not view.prints:
        return ""
    price = view.prints[0].trade.price
    return figures.price(price, max(view.price_decimals, metrics.decimals([price])))


BID = Column("bid", _bid, "bid")
ASK = Column("ask", _ask, "ask")
SPREAD = Column("bps", spread, "text")
RATE = Column("rate", _rate, "quiet")
LAST = Column("last", _last, "text")
COLUMNS = (BID, ASK, SPREAD, RATE, LAST)
GIVING_WAY = (LAST, RATE, SPREAD, ASK, BID)
