"""The streams that several venues have: trades at once, the best prices, changes by the batch.

When something is sent, and to whom, is decided here; how it is written is the protocol's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from obtui.market import Side
from obtui.simulator.faults import Cross
from obtui.simulator.flow import BookEvent
from obtui.simulator.listing import Best, Change, Listing, Sink, Stream
from obtui.simulator.markets import MarketParameters

Levels = Iterable[tuple[int, int]]
"""(price in ticks, lots resting there)."""
WriteLevels = Callable[[MarketParameters, int, tuple[int, int], Levels, Levels], bytes]
"""Market, wall clock in ns, the last id before and the last of these changes, bids, asks."""
WriteBest = Callable[[MarketParameters, int, int, Best, BookEvent | None], bytes]
"""Market, wall clock in ns, last id, the best levels, the last trade."""
WriteTrades = Callable[[MarketParameters, Sequence[Change]], bytes]


class Every:
    """A period on a grid; a late beat is not made up for."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._due: float | None = None

    def due(self, now: float) -> bool:
        """Whether it is time; the first time that it is asked begins the grid."""
        if self._due is None:
            self._due = now + self._seconds
        if now < self._due:
            return False
        self._due = max(self._due + self._seconds, now)
        return True


class Batch(Stream):
    """Levels that changed, gathered for a while: one frame of their latest sizes."""

    def __init__(
        self, listing: Listing, seconds: float, write: WriteLevels, cross: Cross | None = None
    ) -> None:
        self.subscribers: set[Sink] = set()
        self._listing = listing
        self._write = write
        self._cross = cross
        self._every = Every(seconds)
        self._last_id = listing.last_id
        self._changes: dict[Side, dict[int, int]] = {Side.BID: {}, Side.ASK: {}}

    def take(self, changes: Sequence[Change]) -> None:
        """Keep the latest size of each level."""
        for change in changes:
            event = change.event
            self._changes[event.side][event.price] = event.remaining

    def pass_time(self, now: float) -> None:
        """Send when it is time."""
        if self._every.due(now):
            self.flush()

    def flush(self) -> None:
        """Send what changed since the last frame; nothing where nothing did."""
        bids, asks = self._changes[Side.BID], self._changes[Side.ASK]
        if not (bids or asks):
            return
        listing = self._listing
        if self.subscribers:
            ids = (self._last_id, listing.last_id)
            now = listing.clock.time_ns()
            frame = self._write(listing.market, now, ids, bids.items(), asks.items())
            for sink in self.subscribers:
                sink.offer(frame, self._cross)
        self._last_id = listing.last_id
        bids.clear()
        asks.clear()


class Trades(Stream):
    """Trades: each in a frame of its own at once, or all of some seconds in one."""

    def __init__(self, listing: Listing, write: WriteTrades, seconds: float = 0.0) -> None:
        self.subscribers: set[Sink] = set()
        self._listing = listing
        self._write = write
        self._every = Every(seconds) if seconds else None
        self._waiting: list[Change] = []

    def take(self, changes: Sequence[Change]) -> None:
        """Send, or keep, those that are trades."""
        if not self.subscribers:
            return
        trades = [change for change in changes if change.trade_id]
        if self._every is not None:
            self._waiting += trades
            return
        for trade in trades:
            self._send([trade])

    def pass_time(self, now: float) -> None:
        """Send those that were kept, when it is time."""
        if self._every is not None and self._every.due(now) and self._waiting:
            self._send(self._waiting)
            self._waiting = []

    def _send(self, trades: Sequence[Change]) -> None:
        frame = self._write(self._listing.market, trades)
        for sink in self.subscribers:
            sink.offer(frame)


class Tops(Stream):
    """The best level of each side, as soon as either is another."""

    def __init__(self, listing: Listing, write: WriteBest) -> None:
        self.subscribers: set[Sink] = set()
        self._listing = listing
        self._write = write
        self._best = listing.best()

    def take(self, changes: Sequence[Change]) -> None:
        """Send the best levels if they changed."""
        listing = self._listing
        best = listing.best()
        if best == self._best:
            return
        self._best = best
        if self.subscribers:
            last = listing.trades[-1].event if listing.trades else None
            now = changes[-1].time_ns
            frame = self._write(listing.market, now, listing.last_id, best, last)
            for sink in self.subscribers:
                sink.offer(frame)


Subscribable = Batch | Trades | Tops
"""What sends the same frames to all its `subscribers`."""


def rfc3339(time_ns: int, decimals: int = 6) -> str:
    """A time of ns since the epoch, with so many decimals of a second."""
    seconds, ns = divmod(time_ns, 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{f'{ns:09d}'[:decimals]}Z"
