"""How a market stood, once a second: for charts over time. Bounded; floats only, for drawing.

It is told pictures of a market and their time, and knows nothing of who makes them or of charts.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Sequence
from decimal import Decimal
from heapq import nlargest
from itertools import islice
from typing import NamedTuple, Protocol

from obtui.charts.packed import Packed
from obtui.market import Aggressor, Level
from obtui.tape import Print

SECOND = 1_000_000_000
SAMPLES = 900
LEVELS = 300
"""A side, the nearest to the touch: 4 kB a sample."""
TRADES = 64
"""Prices and aggressors told apart in one sample, those with the most volume."""
PENDING = 1024
"""As many until then."""
HOLE_NS = 3 * SECOND
"""A longer time without a look is a gap, where looks were not that rare before it."""
RARER = 4
"""So many times the time between the two looks before: a replay at a high speed is no gap."""

_SIGNS = {Aggressor.BUYER: 1, Aggressor.SELLER: -1, Aggressor.NONE: 0}


class Seen(Protocol):
    """What a sample is made of: a `MarketView`, as far as it is needed here."""

    @property
    def monotonic_ns(self) -> int:
        """When it was taken."""
        ...

    @property
    def received_ns(self) -> int:
        """Wall-clock time of the last frame; 0 before the first."""
        ...

    @property
    def live(self) -> bool:
        """Whether the book may be shown as the market's."""
        ...

    @property
    def bids(self) -> Sequence[Level]:
        """Best first; fewer than `LEVELS` of more make no sample."""
        ...

    @property
    def asks(self) -> Sequence[Level]:
        """The same of the other side."""
        ...

    @property
    def bid_levels(self) -> int:
        """How many there are in all."""
        ...

    @property
    def ask_levels(self) -> int:
        """The same of the other side."""
        ...

    @property
    def prints(self) -> Sequence[Print]:
        """The last trades, newest first."""
        ...

    @property
    def trades(self) -> int:
        """How many there were."""
        ...


class Sample(NamedTuple):
    """One moment. Prices in quote currency, sizes in base currency."""

    monotonic_ns: int
    received_ns: int
    """Wall-clock time of the last frame before it."""
    live: bool = False
    """Whether the book was trusted: if not, nothing of it is here, and charts have a gap."""
    bid: float | None = None
    """The best; None where the side is empty."""
    bid_size: float | None = None
    ask: float | None = None
    ask_size: float | None = None
    bids: Packed = Packed()
    """Best first, at most `LEVELS`."""
    asks: Packed = Packed()
    bids_whole: bool = True
    """Whether no level of the side is left out here."""
    asks_whole: bool = True
    trade_prices: array[float] = array("d")
    """What traded since the sample before: one entry for each price and aggressor."""
    trade_sizes: array[float] = array("d")
    """Together."""
    trade_signs: array[int] = array("b")
    """1 where buyers took it, -1 sellers, 0 neither."""

    @property
    def mid(self) -> float | None:
        """Halfway between the best prices; None where a side is empty."""
        if self.bid is None or self.ask is None:
            return None
        return (self.bid + self.ask) / 2

    @property
    def spread(self) -> float | None:
        """Best ask less best bid; None where a side is empty."""
        if self.bid is None or self.ask is None:
            return None
        return self.ask - self.bid


class Past:
    """The last quarter of an hour of one market: at most 900 samples, one in each second.

    Full, of a market of more than 300 levels a side, it takes 4 MB without trades and 5 MB with the
    most that it keeps of them.
    """

    __slots__ = ("_pending", "_samples", "_seen", "_shown")

    def __init__(self) -> None:
        self._samples: deque[Sample] = deque(maxlen=SAMPLES)
        self._shown: tuple[Sample, ...] | None = ()
        self._pending: dict[tuple[Decimal, int], Decimal] = {}
        self._seen: int | None = None
        """Trades that were told before; None where what comes next tells of an unknown time."""

    @property
    def samples(self) -> tuple[Sample, ...]:
        """Oldest first; the same object until one is added."""
        if self._shown is None:
            self._shown = tuple(self._samples)
        return self._shown

    def clear(self) -> None:
        """Forget everything."""
        self._samples.clear()
        self._shown = ()
        self._pending.clear()
        self._seen = None

    def due(self, monotonic_ns: int) -> bool:
        """Whether `add` would make a sample at this time: then it needs `LEVELS` of each side."""
        samples = self._samples
        return not samples or monotonic_ns // SECOND != samples[-1].monotonic_ns // SECOND

    def add(self, view: Seen) -> None:
        """Take a picture; it may be given each frame, and makes at most one sample a second.

        Time that goes back, as when a replay is sought, forgets what was after it. A picture
        without a book, or from before the first frame, makes none.
        """
        due = self.due(view.monotonic_ns)
        if due and self._samples and not self._follows(view):
            self._seen = None
        self._count(view)
        if due and view.received_ns and _deep(view):
            self._samples.append(self._sample(view))
            self._shown = None

    def _follows(self, view: Seen) -> bool:
        """Whether it goes on from the last sample. If not: what is after it is forgotten, and a
        time in which nobody looked is a gap."""
        samples = self._samples
        second = view.monotonic_ns // SECOND
        if second < samples[-1].monotonic_ns // SECOND:
            while samples and samples[-1].monotonic_ns // SECOND >= second:
                samples.pop()
            self._shown = None
            return False
        last = samples[-1]
        before = samples[-2].monotonic_ns if len(samples) > 1 else last.monotonic_ns
        away = view.monotonic_ns - last.monotonic_ns
        if away <= max(HOLE_NS, RARER * (last.monotonic_ns - before)):
            return True
        if last.live:
            gap = Sample(last.monotonic_ns + SECOND, last.received_ns + SECOND)
            samples.append(gap)
            self._shown = None
        return False

    def _count(self, view: Seen) -> None:
        """Take the trades that are new since the last picture, as many as it holds of them."""
        seen, self._seen = self._seen, view.trades
        if seen is None or view.trades < seen:
            self._pending.clear()
            return
        pending = self._pending
        for it in islice(view.prints, view.trades - seen):
            trade = it.trade
            if not trade.history:
                key = trade.price, _SIGNS[trade.aggressor]
                pending[key] = pending.get(key, Decimal()) + trade.size
        if len(pending) > PENDING:
            self._pending = dict(_largest(pending))

    def _sample(self, view: Seen) -> Sample:
        deals = sorted(_largest(self._pending)) if self._pending else []
        self._pending.clear()
        sample = Sample(view.monotonic_ns, view.received_ns)
        if deals:
            sample = sample._replace(
                trade_prices=array("d", [float(price) for (price, _), _ in deals]),
                trade_sizes=array("d", [float(size) for _, size in deals]),
                trade_signs=array("b", [sign for (_, sign), _ in deals]),
            )
        if not view.live:
            return sample
        bid = view.bids[0] if view.bids else None
        ask = view.asks[0] if view.asks else None
        return sample._replace(
            live=True,
            bid=float(bid.price) if bid else None,
            bid_size=float(bid.size) if bid else None,
            ask=float(ask.price) if ask else None,
            ask_size=float(ask.size) if ask else None,
            bids=Packed.of(view.bids[:LEVELS]),
            asks=Packed.of(view.asks[:LEVELS]),
            bids_whole=view.bid_levels <= LEVELS,
            asks_whole=view.ask_levels <= LEVELS,
        )


def _deep(view: Seen) -> bool:
    told = (view.bids, view.bid_levels), (view.asks, view.ask_levels)
    return all(len(levels) >= min(LEVELS, count) for levels, count in told)


def _largest(
    pending: dict[tuple[Decimal, int], Decimal],
) -> list[tuple[tuple[Decimal, int], Decimal]]:
    return nlargest(TRADES, pending.items(), key=lambda item: item[1])
