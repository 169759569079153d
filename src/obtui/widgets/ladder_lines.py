"""The lines of a ladder: which columns have room, and how a row is written in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style

from obtui import figures, metrics
from obtui.ladder.changes import Mark
from obtui.ladder.rows import Row, Unit
from obtui.market import Side
from obtui.widgets.bar import bar_of

TIGHT = 8
"""Cells of a main figure that are worth more than blanks."""
LEAST = 3
"""Cells without which a main figure is nothing."""
LEAST_BAR = 6
"""Cells that a bar keeps before the last column is shown."""
UNITS = ("", "k", "M")
"""By thousands."""
LEAST_SHARE = Decimal("0.1")
"""Of such a unit, that it tells."""
SIGNS = {Side.BID: "+", Side.ASK: "-"}
"""Tells the side without colour: + adds to demand, - to supply."""
GREW, PULLED, TRADED = "▴", "▾", "×"


class Texts(NamedTuple):
    """A row as it is written; a column that says nothing is empty."""

    sign: str = ""
    price: str = ""
    main: str = ""
    mark: str = ""
    traded: str = ""
    total: str = ""
    other: str = ""
    fraction: float = 0.0


class Columns(NamedTuple):
    """Widths in cells; a column that does not fit has width 0."""

    price: int
    """Without the sign before it; -1 where it stands elsewhere."""
    main: int
    traded: int
    total: int
    other: int
    bar: int
    tight: bool = False
    """Whether there is but one cell between price and main figure, and none for a price's sign."""

    @property
    def ahead(self) -> int:
        """Cells before the main figure, or behind it where it is mirrored."""
        return ahead_of(self.price, tight=self.tight)


class Look(NamedTuple):
    """The styles of a row."""

    price: Style
    figure: Style
    mark: Style
    quiet: Style
    bar: Style
    rest: Style
    """Of what is beside the figures."""


def ahead_of(price: int, *, tight: bool) -> int:
    """Cells of a price of that width (-1: none) with its sign, and of the gap after it."""
    if price < 0:
        return 1
    return 1 + price + 1 if tight else 2 + price + 2


class Places(NamedTuple):
    """Decimals of each kind of figure."""

    price: int
    size: int
    notional: int
    thousands: int = 0
    """By how many of them a notional is divided where it is the main figure."""

    @classmethod
    def of(cls, price: int, rows: Sequence[Row], width: int, room: int) -> Places:
        """What the rows need, and no more than is of use in that many cells, `room` of them for
        the main figure."""
        size = metrics.decimals(row.size for row in rows)
        greatest = max((row.size for row in rows), default=Decimal())
        # What is too small to be seen is `<0.01`, which is as long as `10.01`.
        digits = max(2, len(f"{greatest:.0f}")) + any(row.partial for row in rows)
        size = min(size, 8 if width >= 60 else 4, max(0, room - digits - 1))
        worth = max((row.cumulative_notional for row in rows), default=Decimal())
        most = max((row.notional for row in rows), default=Decimal())
        digits = len(f"{most:.0f}") + any(row.partial for row in rows)
        thousands = 0 if digits <= room else 1 if digits - 1 <= room else 2
        return cls(price, size, 0 if thousands else worth_places(worth), thousands)

    def texts(self, row: Row, side: Side, unit: Unit, traded: str, mark: Mark | None) -> Texts:
        """A row in these decimals."""
        total, other = (3, self.notional) if unit is Unit.SIZE else (self.notional, self.size)
        more = "≥" if row.partial else ""
        known = row.size > 0
        return Texts(
            SIGNS[side],
            figures.price(row.price, self.price),
            self._main(row, unit, more) if known or more else "",
            sign_of(mark),
            traded,
            figures.size(row.total(unit), total, more) if known else "",
            figures.size(row.other(unit), other, more) if known else "",
            row.fraction,
        )

    def _main(self, row: Row, unit: Unit, more: str) -> str:
        if unit is Unit.SIZE:
            return figures.size(row.size, self.size, more)
        if not self.thousands:
            return figures.size(row.notional, self.notional, more)
        thousands, places = self.thousands, 1
        value = row.notional.scaleb(-3 * thousands)
        if value < LEAST_SHARE:
            # Shorter, and more is told, in the next smaller unit.
            thousands, places, value = thousands - 1, 0, value.scaleb(3)
        return figures.amount(value, places if value < 100 else 0, more) + UNITS[thousands]


def worth_places(greatest: Decimal) -> int:
    """Decimals of amounts in quote currency, of which `greatest` is the greatest."""
    return 0 if greatest >= 10_000 else 2 if greatest >= 10 else 4 if greatest >= 1 else 8


def sign_of(mark: Mark | None) -> str:
    """How a level changed, without colour."""
    if mark is None:
        return ""
    return GREW if mark.grew else TRADED if mark.traded else PULLED


def columns(rows: Iterable[Texts], width: int, *, traded: bool) -> Columns:
    """Widths that fit the rows; what matters less gives way first."""
    shown = [Texts(), *rows]
    # Sticky in steps, so that the columns stand still while digits come and go.
    main = _even(max(len(row.main) for row in shown))
    taken = _even(max(len(row.traded) for row in shown))
    total = _even(max(len(row.total) for row in shown))
    other = _even(max(len(row.other) for row in shown))
    price = max(len(row.price) for row in shown)
    narrow = ahead_of(price, tight=False) + TIGHT > width
    tight = narrow and ahead_of(price, tight=True) + LEAST <= width
    price = max(0, min(price, width - 2)) if price else -1
    ahead = ahead_of(price, tight=tight)
    # Its mark has the cell behind it; where there is no price, the one that is before it else.
    room = max(0, width - ahead - (price >= 0))
    main = min(main, room)
    left = width - ahead - main
    taken = taken if traded and left >= 2 + taken else 0
    left -= 2 + taken if taken else 0
    total = total if left >= 2 + total else 0
    left -= 2 + total if total else 0
    other = other if total and left >= 2 + other + LEAST_BAR + 3 else 0
    left -= 2 + other if other else 0
    return Columns(price, main, taken, total, other, max(0, left - 3), tight)


def _even(width: int) -> int:
    return width + width % 2


def stacked(row: Texts, to: Columns, look: Look) -> list[Segment]:
    """A row whose columns go from left to right."""
    line = []
    gap = ""
    if to.price >= 0:
        price = figures.fit(row.price, to.price)
        between, gap = ("", " ") if to.tight else (" ", "  ")
        line.append(Segment(f"{row.sign:1}{between}{price:>{to.price}}", look.price))
    main = figures.fit(row.main, to.main)
    line.append(Segment(f"{gap}{main:>{to.main}}", look.figure))
    if row.mark:
        line[-1] = Segment(gap, look.quiet)
        line.append(Segment(f"{main:>{to.main}}{row.mark}", look.mark))
    first = 1 if row.mark else 2  # the mark has the first cell of the gap
    for text, column, style in (
        (row.traded, to.traded, look.quiet),
        (row.total, to.total, look.quiet),
        (row.other, to.other, look.quiet),
    ):
        if column:
            line.append(Segment(f"{' ' * first}{text:>{column}}", style))
            first = 2
    if to.bar:
        line.append(Segment(" " * first, look.rest))
        line += bar_of(row.fraction, to.bar, look.bar, look.rest)
    return line


def mirrored(row: Texts, to: Columns, look: Look, width: int) -> list[Segment]:
    """The same from right to left, in exactly `width` cells: the bar grows to the left."""
    line: list[Segment] = []
    if to.bar:
        line += bar_of(row.fraction, to.bar, look.bar, look.rest, mirrored=True)
        line.append(Segment("  ", look.rest))
    for text, column in (
        (row.other, to.other),
        (row.total, to.total),
        (row.traded, to.traded),
    ):
        if column:
            line.append(Segment(f"{text:>{column}}  ", look.quiet))
    main = figures.fit(row.main, to.main)
    style = look.mark if row.mark else look.figure
    line.append(Segment(f"{main:>{to.main}}{row.mark:1}", style))
    if to.price >= 0:
        price = figures.fit(row.price, to.price)
        gap = "" if to.tight else " "
        line.append(Segment(gap, look.figure))
        line.append(Segment(f"{price:>{to.price}}{gap}{row.sign:1}", look.price))
    used = sum(len(segment.text) for segment in line)
    return [Segment(" " * (width - used), look.rest), *line] if used < width else line


def filled(line: list[Segment], width: int, style: Style) -> list[Segment]:
    """The line in at least `width` cells."""
    used = sum(len(segment.text) for segment in line)
    return [*line, Segment(" " * (width - used), style)] if used < width else line


Part = Callable[[str], Style]
"""The style of a component class."""


def looks(part: Part, side: Side, *, live: bool, mark: Mark | None, cursor: bool) -> Look:
    """The styles of a row as it stands now."""
    if not live:
        stale = part("ladder--stale")
        price = part("ladder--cursor") if cursor else stale
        return Look(price, stale, stale, stale, stale, stale)
    figure, quiet = part("ladder--figure"), part("ladder--quiet")
    flash = figure
    if mark is not None:
        stage = "" if mark.stage == 2 else "-fading"
        flash = part(f"ladder--{'grew' if mark.grew else 'shrank'}{stage}")
    price, bar = part(f"ladder--{side.value}"), part(f"ladder--{side.value}-bar")
    if not cursor:
        return Look(price, figure, flash, quiet, bar, quiet)
    under = Style(bgcolor=part("ladder--under").bgcolor)
    rest = quiet + under
    return Look(part("ladder--cursor"), figure + under, flash + under, rest, bar, rest)
