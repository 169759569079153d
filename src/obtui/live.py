"""The websocket driver: connects, backs off, and carries frames and effects between a venue and a
market. It decides nothing about a book; it lives in a thread and an event loop of its own, so that
no terminal and no disk can hold it up.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import msgspec
from websockets.asyncio.client import connect
from websockets.exceptions import (
    ConnectionClosed,
    InvalidStatus,
    WebSocketException,
)
from websockets.proxy import get_proxy
from websockets.uri import parse_uri

from obtui import __version__, causes, rest
from obtui.address import is_loopback, with_origin
from obtui.conversation import TICK_SECONDS, Conversation
from obtui.effects import Effect
from obtui.feeds.base import Feed
from obtui.frame import Connect, Disconnect, Frame, FrameKind, RestReply
from obtui.shared import Market
from obtui.text import printable

LARGEST_FRAME = 64 << 20
"""Bytes. A venue's whole book comes in one frame; the largest known is 4.8 MB (Coinbase)."""
REST_RETRY_SECONDS = 30.0
DAY_SECONDS = 60.0
"""How often the last 24 hours are asked for."""
OPEN_SECONDS = 10.0
CLOSE_SECONDS = 0.5


def back_off(chance: random.Random, *, at_once: bool) -> Iterator[float]:
    """Seconds before each next try: 1 doubling to 30, ±20 %; first 0 after a healthy time."""
    if at_once:
        yield 0.0
    delay = 1.0
    while True:
        yield delay * chance.uniform(0.8, 1.2)
        delay = min(delay * 2, 30.0)


class LiveFeed:
    """One market's connection to its venue.

    `run` occupies a thread until `stop` is called from another.
    """

    def __init__(
        self,
        feed: Feed,
        market: Market,
        *,
        url: str = "",
        rest_url: str | None = "",
        chance: random.Random | None = None,
    ) -> None:
        """`url` and `rest_url` replace the venue's scheme, host and port; None asks no REST."""
        self._feed = feed
        self._market = market
        self._url = with_origin(feed.url, url)
        self._rest_url = None if rest_url is None else with_origin(feed.rest_url, rest_url)
        self._chance = chance or random.Random()
        self._connection = 0
        self.unlisted = False
        """Whether the venue's instrument list has no such symbol."""
        self._hold_seconds = 0.0
        """How long the venue asked to be left alone."""
        self._stopped = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """The address that is connected to."""
        return self._url

    def run(self, is_cancelled: Callable[[], bool] = lambda: False) -> None:
        """Connect and keep connected until stopped, cancelled, or refused by the venue."""
        loop = asyncio.new_event_loop()
        try:
            with contextlib.suppress(asyncio.CancelledError):
                loop.run_until_complete(self._main(is_cancelled))
            loop.run_until_complete(loop.shutdown_asyncgens())
        finally:
            # Not asyncio.run(): that waits for its executor's threads, and so, at quitting, for a
            # name server that does not answer.
            loop.close()

    def stop(self) -> None:
        """End `run` soon, from any thread; it may be called twice, and before `run`."""
        with self._lock:
            if self._stopped.is_set():
                return  # a second cancellation would tear the closing of the connection
            self._stopped.set()
            if self._loop is not None and self._task is not None:
                self._loop.call_soon_threadsafe(self._task.cancel)

    async def _main(self, is_cancelled: Callable[[], bool]) -> None:
        with self._lock:
            self._loop = asyncio.get_running_loop()
            self._task = asyncio.current_task()
        try:
            if not self._stopped.is_set():
                async with asyncio.TaskGroup() as tasks:
                    asking = tasks.create_task(self._ask_instrument())
                    others = [
                        tasks.create_task(self._watch(is_cancelled)),
                        tasks.create_task(self._ask_day()),
                    ]
                    await self._keep_connected()
                    # Refused by the feed; the list says whether it is worth staying for.
                    await asyncio.wait({asking}, timeout=rest.TIMEOUT_SECONDS)
                    for task in (asking, *others):
                        task.cancel()
        finally:
            with self._lock:
                self._loop = None

    async def _watch(self, is_cancelled: Callable[[], bool]) -> None:
        """End the run when the one who started it asks in the polite way."""
        while not is_cancelled():
            await asyncio.sleep(TICK_SECONDS)
        self.stop()

    async def _ask_instrument(self) -> None:
        """Until it is answered: a viewer that was started offline is to learn the tick too."""
        if self._rest_url is None:
            return
        path = self._feed.instrument_path
        while (reply := await rest.fetch(self._rest_url, path)) is None:
            await asyncio.sleep(REST_RETRY_SECONDS)
        if self._apply(FrameKind.REST, msgspec.json.encode(reply)):
            self.unlisted = True
            self.stop()

    async def _ask_day(self) -> None:
        """What the venue says of the last 24 hours, again and again."""
        path = self._feed.day_path
        if self._rest_url is None or not path:
            return
        while True:
            reply = await rest.fetch(self._rest_url, path)
            if reply is not None and reply.status == 200:
                self._apply(FrameKind.REST, msgspec.json.encode(reply))
            await asyncio.sleep(DAY_SECONDS)

    async def _keep_connected(self) -> None:
        delays = back_off(self._chance, at_once=False)
        while True:
            self._hold_seconds = 0.0
            reason = await self._connect_once()
            if self._market.refused:
                return
            if self._market.proven:
                delays = back_off(self._chance, at_once=True)
            delay = max(next(delays), self._hold_seconds)
            lost = Disconnect(reason=printable(reason), retry_seconds=delay)
            self._apply(FrameKind.DISCONNECT, msgspec.json.encode(lost))
            await asyncio.sleep(delay)

    async def _connect_once(self) -> str:
        """One connection from its opening to its end; returns why it ended."""
        proxy = None
        try:
            proxy = None if is_loopback(self._url) else get_proxy(parse_uri(self._url))
            async with connect(
                self._url,
                max_size=LARGEST_FRAME,
                open_timeout=OPEN_SECONDS,
                close_timeout=CLOSE_SECONDS,
                # Life is judged by the session, by the venue's own rule and on screen.
                ping_interval=None,
                proxy=proxy,
                user_agent_header=f"obtui/{__version__}",
            ) as websocket:
                self._connection += 1
                wanted = self._apply(FrameKind.CONNECT, msgspec.json.encode(Connect(self._url)))
                talk = Conversation(websocket, self._market, self._apply, self._rest_url)
                end = await talk.run(wanted)
                self._hold_seconds = talk.hold_seconds
            if talk.reason:
                return talk.reason
            return causes.of_close(end, LARGEST_FRAME)
        except ConnectionClosed as error:
            return causes.of_close(error, LARGEST_FRAME)
        except InvalidStatus as error:
            self._hand_on(error)
            return causes.of_status(error.response.status_code)
        # ValueError: a host that is no name, or a proxy that is no address.
        except (OSError, WebSocketException, EOFError, ImportError, ValueError) as error:
            reason = causes.of_failure(error, OPEN_SECONDS)
            # The proxy's address may hold a password: only its host is named.
            way = f" through the proxy {causes.host(proxy)}" if proxy else ""
            return f"{causes.host(self._url)}{way}: {reason}"

    def _apply(self, kind: FrameKind, data: bytes) -> tuple[Effect, ...]:
        return self._market.apply(
            Frame(kind, data, time.time_ns(), time.monotonic_ns(), self._connection)
        )

    def _hand_on(self, error: InvalidStatus) -> None:
        """Where the symbol is in the path, the refused handshake says that it is unknown."""
        body = bytes(error.response.body or b"").decode("utf-8", "replace")
        path = urlsplit(self._url).path
        reply = RestReply(path, error.response.status_code, body)
        self._apply(FrameKind.REST, msgspec.json.encode(reply))
