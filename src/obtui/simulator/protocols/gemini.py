"""Gemini, with its current websocket API: its addresses, and what a client asks and is sent.

Requests come in as text, answers go to the client's outbox. The archived v1 is `gemini_v1`.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from obtui.simulator.listing import Listing, Listings, Stream
from obtui.simulator.outbox import Outbox
from obtui.simulator.protocols import gemini_rest
from obtui.simulator.protocols import gemini_wire as wire
from obtui.simulator.protocols.base import Client, HttpReply, Query, Venue, keys_of
from obtui.simulator.protocols.gemini_v1 import ALL_EVENTS, AllEvents, V1Client
from obtui.simulator.streams import Batch, Subscribable, Tops, Trades

_V1 = "/v1/marketdata/"


class Gemini(Venue):
    """The venue."""

    @staticmethod
    def streams(listing: Listing) -> Mapping[str, Stream]:
        """By what follows `{symbol}@`; and all that v1 sends."""
        return {
            "trade": Trades(listing, wire.trade_update),
            ALL_EVENTS: AllEvents(listing),
            "bookTicker": Tops(listing, wire.book_ticker),
            "depth@100ms": Batch(listing, 0.1, wire.depth_update, wire.crossed),
            "depth": Batch(listing, 1.0, wire.depth_update, wire.crossed),
        }

    def serves(self, path: str, query: Query) -> bool:
        """The current API at the root, v1 with a symbol in its path."""
        return path == "/" or path.startswith(_V1)

    def refusal(self, path: str, query: Query) -> HttpReply | None:
        """An unknown symbol, or a parameter that is none."""
        if path == "/":
            text = query.get("snapshot", "0")
            if text == "-1" or (text.isascii() and text.isdigit() and len(text) <= 9):
                return None
            return gemini_rest.bad_request(f"Supplied value '{text}' is not a valid snapshot")
        name = path.removeprefix(_V1)
        if name.upper() not in self.listings.markets:
            return gemini_rest.invalid_symbol(name)
        if query.get("top_of_book") == "true":
            return gemini_rest.bad_request("top_of_book is not simulated")
        return None

    def speaks(self, message: str | bytes) -> bool:
        """Requests name a method."""
        return "method" in keys_of(message)

    def connect(self, path: str, query: Query, outbox: Outbox) -> Client:
        """A client of either protocol."""
        if path == "/":
            return CurrentClient(outbox, self.listings, int(query.get("snapshot", "0")))
        listing = self.listings.find(path.removeprefix(_V1).upper())
        assert listing is not None
        return V1Client(outbox, listing, query)

    def respond(self, path: str, query: Query) -> HttpReply | None:
        """Symbols, books and the last 24 hours."""
        return gemini_rest.respond(path, query, self.listings)


class CurrentClient(Client):
    """What one connection asked for; `snapshot` as in the URL: -1 all, 0 none, or levels."""

    def __init__(self, outbox: Outbox, listings: Listings, snapshot: int) -> None:
        self._outbox = outbox
        self._listings = listings
        self._snapshot = snapshot
        self._names: dict[str, Subscribable] = {}

    def receive(self, message: str | bytes) -> None:
        """Answer a request; whatever is sent, there is an answer and never an exception."""
        try:
            request = msgspec.json.decode(message, type=wire.Request)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self._refuse(None, "Invalid request")
            return
        match request.method.lower():
            case "subscribe" | "unsubscribe" as method:
                self._change(request, subscribe=method == "subscribe")
            case "ping":
                self._outbox.offer(wire.acknowledgement(request.id))
            case "time":
                result = {"serverTime": self._listings.clock.time_ns() // 1_000_000}
                self._outbox.offer(wire.acknowledgement(request.id, result))
            case "list_subscriptions":
                self._outbox.offer(wire.acknowledgement(request.id, list(self._names)))
            case _:
                text = f"Unsupported method: {request.method}"
                self._outbox.offer(wire.refusal(request.id, wire.UNKNOWN_METHOD, text))

    def close(self) -> None:
        """End every subscription."""
        for stream in self._names.values():
            stream.subscribers.discard(self._outbox)
        self._names.clear()

    def _refuse(self, request_id: int | str | None, message: str) -> None:
        self._outbox.offer(wire.refusal(request_id, wire.INVALID_PARAMETERS, message))

    def _change(self, request: wire.Request, *, subscribe: bool) -> None:
        try:
            names = msgspec.json.decode(request.params, type=list[str])
        except msgspec.DecodeError:
            self._refuse(request.id, "Invalid params")
            return
        wanted: dict[str, tuple[Listing, Subscribable]] = {}
        for name in names:
            symbol, _, kind = name.partition("@")
            listing = self._listings.find(symbol.upper())
            stream = None if listing is None else listing.streams.get(kind)
            if listing is None or not isinstance(stream, Subscribable):
                # One bad name refuses the whole request, as the venue does.
                self._refuse(request.id, f"Invalid stream name: {name}")
                return
            wanted[f"{symbol.lower()}@{kind}"] = listing, stream
        for name, (listing, stream) in wanted.items():
            if subscribe:
                self._names[name] = stream
                self._begin(listing, stream)
            elif self._names.pop(name, None) is not None:
                stream.subscribers.discard(self._outbox)
        self._outbox.offer(wire.acknowledgement(request.id))

    def _begin(self, listing: Listing, stream: Subscribable) -> None:
        stream.subscribers.add(self._outbox)
        if isinstance(stream, Batch) and self._snapshot:
            # The batch under way ends here, so that everybody's next frame begins at this book.
            stream.flush()
            now, last = listing.clock.time_ns(), listing.last_id
            levels = listing.levels(max(self._snapshot, 0))
            frame = wire.depth_update(listing.market, now, (last, last), *levels)
            self._outbox.offer(frame, wire.crossed)
