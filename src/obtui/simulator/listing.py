"""A market as one venue lists it: its order flow, and what of it goes out.

It is told how much time has passed, and hands what happened to its streams. It knows no wire and
no socket, and keeps no time but the stamps that it asks the clock for.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import NamedTuple, Protocol

from obtui.market import Side
from obtui.simulator.clock import Clock
from obtui.simulator.faults import Cross
from obtui.simulator.flow import BookEvent, OrderFlow, Reason
from obtui.simulator.markets import MarketParameters

MOST_EVENTS = 5_000
"""In one step: a flow too fast for this machine falls behind instead of stopping the sockets."""
RECENT_TRADES = 50

PriceLevels = list[tuple[int, int]]
"""(price in ticks, lots resting there); 0 lots removes."""
Best = tuple[tuple[int, int], tuple[int, int]]
"""The best bid and the best ask."""


class Change(NamedTuple):
    """A change of a level, with what the venue calls it by."""

    event: BookEvent
    update_id: int
    trade_id: int
    """0 where it is no trade."""
    time_ns: int
    """Wall clock, ns since the epoch."""


class Sink(Protocol):
    """Who takes frames; it never makes the exchange wait."""

    def offer(self, frame: bytes, cross: Cross | None = None) -> None:
        """Take a frame; `cross` as an outbox takes it."""
        ...


class Stream(Protocol):
    """Something of a market that goes out to those who asked for it."""

    def take(self, changes: Sequence[Change]) -> None:
        """What happened, in order; at least one change."""
        ...

    def pass_time(self, now: float) -> None:  # noqa: ARG002 - the caller's form
        """The time, in seconds of the monotonic clock, after all changes until then."""
        return


Streams = Callable[["Listing"], Mapping[str, Stream]]
"""Makes what a venue's protocols send of a market, by names of the venue's own."""


class Ids:
    """The venue's counters: rising over all markets, in jumps, as other markets use them too."""

    def __init__(self, seed: int) -> None:
        self._rng = Random(seed)
        self._update = 1_764_527_605_191_349
        self._trade = 2_840_141_014_190_422

    def update(self) -> int:
        """The id of the next change of any book."""
        self._update += 1 + int(self._rng.expovariate(1.0))
        return self._update

    def trade(self) -> int:
        """The id of the next trade."""
        self._trade += 1
        return self._trade


class Day:
    """What the market did since it began, which is what its venue tells of 24 hours; in ticks."""

    def __init__(self, price: int) -> None:
        self.open = self.high = self.low = self.last = price
        self.lots = 0
        """Traded."""

    def trade(self, price: int, lots: int) -> None:
        """A trade came."""
        self.last = price
        self.high = max(self.high, price)
        self.low = min(self.low, price)
        self.lots += lots


class Listing:
    """A market of a venue, its flow and its streams."""

    def __init__(
        self,
        flow: OrderFlow,
        ids: Ids,
        clock: Clock,
        streams: Streams,
    ) -> None:
        self.market: MarketParameters = flow.parameters
        self.flow = flow
        self.clock = clock
        self.last_id = ids.update()
        """The id of the last change."""
        self.trades: deque[Change] = deque(maxlen=RECENT_TRADES)
        """The last ones, oldest first."""
        self.day = Day((flow.bids.best + flow.asks.best) // 2)
        self._ids = ids
        self._events: list[BookEvent] = []
        self.streams = streams(self)

    def advance(self, seconds: float) -> None:
        """Let so much time pass; what happens is kept until it is told."""
        self._events = self.flow.advance(self.flow.time + seconds, MOST_EVENTS)

    def hit(self, side: Side, lots: int) -> None:
        """Somebody from outside takes up to so many lots of the best level of a side."""
        flow = self.flow
        self._events += flow.hit(flow.bids if side is Side.BID else flow.asks, lots)

    def tell(self, now: float) -> None:
        """Send what happened and what is due; `now` is the monotonic clock's."""
        if self._events:
            changes = self._stamped(self._events)
            self._events = []
            for stream in self.streams.values():
                stream.take(changes)
        for stream in self.streams.values():
            stream.pass_time(now)

    def best(self) -> Best:
        """The best bid and the best ask."""
        bids, asks = self.flow.bids, self.flow.asks
        return (bids.best, bids.totals[bids.best]), (asks.best, asks.totals[asks.best])

    def levels(self, depth: int = 0) -> tuple[PriceLevels, PriceLevels]:
        """The best `depth` bids and asks, best first; 0 means all of them."""
        return self.flow.bids.levels(depth), self.flow.asks.levels(depth)

    def _stamped(self, events: list[BookEvent]) -> list[Change]:
        now = self.clock.time_ns()
        changes = []
        for event in events:
            trade_id = self._ids.trade() if event.reason is Reason.TRADE else 0
            self.last_id = self._ids.update()
            change = Change(event, self.last_id, trade_id, now)
            changes.append(change)
            if trade_id:
                self.trades.append(change)
                self.day.trade(event.price, -event.delta)
        return changes


class Listings:
    """The markets of one venue; each begins when somebody first asks for it."""

    def __init__(
        self,
        markets: Mapping[str, MarketParameters],
        streams: Streams,
        *,
        seed: int,
        speed: float,
        clock: Clock,
    ) -> None:
        """`markets` by the venue's spelling; `speed` is how many times as fast as life it is."""
        self.markets = markets
        self.clock = clock
        self._streams = streams
        self._seed = seed
        self._speed = speed
        self._ids = Ids(seed)
        self._begun: dict[str, Listing] = {}

    def find(self, symbol: str) -> Listing | None:
        """The listing of a symbol in the venue's spelling; None where there is no such symbol."""
        listing = self._begun.get(symbol)
        market = self.markets.get(symbol)
        if listing is None and market is not None:
            # Each market has a flow of its own.
            seed = self._seed + list(self.markets).index(symbol)
            flow = OrderFlow(market, seed, self._speed)
            listing = Listing(flow, self._ids, self.clock, self._streams)
            self._begun[symbol] = listing
        return listing

    @property
    def begun(self) -> list[Listing]:
        """Those that somebody asked for."""
        return list(self._begun.values())
