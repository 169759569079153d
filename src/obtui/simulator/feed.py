"""One market on the wire: its order flow, turned into the frames that each subscriber is due.

It is told how much time has passed, and leaves frames in outboxes. It knows no socket, and keeps
no time but the stamps that it asks the clock for.
"""

from __future__ import annotations

import enum
from random import Random

from obtui.market import Side
from obtui.simulator import gemini
from obtui.simulator.clock import Clock
from obtui.simulator.faults import FrameKind
from obtui.simulator.flow import BookEvent, OrderFlow, Reason
from obtui.simulator.markets import MarketParameters
from obtui.simulator.outbox import Outbox

MOST_EVENTS = 5_000
"""In one step: a flow too fast for this machine falls behind instead of stopping the sockets."""


class Stream(enum.Enum):
    """What of a market can be subscribed to; the values follow `{symbol}@`."""

    DEPTH_100MS = "depth@100ms"
    DEPTH = "depth"
    BOOK_TICKER = "bookTicker"
    TRADE = "trade"


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


class DepthBatch:
    """A depth stream: who gets it, and what changed since its last frame."""

    def __init__(self, last_id: int) -> None:
        self.subscribers: set[Outbox] = set()
        self.last_id = last_id
        self.changes: dict[Side, dict[int, int]] = {Side.BID: {}, Side.ASK: {}}


class V1Client:
    """A v1 socket: what it wants, and its own count of frames."""

    def __init__(
        self, outbox: Outbox, *, bids: bool = True, offers: bool = True, trades: bool = True
    ) -> None:
        self._outbox = outbox
        self._sides = {Side.BID.value: bids, Side.ASK.value: offers}
        self._trades = trades
        self._sequence = 0

    def start(self, market: MarketParameters, event_id: int, flow: OrderFlow) -> None:
        """Send the book of the sides that are wanted."""
        bids = flow.bids.levels() if self._sides["bid"] else None
        asks = flow.asks.levels() if self._sides["ask"] else None
        self._outbox.offer(gemini.v1_initial(market, event_id, bids, asks), FrameKind.BOOK)

    def update(self, event_id: int, events: list[gemini.V1Event], time_ns: int) -> None:
        """Send what of these is wanted, if anything is."""
        wanted = [
            event
            for event in events
            if (self._trades if isinstance(event, gemini.V1Trade) else self._sides[event.side])
        ]
        if wanted:
            self._sequence += 1
            frame = gemini.v1_update(event_id, wanted, self._sequence, time_ns)
            self._outbox.offer(frame, FrameKind.BOOK)

    def heartbeat(self) -> None:
        """Send a heartbeat."""
        self._sequence += 1
        self._outbox.offer(gemini.v1_heartbeat(self._sequence))


class MarketFeed:
    """A market's flow and its subscribers."""

    def __init__(self, flow: OrderFlow, ids: Ids, clock: Clock) -> None:
        self.market = flow.parameters
        self.flow = flow
        self._ids = ids
        self._clock = clock
        self._last_id = ids.update()
        self._last_trade: BookEvent | None = None
        self._top = self._best()
        self._batches = {
            Stream.DEPTH_100MS: DepthBatch(self._last_id),
            Stream.DEPTH: DepthBatch(self._last_id),
        }
        self._tickers: set[Outbox] = set()
        self._trades: set[Outbox] = set()
        self._v1: set[V1Client] = set()

    def step(self, seconds: float) -> None:
        """Let so much time pass, and send what goes out at once."""
        events = self.flow.advance(self.flow.time + seconds, MOST_EVENTS)
        if not events:
            return
        now = self._clock.time_ns()
        bids = [batch.changes[Side.BID] for batch in self._batches.values()]
        asks = [batch.changes[Side.ASK] for batch in self._batches.values()]
        for event in events:
            self._last_id = self._ids.update()
            for changes in bids if event.side is Side.BID else asks:
                changes[event.price] = event.remaining
            trade_id = 0
            if event.reason is Reason.TRADE:
                trade_id = self._ids.trade()
                self._last_trade = event
                self._send_trade(event, trade_id, now)
            if self._v1:
                v1_events = gemini.v1_events(self.market, trade_id, event)
                for client in self._v1:
                    client.update(self._last_id, v1_events, now)
        self._send_ticker(now)

    def flush(self, stream: Stream) -> None:
        """Send what changed on a depth stream since its last frame; nothing where nothing did."""
        batch = self._batches[stream]
        bids, asks = batch.changes[Side.BID], batch.changes[Side.ASK]
        if not (bids or asks):
            return
        if batch.subscribers:
            ids = (batch.last_id, self._last_id)
            frame = gemini.depth_update(
                self.market, self._clock.time_ns(), ids, bids.items(), asks.items()
            )
            for outbox in batch.subscribers:
                outbox.offer(frame, FrameKind.BOOK)
        batch.last_id = self._last_id
        bids.clear()
        asks.clear()

    def subscribe(self, stream: Stream, outbox: Outbox, snapshot: int) -> None:
        """Begin a stream; `snapshot` levels a side come first on depth: -1 for all, 0 for none."""
        self._subscribers(stream).add(outbox)
        if stream in self._batches and snapshot:
            # The batch under way ends here, so that everybody's next frame begins at this book.
            self.flush(stream)
            depth = max(snapshot, 0)
            frame = gemini.depth_update(
                self.market,
                self._clock.time_ns(),
                (self._last_id, self._last_id),
                self.flow.bids.levels(depth),
                self.flow.asks.levels(depth),
            )
            outbox.offer(frame, FrameKind.BOOK)

    def unsubscribe(self, stream: Stream, outbox: Outbox) -> None:
        """End a stream, if it was one of this client's."""
        self._subscribers(stream).discard(outbox)

    def join(self, client: V1Client) -> None:
        """Begin a v1 socket."""
        client.start(self.market, self._last_id, self.flow)
        self._v1.add(client)

    def leave(self, client: V1Client) -> None:
        """End a v1 socket."""
        self._v1.discard(client)

    def _subscribers(self, stream: Stream) -> set[Outbox]:
        if stream is Stream.TRADE:
            return self._trades
        if stream is Stream.BOOK_TICKER:
            return self._tickers
        return self._batches[stream].subscribers

    def _send_trade(self, event: BookEvent, trade_id: int, now: int) -> None:
        if self._trades:
            frame = gemini.trade_update(self.market, now, trade_id, event)
            for outbox in self._trades:
                outbox.offer(frame)

    def _best(self) -> tuple[tuple[int, int], tuple[int, int]]:
        bids, asks = self.flow.bids, self.flow.asks
        return (bids.best, bids.totals[bids.best]), (asks.best, asks.totals[asks.best])

    def _send_ticker(self, now: int) -> None:
        top = self._best()
        if top == self._top:
            return
        self._top = top
        if self._tickers:
            frame = gemini.book_ticker(self.market, now, self._last_id, top, self._last_trade)
            for outbox in self._tickers:
                outbox.offer(frame)
