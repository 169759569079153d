"""The ladder: asks above bids, beside them, or both at prices that stand still."""

from __future__ import annotations

import enum
from dataclasses import replace
from typing import ClassVar, TypeVar

from rich.segment import Segment
from textual import events

from obtui import figures
from obtui.ladder.laddering import Ladder
from obtui.ladder.rows import Form, LadderSettings, split
from obtui.market import Side
from obtui.widgets import ladder_foot
from obtui.widgets.ladder_painter import Painter
from obtui.widgets.lines import LineWidget

Choice = TypeVar("Choice", bound=enum.Enum)
HEADED = 16
"""Lines from which on one is spared for the columns' names."""
SPARE = 4
"""Levels that a picture holds beyond those that are shown."""
HALF = 7
"""Cells beside a price without which two sides do not stand beside each other."""
FOOTED = 6
"""Lines from which on some are spared for what is under the cursor."""


class LadderPanel(LineWidget):
    """Paints both sides in one widget, so that a frame is one set of lines."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "ladder--ask",
        "ladder--bid",
        "ladder--ask-bar",
        "ladder--bid-bar",
        "ladder--figure",
        "ladder--quiet",
        "ladder--head",
        "ladder--stale",
        "ladder--spread",
        "ladder--warning",
        "ladder--grew",
        "ladder--grew-fading",
        "ladder--shrank",
        "ladder--shrank-fading",
        "ladder--cursor",
        "ladder--under",
    }

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._ladder = Ladder()
        self._headed = False

    @property
    def settings(self) -> LadderSettings:
        """What the user chose."""
        return self._ladder.settings

    @settings.setter
    def settings(self, chosen: LadderSettings) -> None:
        self._ladder.settings = chosen
        self.repaint()

    @property
    def wants_book(self) -> bool:
        """Whether it needs the whole book and what traded, rather than the best levels."""
        return self._ladder.wants_book

    @property
    def levels_shown(self) -> int:
        """Levels a side that it has room for where they are not put together; at least 1."""
        rows = self._rows(*self.size)
        side_by_side = self.settings.form is Form.SIDE_BY_SIDE
        return max(1, rows - 1 if side_by_side else split(rows)[1])

    @property
    def depth_wanted(self) -> int:
        """Levels a side that a picture is to hold: some more than are shown, so that a line that
        becomes free has something to show."""
        return self.levels_shown + SPARE

    @property
    def fading(self) -> bool:
        """Whether it changes though nothing comes."""
        return self._ladder.fading

    def group(self, step: int) -> None:
        """One step coarser (1) or finer (-1)."""
        self._ladder.group(step)
        self.repaint()

    def next_form(self) -> None:
        """Stacked, side by side, anchored."""
        self.settings = replace(self.settings, form=_next(self.settings.form))

    def recentre(self) -> None:
        """Bring the best prices to the middle, where prices stand still."""
        self._ladder.recentre()
        self.repaint()

    def switch_unit(self) -> None:
        """Base or quote currency."""
        self.settings = replace(self.settings, unit=_next(self.settings.unit))

    def next_bars(self) -> None:
        """Of the total or the level, and as they are or as their logarithm."""
        self.settings = replace(self.settings, bars=_next(self.settings.bars))

    def switch_traded(self) -> None:
        """Show what traded at each price, or not."""
        self.settings = replace(self.settings, traded=not self.settings.traded)

    def move_cursor(self, rows: int) -> None:
        """Down (> 0) or up; it is put on a best price where there is none."""
        self._ladder.move(rows)
        self.repaint()

    def clear_cursor(self) -> None:
        """Take it away."""
        self._ladder.cursor = None
        self.repaint()

    def paint(self, width: int, height: int) -> list[list[Segment]]:
        """Rows fill the height; asks sit on the spread."""
        # Names over nothing would only push the reason down.
        self._headed = height >= HEADED and bool(self.view.bids or self.view.asks)
        rows = self._rows(width, height)
        self._ladder.picture(self.view, rows, narrow=self._narrow(width))
        painter = Painter(self.view, self._ladder, self.part, width, headed=self._headed)
        lines = painter.lines()[: rows + self._headed]
        foot = painter.foot()[: height - rows - self._headed]
        between: list[list[Segment]] = [[]] * (rows + self._headed - len(lines))
        return [*lines, *between, *foot] if foot else lines

    def on_click(self, event: events.Click) -> None:
        """The cursor is put there."""
        at = event.y - self._headed
        shown = self._ladder.shown
        if at == shown.spread or at < 0:
            return
        side = Side.BID if event.x < self.size.width // 2 else Side.ASK
        self._ladder.point(at - (at > shown.spread), side)
        self.repaint()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The cursor goes down."""
        event.stop()
        self.move_cursor(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The cursor goes up."""
        event.stop()
        self.move_cursor(-1)

    def _rows(self, width: int, height: int) -> int:
        """Lines for rows and the spread."""
        footed = self._ladder.cursor is not None and height >= FOOTED
        foot = ladder_foot.lines_for(width) if footed else 0
        return max(0, height - self._headed - foot)

    def _narrow(self, width: int) -> bool:
        """Whether two prices with something beside them have no room in a line."""
        best = (*self.view.bids[:1], *self.view.asks[:1])
        return any(
            2 * (len(figures.price(it.price, self.view.price_decimals)) + HALF) >= width
            for it in best
        )


def _next(now: Choice) -> Choice:
    every = list(type(now))
    return every[(every.index(now) + 1) % len(every)]
