"""A ladder that is looked at again and again: what the user chose, and what must be remembered
between one picture and the next. Nothing of how it is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from obtui.book import BookSide
from obtui.ladder import anchored, grouping, pointing, readout, rows
from obtui.ladder.anchored import Anchor, Limits, Window
from obtui.ladder.changes import Changes, Mark
from obtui.ladder.grouping import Group, Grouper
from obtui.ladder.picture import Line, Picture
from obtui.ladder.readout import Cursor
from obtui.ladder.rows import Form, LadderSettings
from obtui.market import Level, Side
from obtui.traded import TradedVolume, Volume
from obtui.view import MarketView

NOTHING = Decimal()


class Ladder:
    """Told a view, gives a picture. It clears what it remembers where that is of another market."""

    def __init__(self) -> None:
        self.settings = LadderSettings()
        self.shown = Picture()
        """The last picture."""
        self.cursor: Cursor | None = None
        self._market: tuple[str, str] = ("", "")
        self._tick = Decimal(1)
        self._multiple: int | None = None
        """Ticks in a step, as last shown."""
        self._coarsest = 1
        self._anchor = Anchor()
        self._grouper = Grouper()
        self._changes = Changes()
        self._scale: object = None
        """What must stay the same for a change of a size to be the market's."""
        self._traded: TradedVolume | None = None
        self._volumes: dict[tuple[Side, Decimal], tuple[Volume, bool]] = {}

    @property
    def wants_book(self) -> bool:
        """Whether a picture needs the whole book and what traded, rather than the best levels."""
        it = self.settings
        chosen = it.step is not None or it.form is Form.ANCHORED or it.traded
        return chosen or self.cursor is not None

    @property
    def fading(self) -> bool:
        """Whether time alone changes the picture."""
        return self._changes.fading

    def picture(self, view: MarketView, height: int, *, narrow: bool = False) -> Picture:
        """What to draw in `height` lines (>= 0), one of them the spread's; `narrow`: there is no
        room for sides beside each other."""
        self._take(view)
        form = self.settings.form
        if narrow and form is Form.SIDE_BY_SIDE:
            form = Form.STACKED
        bids, asks, limits = self._sides(view)
        step = self._step(bids, asks, max(0, height - 1))
        # What changed while the book was gained anew is not of late, and not known.
        scale: object = (form, step, view.resyncs)
        if form is Form.ANCHORED and step is not None and height > 1:
            lines, top = self._anchored(bids, asks, limits, step, height - 1)
            scale = (form, step, view.resyncs, top, height)
            spread = 0
        else:
            below, above = _room(form, height)
            if step is None:
                below_groups = grouping.each(view.bids[:below])
                above_groups = grouping.each(view.asks[:above])
            else:
                groups = self._grouper.groups
                below_groups = groups(bids, step, below, limited=limits.bids)
                above_groups = groups(asks, step, above, limited=limits.asks)
            lines, spread = self._levels(form, below_groups, above_groups, height)
        if step != self.shown.step:
            self._volumes.clear()
        automatic = step is not None and self.settings.step is None
        self.shown = Picture(form, lines, spread, step, automatic)
        self._flash(view, scale)
        if self.cursor is not None:
            self._point(self.cursor, bids, asks, limits)
        return self.shown

    def mark(self, side: Side, price: Decimal) -> Mark | None:
        """How a shown price changed of late."""
        return self._changes.mark(side, price)

    def volume(self, side: Side, price: Decimal) -> tuple[Volume, bool]:
        """What traded since the start at the prices of a shown one, and whether that is all."""
        if self._traded is None:
            return Volume(), True
        known = self._volumes.get((side, price))
        if known is None:
            known = self._traded.between(*grouping.range_of(side, price, self.shown.step))
            self._volumes[side, price] = known
        return known

    def group(self, step: int) -> None:
        """One step coarser (1) or finer (-1); finer than the finest is what no one chose."""
        now = self._multiple or 1
        anchored_now = self.settings.form is Form.ANCHORED
        chosen: int | None
        if step > 0:
            chosen = min(grouping.coarser(now), max(self._coarsest, 1))
        else:
            chosen = None if now == 1 else grouping.finer(now)
        if chosen == 1 and not anchored_now:
            chosen = None
        self.settings = replace(self.settings, step=chosen)

    def recentre(self) -> None:
        """Bring the best prices to the middle, and the automatic step to what serves best."""
        self._anchor.let_go()
        if self.settings.step is None:
            self._multiple = None

    def point(self, line: int, side: Side) -> None:
        """Put the cursor on a line of the last picture, if it shows a price."""
        self.cursor = pointing.at(self.shown, line, side) or self.cursor

    def move(self, rows: int) -> None:
        """Move the cursor down (> 0) or up; where there is none it is put on a best price."""
        move = pointing.moved_beside if self.shown.form is Form.SIDE_BY_SIDE else pointing.moved
        self.cursor = move(self.shown, self.cursor, rows) or self.cursor

    def _take(self, view: MarketView) -> None:
        """Another market's levels, centre and cursor are none of this one."""
        market = view.venue, view.instrument.symbol
        if market != self._market:
            self._market = market
            self._changes.clear()
            self._grouper = Grouper()
            self._anchor.let_go()
            self.cursor = None
            self._multiple = None
        self._tick = grouping.tick_of(view.instrument, view.price_decimals)
        if view.traded is not self._traded:
            self._traded = view.traded
            self._volumes = {}

    def _sides(self, view: MarketView) -> tuple[BookSide, BookSide, Limits]:
        """The whole book; where there is none, what is known of it."""
        if view.book is not None:
            return view.book.bids, view.book.asks, Limits(view.limited, view.limited)
        limits = Limits(
            view.limited or view.bid_levels > len(view.bids),
            view.limited or view.ask_levels > len(view.asks),
        )
        return _side_with(view.bids, bids=True), _side_with(view.asks, bids=False), limits

    def _step(self, bids: BookSide, asks: BookSide, rows: int) -> Decimal | None:
        best = bids.best() or asks.best()
        if best is not None:
            self._coarsest = grouping.coarsest(self._tick, best.price)
        chosen = self.settings.step
        if chosen is not None:
            self._multiple = min(grouping.at_least(chosen), self._coarsest)
        elif self.settings.form is Form.ANCHORED:
            wanted = anchored.automatic(bids, asks, rows, self._tick, self._multiple)
            self._multiple = min(wanted, self._coarsest)
        else:
            self._multiple = None
        return None if self._multiple is None else self._multiple * self._tick

    def _levels(
        self, form: Form, bids: Sequence[Group], asks: Sequence[Group], height: int
    ) -> tuple[tuple[Line, ...], int]:
        view = rows.build(bids, asks, self.settings.unit, self.settings.bars)
        if form is Form.SIDE_BY_SIDE:
            count = max(len(view.bids), len(view.asks))
            below = [*view.bids, *[None] * (count - len(view.bids))]
            above = [*view.asks, *[None] * (count - len(view.asks))]
            return tuple([Line(bid, ask) for bid, ask in zip(below, above, strict=True)]), 0
        spread = rows.split(height)[0]
        gap = [Line()] * (spread - len(view.asks))
        asks_down = [Line(ask=row) for row in reversed(view.asks)]
        return (*gap, *asks_down, *[Line(bid=row) for row in view.bids]), spread

    def _anchored(
        self, bids: BookSide, asks: BookSide, limits: Limits, step: Decimal, rows: int
    ) -> tuple[tuple[Line, ...], int | None]:
        bid, ask = bids.best(), asks.best()
        top = self._anchor.place(bid and bid.price, ask and ask.price, step, rows)
        if top is None:
            return (), None
        window = Window(top, rows, step)
        unit, bars = self.settings.unit, self.settings.bars
        shown = anchored.build(bids, asks, self._grouper, window, limits, unit=unit, bars=bars)
        return tuple([Line(it.bid, it.ask, it.price) for it in shown]), top

    def _flash(self, view: MarketView, scale: object) -> None:
        if not view.live or scale != self._scale:
            self._changes.clear()
        self._scale = scale
        if not view.live:
            return
        sizes: dict[tuple[Side, Decimal], Decimal] = {}
        for line in self.shown.lines:
            for side in Side:
                price, row = line.price_of(side), line.row(side)
                if price is not None:
                    sizes[side, price] = NOTHING if row is None else row.size
        self._changes.update(sizes, self._taken, view.monotonic_ns)

    def _taken(self, side: Side, price: Decimal) -> Decimal:
        """What trades took from a side at a shown price."""
        volume, _ = self.volume(side, price)
        return volume.sold if side is Side.BID else volume.bought

    def _point(self, cursor: Cursor, bids: BookSide, asks: BookSide, limits: Limits) -> None:
        """Find the cursor in the picture, and tell of its price."""
        step = self.shown.step
        side = readout.side_at(bids, asks, cursor) or cursor.side
        price = readout.snapped(cursor.price, side, step)
        found = (at for at, line in enumerate(self.shown.lines) if line.price_of(side) == price)
        line = next(found, None)
        row = None if line is None else self.shown.lines[line].row(side)
        read = readout.read(
            bids,
            asks,
            cursor,
            tick=self._tick,
            step=step,
            row=row,
            limited=limits.bids if side is Side.BID else limits.asks,
            traded=self._traded,
        )
        self.shown = self.shown._replace(cursor=line, side=side, read=read)


def _room(form: Form, height: int) -> tuple[int, int]:
    """Rows for bids and asks."""
    if form is Form.SIDE_BY_SIDE:
        return max(0, height - 1), max(0, height - 1)
    above, below = rows.split(height)
    return below, above


def _side_with(levels: Sequence[Level], *, bids: bool) -> BookSide:
    side = BookSide(bids=bids)
    side.replace(levels)
    return side
