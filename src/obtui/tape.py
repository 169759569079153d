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


class Tape:
    """The last trades, bounded: it shows, it does not store."""

    __slots__ = (
        "_bought",
        "_first",
        "_high",
        "_last",
        "_low",
        "_news",
        "_prints",
        "_sold",
        "_traded",
        "_traded_shown",
        "_volume",
        "total",
    )

    def __init__(self, limit: int = 500) -> None:
        self._prints: deque[Print] = deque(maxlen=limit)
        self.total = 0
        """Trades since the start, and the history that was told with them."""
        self._first = self._last = self._high = self._low = Decimal()
        self._volume = self._bought = self._sold = Decimal()
        self._traded = TradedVolume()
        self._traded_shown: TradedVolume | None = None
        self._news = 0
        """Trades that are no history."""

    def add(self, trades: Iterable[Trade], received_ns: int) -> None:
        """Take trades in the order in which they came."""
        for trade in trades:
            if trade.history:
                self._add_history(trade)
                continue
            self._prints.appendleft(Print(trade, received_ns))
            self.total += 1
            price = trade.price
            if not self._news:
                self._first = self._high = self._low = price
            self._last = price
            self._high = max(self._high, price)
            self._low = min(self._low, price)
            self._volume += trade.size
            if trade.aggressor is Aggressor.BUYER:
                self._bought += trade.size
            elif trade.aggressor is Aggressor.SELLER:
                self._sold += trade.size
            self._traded.add(trade)
            self._traded_shown = None
            self._news += 1

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
        if not self._news:
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

    def latest(self, count: int) -> tuple[Print, ...]:
        """At most `count` (>= 0), newest first."""
        return tuple(islice(self._prints, count))
