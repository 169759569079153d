"""The base of obtui's widgets: painted line by line, and repainted only where a line changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from obtui.view import MarketView


@runtime_checkable
class ShowsLines(Protocol):
    """An app that can show lines without Textual's compositor."""

    def show_lines(self, widget: Widget, lines: Mapping[int, list[Segment]]) -> bool:
        """Show these lines of a widget, by number; False if the compositor must."""
        ...


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
        self._kept: list[list[Segment]] = []
        self._width = 0
        """Of the lines."""
        self._strips: dict[int, Strip] = {}
        """Of those lines that Textual asked for."""
        self._parts: dict[str, Style] = {}
        """Styles that were asked for, the widget's own by "": Textual puts one together anew at
        each asking."""

    def show(self, view: MarketView) -> None:
        """Paint this from now on."""
        self.view = view
        self.repaint()

    def repaint(self) -> None:
        """Paint anew what changed."""
        if not self.is_mounted or not self.size:
            return
        width = self.size.width
        shown, shown_width = self._kept, self._width
        self._keep()
        if len(shown) != len(self._kept) or shown_width != width:
            self._strips.clear()
            self.refresh()
            return
        pairs = enumerate(zip(shown, self._kept, strict=True))
        changed = {line: new for line, (old, new) in pairs if old != new}
        for line in changed:
            self._strips.pop(line, None)
        if changed and not self._show_lines(changed):
            self.refresh(*[Region(0, line, width, 1) for line in changed])

    def _show_lines(self, changed: Mapping[int, list[Segment]]) -> bool:
        """Give them to the app, if it has a shorter way to the terminal than Textual's."""
        app: object = self.app
        return isinstance(app, ShowsLines) and app.show_lines(self, changed)

    def come_back(self, view: MarketView) -> None:
        """It is placed on the screen again: nothing of what it showed before is to be seen."""
        self._forget()
        self.show(view)
        self.refresh()  # Textual keeps lines of its own

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
        if len(self._kept) != height or self._width != width:
            self._strips.clear()
            self._keep()
        if y >= len(self._kept):
            return Strip.blank(width, self.rich_style)
        strip = self._strips.get(y)
        if strip is None:
            strip = self._strips[y] = Strip(self._kept[y], width)
        return strip

    def notify_style_update(self) -> None:
        """The theme changed: every line holds the old colours."""
        self._forget()
        self._parts.clear()
        super().notify_style_update()

    def _forget(self) -> None:
        self._kept = []
        self._strips.clear()

    def _keep(self) -> None:
        base = self._parts.get("")
        if base is None:
            base = self._parts[""] = self.rich_style
        width, height = self.size
        lines = [_fitted(line, width, base) for line in self.paint(width, height)[:height]]
        blank = [Segment(" " * width, base)]
        self._kept = lines + [blank] * (height - len(lines)) if width else []
        self._width = width


def _fitted(line: list[Segment], width: int, base: Style) -> list[Segment]:
    """Of exactly `width` cells."""
    length = cell_len("".join([segment.text for segment in line]))
    if length > width:
        return list(Strip(line).adjust_cell_length(width, base))
    return [*line, Segment(" " * (width - length), base)] if length < width else line
