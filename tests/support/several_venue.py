"""A loopback venue with several markets: one that trades, one unknown, one that cannot be had."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response

from support import wire
from support.venue import LoopbackVenue

GOOD, V1 = "gemini:BTCUSD", "gemini-v1:BTCUSD"
UNKNOWN, CLOSED = "gemini-v1:NOSUCH", "gemini-v1:ETHUSD"
BIDS, ASKS = [("99.50", "1.0"), ("99.25", "0.5")], [("100.50", "0.25")]


def several_venue(seconds: float = 0.02) -> LoopbackVenue:
    """A change each so many seconds, on both protocols."""

    async def script(connection: ServerConnection, _nth: int) -> None:
        assert connection.request is not None
        changes = _v1() if connection.request.path.startswith("/v1/") else _current()
        for frame in changes:
            await connection.send(frame, text=True)
            await asyncio.sleep(seconds)

    return LoopbackVenue(script, _answer)


def _answer(connection: ServerConnection, request: Request) -> Response | None:
    path = request.path.lower()
    if "nosuch" in path:
        return connection.respond(400, wire.UNKNOWN_SYMBOL)
    if "ethusd" in path:
        return connection.respond(503, "closed")
    return None


def _current() -> Iterator[bytes]:
    yield wire.depth(100, BIDS, ASKS)
    for number in range(100, 100_000):
        yield wire.depth(number + 1, [("99.40", str(number % 7))], after=number)


def _v1() -> Iterator[bytes]:
    yield wire.v1_initial(0, BIDS, ASKS)
    for number in range(1, 100_000):
        yield wire.v1_update(number, wire.change("bid", "99.40", str(number % 7)))
