"""The simulated exchange, lived through quickly, and plain clients of it."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from obtui.simulator.faults import Faults
from obtui.simulator.server import Exchange
from support.books import Levels

FASTER = 20
PATIENCE = 8.0


class FastClock:
    """Lives twenty seconds in one."""

    def time_ns(self) -> int:
        return time.time_ns()

    def monotonic(self) -> float:
        return time.monotonic() * FASTER

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / FASTER)


@asynccontextmanager
async def client(exchange: Exchange, path: str) -> AsyncIterator[ClientConnection]:
    """A websocket that ends with the test's patience."""
    url = exchange.url + path
    async with (
        asyncio.timeout(PATIENCE),
        connect(url, proxy=None, max_size=None, close_timeout=0.1) as connection,
    ):
        yield connection


async def ask(connection: ClientConnection, **request: object) -> None:
    """Send an object."""
    await connection.send(json.dumps(request))


async def receive(connection: ClientConnection) -> Any:  # noqa: ANN401 - whatever the venue says
    """The next frame, its numbers exact."""
    return json.loads(await connection.recv(), parse_float=Decimal)


def book_of(exchange: Exchange, protocol: str, symbol: str, depth: int = 0) -> Levels:
    """The exchange's own book, as a viewer should have it."""
    listing = exchange.listing(protocol, symbol)
    market = listing.market
    tick, lot = Decimal(10) ** market.price_decimals, Decimal(10) ** market.size_decimals
    bids, asks = (
        {Decimal(price) / tick: Decimal(lots) / lot for price, lots in side}
        for side in listing.levels(depth)
    )
    return bids, asks


class RunningExchange:
    """An exchange in a thread of its own, as a viewer's process has it."""

    def __init__(self, seed: int, faults: Faults | None = None) -> None:
        self.exchange = Exchange(seed=seed, clock=FastClock(), faults=faults)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="exchange", daemon=True)

    def book(self, protocol: str, symbol: str, depth: int = 0) -> Levels:
        """The exchange's own book between two steps of its flow."""

        async def look() -> Levels:
            return book_of(self.exchange, protocol, symbol, depth)

        return asyncio.run_coroutine_threadsafe(look(), self._loop).result(PATIENCE)

    def strike(self, faults: Faults) -> None:
        """Let faults strike what is connected now."""
        self._loop.call_soon_threadsafe(self.exchange.strike, faults)

    def __enter__(self) -> RunningExchange:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self.exchange.__aenter__(), self._loop).result(PATIENCE)
        return self

    def __exit__(self, *_: object) -> None:
        leaving = self.exchange.__aexit__(None, None, None)
        try:
            asyncio.run_coroutine_threadsafe(leaving, self._loop).result(PATIENCE)
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(PATIENCE)
            self._loop.close()
