"""What waits to be sent on one connection, bounded in bytes.

The exchange never waits for a client: it leaves frames here, and a task of the connection's own
sends them. A client that does not read fills its box and is cut off. It knows no protocol.
"""

from __future__ import annotations

import asyncio
from collections import deque

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from obtui.simulator.faults import Cross, FaultScript

GOODBYE_SECONDS = 0.2
"""How long a closing handshake may take before the socket is cut."""
TRY_AGAIN_LATER = 1013


class Outbox:
    """The frames on their way to one client."""

    def __init__(
        self, connection: ServerConnection, limit: int, faults: FaultScript | None = None
    ) -> None:
        self._connection = connection
        self._limit = limit
        self._faults = faults
        self._frames: deque[bytes] = deque()
        self._bytes = 0
        self._wake = asyncio.Event()
        self._closing = False
        self._sending = asyncio.create_task(self._send())
        self._goodbye: asyncio.Task[None] | None = None

    def strike(self, faults: FaultScript) -> None:
        """From the next frame on, these faults take the place of any before them."""
        self._faults = faults

    def offer(self, frame: bytes, cross: Cross | None = None) -> None:
        """Take a frame to send; where the box is full, drop all of it and give the client up.

        `cross`, for a frame of levels alone, makes the fault of that name.
        """
        if self._closing:
            return
        frames: tuple[bytes, ...] = (frame,)
        if self._faults is not None:
            verdict = self._faults.judge(frame, cross)
            frames, self._closing = verdict.frames, verdict.close
        self._frames.extend(frames)
        self._bytes += sum(map(len, frames))
        if self._bytes > self._limit:
            self._closing = True
            self._frames.clear()
            self._goodbye = asyncio.create_task(self._give_up())
        self._wake.set()

    async def close(self) -> None:
        """Stop sending."""
        self._closing = True
        tasks = [self._sending] if self._goodbye is None else [self._sending, self._goodbye]
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)

    async def _send(self) -> None:
        try:
            while True:
                while self._frames:
                    frame = self._frames.popleft()
                    await self._connection.send(frame, text=True)
                    self._bytes -= len(frame)
                if self._closing:
                    # Not the connection's close: a cut says no goodbye, but loses no frame.
                    self._connection.transport.close()
                    return
                self._wake.clear()
                await self._wake.wait()
        except ConnectionClosed:
            self._closing = True

    async def _give_up(self) -> None:
        self._sending.cancel()
        try:
            # A closing frame waits behind all that the client has not read, hence the deadline.
            async with asyncio.timeout(GOODBYE_SECONDS):
                await self._connection.close(TRY_AGAIN_LATER, "the client does not read")
        except TimeoutError:
            self._connection.transport.abort()
