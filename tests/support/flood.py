"""A venue of many messages a second: `python -m support.flood RATE` prints its URL and serves one
client after the other a deep book that moves, with trades, in Gemini's wire form.

Encoded before it is sent, so that it takes little from who is measured.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections.abc import Iterator

from websockets.asyncio.server import ServerConnection

from support import wire
from support.serving import serve_until_killed

LEVELS = 4_000
PREPARED = 40_000
BURST_SECONDS = 0.002


def book() -> bytes:
    """4,000 levels a side around 60,000."""
    bids = [(f"{60000 - index * 0.5:.2f}", "1.25000000") for index in range(LEVELS)]
    asks = [(f"{60000.5 + index * 0.5:.2f}", "1.25000000") for index in range(LEVELS)]
    return wire.depth(1, bids, asks)


def messages(count: int, first: int, seed: int = 1) -> list[bytes]:
    """Changes near the touch, none of which crosses, and one trade in fifty."""
    chance = random.Random(seed)
    made = []
    for number in range(first, first + count):
        step = int(chance.expovariate(0.1)) * 0.5
        size = f"{chance.uniform(0.01, 3):.8f}" if step == 0 or chance.random() < 0.7 else "0"
        bid = chance.random() < 0.5
        price = f"{60000 - step:.2f}" if bid else f"{60000.5 + step:.2f}"
        level = [(price, size)]
        made.append(
            wire.depth(number, bids=level, after=number - 1)
            if bid
            else wire.depth(number, asks=level, after=number - 1)
        )
        if number % 50 == 0:
            made.append(wire.trade(price, size if size != "0" else "0.1", buyer_made=bid))
    return made


class Flood:
    """What each client gets."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._book = book().decode()
        self._made = [it.decode() for it in messages(PREPARED, 2)]

    async def __call__(self, connection: ServerConnection) -> None:
        await connection.send(self._book)
        began = time.monotonic()
        for sent, text in enumerate(self._endless()):
            while sent >= (time.monotonic() - began) * self._rate:
                await asyncio.sleep(BURST_SECONDS)
            await connection.send(text)

    def _endless(self) -> Iterator[str]:
        yield from self._made
        first = PREPARED + 2
        while True:
            more = messages(1_000, first)
            first += 1_000
            yield from (it.decode() for it in more)


if __name__ == "__main__":
    asyncio.run(serve_until_killed(Flood(float(sys.argv[1]))))
