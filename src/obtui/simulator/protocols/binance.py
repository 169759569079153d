"""Binance with its combined spot streams: its address, and what a client asks and is sent.

The address subscribes. The whole book comes over REST alone (`binance_rest`), with the id of its
last change, so that the stream's changes can be spliced onto it. A stream of an unknown symbol is
taken as any other, and stays silent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

import msgspec

from obtui.simulator.listing import Listing, Listings, Stream
from obtui.simulator.outbox import Outbox
from obtui.simulator.protocols import binance_rest
from obtui.simulator.protocols import binance_wire as wire
from obtui.simulator.protocols.base import Client, HttpReply, Query, Venue
from obtui.simulator.streams import Batch, Subscribable, Tops, Trades

INVALID_REQUEST, INVALID_JSON = 2, 3


class Binance(Venue):
    """The venue."""

    @staticmethod
    def streams(listing: Listing) -> Mapping[str, Stream]:
        """By what follows `{symbol}@`."""
        return {
            "trade": Trades(listing, wire.trade),
            "bookTicker": Tops(listing, wire.book_ticker),
        } | {
            kind: Batch(listing, seconds, partial(wire.depth_update, kind=kind), wire.crossed)
            for kind, seconds in wire.DEPTH_SECONDS.items()
        }

    def serves(self, path: str, query: Query) -> bool:
        """The combined endpoint; the raw one, `/ws`, is not simulated."""
        return path == "/stream"

    def connect(self, path: str, query: Query, outbox: Outbox) -> Client:
        """A client with the streams of its address."""
        names = query.get("streams", "")
        return BinanceClient(outbox, self.listings, names.split("/") if names else ())

    def respond(self, path: str, query: Query) -> HttpReply | None:
        """Symbols, books and the last 24 hours."""
        return binance_rest.respond(path, query, self.listings)


class BinanceClient(Client):
    """One connection, and its streams."""

    def __init__(self, outbox: Outbox, listings: Listings, names: Iterable[str]) -> None:
        self._outbox = outbox
        self._listings = listings
        self._names: dict[str, Subscribable | None] = {}
        """None for a stream of what there is not."""
        self._subscribe(names)

    def receive(self, message: str | bytes) -> None:
        """Answer a request."""
        try:
            request = msgspec.json.decode(message, type=wire.Request)
        except msgspec.ValidationError as error:
            self._outbox.offer(wire.refusal(INVALID_REQUEST, f"Invalid request: {error}"))
            return
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self._outbox.offer(wire.refusal(INVALID_JSON, "Invalid JSON: expected value"))
            return
        result = None
        match request.method:
            case "SUBSCRIBE":
                self._subscribe(request.params)
            case "UNSUBSCRIBE":
                for name in request.params:
                    self._leave(self._names.pop(name, None))
            case "LIST_SUBSCRIPTIONS":
                result = list(self._names)
            case method:
                text = f"Invalid request: unknown variant `{method}`"
                self._outbox.offer(wire.refusal(INVALID_REQUEST, text, request.id))
                return
        self._outbox.offer(wire.answer(request.id, result))

    def close(self) -> None:
        """End every stream."""
        for stream in self._names.values():
            self._leave(stream)
        self._names.clear()

    def _subscribe(self, names: Iterable[str]) -> None:
        for name in names:
            symbol, _, kind = name.partition("@")
            # In capitals it is the name of no stream.
            listing = self._listings.find(symbol.upper()) if symbol.islower() else None
            stream = None if listing is None else listing.streams.get(kind)
            if isinstance(stream, Subscribable):
                stream.subscribers.add(self._outbox)
                self._names[name] = stream
            else:
                self._names[name] = None

    def _leave(self, stream: Subscribable | None) -> None:
        if stream is not None:
            stream.subscribers.discard(self._outbox)
