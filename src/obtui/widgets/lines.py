"""The base of obtui's widgets: painted line by line, and repainted only where a line changed."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from obtui.view import MarketView


class LineWidget(Widget):
    """Paints a `MarketView` by the line API.

    Textual resends every dirty line whole, so a line whose cells did not change is not made dirty.
    """

    DEFAULT_CSS = """
    LineWidget { height: 1fr; width: 1fr; }
    """

    view: MarketView = MarketView()
    """What is painted; never None: before the first there is an empty one."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._strips: list[Strip] = []
        self._parts: dict[str, Style] = {}
        """Styles that were asked for: Textual puts one together anew at each asking."""

    def show(self, view: MarketView) -> None:
        """Paint this from now on."""
        self.view = view
        self.repaint()

    def repaint(self) -> None:
        """Paint anew what changed."""
        if not self.is_mounted or not self.size:
            return
        width, height = self.size
        fresh = self._painted(width, height)
        shown = self._strips
        self._strips = fresh
        if len(shown) != len(fresh):
            self.refresh()
            return
        changed = [
            Region(0, line, width, 1)
            for line, (old, new) in enumerate(zip(shown, fresh, strict=True))
            if old != new
        ]
        if changed:
            self.refresh(*changed)

    def paint(self, width: int, height: int) -> list[list[Segment]]:
        """The lines, at most `height`; shorter ones are padded. Every segment has a style."""
        raise NotImplementedError

    def part(self, name: str) -> Style:
        """The style of a component class; never None, which NO_COLOR's filter cannot take."""
        style = self._parts.get(name)
        if style is None:
            style = self._parts[name] = self.get_component_rich_style(name)
        return style

    def render_line(self, y: int) -> Strip:
        """Textual's line API."""
        width, height = self.size
        if len(self._strips) != height or (height and self._strips[0].cell_length != width):
            self._strips = self._painted(width, height)
        if y < len(self._strips):
            return self._strips[y]
        return Strip.blank(width, self.rich_style)

    def notify_style_update(self) -> None:
        """The theme changed: every strip holds the old colours."""
        self._strips = []
        self._parts.clear()
        super().notify_style_update()

    def _painted(self, width: int, height: int) -> list[Strip]:
        base = self.rich_style
        lines = self.paint(width, height)[:height] if width else []
        strips = [Strip(line).adjust_cell_length(width, base) for line in lines]
        strips += [Strip.blank(width, base)] * (height - len(strips))
        return strips
