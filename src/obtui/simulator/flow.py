"""The order flow: a zero-intelligence model of a market, and the book that follows from it.

Nobody in it wants anything. After Cont, Stoikov and Talreja, "A Stochastic Model for Order Book
Dynamics" (Operations Research 58(3), 2010): limit orders arrive as Poisson processes whose rates
fall as a power law of the distance from the opposite best quote, market orders arrive as another,
and every resting order is withdrawn after an exponential time of its own, so that withdrawals are
proportional to what rests there. The price is nobody's input: it follows from the queues. Added
to it here, each for something that real markets show and the bare model does not:

- bursts: a two-state Markov-modulated Poisson process. The flow's own clock runs slowly in calm
  and fast in a burst, and keeps time on average, so the book's distribution is left as it was;
- patience grows with the distance at which an order was put, and a third of all orders flicker;
- few orders come very near to the opposite best; sizes are drawn from the real quantiles;
- now and then all that rests at a best price is withdrawn, so that no wall stands for hours;
- market orders lean a little against a price off its anchor: hours of it stay within some percent.

A side's arrivals and lifetimes make a queue with infinitely many servers, so the number of levels
neither runs away nor drains, and the first book is drawn from the distribution that it would
come to. No order is put at or through the opposite best, and a side's last level stays: the book
is never crossed, locked or one-sided. In 48 simulated hours of four flows the spread stayed
under 32 (BTCUSD) and 2.7 (ETHUSD) at every 100 s, the price within 4.5 % of its anchor, and the
number of levels within 5 % of the first.

BTCUSD against 31 s of the real market of 2021-04-17, which it was fitted to (seed 1, 600 s,
100 ms batches); the demo should look alive, so it is somewhat livelier on purpose:

    figure                              real            model
    book frames a second                6.5             8.6
    changes a frame: mean, median, max  10.3, 8, 50     9.0, 10, 29
    removals among changes              57 %            57 %
    trades a second                     0.59            0.82
    spread: 10 %, median, 90 %          0.53 6.2 16     2.3 6.2 12.5
    levels: bids, asks                  4158, 2456      4089, 2743
    bid 10, 100, 1000 levels from mid   36 700 6563     33 414 5490
    ask 10, 100, 1000 levels from mid   56 1314 10675   27 426 9514
    bid sizes: 25, 50, 75, 95 %         .0011 .014 .1 2.5    .0015 .020 .20 5.3
    ask sizes: 25, 50, 75, 95 %         .0002 .006 .1 1.7    .0003 .009 .13 1.8

It is told the time, in seconds, and asks no clock; it knows no wire. Prices and sizes are whole
ticks and lots. Every throw comes from one seeded generator.
"""

from __future__ import annotations

import enum
from heapq import heapify, heappop, heappush
from itertools import count
from random import Random

import msgspec

from obtui.market import Side
from obtui.simulator.markets import MarketParameters
from obtui.simulator.placement import Placement
from obtui.simulator.queues import Order, QueueSide

CALM, BURST = (1.6, 0.15), (1.35, 2.0)
"""The two states of the flow: mean seconds in it, and how fast its clock runs there."""
LEAN = 5.0
"""How market orders lean against a price off its anchor: share of sides for a relative move."""
SWEEP_LEVELS = 12
"""A market order stops after this many levels: venues collar what sweeps further."""


class Reason(enum.Enum):
    """Why a level changed; the values are Gemini v1's words."""

    PLACE = "place"
    CANCEL = "cancel"
    TRADE = "trade"


class BookEvent(msgspec.Struct, gc=False):
    """One change of one level; a trade is a change of the level that was taken from."""

    time: float
    """Seconds since the flow began."""
    side: Side
    """Where the level rests; for a trade, the maker's side."""
    price: int
    """In ticks."""
    remaining: int
    """Lots resting there afterwards, >= 0."""
    delta: int
    """Lots more (> 0) or fewer (< 0) than before; for a trade, minus the size traded."""
    reason: Reason


class OrderFlow:
    """One market's order flow and book, told the time in seconds since it began.

    `speed` makes everything happen that many times as fast. The same parameters, seed and speed
    give the same events, however the time is cut into steps.
    """

    def __init__(self, parameters: MarketParameters, seed: int, speed: float = 1.0) -> None:
        self.parameters = parameters
        self.speed = speed
        self.bids = QueueSide(Side.BID)
        self.asks = QueueSide(Side.ASK)
        self._rng = Random(seed)
        self._placement = Placement(parameters, self._rng)
        self._arrivals = 2 * parameters.limit_rate + parameters.market_rate + parameters.pull_rate
        self._limit_share = 2 * parameters.limit_rate / self._arrivals
        self._take_share = self._limit_share + parameters.market_rate / self._arrivals
        self._turn = count()
        self._expiries: list[tuple[float, int, Order]] = []
        self._events: list[BookEvent] = []
        self._time = 0.0  # model seconds: the caller's, times speed
        self._clock = 0.0  # the flow's own clock, slow in calm and fast in bursts
        self._rate = 1.0
        self._bursting = False
        self._switch_at = 0.0
        self._next_arrival = 0.0
        self._fill()
        self._switch()
        self._next_arrival = self._rng.expovariate(self._arrivals)

    @property
    def time(self) -> float:
        """How far the flow has got, in the caller's seconds."""
        return self._time / self.speed

    def advance(self, until: float, limit: int | None = None) -> list[BookEvent]:
        """Let the flow run to `until` seconds, or until `limit` events have come; the events.

        Where the limit stops it, `time` stays short of `until`: the rest is still to come.
        """
        events: list[BookEvent] = []
        self._events = events
        target = until * self.speed
        while self._time < target:
            segment = min(target, self._switch_at)
            horizon = self._clock + (segment - self._time) * self._rate
            while (moment := self._next_moment()) <= horizon:
                self._time += (moment - self._clock) / self._rate
                self._clock = moment
                self._happen()
                if limit is not None and len(events) >= limit:
                    return events
            self._time, self._clock = segment, horizon
            if segment >= self._switch_at:
                self._switch()
        return events

    def hit(self, maker: QueueSide, lots: int) -> list[BookEvent]:
        """An order from outside takes up to `lots` (>= 1) of the best level of a side, but never
        the side's last; the events, which are none or one."""
        if len(maker) == 1:
            return []
        price = maker.best
        amount = min(lots, maker.totals[price])
        left = maker.take(price, amount)
        return [BookEvent(self.time, maker.side, price, left, -amount, Reason.TRADE)]

    # The clock

    def _next_moment(self) -> float:
        expiry = self._expiries[0][0]
        return expiry if expiry < self._next_arrival else self._next_arrival

    def _switch(self) -> None:
        self._bursting = not self._bursting
        calm, burst = CALM, BURST
        mean = (calm[0] * calm[1] + burst[0] * burst[1]) / (calm[0] + burst[0])
        seconds, rate = burst if self._bursting else calm
        self._rate = rate / mean  # on average the flow's clock keeps time
        self._switch_at = self._time + self._rng.expovariate(1 / seconds)

    def _happen(self) -> None:
        if self._expiries[0][0] < self._next_arrival:
            _, turn, order = heappop(self._expiries)
            if order.lots:
                self._expire(order, turn)
            return
        rng = self._rng
        kind = rng.random()
        if kind < self._limit_share:
            self._place()
        elif kind < self._take_share:
            self._take()
        else:
            self._pull()
        self._next_arrival = self._clock + rng.expovariate(self._arrivals)

    def _emit(self, side: Side, price: int, remaining: int, delta: int, reason: Reason) -> None:
        self._events.append(
            BookEvent(self._time / self.speed, side, price, remaining, delta, reason)
        )

    # What happens

    def _place(self) -> None:
        rng = self._rng
        side = Side.BID if rng.random() < 0.5 else Side.ASK
        stretch = self._placement.arriving_stretch()
        order = self._placement.order(side, stretch, self._opposite(side).best)
        if order is None:
            return
        expiry = self._clock + self._placement.new_lifetime(stretch)
        total = self._own(side).add(order)
        heappush(self._expiries, (expiry, next(self._turn), order))
        self._emit(side, order.price, total, order.lots, Reason.PLACE)

    def _expire(self, order: Order, turn: int) -> None:
        own = self._own(order.side)
        if len(own) == 1:  # the last one stays: a side is never empty
            heappush(self._expiries, (self._clock + 1.0, turn, order))
            return
        lots = order.lots
        self._emit(order.side, order.price, own.cancel(order), -lots, Reason.CANCEL)

    def _take(self) -> None:
        rng = self._rng
        away = (self.bids.best + self.asks.best) / 2 / self._placement.anchor - 1
        lean = max(-0.4, min(0.4, LEAN * away))
        maker = self.asks if rng.random() < 0.5 - lean else self.bids
        lots = self._placement.market_lots()
        for _ in range(SWEEP_LEVELS):
            if not lots or len(maker) == 1:
                return
            price = maker.best
            amount = min(lots, maker.totals[price])
            lots -= amount
            self._emit(maker.side, price, maker.take(price, amount), -amount, Reason.TRADE)

    def _pull(self) -> None:
        side = self.bids if self._rng.random() < 0.5 else self.asks
        if len(side) > 1:
            price = side.best
            self._emit(side.side, price, 0, -side.clear(price), Reason.CANCEL)

    def _own(self, side: Side) -> QueueSide:
        return self.bids if side is Side.BID else self.asks

    def _opposite(self, side: Side) -> QueueSide:
        return self.asks if side is Side.BID else self.bids

    def _fill(self) -> None:
        """Start from the book that the flow would come to: arrivals × lifetimes, by distance."""
        placement = self._placement
        for side in (self.bids, self.asks):
            orders = []
            for _ in range(placement.resting):
                stretch = placement.resting_stretch()
                order = placement.order(side.side, stretch, int(placement.anchor))
                if order is not None:
                    orders.append(order)
                    # Lifetimes forget: what is left of one is distributed as a whole one is.
                    expiry = placement.lifetime(stretch)
                    self._expiries.append((expiry, next(self._turn), order))
            side.load(orders)
        heapify(self._expiries)
