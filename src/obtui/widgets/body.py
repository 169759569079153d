"""The body of the screen: the ladder and the panels beside it, placed by `arrangement`."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Container
from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, WidgetPlacement
from textual.layout import Layout as TextualLayout
from textual.widget import Widget

from obtui import layouts
from obtui.arrangement import Box, arrange
from obtui.layouts import Layout
from obtui.view import MarketView
from obtui.widgets.lines import LineWidget


class Body(Container):
    """Holds all panels; those that are not placed are neither painted nor focused."""

    DEFAULT_CSS = "Body { height: 1fr; width: 1fr; }"

    def __init__(self, panels: Sequence[LineWidget], *, id: str) -> None:
        """`panels` by their ids: those of `arrangement`."""
        super().__init__(id=id)
        self._panels = panels
        self._shown = layouts.LAYOUTS[layouts.DEFAULT]
        self.boxes: dict[str, Box] = {}
        """Who stands where, by id."""
        self.view = MarketView()
        """What was shown last."""

    def compose(self) -> ComposeResult:
        """All of them."""
        yield from self._panels

    @property
    def layout(self) -> TextualLayout:
        """Our own, whatever a style says."""
        return _Placing(self)

    @property
    def shown(self) -> Layout:
        """What is wanted; what has room is in `boxes`."""
        return self._shown

    @shown.setter
    def shown(self, layout: Layout) -> None:
        self._shown = layout
        self.place(self.size)
        focused = self.screen.focused if self.is_mounted else None
        if focused in self._panels and focused is not None and focused.id not in self.boxes:
            self.screen.set_focus(None)
        for panel in self._panels[:1]:
            # A child's: Textual keeps an arrangement until one of those in it asks.
            panel.refresh(layout=True)

    def place(self, size: Size) -> dict[str, Box]:
        """Who stands where in this size.

        Textual paints them before the next view comes: who comes back must not show what it did
        when it left, which may be of another market, or not trusted any more.
        """
        before = self.boxes
        shown = self._shown
        self.boxes = arrange(*size, shown.shown, first=shown.first, alone=shown.alone)
        for panel in self.placed:
            if panel.id not in before:
                panel.come_back(self.view)
        return self.boxes

    def show(self, view: MarketView) -> None:
        """Paint this on those that are on screen, where it is another than before."""
        self.view = view
        for panel in self.placed:
            if panel.view is not view:
                panel.show(view)

    @property
    def placed(self) -> list[LineWidget]:
        """Those that are on screen."""
        return [panel for panel in self._panels if panel.id in self.boxes]


class _Placing(TextualLayout):
    name = "body"

    def __init__(self, body: Body) -> None:
        self._body = body

    def arrange(
        self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True
    ) -> ArrangeResult:
        boxes = self._body.place(size)
        return [
            WidgetPlacement(Region(*boxes[child.id]), NULL_OFFSET, NULL_SPACING, child)
            for child in children
            if child.id in boxes
        ]
