"""One client of Gemini's current API: its requests, and what it is subscribed to.

Requests come in as text, answers go to its outbox. It knows no socket.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from obtui.simulator import gemini
from obtui.simulator.clock import Clock
from obtui.simulator.feed import MarketFeed, Stream
from obtui.simulator.markets import MARKETS, MarketParameters
from obtui.simulator.outbox import Outbox

_STREAMS = {stream.value: stream for stream in Stream}

Feeds = Callable[[MarketParameters], MarketFeed]
"""Finds the feed of a market, and starts it where nobody asked before."""


class ClientSession:
    """What one connection asked for; `snapshot` as in the URL: -1 all, 0 none, or levels."""

    def __init__(self, outbox: Outbox, feeds: Feeds, clock: Clock, snapshot: int) -> None:
        self._outbox = outbox
        self._feeds = feeds
        self._clock = clock
        self._snapshot = snapshot
        self._names: dict[str, tuple[MarketParameters, Stream]] = {}

    def receive(self, text: str | bytes) -> None:
        """Answer a request; whatever is sent, there is an answer and never an exception."""
        try:
            request = msgspec.json.decode(text, type=gemini.Request)
        except (msgspec.DecodeError, UnicodeDecodeError):
            self._refuse(None, "Invalid request")
            return
        match request.method.lower():
            case "subscribe" | "unsubscribe" as method:
                self._change(request, subscribe=method == "subscribe")
            case "ping":
                self._outbox.offer(gemini.acknowledgement(request.id))
            case "time":
                result = {"serverTime": self._clock.time_ns() // 1_000_000}
                self._outbox.offer(gemini.acknowledgement(request.id, result))
            case "list_subscriptions":
                self._outbox.offer(gemini.acknowledgement(request.id, list(self._names)))
            case _:
                message = f"Unsupported method: {request.method}"
                self._outbox.offer(gemini.refusal(request.id, gemini.UNKNOWN_METHOD, message))

    def close(self) -> None:
        """End every subscription."""
        for market, stream in self._names.values():
            self._feeds(market).unsubscribe(stream, self._outbox)
        self._names.clear()

    def _refuse(self, request_id: int | str | None, message: str) -> None:
        self._outbox.offer(gemini.refusal(request_id, gemini.INVALID_PARAMETERS, message))

    def _change(self, request: gemini.Request, *, subscribe: bool) -> None:
        try:
            names = msgspec.json.decode(request.params, type=list[str])
        except msgspec.DecodeError:
            self._refuse(request.id, "Invalid params")
            return
        wanted: dict[str, tuple[MarketParameters, Stream]] = {}
        for name in names:
            symbol, _, kind = name.partition("@")
            market, stream = MARKETS.get(symbol.upper()), _STREAMS.get(kind)
            if market is None or stream is None:
                # One bad name refuses the whole request, as the venue does.
                self._refuse(request.id, f"Invalid stream name: {name}")
                return
            wanted[f"{symbol.lower()}@{kind}"] = market, stream
        for name, (market, stream) in wanted.items():
            if subscribe:
                self._names[name] = market, stream
                self._feeds(market).subscribe(stream, self._outbox, self._snapshot)
            elif self._names.pop(name, None) is not None:
                self._feeds(market).unsubscribe(stream, self._outbox)
        self._outbox.offer(gemini.acknowledgement(request.id))
