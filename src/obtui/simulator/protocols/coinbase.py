"""Coinbase with its Advanced Trade websocket: its address, and what a client asks and is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from obtui.simulator.faults import Cross
from obtui.simulator.listing import Change, Listing, Listings, Stream
from obtui.simulator.markets import MarketParameters
from obtui.simulator.outbox import Outbox
from obtui.simulator.protocols import coinbase_rest
from obtui.simulator.protocols import coinbase_wire as wire
from obtui.simulator.protocols.base import Client, HttpReply, Query, Venue, keys_of
from obtui.simulator.streams import Batch, Every, Subscribable, Trades

BOOK_SECONDS = 0.05
TRADES_SECONDS = 0.25
HEARTBEAT_SECONDS = 1.0
HEARTBEATS = "heartbeats"
FRAME_CHANNELS = {"level2": "l2_data", "market_trades": "market_trades"}
"""What is asked for, and what its frames say."""


class Coinbase(Venue):
    """The venue."""

    @staticmethod
    def streams(listing: Listing) -> Mapping[str, Stream]:
        """By what is asked for; their frames are events, without an envelope."""
        return {
            "level2": Batch(listing, BOOK_SECONDS, wire.update, wire.crossed),
            "market_trades": Trades(listing, _trade_update, TRADES_SECONDS),
        }

    def serves(self, path: str, query: Query) -> bool:
        """The root, which has no parameters."""
        return path == "/" and not query

    def speaks(self, message: str | bytes) -> bool:
        """Requests have a type and a channel."""
        return {"type", "channel"} <= keys_of(message)

    def connect(self, path: str, query: Query, outbox: Outbox) -> Client:
        """A client, which has to speak first."""
        return CoinbaseClient(outbox, self.listings)

    def respond(self, path: str, query: Query) -> HttpReply | None:
        """Products and books."""
        return coinbase_rest.respond(path, query, self.listings)


class ChannelSink:
    """One channel of a connection: puts events into envelopes."""

    def __init__(self, client: CoinbaseClient, channel: str) -> None:
        self._client = client
        self._channel = channel

    def offer(self, frame: bytes, cross: Cross | None = None) -> None:
        """Send an event."""
        self._client.send(self._channel, frame, cross)


class CoinbaseClient(Client):
    """One connection: what it subscribed to, and its count of frames."""

    def __init__(self, outbox: Outbox, listings: Listings) -> None:
        self._outbox = outbox
        self._listings = listings
        self._sequence = 0
        self._sinks = {name: ChannelSink(self, it) for name, it in FRAME_CHANNELS.items()}
        self._products: dict[str, dict[str, Subscribable]] = {}
        """What is subscribed to: by channel, then by product."""
        self._every: Every | None = None
        self._beats = 0

    def send(self, channel: str, event: bytes, cross: Cross | None = None) -> None:
        """Send an event on a channel; it is counted whatever it is."""
        now = self._listings.clock.time_ns()
        self._outbox.offer(wire.frame(channel, now, self._sequence, event), cross)
        self._sequence += 1

    def receive(self, message: str | bytes) -> None:
        """Answer a request."""
        try:
            request = msgspec.json.decode(message, type=wire.Request)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self._outbox.offer(wire.error("malformed request"))
            return
        known = request.channel in FRAME_CHANNELS or request.channel == HEARTBEATS
        if request.type not in {"subscribe", "unsubscribe"} or not known:
            self._outbox.offer(wire.error(f"{request.type} to channel {request.channel}: unknown"))
            return
        if request.type == "subscribe":
            self._subscribe(request)
        else:
            self._unsubscribe(request)

    def pass_time(self, now: float) -> None:
        """Send a heartbeat when it is time."""
        if self._every is not None and self._every.due(now):
            self._beats += 1
            event = wire.heartbeat(self._listings.clock.time_ns(), self._beats)
            self.send(HEARTBEATS, event)

    def close(self) -> None:
        """End every subscription."""
        for channel, products in self._products.items():
            for stream in products.values():
                stream.subscribers.discard(self._sinks[channel])
        self._products.clear()

    def _subscribe(self, request: wire.Request) -> None:
        if request.channel == HEARTBEATS:
            self._every = self._every or Every(HEARTBEAT_SECONDS)
        elif not request.product_ids:
            self._outbox.offer(wire.error("no product_ids"))
            return
        else:
            self._begin(request)
        self._acknowledge()

    def _begin(self, request: wire.Request) -> None:
        """Begin those products that there are; the venue refuses the others one by one."""
        sink = self._sinks[request.channel]
        for product in request.product_ids:
            listing = self._listings.find(product)
            if listing is None:
                self._outbox.offer(wire.error(f"{product} is not a valid product"))
                continue
            stream = listing.streams[request.channel]
            assert isinstance(stream, Subscribable)
            if isinstance(stream, Batch):
                now = listing.clock.time_ns()
                sink.offer(
                    wire.book(listing.market, "snapshot", now, *listing.levels()), wire.crossed
                )
            else:
                sink.offer(wire.trades(listing.market, "snapshot", listing.trades))
            stream.subscribers.add(sink)
            self._products.setdefault(request.channel, {})[product] = stream

    def _unsubscribe(self, request: wire.Request) -> None:
        if request.channel == HEARTBEATS:
            self._every = None
        for product in request.product_ids:
            stream = self._products.get(request.channel, {}).pop(product, None)
            if stream is not None:
                stream.subscribers.discard(self._sinks[request.channel])
        self._acknowledge()

    def _acknowledge(self) -> None:
        told: dict[str, list[str]] = {
            channel: list(products) for channel, products in self._products.items() if products
        }
        if self._every is not None:
            told[HEARTBEATS] = []
        self.send("subscriptions", wire.subscriptions(told))


def _trade_update(market: MarketParameters, changes: Sequence[Change]) -> bytes:
    return wire.trades(market, "update", changes)
