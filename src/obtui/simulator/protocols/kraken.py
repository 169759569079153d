"""Kraken with its websocket API v2: its address, and what a client asks and is sent.

A book is kept for each depth that somebody subscribed to. What falls out of its best levels is not
told; what comes into them is, by its size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from obtui.simulator.faults import Cross
from obtui.simulator.listing import Change, Listing, Listings, PriceLevels, Sink, Stream
from obtui.simulator.markets import MarketParameters
from obtui.simulator.outbox import Outbox
from obtui.simulator.protocols import kraken_rest
from obtui.simulator.protocols import kraken_wire as wire
from obtui.simulator.protocols.base import Client, HttpReply, Query, Venue
from obtui.simulator.streams import Trades

DEPTHS = (10, 25, 100, 500, 1000)
HEARTBEAT_SECONDS = 1.0
CHANNELS = ("book", "trade", "instrument")


class Kraken(Venue):
    """The venue."""

    @staticmethod
    def streams(listing: Listing) -> Mapping[str, Stream]:
        """Trades, and books by their depth."""
        return {"trade": Trades(listing, _trade_update)} | {
            f"book-{depth}": DepthBook(listing, depth) for depth in DEPTHS
        }

    def serves(self, path: str, query: Query) -> bool:
        """One address for all."""
        return path == "/v2"

    def connect(self, path: str, query: Query, outbox: Outbox) -> Client:
        """A client, which is greeted."""
        return KrakenClient(outbox, self.listings)

    def respond(self, path: str, query: Query) -> HttpReply | None:
        """Pairs, books and the last 24 hours."""
        return kraken_rest.respond(path, query, self.listings)


class DepthBook(Stream):
    """The best `depth` levels a side, as its subscribers have them."""

    def __init__(self, listing: Listing, depth: int) -> None:
        self._listing = listing
        self._depth = depth
        self._sinks: set[Sink] = set()
        self._told: tuple[dict[int, int], dict[int, int]] = ({}, {})

    def subscribe(self, sink: Sink, *, snapshot: bool) -> None:
        """Send the book, if it is wanted, and what changes in it from now on."""
        # Between two steps of the flow, what was told is what is.
        bids, asks = levels = self._listing.levels(self._depth)
        if not self._sinks:
            self._told = dict(bids), dict(asks)
        self._sinks.add(sink)
        if snapshot:
            frame = wire.book(self._listing.market, bids, asks, wire.checksum(*levels), None)
            sink.offer(frame, wire.crossed)

    def unsubscribe(self, sink: Sink) -> None:
        """Send it no more."""
        self._sinks.discard(sink)

    def take(self, changes: Sequence[Change]) -> None:
        """Send what changed within these levels, in one frame."""
        if not self._sinks:
            return
        levels = self._listing.levels(self._depth)
        flow = self._listing.flow
        told = self._told
        bids = _differences(told[0], levels[0], flow.bids.totals)
        asks = _differences(told[1], levels[1], flow.asks.totals)
        if not (bids or asks):
            return
        self._told = dict(levels[0]), dict(levels[1])
        check = wire.checksum(*levels)
        frame = wire.book(self._listing.market, bids, asks, check, changes[-1].time_ns)
        for sink in self._sinks:
            sink.offer(frame, wire.crossed)


def _differences(told: dict[int, int], now: PriceLevels, resting: Mapping[int, int]) -> PriceLevels:
    """What changes `told` into `now`, but for those that still rest farther out."""
    inside = dict(now)
    changed = [level for level in now if told.get(level[0]) != level[1]]
    return changed + [(price, 0) for price in told if price not in inside and price not in resting]


class KrakenClient(Client):
    """One connection: what it subscribed to, and how long it has heard nothing."""

    def __init__(self, outbox: Outbox, listings: Listings) -> None:
        self._outbox = outbox
        self._listings = listings
        self._names: dict[tuple[str, str], Trades | DepthBook | None] = {}
        self._spoke = True
        self._quiet_since = 0.0
        self.offer(wire.status(listings.clock.time_ns()))

    def offer(self, frame: bytes, cross: Cross | None = None) -> None:
        """Send a frame, which is a sign of life."""
        self._spoke = True
        self._outbox.offer(frame, cross)

    def receive(self, message: str | bytes) -> None:
        """Answer a request."""
        try:
            request = msgspec.json.decode(message, type=wire.Request)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self._answer(wire.Reply("error", error="Malformed request", success=False))
            return
        params, req_id = request.params, request.req_id
        match request.method:
            case "ping":
                self._answer(wire.Reply("pong", req_id=req_id))
            case "subscribe" | "unsubscribe" if params is not None and params.channel in CHANNELS:
                symbols: list[str | None] = [*params.symbol]
                for symbol in [None] if params.channel == "instrument" else symbols:
                    self._change(request, params, symbol)
            case _:
                error = "Unsupported channel" if params is not None else "Method not found"
                self._refuse(request, error)

    def pass_time(self, now: float) -> None:
        """Send a heartbeat where nothing else was sent for a second."""
        if self._spoke:
            self._spoke = False
            self._quiet_since = now
        elif self._names and now - self._quiet_since >= HEARTBEAT_SECONDS:
            self.offer(wire.HEARTBEAT)

    def close(self) -> None:
        """End every subscription."""
        for stream in self._names.values():
            self._leave(stream)
        self._names.clear()

    def _answer(self, reply: wire.Reply) -> None:
        self.offer(wire.reply(reply, self._listings.clock.time_ns()))

    def _refuse(self, request: wire.Request, error: str, symbol: str | None = None) -> None:
        self._answer(
            wire.Reply(request.method, error, request.req_id, success=False, symbol=symbol)
        )

    def _change(self, request: wire.Request, params: wire.Params, symbol: str | None) -> None:
        """Begin or end one channel of one symbol."""
        channel = params.channel
        listing = None if symbol is None else self._listings.find(symbol)
        name = channel, symbol or ""
        error = None
        if symbol is not None and listing is None:
            error = f"Currency pair not supported {symbol}"
        elif channel == "book" and params.depth not in DEPTHS:
            error = "Subscription depth not supported"
        elif request.method == "subscribe" and name in self._names:
            error = "Already subscribed"
        elif request.method == "unsubscribe" and name not in self._names:
            error = "Subscription Not Found"
        if error is not None:
            self._refuse(request, error, symbol)
            return
        # Only trades come without a snapshot unless it is asked for.
        snapshot = (channel != "trade") if params.snapshot is None else params.snapshot
        result = wire.Result(channel, snapshot=snapshot, symbol=symbol)
        if channel == "book":
            result.depth = params.depth
        self._answer(wire.Reply(request.method, req_id=request.req_id, result=result, success=True))
        if request.method == "unsubscribe":
            self._leave(self._names.pop(name))
        else:
            self._names[name] = self._join(result, listing)

    def _join(self, wanted: wire.Result, listing: Listing | None) -> Trades | DepthBook | None:
        """Send the snapshot, and then what changes; instruments never do."""
        if listing is None:
            if wanted.snapshot:
                self.offer(wire.instruments(self._listings.markets.values()))
            return None
        if wanted.channel == "book":
            book = listing.streams[f"book-{wanted.depth}"]
            assert isinstance(book, DepthBook)
            book.subscribe(self, snapshot=bool(wanted.snapshot))
            return book
        trades = listing.streams["trade"]
        assert isinstance(trades, Trades)
        if wanted.snapshot:
            self.offer(wire.trades(listing.market, "snapshot", listing.trades))
        trades.subscribers.add(self)
        return trades

    def _leave(self, stream: Trades | DepthBook | None) -> None:
        if isinstance(stream, DepthBook):
            stream.unsubscribe(self)
        elif stream is not None:
            stream.subscribers.discard(self)


def _trade_update(market: MarketParameters, changes: Sequence[Change]) -> bytes:
    return wire.trades(market, "update", changes)
