"""Figures beside the ladder: the touch, what is derived from it, how the market was, and how the
feed does."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment

from obtui import figures
from obtui.widgets.over_time import OverTime
from obtui.widgets.panel import Panel
from obtui.widgets.stats_figures import LABEL, Figures, Line

TWO_COLUMNS = 60
"""Cells from which figures stand in two columns."""
GAP = 2
"""Cells between them."""
LOW, HEADED = 9, 14
"""Lines from which there are two columns, and from which these have headings."""
CHART = 5
"""Lines of the smallest chart, its heading among them."""
CHARTS_BESIDE = 96
"""Cells from which two charts stand beside each other."""
ORDER = (
    *("ask", "bid", "mid", "micro", "imbal", "spread", "median", "95 %", "range", "shape"),
    *("since", "volume", "rate", "1 min", "total", "age", "levels", "agreed"),
)
"""In which one column is read."""
IMPORTANT = (
    *("ask", "bid", "mid", "imbal", "rate", "age", "micro", "since", "volume", "spread"),
    *("1 min", "levels", "total", "agreed", "median", "95 %", "range", "shape"),
)
"""What stays in it where not all has room."""


class StatsPanel(Panel):
    """In one column, in two, or with charts below them."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "stats--label",
        "stats--heading",
        "stats--figure",
        "stats--ask",
        "stats--bid",
        "stats--ask-bar",
        "stats--bid-bar",
        "stats--spark",
        "stats--stale",
    }

    visible_levels: int = 0
    """Levels a side that the ladder shows: the imbalance is theirs."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._over_time = OverTime()

    def title(self) -> tuple[str, str]:
        """And of what."""
        return "statistics", self.view.instrument.symbol

    def paint_body(self, width: int, height: int) -> list[Line]:
        """What fits."""
        self._over_time.look(self.view.past)
        known = Figures(self.view, self._over_time, self.visible_levels, self.part)
        if width < TWO_COLUMNS or height < LOW:
            return self._one_column(known, width, height)
        lines = self._two_columns(known, width, headed=height >= HEADED)
        return [*lines, *self._charts(width, height - len(lines) - 1)][:height]

    def _one_column(self, known: Figures, width: int, height: int) -> list[Line]:
        since = known.since()
        important = [name for name in IMPORTANT if since or name != "since"]
        lines = {
            **known.touch(width),
            **known.distribution(width),
            **since,
            "volume": known.volume(width),
            **known.feed(width, minute_apart=height > important.index("1 min")),
        }
        kept = set([name for name in important if name in lines][:height])
        return [self._named(name, lines[name], width) for name in ORDER if name in kept]

    def _two_columns(self, known: Figures, width: int, *, headed: bool) -> list[Line]:
        left, right = _halves(width)
        touch, feed = known.touch(left), known.feed(right, lag_apart=True)
        spread = touch.pop("spread")
        touch["levels"] = feed.pop("levels")
        if headed:
            feed["resync"] = known.text(figures.count(self.view.resyncs))
        past = {"now" if headed else "spread": spread, **known.distribution(left)}
        traded = known.traded(right)
        if not headed:
            # Where no heading tells it: ahead of what it is of, so that it is cut last.
            traded = {**known.since(), **traded}
        counted = f"traded {figures.since(self.view.since_ns, 'the start')}"
        return [
            *self._beside(touch, feed, width, ("book", "feed") if headed else None),
            [],
            *self._beside(
                past,
                traded,
                width,
                ("spread", counted) if headed else None,
            ),
        ]

    def _beside(
        self,
        left: dict[str, Line],
        right: dict[str, Line],
        width: int,
        heads: tuple[str, str] | None,
    ) -> list[Line]:
        """Two columns under their headings, where they have any."""
        one, other = (
            [*([self._heading(head, cells)] if head else [])]
            + [self._named(*line, cells) for line in lines.items()]
            for lines, cells, head in zip(
                (left, right), _halves(width), heads or ("", ""), strict=True
            )
        )
        return self._joined(one, other, width)

    def _joined(self, left: list[Line], right: list[Line], width: int) -> list[Line]:
        """Lines beside each other."""
        count = max(len(left), len(right))
        left = left + [[] for _ in range(count - len(left))]
        right = right + [[] for _ in range(count - len(right))]
        cells = _halves(width)[0] + GAP
        blank = self.part("stats--figure")
        return [
            [*Segment.adjust_line_length(one, cells, blank), *other]
            for one, other in zip(left, right, strict=True)
        ]

    def _heading(self, text: str, width: int) -> Line:
        return [Segment(figures.fit(f" {text}", width), self.part("stats--heading"))]

    def _named(self, label: str, line: Line, width: int) -> Line:
        """A label and its figure; one that is cut says so."""
        named = [Segment(f" {label:<{LABEL - 1}}", self.part("stats--label"))]
        left = width - LABEL
        for segment in line:
            text = figures.fit(segment.text, left)
            named.append(Segment(text, segment.style))
            left -= len(text)
        return named

    def _charts(self, width: int, rows: int) -> list[Line]:
        """Mid and spread over time, in so many lines and a blank one before them."""
        if rows < CHART or not self._over_time.drawable:
            return []
        if width >= CHARTS_BESIDE:
            left, right = _halves(width)
            charts = self._chart("mid", left, rows), self._chart("spread", right, rows)
            return [[], *self._joined(*charts, width)]
        if rows < 2 * CHART + 1:
            return [[], *self._chart("mid", width, rows)]
        lower = (rows - 1) * 2 // 5
        upper = self._chart("mid", width, rows - 1 - lower)
        return [[], *upper, [], *self._chart("spread", width, lower)]

    def _chart(self, name: str, width: int, rows: int) -> list[Line]:
        """A heading, and the chart below it."""
        unit = "bps" if name == "spread" else self.view.instrument.quote
        words = " · ".join(filter(None, (name, unit, self._over_time.span())))
        places = self.view.price_decimals + 1
        write = figures.bps if name == "spread" else f"{{:.{places}f}}".format
        spark = self.part("stats--spark")
        drawn = self._over_time.chart(name, width, rows - 1, write)
        return [self._heading(words, width), *[[Segment(line, spark)] for line in drawn]]


def _halves(width: int) -> tuple[int, int]:
    """Cells of the left and the right column."""
    right = (width - GAP) // 2
    return width - GAP - right, right
