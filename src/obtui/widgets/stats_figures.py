"""Figures of a market, a line each: what `StatsPanel` places."""

from __future__ import annotations

from collections.abc import Callable

from rich.segment import Segment
from rich.style import Style

from obtui import figures, metrics
from obtui.market import Level
from obtui.view import MarketView
from obtui.widgets.bar import bar_of
from obtui.widgets.over_time import OverTime

Line = list[Segment]

LABEL = 8
"""Cells of the label beside each."""
WORDY = 24
"""Cells beside it from which the imbalance has its words."""
TREND = 20
"""Cells of the widest trend beside a figure."""


class Figures:
    """By their labels, for one view."""

    def __init__(
        self, view: MarketView, over_time: OverTime, visible: int, part: Callable[[str], Style]
    ) -> None:
        """`visible`: levels a side that the imbalance is of; `part` gives a component's style."""
        self._view = view
        self._over_time = over_time
        self._visible = visible
        self._part = part

    def _book_style(self) -> Style:
        return self._part("stats--figure" if self._view.live else "stats--stale")

    def text(self, text: str) -> Line:
        """A figure of words."""
        return [Segment(text, self._part("stats--figure"))]

    def touch(self, width: int) -> dict[str, Line]:
        """The best prices, and what is derived from them."""
        view = self._view
        bid = view.bids[0] if view.bids else None
        ask = view.asks[0] if view.asks else None
        style = self._book_style()
        sides = {
            name: [Segment(self._level(level, width), self._part(f"stats--{name}"))]
            if view.live
            else [Segment(self._level(level, width), style)]
            for name, level in (("ask", ask), ("bid", bid))
        }
        if bid is None or ask is None:
            words = ("mid", "micro", "imbal", "spread")
            return {**sides, **{name: [Segment("-", style)] for name in words}}
        places = view.price_decimals + 1
        visible = self._visible
        balance = metrics.imbalance(view.bids[:visible], view.asks[:visible])
        mid = metrics.midpoint(bid, ask)
        # As wide as it may become, so that the trend beside it stands still.
        text = f"{figures.amount(mid, places):<{len(figures.price(mid, places))}}"
        spread = f"{f'{figures.bps(metrics.spread_bps(bid, ask))} bps':<10}"
        return {
            **sides,
            "mid": [Segment(text, style), *self._trend("mid", width - LABEL - len(text))],
            "micro": [Segment(f"{metrics.microprice(bid, ask):.{places}f}", style)],
            "imbal": [Segment(_balance(balance, visible, width - LABEL), style)],
            "spread": [
                Segment(spread, style),
                *self._trend("spread", width - LABEL - len(spread)),
            ],
        }

    def _level(self, level: Level | None, width: int) -> str:
        if level is None:
            return "-"
        places = min(8 if width >= 34 else 4, metrics.decimals([level.size]))
        price = figures.price(level.price, self._view.price_decimals)
        return f"{price} × {figures.amount(level.size, places)}"

    def _trend(self, name: str, width: int) -> Line:
        """At the right end of so many cells; nothing where it would tell nothing."""
        text = self._over_time.trend(name, min(TREND, width - 3))
        return [Segment(f"{text:>{width - 1}}", self._part("stats--spark"))] if text else []

    def distribution(self, width: int) -> dict[str, Line]:
        """How wide the spread was."""
        known = self._over_time.spreads
        if known is None:
            return {}
        span = f" in {figures.duration(known.seconds)}" if known.seconds else ""
        median, wide, least, most = (
            figures.bps(it) for it in (known.median, known.wide, known.least, known.most)
        )
        counts = known.shape(min(32, max(1, width - LABEL - 8)))
        at_least = figures.bps(known.wide, bound="≥")
        shape = f"{figures.sparkline(counts, len(counts))} {at_least}"
        return {
            "median": self.text(f"{median} bps{span}"),
            "95 %": self.text(f"{wide} bps"),
            "range": self.text(f"{least} to {most} bps"),
            "shape": [Segment(shape, self._part("stats--spark"))],
        }

    def since(self) -> dict[str, Line]:
        """From when on trades are counted, where that is not the start."""
        since_ns = self._view.since_ns
        return {"since": self.text(figures.clock(since_ns))} if since_ns else {}

    def volume(self, width: int) -> Line:
        """Bought and sold since then, in one line."""
        since = self._view.since_start
        if since is None or since.bought is None or since.sold is None:
            return self.text("-")
        for places in (4, 3, 2, 1, 0):
            bought, sold = (figures.amount(it, places) for it in (since.bought, since.sold))
            if len(bought) + len(sold) + 5 <= width - LABEL:
                break
        return [
            Segment(f"▲ {bought}", self._part("stats--bid")),
            Segment(f" ▼ {sold}", self._part("stats--ask")),
        ]

    def traded(self, width: int) -> dict[str, Line]:
        """The same with shares."""
        since = self._view.since_start
        if since is None or since.bought is None or since.sold is None:
            return {name: self.text("-") for name in ("bought", "sold", "net", "trades")}
        base = self._view.instrument.base
        both = since.bought + since.sold
        share = float(since.bought / both) if both else 0.0
        cells = max(0, min(32, width - LABEL - 1)) if both else 0
        first = round(share * cells)
        ground = self._part("stats--figure")
        bar = [
            *bar_of(1.0, first, self._part("stats--bid-bar"), ground),
            *bar_of(1.0, cells - first, self._part("stats--ask-bar"), ground),
        ]
        net = since.bought - since.sold
        return {
            "bought": [
                Segment(f"▲ {figures.amount(since.bought, 8)} {base}", self._part("stats--bid")),
                *self.text(f"  {share:.0%}" if both else ""),
            ],
            "sold": [
                Segment(f"▼ {figures.amount(since.sold, 8)} {base}", self._part("stats--ask")),
                *self.text(f"  {1 - share:.0%}" if both else ""),
            ],
            "": bar,
            "net": self.text(f"{'+' if net > 0 else ''}{figures.amount(net, 8)} {base}"),
            "trades": self.text(figures.count(self._view.heard)),
        }

    def feed(
        self, width: int, *, lag_apart: bool = False, minute_apart: bool = True
    ) -> dict[str, Line]:
        """How the feed does."""
        view = self._view
        age = "-" if view.age_seconds is None else figures.duration(view.age_seconds)
        lag = "-" if view.lag_ms is None else figures.milliseconds(view.lag_ms)
        rate = f"{figures.count(view.rates[-1] if view.rates else 0)} msg/s"
        cells = width - LABEL - 1
        spark = self._part("stats--spark")
        lines = {"rate": self.text(rate)}
        if minute_apart:
            lines["1 min"] = [Segment(figures.sparkline(view.rates, cells), spark)]
        else:
            beside = figures.sparkline(view.rates, cells - len(rate) - 2)
            lines["rate"].append(Segment(f"{beside:>{max(0, cells - len(rate))}}", spark))
        lines["total"] = self.text(f"{figures.count(view.messages)} messages")
        lines["age"] = self.text(age if lag_apart else f"{age} · lag {lag}")
        if lag_apart:
            lines["lag"] = self.text(lag)
        levels = f"{view.ask_levels:,} ask · {view.bid_levels:,} bid"
        lines["levels"] = [Segment(levels, self._book_style())]
        if view.agreed:
            # The venue's own best bid and offer, held against the book after each of its frames.
            words = "tops of the venue's" if width >= LABEL + 30 else "venue's tops"
            lines["agreed"] = self.text(f"{figures.count(view.agreed)} {words}")
        return lines


def _balance(value: float, levels: int, width: int) -> str:
    """A signed figure, a gauge that leans to the heavier side, and of how many best levels a side:
    those that a ladder shows may be others, put together or further away."""
    of = f" of best {levels}" if width >= WORDY else f" of {levels}"
    cells = min(16, width - 7 - len(of))
    if cells < 5:
        return figures.fit(f"{value:+.2f}{of}", width)
    at = min(cells - 1, int((value + 1) / 2 * cells))
    gauge = "".join("●" if cell == at else "─" for cell in range(cells))
    return f"{value:+.2f} {gauge}{of}"
