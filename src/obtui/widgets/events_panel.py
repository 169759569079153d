"""What befell the market, newest on top: lost books, connections, marks, alerts."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment

from obtui import figures
from obtui.log import LogLine
from obtui.widgets.panel import Panel

KINDS = {
    "verified": "trusted",
    "unverified": "trusted",
    "connected": "waiting",
    "syncing": "waiting",
    "mark": "mark",
    "alert": "alert",
}
"""The style of a kind; of any other, `broken`: something was lost."""
LONGEST_KIND = 10
"""Cells: `unverified`."""
ROOMY = 44
"""Cells from which the kinds stand in a column, and times have seconds."""


class EventsPanel(Panel):
    """Time (UTC), what it was, and why."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "events--time",
        "events--text",
        "events--trusted",
        "events--waiting",
        "events--broken",
        "events--mark",
        "events--alert",
    }

    def title(self) -> tuple[str, str]:
        """How many, and the time's zone."""
        log = self.view.log
        if not log:
            return "no events yet", ""
        return f"events · {figures.count(len(log))}", "UTC"

    def paint_body(self, width: int, height: int) -> list[list[Segment]]:
        """One line each."""
        return [self._line(line, width) for line in self.view.log[:height]]

    def _line(self, line: LogLine, width: int) -> list[Segment]:
        time = figures.clock(line.received_ns)
        roomy = width >= ROOMY
        # The seconds give way first: a log is of hours.
        time = f" {time if roomy else time[:5]} "
        kind = f"{line.kind:<{LONGEST_KIND}} " if roomy else f"{line.kind} "
        left = width - len(time) - len(kind)
        part = KINDS.get(line.kind, "broken")
        return [
            Segment(time, self.part("events--time")),
            Segment(kind, self.part(f"events--{part}")),
            Segment(figures.fit(line.text, left), self.part("events--text")),
        ]
