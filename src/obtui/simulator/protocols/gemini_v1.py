"""Gemini's archived v1: a socket for one market, which tells every change as it comes.

Source: Gemini's archived v1 pages, and captures that others published. It takes no requests: what
is wanted stands in the address.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from obtui.market import Side
from obtui.simulator.faults import HIGHEST_BID
from obtui.simulator.flow import BookEvent, Reason
from obtui.simulator.listing import Change, Listing, PriceLevels, Stream
from obtui.simulator.markets import MarketParameters, unpadded
from obtui.simulator.outbox import Outbox
from obtui.simulator.protocols.base import Client, Query
from obtui.simulator.streams import Every

HEARTBEAT_SECONDS = 5.0
ALL_EVENTS = "v1"
"""The name of the stream; no stream name of the current API."""

_encode = msgspec.json.Encoder().encode


class V1Change(msgspec.Struct, tag="change", tag_field="type"):
    """A level and its new absolute size."""

    delta: str
    price: str
    reason: str
    remaining: str
    side: str


class V1Trade(msgspec.Struct, tag="trade", tag_field="type"):
    """A trade, told by its maker's side."""

    amount: str
    makerSide: str
    price: str
    tid: int


V1Event = V1Change | V1Trade


class V1Update(msgspec.Struct, omit_defaults=True):
    """A frame of v1; the first one carries the book and no time."""

    eventId: int
    events: list[V1Event]
    socket_sequence: int
    timestamp: int = 0
    timestampms: int = 0
    # Last, as in the captures; by a factory, because a plain default would be left out.
    type: str = msgspec.field(default_factory=lambda: "update")


def v1_initial(
    market: MarketParameters, event_id: int, bids: PriceLevels | None, asks: PriceLevels | None
) -> bytes:
    """The first frame of a v1 socket; a side is None where the client did not want it."""
    events: list[V1Event] = []
    for side, levels in ((Side.BID, bids), (Side.ASK, asks)):
        for price, lots in levels or []:
            size = market.size_text(lots)
            text = unpadded(market.price_text(price))
            events.append(V1Change(size, text, "initial", size, side.value))
    return _encode(V1Update(event_id, events, 0))


def v1_events(market: MarketParameters, trade_id: int, event: BookEvent) -> list[V1Event]:
    """The change of a level, after the trade that made it if a trade did."""
    price = unpadded(market.price_text(event.price))
    change = V1Change(
        market.size_text(event.delta),
        price,
        event.reason.value,
        market.size_text(event.remaining),
        event.side.value,
    )
    if event.reason is not Reason.TRADE:
        return [change]
    amount = market.size_text(-event.delta)
    return [V1Trade(amount, event.side.value, price, trade_id), change]


def v1_update(event_id: int, events: list[V1Event], sequence: int, time_ns: int) -> bytes:
    """A v1 frame of changes and trades; sequence is the connection's, shared with heartbeats."""
    return _encode(
        V1Update(event_id, events, sequence, time_ns // 1_000_000_000, time_ns // 1_000_000)
    )


def v1_heartbeat(sequence: int) -> bytes:
    """A v1 heartbeat."""
    return b'{"socket_sequence":%d,"type":"heartbeat"}' % sequence


def crossed(frame: bytes) -> bytes:
    """The same update with a bid above every ask."""
    update = msgspec.json.decode(frame, type=V1Update)
    update.events.append(V1Change("1", HIGHEST_BID, "place", "1", "bid"))
    return _encode(update)


class AllEvents(Stream):
    """Every change of a market, in a frame of its own for each client that wants it."""

    def __init__(self, listing: Listing) -> None:
        self.clients: set[V1Client] = set()
        self._market = listing.market

    def take(self, changes: Sequence[Change]) -> None:
        """Tell them all."""
        if not self.clients:
            return
        for change in changes:
            events = v1_events(self._market, change.trade_id, change.event)
            for client in self.clients:
                client.update(change.update_id, events, change.time_ns)


class V1Client(Client):
    """A v1 socket: what it wants, and its own count of frames."""

    def __init__(self, outbox: Outbox, listing: Listing, query: Query) -> None:
        self._outbox = outbox
        bids, offers, self._trades = (
            query.get(name) != "false" for name in ("bids", "offers", "trades")
        )
        self._sides = {Side.BID.value: bids, Side.ASK.value: offers}
        self._every = Every(HEARTBEAT_SECONDS) if query.get("heartbeat") == "true" else None
        self._sequence = 0
        book = listing.levels()
        frame = v1_initial(
            listing.market,
            listing.last_id,
            book[0] if bids else None,
            book[1] if offers else None,
        )
        self._outbox.offer(frame, crossed)
        events = listing.streams[ALL_EVENTS]
        assert isinstance(events, AllEvents)
        self._events = events
        events.clients.add(self)

    def update(self, event_id: int, events: list[V1Event], time_ns: int) -> None:
        """Send what of these is wanted, if anything is."""
        wanted = [
            event
            for event in events
            if (self._trades if isinstance(event, V1Trade) else self._sides[event.side])
        ]
        if wanted:
            self._sequence += 1
            self._outbox.offer(v1_update(event_id, wanted, self._sequence, time_ns), crossed)

    def pass_time(self, now: float) -> None:
        """Send a heartbeat when it is time."""
        if self._every is not None and self._every.due(now):
            self._sequence += 1
            self._outbox.offer(v1_heartbeat(self._sequence))

    def close(self) -> None:
        """Take no more."""
        self._events.clients.discard(self)
