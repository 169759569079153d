"""The recent trades, newest first."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from decimal import Decimal
from itertools import islice
from typing import NamedTuple

from obtui.market import Aggressor, Day, Trade
from obtui.traded import TradedVolume


class Print(NamedTuple):
    """A trade with the time that we received it, in wall-clock ns; of history, its own time."""

    trade: Trade
    received_ns: int


class Extremes(NamedTuple):
    """Of some trades; of equal ones the first."""

    highest: Trade
    lowest: Trade
    largest: Trade


class Tape:
    """The last trades, bounded: it shows, it does not store."""

    __slots__ = (
        "_bought",
        "_extremes",
        "_first",
        "_high",
        "_last",
        "_low",
        "_prints",
        "_sold",
        "_traded",
        "_traded_shown",
        "_volume",
        "heard",
        "since_ns",
        "total",
    )

    def __init__(self, limit: int = 500) -> None:
        self._prints: deque[Print] = deque(maxlen=limit)
        self.total = 0
        """Trades since the start, and the history that was told with them."""
        self.heard = 0
        """Of these, those that are no history."""
        self.since_ns = 0
        """Wall-clock time from which it heard trades, where that is not the start; else 0."""
        self._first = self._last = self._high = self._low = Decimal()
        self._volume = self._bought = self._sold = Decimal()
        self._traded = TradedVolume()
        self._traded_shown: TradedVolume | None = None
        self._extremes: Extremes | None = None

    def add(self, trades: Iterable[Trade], received_ns: int) -> None:
        """Take trades in the order in which they came."""
        for trade in trades:
            if trade.history:
                self._add_history(trade)
                continue
            self._prints.appendleft(Print(trade, received_ns))
            self.total += 1
            price = trade.price
            if not self.heard:
                self._first = self._high = self._low = price
            self._last = price
            if price > self._high:
                self._high = price
            elif price < self._low:
                self._low = price
            known = self._extremes
            if known is None:
                self._extremes = Extremes(trade, trade, trade)
            elif (
                price > known.highest.price
                or price < known.lowest.price
                or trade.size > known.largest.size
            ):
                self._extremes = _widened(known, trade)
            self._volume += trade.size
            if trade.aggressor is Aggressor.BUYER:
                self._bought += trade.size
            elif trade.aggressor is Aggressor.SELLER:
                self._sold += trade.size
            self._traded.add(trade)
            self._traded_shown = None
            self.heard += 1

    def _add_history(self, trade: Trade) -> None:
        """One of before we listened, at its own time; a new connection tells known ones again."""
        if trade.ts_event is None:
            return
        for known in self._prints:
            then = known.trade.ts_event
            if then is None or then < trade.ts_event:
                break
            if then > trade.ts_event or known.trade.trade_id == trade.trade_id:
                return
        self._prints.appendleft(Print(trade, trade.ts_event))
        self.total += 1

    def since_start(self) -> Day | None:
        """What the trades since the start come to; None before the first."""
        if not self.heard:
            return None
        change = self._last - self._first
        return Day(
            last=self._last,
            change=change,
            high=self._high,
            low=self._low,
            volume=self._volume,
            bought=self._bought,
            sold=self._sold,
        )

    def traded(self) -> TradedVolume:
        """Volume at each price since the start; the same object until something trades."""
        if self._traded_shown is None:
            self._traded_shown = self._traded.copy()
        return self._traded_shown

    def take_extremes(self) -> Extremes | None:
        """Of the trades, no history, since the last call, however many; None where there were none.
        It is for one who looks again and again."""
        found, self._extremes = self._extremes, None
        return found

    def latest(self, count: int) -> tuple[Print, ...]:
        """At most `count` (>= 0), newest first."""
        return tuple(islice(self._prints, count))


def _widened(known: Extremes, trade: Trade) -> Extremes:
    return Extremes(
        trade if trade.price > known.highest.price else known.highest,
        trade if trade.price < known.lowest.price else known.lowest,
        trade if trade.size > known.largest.size else known.largest,
    )
