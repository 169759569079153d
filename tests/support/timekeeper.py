"""A venue of which one bid's size is the time: `python -m support.timekeeper RATE` prints its URL.

Each message changes the bid at `AT`, whose size is the monotonic clock (which all processes share)
in seconds, less whole minutes, and another level, in Gemini's wire form. What a screen shows of it
tells how old it is.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time

from websockets.asyncio.server import ServerConnection

from support import wire
from support.serving import serve_until_killed

LEVELS = 400
TICK_SECONDS = 0.002


AT = "59991.00"
MINUTE_MS = 60_000


def now_ms() -> int:
    """Of the minute; what the size is, and a second more, so that it is never 0."""
    return time.monotonic_ns() // 1_000_000 % MINUTE_MS


def age_ms(shown_ms: int) -> int:
    """How long ago that was."""
    return (now_ms() - shown_ms) % MINUTE_MS


def message(number: int, chance: random.Random) -> str:
    """The time, and one level that moves."""
    step = 1 + int(chance.expovariate(0.15))
    size = f"{chance.uniform(0.01, 3):.8f}"
    bids, asks = [(AT, f"{1 + now_ms() / 1000:.3f}")], []
    if chance.random() < 0.5 and step != 18:
        bids.append((f"{60000 - step * 0.5:.2f}", size))
    else:
        asks.append((f"{60000 + step * 0.5:.2f}", size))
    return wire.depth(number, bids, asks, after=number - 1).decode()


class Timekeeper:
    """What each client gets."""

    def __init__(self, rate: float) -> None:
        self._rate = rate

    async def __call__(self, connection: ServerConnection) -> None:
        chance = random.Random(1)
        bids = [(f"{60000 - step * 0.5:.2f}", "1.25") for step in range(LEVELS)]
        asks = [(f"{60000.5 + step * 0.5:.2f}", "1.25") for step in range(LEVELS)]
        await connection.send(wire.depth(1, bids, asks).decode())
        began = time.monotonic()
        number = 1
        while True:
            due = int((time.monotonic() - began) * self._rate)
            while number <= due:
                number += 1
                await connection.send(message(number, chance))
            await asyncio.sleep(TICK_SECONDS)


if __name__ == "__main__":
    asyncio.run(serve_until_killed(Timekeeper(float(sys.argv[1]))))
