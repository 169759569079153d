"""What it costs to take a typed size from either side of the book at once."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from rich.style import Style

from obtui import figures, metrics
from obtui.book import OrderBook
from obtui.sweep import Sweep, sweep
from obtui.view import MarketView
from obtui.widgets.panel import Panel

LABEL = 8
"""Cells of the column of labels."""
MULTIPLES = [Decimal(text) for text in ("0.1", "0.2", "0.5", "1", "2", "5", "10", "20", "50")]
"""Of the size, that are shown too where there is room."""
FARTHEST = 400
"""Levels from which on no greater multiple is computed: it would be of no use, and cost a frame."""
ROWS = ("average", "slip", "worst", "value", "levels")
"""What is told of a side, the more important first."""


class Both(NamedTuple):
    """A size taken from either side."""

    buy: Sweep
    sell: Sweep


class SweepPanel(Panel):
    """Buying takes asks, selling hits bids; where the known levels end, the figures say so."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "sweep--label",
        "sweep--figure",
        "sweep--buy",
        "sweep--sell",
        "sweep--warning",
        "sweep--stale",
    }

    key: str = "$"
    """What asks for a size."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._amount: Decimal | None = None
        self._swept: dict[Decimal, Both] = {}
        self._swept_of: OrderBook | None = None

    @property
    def amount(self) -> Decimal | None:
        """The size, in base currency; None before one is typed."""
        return self._amount

    @amount.setter
    def amount(self, amount: Decimal | None) -> None:
        self._amount = amount
        self._swept = {}
        self.repaint()

    def show(self, view: MarketView) -> None:
        """Paint this; a size that was typed for another market says nothing of this one."""
        before = self.view
        if before.venue and _market(before) != _market(view):
            self._amount, self._swept = None, {}
        super().show(view)

    def title(self) -> tuple[str, str]:
        """The size, and what slippage is measured from; the state, where it is not live."""
        if self._amount is None:
            return "sweep cost", ""
        if not self.view.live:
            return f"sweep · {self._in_base(self._amount)}", self.view.state.value
        mid = self._mid()
        places = self.view.price_decimals + 1
        right = "" if mid is None else f"mid {figures.amount(mid, places)}"
        return f"sweep · {self._in_base(self._amount)}", right

    def paint_body(self, width: int, height: int) -> list[list[Segment]]:
        """A row for each side where that fits, else a column for each; then other sizes."""
        if self._amount is None:
            return self._words(f"{self.key} asks for a size", width)
        if self.view.book is None:
            return self._words("waiting for the whole book", width)
        both = self._sweep(self._amount)
        lines = self._rows(both, width) or self._columns(both, width, height)
        lines = [*self._short(both, width), *lines]
        if height - len(lines) >= 5:
            lines += [[], *self._multiples(width, height - len(lines) - 1)]
        return lines[:height]

    def _words(self, words: str, width: int) -> list[list[Segment]]:
        return [[Segment(figures.fit(f" {words}", width), self.part("sweep--label"))]]

    def _in_base(self, size: Decimal) -> str:
        return f"{size:,f} {self.view.instrument.base}".rstrip()

    def _mid(self) -> Decimal | None:
        view = self.view
        if not (view.bids and view.asks):
            return None
        return metrics.midpoint(view.bids[0], view.asks[0])

    def _sweep(self, size: Decimal) -> Both:
        """Computed once for a book."""
        book = self.view.book
        if book is None:
            raise AssertionError("nothing is swept without a book")
        if book is not self._swept_of:
            self._swept_of, self._swept = book, {}
        found = self._swept.get(size)
        if found is None:
            mid = self._mid()
            found = Both(sweep(book.asks, size, mid), sweep(book.bids, size, mid))
            self._swept[size] = found
        return found

    def _short(self, both: Both, width: int) -> list[list[Segment]]:
        """Where a side has not enough: how much it has."""
        base = self.view.instrument.base
        beyond = "known" if self.view.limited else "in the book"
        lines = []
        for name, side in zip(("buy", "sell"), both, strict=True):
            if not side.whole:
                has = f"{figures.amount(side.filled, 8)} {base}".rstrip()
                words = f" {name}: not enough: only {has} {beyond}"
                style = self.part("sweep--warning" if self.view.live else "sweep--stale")
                lines.append([Segment(figures.fit(words, width), style)])
        return lines

    def _cell(self, row: str, name: str, side: Sweep, width: int) -> str:
        """A figure in at most `width` cells."""
        places = self.view.price_decimals
        if side.average is None or side.worst is None:
            return "-"
        # The rest could only be had at worse prices: higher ones to buy, lower ones to sell.
        sign = "" if side.whole else "≤" if name == "sell" else "≥"
        if row == "average":
            return figures.price(side.average, places + 1, sign)
        if row == "worst":
            # It may be a level that is too deep to be shown, and finer than those that are.
            return sign + figures.price(side.worst, max(places, metrics.decimals([side.worst])))
        sign = "" if side.whole else "≥"
        if row == "levels":
            return f"{sign}{side.levels:,}"
        if row == "slip":
            bps = side.slippage_bps
            texts = (
                ["-"]
                if bps is None
                else [f"{figures.bps(bps, n, form=',', bound=sign)} bps" for n in (2, 1, 0)]
            )
        else:
            quote = self.view.instrument.quote
            texts = [figures.worth(side.notional, n, sign) for n in (2, 0)]
            texts = [f"{texts[0]} {quote}".rstrip(), *texts]
        return next((text for text in texts if len(text) <= width), texts[-1])

    def _rows(self, both: Both, width: int) -> list[list[Segment]]:
        """A line for each side under a line of words; nothing where they do not fit."""
        texts = [
            [self._cell(row, name, side, 40) for row in ROWS]
            for name, side in zip(("buy", "sell"), both, strict=True)
        ]
        # Sticky in steps, so that the columns stand still while digits come and go.
        widths = [
            _even(max(len(ROWS[at]), *(len(text[at]) for text in texts))) for at in range(len(ROWS))
        ]
        if 6 + sum(widths) + 2 * len(widths) > width:
            return []
        words = f" {'':<5}  {_in_line(ROWS, widths)}"
        lines = [[Segment(words, self.part("sweep--label"))]]
        for name, text in zip(("buy", "sell"), texts, strict=True):
            cells = Segment(f"  {_in_line(text, widths)}", self._figure())
            lines.append([self._side(f" {name:<5}", name), cells])
        return lines

    def _columns(self, both: Both, width: int, height: int) -> list[list[Segment]]:
        """A column for each side; where that is too high, the price and slippage of each."""
        names = ("buy", "sell")
        cells = max(0, (width - LABEL - 2) // 2)
        if height < 4 or cells < len(self._cell("average", "buy", both.buy, cells)):
            return [
                [
                    self._side(f" {name:<5}", name),
                    Segment(self._compact(name, side, width - 6), self._figure()),
                ]
                for name, side in zip(names, both, strict=True)
            ]
        label = self.part("sweep--label")
        lines = [[Segment(f" {'':<{LABEL - 1}}", label)]]
        lines[0] += [self._side(f" {name:>{cells}}", name) for name in names]
        for row in ROWS:
            line = [Segment(f" {row:<{LABEL - 1}}", label)]
            for name, side in zip(names, both, strict=True):
                text = figures.fit(self._cell(row, name, side, cells), cells)
                line.append(Segment(f" {text:>{cells}}", self._figure()))
            lines.append(line)
        return lines

    def _compact(self, name: str, side: Sweep, width: int) -> str:
        text = self._cell("average", name, side, width)
        for row in ("slip", "worst", "value"):
            more = f"{text} · {self._cell(row, name, side, width)}"
            if len(more) > width:
                break
            text = more
        return figures.fit(text, width)

    def _multiples(self, width: int, height: int) -> list[list[Segment]]:
        """Other sizes, and how much worse than the mid they would be had."""
        amount = self._amount
        if amount is None:
            raise AssertionError("there is no multiple of no size")
        rows: list[Sequence[str]] = []
        for factor in MULTIPLES[: max(0, height - 1)]:
            both = self._sweep((amount * factor).normalize())
            row = [self._in_base(both.buy.size)]
            for name, side in zip(("buy", "sell"), both, strict=True):
                row += [self._cell(part, name, side, 40) for part in ("average", "slip")]
            rows.append(row)
            if max(both.buy.levels, both.sell.levels) > FARTHEST:
                break
        heads: Sequence[str] = ("size", "buy", "slip", "sell", "slip")
        widths = [_even(max(len(row[at]) for row in [heads, *rows])) for at in range(5)]
        if 1 + sum(widths) + 8 > width:
            # Without the prices: the slippage tells the same.
            keep = (0, 2, 4)
            rows = [[row[at] for at in keep] for row in rows]
            heads, widths = ("size", "buy", "sell"), [widths[at] for at in keep]
            if 1 + sum(widths) + 4 > width:
                return []
        styles = [self.part("sweep--label"), *[self._figure()] * len(rows)]
        return [
            [Segment(f" {_in_line(row, widths)}", style)]
            for row, style in zip([heads, *rows], styles, strict=True)
        ]

    def _side(self, text: str, side: str) -> Segment:
        return Segment(text, self.part(f"sweep--{side}" if self.view.live else "sweep--stale"))

    def _figure(self) -> Style:
        return self.part("sweep--figure" if self.view.live else "sweep--stale")


def _in_line(texts: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(f"{text:>{cells}}" for text, cells in zip(texts, widths, strict=True))


def _market(view: MarketView) -> tuple[str, str]:
    return view.venue, view.instrument.symbol


def _even(cells: int) -> int:
    return cells + cells % 2
