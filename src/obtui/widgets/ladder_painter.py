"""A ladder's picture in lines of some width: names, rows, the spread, the cursor's foot."""

from __future__ import annotations

import textwrap
from decimal import Decimal

from rich.segment import Segment
from rich.style import Style

from obtui import figures, metrics
from obtui.ladder import readout
from obtui.ladder.changes import Mark
from obtui.ladder.laddering import Ladder
from obtui.ladder.picture import Line
from obtui.ladder.rows import Form, Unit
from obtui.market import Level, Side
from obtui.view import MarketView
from obtui.widgets import ladder_foot
from obtui.widgets.ladder_lines import (
    SIGNS,
    Columns,
    Look,
    Part,
    Places,
    Texts,
    ahead_of,
    columns,
    filled,
    looks,
    mirrored,
    sign_of,
    stacked,
)

NOTHING = Texts()


class Painter:
    """Of the picture that a ladder shows just now."""

    def __init__(
        self, view: MarketView, ladder: Ladder, part: Part, width: int, *, headed: bool
    ) -> None:
        """`headed`: whether the columns' names are shown."""
        self._view = view
        self._ladder = ladder
        self._picture = ladder.shown
        self._form = self._picture.form
        self._part = part
        self._width = width
        self._headed = headed
        rows = self._picture.rows
        places = self._price_places()
        priced = [*(it.price for it in self._picture.lines if it.price is not None)]
        priced += [row.price for row in rows]
        ends = (min(priced), max(priced)) if priced else ()
        prices = ["price"[: 5 * headed], *(figures.price(price, places) for price in ends)]
        self._centre = min(max(map(len, prices)), max(0, width - 2))
        self._left, self._right = self._halves()
        half = min(self._left, self._right)
        # With a cell for the mark.
        anchored = self._form is Form.ANCHORED
        self._room = half - (1 if anchored else ahead_of(self._centre, tight=True) + 1)
        self._places = Places.of(places, rows, width, self._room)
        self._looks: dict[tuple[Side, Mark | None, bool], Look] = {}
        self._texts = [
            (self._text(line, Side.BID), self._text(line, Side.ASK)) for line in self._picture.lines
        ]
        names = self._names("" if anchored else "price", "traded")
        self._columns: Columns = columns(
            [*(text for pair in self._texts for text in pair), *([names] if headed else [])],
            half,
            traded=ladder.settings.traded,
        )

    def lines(self) -> list[list[Segment]]:
        """All of them but the foot."""
        head, told = self._head() if self._headed else ([], False)
        rows = [self._line(at, line) for at, line in enumerate(self._picture.lines)]
        spread = self._picture.spread
        below = rows[spread:]
        if not any(line.bid is not None for line in self._picture.lines):
            known = self._view.bids or self._view.asks
            below = [*(below if known else []), *self._advice()]
        return [*head, *rows[:spread], self._spread(told=told), *below]

    def foot(self) -> list[list[Segment]]:
        """What is told of the cursor's price."""
        read = self._picture.read
        if read is None:
            return []
        style = self._part("ladder--head" if self._view.live else "ladder--stale")
        texts = ladder_foot.foot(
            read, self._view.instrument, self._places.price, self._width, self._view.since_ns
        )
        return [[Segment(text.ljust(self._width), style)] for text in texts]

    def _price_places(self) -> int:
        """What shows every price exactly, of groups too."""
        return max(self._view.price_decimals, metrics.decimals([self._picture.step or Decimal(1)]))

    def _halves(self) -> tuple[int, int]:
        """Cells left and right of the middle, where there is one."""
        if self._form is Form.STACKED:
            return self._width, self._width
        between = 1 if self._form is Form.SIDE_BY_SIDE else 2 + 2 + self._centre + 1
        left = max(0, self._width - between) // 2
        return left, max(0, self._width - between - left)

    def _names(self, price: str, traded: str) -> Texts:
        unit = self._ladder.settings.unit
        other = Unit.NOTIONAL if unit is Unit.SIZE else Unit.SIZE
        main = unit.value
        if self._room < len(main):
            main = ""  # half a word says less than none
        return Texts("", price, main, "", traded, "total", other.value)

    def _text(self, line: Line, side: Side) -> Texts:
        price = line.price_of(side)
        if price is None:
            return NOTHING
        mark = self._ladder.mark(side, price)
        traded = self._traded(side, price)
        row = line.row(side)
        if row is None:
            return Texts(mark=sign_of(mark), traded=traded)
        text = self._places.texts(row, side, self._ladder.settings.unit, traded, mark)
        return text._replace(price="") if self._form is Form.ANCHORED else text

    def _traded(self, side: Side, price: Decimal) -> str:
        """Where a price may be in rows of both sides, each has what was taken from it; else what
        traded is together."""
        if not self._ladder.settings.traded:
            return ""
        volume, exact = self._ladder.volume(side, price)
        taken = volume.total
        if self._apart:
            taken = volume.sold if side is Side.BID else volume.bought
        more = "" if exact else "≥"
        return figures.size(taken, self._places.size, more) if taken else more

    @property
    def _apart(self) -> bool:
        """Whether what was sold and what was bought are told apart."""
        return self._form is Form.ANCHORED or self._picture.step is not None

    def _look(self, at: int, side: Side) -> Look:
        line = self._picture.lines[at]
        price = line.price_of(side)
        mark = None if price is None else self._ladder.mark(side, price)
        pointed = at == self._picture.cursor
        if pointed and self._form is Form.SIDE_BY_SIDE:
            pointed = side is self._picture.side
        known = self._looks.get((side, mark, pointed))
        if known is None:
            known = looks(self._part, side, live=self._view.live, mark=mark, cursor=pointed)
            self._looks[side, mark, pointed] = known
        return known

    def _line(self, at: int, line: Line) -> list[Segment]:
        bid, ask = self._texts[at]
        if self._form is Form.STACKED:
            side = Side.ASK if line.bid is None else Side.BID
            if line.row(side) is None:
                return []
            look = self._look(at, side)
            painted = stacked(bid if side is Side.BID else ask, self._columns, look)
            return filled(painted, self._width, look.rest) if self._pointed(at) else painted
        look, right = self._look(at, Side.BID), self._look(at, Side.ASK)
        left = mirrored(bid, self._columns, look, self._left)
        middle = [Segment(" ", self._part("ladder--quiet"))]
        if self._form is Form.ANCHORED:
            middle = self._price(at, line, right)
        painted = [*left, *middle, *stacked(ask, self._columns, right)]
        return filled(painted, self._width, right.rest) if self._pointed(at) else painted

    def _pointed(self, at: int) -> bool:
        return at == self._picture.cursor

    def _price(self, at: int, line: Line, look: Look) -> list[Segment]:
        """The standing price of a line, in the colour of what rests there."""
        if line.price is None:
            return []
        sign = SIGNS[Side.BID] if line.bid is not None else SIGNS[Side.ASK]
        style = look.quiet
        if line.bid is not None and line.ask is not None:
            sign = "±"
        elif line.bid is None and line.ask is None:
            sign = " "
        for side in Side:
            row = line.row(side)
            if row is not None and row.size:
                style = self._look(at, side).price
        if self._pointed(at):
            style = look.price
        text = figures.fit(figures.price(line.price, self._places.price), self._centre)
        return [
            Segment(" ", look.rest),
            Segment(f"{sign} {text:>{self._centre}}", style),
            Segment("  ", look.rest),
        ]

    def _head(self) -> tuple[list[list[Segment]], bool]:
        """The columns' names, and whether it tells the step."""
        style = self._part("ladder--head" if self._view.live else "ladder--stale")
        plain = Look(style, style, style, style, style, style)
        bars = f"bars: {self._ladder.settings.bars.value}"
        step = self._step()
        room = self._columns.bar
        both = f"{step} · {bars}" if step else bars
        since_ns = self._view.since_ns if self._columns.traded else 0
        since = f" · traded {figures.since(since_ns, 'start')}" if since_ns else ""
        if self._form is Form.STACKED:
            texts = [f"{both}{since}", both, step, bars]
            told = next((it for it in texts if it and len(it) <= room), "")
            names = self._names("price", "taken" if self._apart else "traded")
            text = _text_of(stacked(names, self._columns, plain)) + told
        else:
            sold, bought = ("sold", "bought") if self._apart else ("traded",) * 2
            told = step if len(step) <= room else ""
            text = _text_of(mirrored(self._names("price", sold), self._columns, plain, self._left))
            text = told + text[len(told) :] + " "
            if self._form is Form.ANCHORED:
                text += f"  {'price':>{self._centre}}  "
            right = stacked(self._names("price", bought), self._columns, plain)
            texts = [f"{bars}{since}", bars, bars.removeprefix("bars: ")]
            text += _text_of(right) + next((it for it in texts if len(it) <= room), "")
        line = figures.fit(text, self._width).ljust(self._width)
        return [[Segment(line, style)]], bool(step) and step in told

    def _step(self) -> str:
        """What is put together, in words; empty where nothing is."""
        step = self._picture.step
        if step is None:
            return ""
        by_market = " auto" if self._picture.automatic else ""
        return f"step {step.normalize():f}{by_market}"

    def _spread(self, *, told: bool) -> list[Segment]:
        view, width = self._view, self._width
        if not view.live:
            text = f"{view.state.value} · {view.reason}" if view.reason else view.state.value
            return _centred(text, width, self._part("ladder--warning"))
        step = "" if told or not self._step() else f" · {self._step()}"
        style = self._part("ladder--spread")
        if not view.bids or not view.asks:
            side = "no bids" if view.asks else "no asks" if view.bids else "the book is empty"
            return _centred(side + step, width, style)
        bid, ask = view.bids[0], view.asks[0]
        spread = "spread " + figures.amount(metrics.spread(bid, ask), view.price_decimals)
        quoted = f"{spread} {view.instrument.quote}".rstrip()
        bps = f" · {figures.bps(metrics.spread_bps(bid, ask))} bps"
        away = self._away(bid, ask)
        step += away
        texts = [quoted + bps + step, spread + bps + step, spread + step]
        texts += [spread + away, away.removeprefix(" · ")] if away else []
        text = next((it for it in texts if len(it) <= width), texts[-1 if step else 0])
        return _centred(text, width, style)

    def _away(self, bid: Level, ask: Level) -> str:
        """Where the best prices are that no row shows: a spread may be wider than all of them."""
        prices = [line.price for line in self._picture.lines if line.price is not None]
        if not prices:
            return ""
        step, places = self._picture.step, self._places.price
        lower = readout.snapped(bid.price, Side.BID, step) < prices[-1]
        upper = readout.snapped(ask.price, Side.ASK, step) > prices[0]
        below = f" · bid {figures.price(bid.price, places)} below" if lower else ""
        return below + (f" · ask {figures.price(ask.price, places)} above" if upper else "")

    def _advice(self) -> list[list[Segment]]:
        """Where there is no book to show: the whole reason, and what comes next or may be tried."""
        view = self._view
        if view.live:
            return []
        retry = f"retry in {view.retry_seconds:.0f} s" if view.retry_seconds > 0 else ""
        words = [*textwrap.wrap(view.reason, max(1, self._width - 2))[:3], retry, view.hint]
        style = self._part("ladder--quiet")
        return [[], *[[Segment(text.center(self._width), style)] for text in words if text]]


def _text_of(line: list[Segment]) -> str:
    return "".join(segment.text for segment in line)


def _centred(text: str, width: int, style: Style) -> list[Segment]:
    return [Segment(figures.fit(text, width).center(width), style)]
