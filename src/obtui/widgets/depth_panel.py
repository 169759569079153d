"""The depth chart: what rests between the middle and each price, bids left, asks right."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.timer import Timer

from obtui import figures, metrics
from obtui.charts import depth_curve
from obtui.charts.depth_curve import Curve, Scale
from obtui.ladder import grouping
from obtui.widgets.panel import Panel

Run = tuple[str, str]
"""Signs and the part in whose style they are painted."""

REST_NS = 200_000_000
"""Between two pictures of a book that changes: a curve is not read any faster."""
LABELLED_WIDTH = 24
"""Columns of the chart below which it has no sizes beside it."""
SHADES = {"bid": "▒", "ask": "░", "unknown": "·"}
"""A filled cell where there are no colours."""


class DepthPanel(Panel):
    """Cumulative depth of the whole book around the middle."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "depth--bid",
        "depth--ask",
        "depth--bid-bar",
        "depth--ask-bar",
        "depth--unknown-bar",
        "depth--figure",
        "depth--quiet",
        "depth--stale",
    }

    glyphs: bool = False
    """Whether it must be read without colours."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._scale = Scale()
        self._market = ("", "")
        self._beside = 0
        """Columns for the sizes beside the chart."""
        self._painted_look: tuple[object, ...] = ()
        self._painted_version = -1
        self._painted_ns = 0
        self._timer: Timer | None = None
        self._late = False

    def zoom(self, step: int) -> None:
        """So many steps closer (> 0) or further away."""
        self._scale.zoom += step
        self.repaint()

    def repaint(self) -> None:
        """At most five times a second while only the book changes, and not where nothing did."""
        view = self.view
        look: tuple[object, ...] = (
            *(view.venue, view.instrument, view.state, view.book is None, view.price_decimals),
            *(self.size, self._scale.zoom, self.glyphs, self.has_focus),
        )
        passed = view.monotonic_ns - self._painted_ns
        if look == self._painted_look and self._kept and not self._late:
            if view.version == self._painted_version:
                return
            if 0 < passed < REST_NS:
                if self._timer is None:
                    self._timer = self.set_timer((REST_NS - passed) / 1e9, self._catch_up)
                return
        super().repaint()
        self._painted_look = look
        self._painted_version, self._painted_ns = view.version, view.monotonic_ns

    def _catch_up(self) -> None:
        """What was left out, where nothing came after it."""
        self._timer = None
        if self.view.version != self._painted_version:
            self._late = True
            self.repaint()
            self._late = False

    def notify_style_update(self) -> None:
        """The theme changed."""
        self._painted_look = ()
        super().notify_style_update()

    def title(self) -> tuple[str, str]:
        """The middle, where it is known; else the state."""
        view = self.view
        if not view.live:
            return "depth", view.state.value
        if not view.bids or not view.asks:
            return "depth", ""
        mid = metrics.midpoint(view.bids[0], view.asks[0])
        places = max(view.price_decimals, metrics.decimals([mid]))
        return "depth", f"mid {figures.price(mid, places)}"

    def paint_body(self, width: int, height: int) -> list[list[Segment]]:
        """Sums, the chart, prices."""
        view = self.view
        if height <= 0 or width < 3:
            return []
        if (view.venue, view.instrument.symbol) != self._market:
            self._market = view.venue, view.instrument.symbol
            self._scale.forget()
        book = view.book
        if book is None or depth_curve.middle(book) is None:
            text = "the book is empty" if book is not None and view.live else "no book yet"
            return [[Segment(figures.fit(text, width).center(width), self.part("depth--quiet"))]]
        lines = max(0, height - 2) if height > 2 else height - 1
        curve, labels = self._curve(width, lines)
        if height == 1:
            return [self._sums(curve, width)]
        sums = [self._sums(curve, width)] if height > 2 else []
        return [*sums, *self._chart(curve, labels, lines, width), self._prices(curve, width)]

    def _curve(self, width: int, lines: int) -> tuple[Curve, dict[int, str]]:
        """The curve, and what stands beside it by line from the foot."""
        view, scale = self.view, self._scale
        assert view.book is not None
        least = grouping.tick_of(view.instrument, view.price_decimals)
        # Sizes take columns from the chart, whose range they depend on: this is enough, or one that
        # has no room is left out.
        for _ in range(3):
            self._beside = min(self._beside, max(0, width - LABELLED_WIDTH))
            columns = max(1, (width - self._beside - 1) // 2)
            placed = scale.place(view.book, columns, view.monotonic_ns, least)
            assert placed is not None
            curve = depth_curve.curve(view.book, *placed, columns, limited=view.limited)
            labels = self._labels(curve, lines)
            wanted = max(map(len, labels.values()), default=-1) + 1
            if wanted == self._beside or width - wanted < LABELLED_WIDTH:
                break
            self._beside = wanted
        room = width - 2 * columns - 1
        return curve, {line: it for line, it in labels.items() if len(it) < room}

    def _labels(self, curve: Curve, lines: int) -> dict[int, str]:
        if lines < 3:
            return {}
        top = self._scale.top(max(curve.bids[-1], curve.asks[-1]))
        marks = depth_curve.marks(top, max(1, lines // 3))
        places = metrics.decimals(marks[:1])
        return {round(mark / top * lines) - 1: figures.amount(mark, places) for mark in marks}

    def _sums(self, curve: Curve, width: int) -> list[Segment]:
        """All that rests on each side of the chart, as exactly as there is room."""
        live = self.view.live
        texts = ["", ""]
        for places in (8, 3, 0):
            texts = [
                f"{name} {figures.amount(sums[-1], places, '' if known == len(sums) else '≥')}"
                for name, sums, known in (
                    ("bid", curve.bids, curve.bids_known),
                    ("ask", curve.asks, curve.asks_known),
                )
            ]
            if sum(map(len, texts)) + 2 <= width:
                break
        left = figures.fit(texts[0], (width - 1) // 2)
        right = figures.fit(texts[1], (width - 1) // 2)
        return [
            Segment(left, self.part("depth--bid" if live else "depth--stale")),
            Segment(" " * (width - len(left) - len(right)), self.part("depth--quiet")),
            Segment(right, self.part("depth--ask" if live else "depth--stale")),
        ]

    def _chart(
        self, curve: Curve, labels: dict[int, str], lines: int, width: int
    ) -> Iterable[list[Segment]]:
        top = self._scale.top(max(curve.bids[-1], curve.asks[-1]))
        bids = depth_curve.eighths(curve.bids, top, lines)
        asks = depth_curve.eighths(curve.asks, top, lines)
        beside = width - 2 * len(bids) - 1
        for line in range(lines - 1, -1, -1):
            left = self._side(bids, curve.bids_known, "bid", line)
            right = self._side(asks, curve.asks_known, "ask", line)
            painted = [
                *[Segment(signs[::-1], self._style(part)) for signs, part in reversed(left)],
                Segment("│", self.part("depth--quiet")),
                *[Segment(signs, self._style(part)) for signs, part in right],
            ]
            if line in labels:
                painted.append(Segment(labels[line].rjust(beside), self.part("depth--quiet")))
            yield painted

    def _side(self, heights: Sequence[int], known: int, side: str, line: int) -> list[Run]:
        """One side's cells in a line (0: at the foot), from the middle outwards.

        Heights only grow from there: blanks, then tops of columns, then filled cells.
        """
        tops = bisect_right(heights, line * 8)
        filled = bisect_left(heights, line * 8 + 8)
        runs: list[Run] = [(" " * tops, "quiet")]
        for start, end, kind in ((0, known, side), (known, len(heights), "unknown")):
            first, last = max(start, tops), min(end, filled)
            edge = "".join([figures.BLOCKS[height - line * 8] for height in heights[first:last]])
            runs.append((edge, "figure" if self.glyphs else f"{kind}-edge"))
            full = max(0, end - max(start, filled))
            if self.glyphs:
                runs.append((SHADES[kind] * full, "figure"))
            else:
                runs.append((" " * full, f"{kind}-bar"))
        return [run for run in runs if run[0]]

    def _style(self, part: str) -> Style:
        """Of a part; an edge has its bar's colour on the ground. What is not live has no side."""
        name, _, kind = part.partition("-")
        if not kind:
            return self.part(f"depth--{part if self.view.live else 'stale'}")
        bar = self.part(f"depth--{name if self.view.live else 'unknown'}-bar")
        if kind == "bar":
            return bar
        return Style(color=bar.bgcolor, bgcolor=self.part("depth--quiet").bgcolor)

    def _prices(self, curve: Curve, width: int) -> list[Segment]:
        """The far edges, the middle, and what is halfway where there is room."""
        columns = len(curve.bids)
        places = metrics.decimals([curve.step])
        line = [" "] * width
        for column in (0, -columns, columns, -columns // 2, columns // 2):
            text = figures.price(curve.price(column), places)
            at = columns + column
            start = 0 if column == -columns else at - len(text) // 2
            if column == columns:
                start = at - len(text) + 1
            free = line[max(0, start - 2) : start + len(text) + 2]
            if 0 <= start <= width - len(text) and not "".join(free).strip():
                line[start : start + len(text)] = text
        return [
            Segment("".join(line), self.part("depth--quiet" if self.view.live else "depth--stale"))
        ]
