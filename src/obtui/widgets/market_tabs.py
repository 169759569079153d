"""The row of markets: each one's name, how it stands, and its touch where there is room."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.events import Click
from textual.message import Message

from obtui import figures
from obtui.spelling import letters
from obtui.view import MarketView
from obtui.widgets.lines import LineWidget
from obtui.widgets.standing import spread, standing

NUMBERED = 9
"""So many are reached by a digit."""

Words = Callable[[MarketView], str]


class MarketTabs(LineWidget):
    """The current one stands in brackets; a click on another chooses it."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "tabs--tab",
        "tabs--current",
        "tabs--trusted",
        "tabs--waiting",
        "tabs--broken",
    }
    DEFAULT_CSS = "MarketTabs { height: 1; }"

    class Chosen(Message):
        """A click."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._views: Sequence[MarketView] = ()
        self._current = 0
        self._first = 0
        """Where they do not all fit, the first that is shown."""
        self._ends: list[tuple[int, int]] = []
        """Of each one shown: the cell behind it, and its index."""

    def show_all(self, views: Sequence[MarketView], current: int) -> None:
        """Paint these from now on."""
        self._views, self._current = views, current
        self.repaint()

    def on_click(self, event: Click) -> None:
        """Choose the one that stands there."""
        for end, index in self._ends:
            if event.x < end:
                self.post_message(self.Chosen(index))
                return

    def paint(self, width: int, height: int) -> list[list[Segment]]:
        """One line."""
        if not self._views:
            return []
        texts = self._texts(width)
        widths = [_cells(index, text) for index, text in enumerate(texts)]
        first, last = self._window(widths, width)
        line: list[Segment] = []
        quiet = self.part("tabs--tab")
        if last - first < len(texts):
            line.append(Segment("‹" if first else " ", quiet))
        used = len(line)
        self._ends = []
        for index in range(first, last):
            line += self._tab(index, texts[index])
            used += widths[index]
            self._ends.append((used, index))
        if last < len(texts) and used < width:
            line.append(Segment("›".rjust(width - used), quiet))
        return [line]

    def _tab(self, index: int, text: str) -> list[Segment]:
        current = index == self._current
        style = self.part("tabs--current" if current else "tabs--tab")
        stands = standing(self._views[index])
        colour = self.part(f"tabs--{stands.part}").color
        number = f"{index + 1} " if index < NUMBERED else ""
        before, after = ("[", "]") if current else (" ", " ")
        return [
            Segment(f"{before}{number}", style),
            Segment(stands.sign, style + Style(color=colour)),
            Segment(f" {text}{after}", style),
        ]

    def _texts(self, width: int) -> list[str]:
        """With as much of each as lets all fit, or the least."""
        texts: list[str] = []
        for name, more in (
            (_name, _touch),
            (self._short(), _touch),
            (_name, _spread),
            (self._short(), _spread),
            (_name, _nothing),
            (self._short(), _nothing),
        ):
            texts = [f"{name(view)}{more(view)}" for view in self._views]
            if sum(_cells(index, text) for index, text in enumerate(texts)) <= width:
                break
        return texts

    def _short(self) -> Words:
        """What alone tells them apart, and not by a sign between two currencies."""
        if len({letters(view.instrument.symbol) for view in self._views}) == len(self._views):
            return _symbol
        if len({view.venue for view in self._views}) == len(self._views):
            return _venue
        return _name

    def _window(self, widths: Sequence[int], width: int) -> tuple[int, int]:
        """The first that is shown and the one behind the last, the current one among them; it
        moves no more than it must."""
        if sum(widths) <= width:
            return 0, len(widths)
        first = min(self._first, self._current)
        while sum(widths[first : self._current + 1]) > width - 2 and first < self._current:
            first += 1
        last = first + 1
        while last < len(widths) and sum(widths[first : last + 1]) <= width - 2:
            last += 1
        self._first = first
        return first, last


def _cells(index: int, text: str) -> int:
    """With brackets, number and sign."""
    return len(text) + (6 if index < NUMBERED else 4)


def _name(view: MarketView) -> str:
    return f"{view.venue} {view.instrument.symbol}"


def _symbol(view: MarketView) -> str:
    return view.instrument.symbol


def _venue(view: MarketView) -> str:
    return view.venue


def _touch(view: MarketView) -> str:
    if not (view.live and view.bids and view.asks):
        return _nothing(view) if view.live else f" {standing(view).word}"
    bid, ask = (figures.price(it[0].price, view.price_decimals) for it in (view.bids, view.asks))
    return f" {bid}/{ask}"


def _spread(view: MarketView) -> str:
    told = spread(view)
    return f" {told} bps" if told else _touch(view)


def _nothing(_view: MarketView) -> str:
    return ""
