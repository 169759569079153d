"""The market seen through a screen that lies over it: Textual's picture of it, for a third of the
time. Every frame of the market below paints it anew, and keys wait for it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from rich.console import RenderableType
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.css.styles import RulesMap
from textual.geometry import Size
from textual.renderables.background_screen import BackgroundScreen
from textual.screen import Screen
from textual.strip import Strip
from textual.style import Style as VisualStyle
from textual.visual import RenderOptions, Visual


class Over(Screen[Any]):
    """Mixed into a screen that lies over another."""

    def render(self) -> RenderableType:
        """Textual's way to see the other, made cheap."""
        found = super().render()
        if isinstance(found, BackgroundScreen):
            return _Below(found.screen, found.color)
        return found


class _Below(BackgroundScreen):
    def visualize(self) -> Visual:
        """Asked for by Textual, where a renderable has it."""
        return _Dimmed(self.screen, self.color)


class _Dimmed(Visual):
    """A screen under a colour that lets it through."""

    def __init__(self, screen: Screen[object], colour: Color) -> None:
        self._screen = screen
        self._colour = colour

    def render_strips(
        self, width: int, height: int | None, style: VisualStyle, options: RenderOptions
    ) -> list[Strip]:
        """Its lines."""
        del style, options  # what lies below has its own
        compositor = self._screen._compositor
        size = compositor.size if height is None else Size(width, height)
        return [dimmed(strip, self._colour) for strip in compositor.render_strips(size)]

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:
        """As wide as there is room."""
        del rules
        return container_width

    def get_height(self, rules: RulesMap, width: int) -> int:
        """The other screen's."""
        del rules, width
        return self._screen.size.height


def dimmed(strip: Strip, colour: Color) -> Strip:
    """The same text in other colours; what can be clicked there is not any more."""
    segments = [
        Segment(text, _dimmed(style, colour)) for text, style, control in strip if not control
    ]
    return Strip(segments, strip.cell_length)


@lru_cache(maxsize=2048)
def _dimmed(style: Style | None, colour: Color) -> Style:
    bare = Segment("", style)
    (segment,) = BackgroundScreen.process_segments([bare], colour)
    return segment.style or Style.null()
