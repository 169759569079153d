"""The recent trades, newest first."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

from obtui.market import Trade


class Print(NamedTuple):
    """A trade with the time that we received it, in wall-clock ns."""

    trade: Trade
    received_ns: int


class Tape:
    """The last trades, bounded: it shows, it does not store."""

    __slots__ = ("_prints", "total")

    def __init__(self, limit: int = 500) -> None:
        self._prints: deque[Print] = deque(maxlen=limit)
        self.total = 0
        """Trades since the start."""

    def add(self, trades: Iterable[Trade], received_ns: int) -> None:
        """Take trades in the order in which they came."""
        for trade in trades:
            self._prints.appendleft(Print(trade, received_ns))
            self.total += 1

    def latest(self, count: int) -> tuple[Print, ...]:
        """At most `count` (>= 0), newest first."""
        return tuple(islice(self._prints, count))
