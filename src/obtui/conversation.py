"""One open connection: frames in, effects out, until it ends.

What it is told by REST while it is open belongs to it: a reply that comes after its end is never
applied to the book of another connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable

import msgspec
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from obtui import rest
from obtui.effects import Effect, Reconnect, Refuse, Send
from obtui.feeds.base import Fetch
from obtui.frame import FrameKind, RestReply, Sent
from obtui.shared import Market

TICK_SECONDS = 0.25
TOO_MANY = (418, 429)
"""What a venue answers to too many requests; 418, Binance's own, to those who went on."""
HOLD_SECONDS = 10.0
"""How long it is left alone where it does not say."""
NOT_ASKED = "REST is not asked with --url alone: give --rest-url too"


class Conversation:
    """Carries frames and effects between one connection and a market."""

    def __init__(
        self,
        websocket: ClientConnection,
        market: Market,
        apply: Callable[[FrameKind, bytes], tuple[Effect, ...]],
        rest_url: str | None,
    ) -> None:
        """`apply` stamps what arrived and hands it to the market; `rest_url` None asks no REST."""
        self._websocket = websocket
        self._market = market
        self._apply = apply
        self._rest_url = rest_url
        self.reason = ""
        """Why we ended it ourselves, or nothing."""
        self.hold_seconds = 0.0
        """How long the venue's REST interface asks to be left alone."""

    async def run(self, wanted: tuple[Effect, ...]) -> ConnectionClosed:
        """Do what is wanted of a new connection, and go on until it ends; returns how it did."""
        # A group, so that a fault of any ends all: without ticks a silent feed would pass for a
        # quiet one.
        async with asyncio.TaskGroup() as tasks:
            beside = asyncio.Queue[Fetch]()
            # A venue that hangs up at once may have said why: that is received all the same.
            with contextlib.suppress(ConnectionClosed):
                await self._perform(wanted, beside)
            others = [
                tasks.create_task(self._tick(beside)),
                tasks.create_task(self._fetch(beside)),
            ]
            end = await self._receive(beside)
            for task in others:
                task.cancel()
        return end

    async def _receive(self, beside: asyncio.Queue[Fetch]) -> ConnectionClosed:
        """Apply frames until the connection ends; returns how it did."""
        try:
            while True:
                data = await self._websocket.recv(decode=False)
                effects = self._apply(FrameKind.TEXT, data)
                if effects:
                    await self._perform(effects, beside)
        except ConnectionClosed as end:
            return end

    async def _tick(self, beside: asyncio.Queue[Fetch]) -> None:
        """Tell the market the time, and do what it wants of this connection."""
        with contextlib.suppress(ConnectionClosed):
            while True:
                await asyncio.sleep(TICK_SECONDS)
                effects = self._market.tick(time.time_ns(), time.monotonic_ns())
                if effects:
                    await self._perform(effects, beside)

    async def _fetch(self, beside: asyncio.Queue[Fetch]) -> None:
        """Ask REST what is wanted, one after another, while frames go on coming in."""
        with contextlib.suppress(ConnectionClosed):
            while True:
                wish = await beside.get()
                await asyncio.sleep(wish.delay_seconds)
                reply = await self._ask(wish.path)
                effects = self._apply(FrameKind.REST, msgspec.json.encode(reply))
                if effects:
                    await self._perform(effects, beside)

    async def _ask(self, path: str) -> RestReply:
        if self._rest_url is None:
            return RestReply(path, 0, NOT_ASKED)
        reply = await rest.fetch(self._rest_url, path, rest.LARGEST_BOOK)
        if reply is None:
            return RestReply(path, 0, "the venue's REST interface did not answer")
        # Whoever goes on asking is locked out for longer.
        if reply.status in TOO_MANY:
            self.hold_seconds = reply.retry_seconds or HOLD_SECONDS
        return reply

    async def _perform(self, effects: tuple[Effect, ...], beside: asyncio.Queue[Fetch]) -> None:
        for effect in effects:
            if isinstance(effect, Send):
                self._apply(FrameKind.SEND, msgspec.json.encode(Sent(effect.text)))
                await self._websocket.send(effect.text)
            elif isinstance(effect, Fetch):
                beside.put_nowait(effect)
            elif isinstance(effect, Reconnect | Refuse):
                self.reason = effect.reason
                await self._websocket.close()
