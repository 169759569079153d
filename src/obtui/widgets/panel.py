"""The base of the panels that can be shown, hidden and maximised: a title, and what is below it."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment

from obtui import figures
from obtui.widgets.lines import LineWidget


class Panel(LineWidget, can_focus=True):
    """Tab goes from one to the next; the title of the focused one stands out."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"panel--title", "panel--focused"}

    def allow_focus(self) -> bool:
        """Only while it is on screen."""
        return super().allow_focus() and bool(self.region)

    def title(self) -> tuple[str, str]:
        """What stands left and, where there is room, right; no padding."""
        raise NotImplementedError

    def paint_body(self, width: int, height: int) -> list[list[Segment]]:
        """The lines below the title, at most `height` (>= 0)."""
        raise NotImplementedError

    def paint(self, width: int, height: int) -> list[list[Segment]]:
        """Title and body."""
        left, right = self.title()
        part = self.part("panel--focused" if self.has_focus else "panel--title")
        left = figures.fit(f" {left}", width)
        # What is right is left out rather than cut.
        right = f"{right} " if right and len(left) + len(right) + 2 <= width else ""
        line = left + right.rjust(width - len(left))
        return [[Segment(line, part)], *self.paint_body(width, max(0, height - 1))]

    def on_focus(self) -> None:
        """Its title changes."""
        self.repaint()

    def on_blur(self) -> None:
        """Its title changes."""
        self.repaint()
