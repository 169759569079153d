"""The time line of a replay: where it is, and the marks, gaps and losses of the recording."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment

from obtui import figures
from obtui.widgets.lines import LineWidget

MARK, FAULT, HERE, DONE, TODO = "◆", "╳", "●", "━", "─"


class TimeLine(LineWidget):
    """First time, a bar with what happened on it, last time, and the share that is played."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "time--text",
        "time--done",
        "time--todo",
        "time--mark",
        "time--fault",
    }
    DEFAULT_CSS = "TimeLine { height: 1; }"

    now_ns: int = 0
    """The recording's time; 0 where nothing of it is known yet."""
    span: tuple[int, int] | None = None
    """First and last receive time; None where the end is not known."""
    moments: Sequence[tuple[int, bool]] = ()
    """Receive times of what is on it; True for a mark of the user's."""

    def paint(self, width: int, height: int) -> list[list[Segment]]:
        """One line."""
        text = self.part("time--text")
        if self.span is None:
            words = f"{figures.clock(self.now_ns)} · no end yet" if self.now_ns else "no line yet"
            return [[Segment(f" {words}", text)]]
        first, last = self.span
        length = max(1, last - first)
        share = min(1.0, max(0.0, (self.now_ns - first) / length))
        left, right = f" {figures.clock(first)} ", f" {figures.clock(last)} {share:4.0%} "
        cells = width - len(left) - len(right)
        if cells < 4:
            return [[Segment(f"{left}{share:4.0%}", text)]]
        here = round(share * (cells - 1))
        line = [(DONE, "done") if cell < here else (TODO, "todo") for cell in range(cells)]
        for moment, is_mark in self.moments:
            cell = round((moment - first) / length * (cells - 1))
            if 0 <= cell < cells and line[cell][1] != "fault":
                line[cell] = (MARK, "mark") if is_mark else (FAULT, "fault")
        line[here] = (HERE, "done")
        bar = [Segment(sign, self.part(f"time--{part}")) for sign, part in line]
        return [[Segment(left, text), *bar, Segment(right, text)]]
