"""What changed on a ladder, and for how long that is worth seeing. Told the time; paints nothing.

A level that grew or shrank bears a mark, bright at first, then fading, then none. What shrank is
told apart: traded, where at least half of it was taken by trades at that price, else pulled. Trades
are told just before the book or just after it, so trades of `BEFORE_NS` before a shrinkage count,
and those of the mark's whole life; no trade explains two shrinkages of a level.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import NamedTuple

from obtui.market import Side

BRIGHT_NS = 400_000_000
"""How long a change is bright."""
FADING_NS = 400_000_000
"""How long it fades after that."""
LATE_NS = 1_500_000_000
"""After so long without a look no change is known to be of late."""
BEFORE_NS = 300_000_000
"""How long before a shrinkage is seen the trade may have been told that caused it."""


class Mark(NamedTuple):
    """What is to be seen of a change."""

    grew: bool
    """Or it shrank."""
    traded: bool
    """Whether what shrank was traded, so far as is known by now; never of what grew."""
    stage: int
    """2: bright; 1: fading."""


class Changes:
    """Of the levels, or groups of levels, that are shown; remembers no others.

    Whoever shows other prices without the market having moved (another grouping, another market, a
    ladder that was hidden or re-centred) clears it.
    """

    __slots__ = ("_deepest", "_levels", "_marked", "_now_ns")

    def __init__(self) -> None:
        self.clear()

    @property
    def fading(self) -> bool:
        """Whether there are marks: time alone then changes the picture."""
        return self._marked

    def clear(self) -> None:
        """Forget everything: the next levels are the first, and no change."""
        self._levels: dict[tuple[Side, Decimal], _Level] = {}
        self._deepest: dict[Side, Decimal] = {}
        self._marked = False
        self._now_ns = 0

    def update(
        self,
        levels: Mapping[tuple[Side, Decimal], Decimal],
        traded: Callable[[Side, Decimal], Decimal],
        monotonic_ns: int,
    ) -> None:
        """The sizes (>= 0) of all that is shown now, by side and shown price.

        `traded` is asked for each: the volume since the start of the trades that take that side at
        that shown price. A price that is new and deeper than all that its side showed before was
        only scrolled into view; any other new one grew. A time that goes back begins anew, as does
        a look after `LATE_NS` without one.
        """
        if not 0 <= monotonic_ns - self._now_ns <= LATE_NS:
            self.clear()
        known, deepest_before = self._levels, self._deepest
        shown: dict[tuple[Side, Decimal], _Level] = {}
        deepest: dict[Side, Decimal] = {}
        self._marked = False
        for key, size in levels.items():
            side, price = key
            volume = traded(side, price)
            level = known.get(key)
            if level is None:
                level = _Level(size, volume, monotonic_ns)
                edge = deepest_before.get(side)
                if edge is not None and not _deeper(side, price, edge):
                    level.appear(monotonic_ns)
            else:
                level.see(size, volume, monotonic_ns)
            shown[key] = level
            self._marked = self._marked or level.marked
            edge = deepest.get(side)
            if edge is None or _deeper(side, price, edge):
                deepest[side] = price
        self._levels, self._deepest, self._now_ns = shown, deepest, monotonic_ns

    def mark(self, side: Side, price: Decimal) -> Mark | None:
        """Of a price that is shown, as of the last update; None where nothing changed lately."""
        level = self._levels.get((side, price))
        if level is None or not level.marked:
            return None
        stage = 2 if self._now_ns - level.changed_ns < BRIGHT_NS else 1
        return Mark(level.grew, level.traded, stage)


def _deeper(side: Side, price: Decimal, than: Decimal) -> bool:
    return price < than if side is Side.BID else price > than


class _Level:
    """One shown price: its size, what traded at it, and its mark."""

    __slots__ = (
        "_base",
        "_claimed",
        "_points",
        "_size",
        "_start",
        "_volume",
        "changed_ns",
        "grew",
        "marked",
    )

    def __init__(self, size: Decimal, volume: Decimal, now_ns: int) -> None:
        self._size = size
        self._volume = volume
        # When the volume became what it was, from that of `BEFORE_NS` before the last picture on:
        # what changes is seen in a picture, and came after the one before.
        self._points = [(now_ns, volume)]
        # The volume up to which trades have explained a shrinkage that is over.
        self._claimed = volume
        self.marked = False
        self.grew = False
        self.changed_ns = 0
        # Of the mark: the size before it, and the volume from which trades count for it.
        self._start = size
        self._base = volume

    @property
    def traded(self) -> bool:
        """Whether what shrank was traded, by now."""
        return not self.grew and 2 * (self._volume - self._base) >= self._start - self._size

    def appear(self, now_ns: int) -> None:
        """It was not there in the last picture, and would have been seen."""
        self.marked = self.grew = True
        self.changed_ns = now_ns

    def see(self, size: Decimal, volume: Decimal, now_ns: int) -> None:
        """What it is now."""
        if self.marked and now_ns - self.changed_ns >= BRIGHT_NS + FADING_NS:
            self._end()
        if volume != self._volume:
            self._take(volume, now_ns)
        if size != self._size:
            grew = size > self._size
            if self.marked and grew != self.grew:
                self._end()
            if not self.marked:
                self._start = self._size
                self._base = max(self._claimed, self._points[0][1])
            self.marked, self.grew, self.changed_ns = True, grew, now_ns
            self._size = size
        self._forget(now_ns - BEFORE_NS)

    def _end(self) -> None:
        """No further change belongs to this mark."""
        if not self.grew:
            self._claimed = min(self._volume, self._base + self._start - self._size)
        self.marked = False

    def _take(self, volume: Decimal, now_ns: int) -> None:
        if volume < self._volume:  # what traded farthest from the market may have been forgotten
            self._points.clear()
            self._claimed = min(self._claimed, volume)
            self._base = min(self._base, volume)
        self._volume = volume
        self._points.append((now_ns, volume))

    def _forget(self, before_ns: int) -> None:
        points = self._points
        while len(points) > 1 and points[1][0] <= before_ns:
            del points[0]
