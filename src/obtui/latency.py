"""How long a venue takes: REST with a new connection each time, REST on one that is kept, the
websocket's ping, and how old the messages of its feed are when they come.

It asks gently, as the venues' limits have it, ends within a bounded time, and hands back what it
has when something fails. All but the ages is measured by the monotonic clock alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from obtui import __version__, causes, rest
from obtui.address import is_loopback
from obtui.conversation import NOT_ASKED
from obtui.feeds.base import Decoded, Feed, FeedError, Fetch
from obtui.market import BookDelta, BookSnapshot

if TYPE_CHECKING:
    import httpx

PAUSE_SECONDS = 0.5
"""Between two of a kind. Beyond 120 requests a minute Gemini makes them wait, and Binance takes 5
messages a second."""
OPEN_SECONDS = 10.0
CLOSE_SECONDS = 0.5
ANSWER_SECONDS = 5.0
LARGEST_FRAME = 64 << 20
NS_PER_MS = 1e6


@dataclass(slots=True)
class Series:
    """What was measured of one kind, in the order of time."""

    milliseconds: list[float] = field(default_factory=list)
    why: str = ""
    """Why there are fewer than were asked for."""


class _Refused(Exception):
    """The venue's reply cannot be measured; the message says why."""


def bound(times: int) -> float:
    """Seconds after which the measurement of so many ends with what there is."""
    return OPEN_SECONDS + times


async def over_rest(origin: str, path: str, times: int, *, keep: bool) -> Series:
    """GET the path so often, one after another, each to its last byte.

    With `keep` on one connection, whose opening is not counted; else each opens its own.
    """
    import httpx  # late: it costs more to import than the rest of the program's start

    found = Series()
    url = origin.rstrip("/") + path
    limits = httpx.Limits(max_keepalive_connections=1 if keep else 0)
    local = is_loopback(origin)
    try:
        async with (
            asyncio.timeout(bound(times)),
            # One client for all: certificates are loaded before the clock runs.
            httpx.AsyncClient(limits=limits, timeout=ANSWER_SECONDS, trust_env=not local) as client,
        ):
            kept = await _get(client, url) if keep else None
            for _ in range(times):
                began = time.monotonic_ns()
                connection = await _get(client, url)
                took = time.monotonic_ns() - began
                if keep and connection is not kept:
                    raise _Refused("the venue does not keep the connection open")
                found.milliseconds.append(took / NS_PER_MS)
                await asyncio.sleep(0 if local else PAUSE_SECONDS)
    except _Refused as error:
        found.why = str(error)
    except httpx.TimeoutException:
        found.why = f"no answer within {ANSWER_SECONDS:.0f} s"
    except TimeoutError:
        found.why = f"no more within {bound(times):.0f} s"
    # ImportError: the environment names a SOCKS proxy, for which httpx needs another package.
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, ImportError) as error:
        found.why = _why(error)
    return found


async def _get(client: httpx.AsyncClient, url: str) -> object:
    """Returns the connection that it came by, to be told from another; raises `_Refused`."""
    size = 0
    async with client.stream("GET", url) as response:
        async for chunk in response.aiter_bytes():
            size += len(chunk)
            if size > rest.LARGEST_BOOK:
                raise _Refused("the reply is larger than a book may be")
    if response.status_code != 200:
        limited = ": it limits how often it may be asked" if response.status_code == 429 else ""
        raise _Refused(f"the venue answered HTTP {response.status_code}{limited}")
    return response.extensions["network_stream"]


def _why(error: BaseException) -> str:
    """What the system said, beneath what httpx and its own library made of it."""
    beneath: BaseException | None = error
    while beneath is not None and not (isinstance(beneath, OSError) and beneath.errno):
        beneath = beneath.__cause__ or beneath.__context__
    return causes.of_failure(beneath or error, ANSWER_SECONDS)


class SocketTimes:
    """Round trips of the websocket's own ping, and the ages of the feed's book messages, beside
    each other on one connection that is subscribed to the feed."""

    def __init__(
        self,
        feed: Feed,
        url: str,
        rest_origin: str | None,
        times: int,
        wall: Callable[[], int] = time.time_ns,
    ) -> None:
        """`rest_origin` None asks no REST; `wall` is what the venue's stamps are held against."""
        self.pings = Series()
        self.ages = Series()
        self._feed = feed
        self._decoder = feed.decoder()
        self._url = url
        self._rest_origin = rest_origin
        self._times = times
        self._wall = wall
        self._has_book = asyncio.Event()
        self._aged = asyncio.Event()
        """Nothing more is to come of the ages."""

    async def measure(self) -> None:
        """Fill both series; it ends by itself within `bound` and the time to open a connection."""
        local = is_loopback(self._url)
        try:
            async with connect(
                self._url,
                max_size=LARGEST_FRAME,
                open_timeout=OPEN_SECONDS,
                close_timeout=CLOSE_SECONDS,
                ping_interval=None,
                proxy=None if local else True,
                user_agent_header=f"obtui/{__version__}",
            ) as websocket:
                await self._talk(websocket, 0 if local else PAUSE_SECONDS)
        except ConnectionClosed as error:
            self._end(causes.of_close(error, LARGEST_FRAME))
        except InvalidStatus as error:
            self._end(f"the venue answered HTTP {error.response.status_code}")
        # ValueError: a host that is no name, or a proxy that is no address.
        except (OSError, WebSocketException, EOFError, ImportError, ValueError) as error:
            self._end(causes.of_failure(error, OPEN_SECONDS))

    def _end(self, why: str) -> None:
        for series in (self.pings, self.ages):
            if len(series.milliseconds) < self._times and not series.why:
                series.why = why

    async def _talk(self, websocket: ClientConnection, pause: float) -> None:
        for text in self._feed.subscriptions():
            await websocket.send(text)
        works = (self._listen(websocket), self._keep_alive(websocket))
        beside = [asyncio.create_task(work) for work in works]
        try:
            async with asyncio.timeout(bound(self._times)):
                # The whole book is a large frame, behind which a pong would have to wait.
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._has_book.wait(), ANSWER_SECONDS)
                await self._ping(websocket, pause)
                await self._aged.wait()
        except TimeoutError:
            self._end(f"no more within {bound(self._times):.0f} s")
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)

    async def _ping(self, websocket: ClientConnection, pause: float) -> None:
        for _ in range(self._times):
            try:
                pong = await websocket.ping()
                seconds = await asyncio.wait_for(pong, ANSWER_SECONDS)
            except TimeoutError:
                self.pings.why = f"no pong within {ANSWER_SECONDS:.0f} s"
                return
            self.pings.milliseconds.append(seconds * 1000)
            await asyncio.sleep(pause)

    async def _keep_alive(self, websocket: ClientConnection) -> None:
        """Our own pings of the venue's protocol, as the feed has them."""
        with contextlib.suppress(ConnectionClosed):
            while self._feed.ping_seconds > 0:
                await asyncio.sleep(self._feed.ping_seconds)
                await websocket.send(self._feed.ping())

    async def _listen(self, websocket: ClientConnection) -> None:
        """Take frames until the connection ends: unread ones would hold up the pongs, too."""
        async with asyncio.TaskGroup() as asking:
            try:
                while True:
                    data = await websocket.recv(decode=False)
                    received_ns = self._wall()
                    if self._aged.is_set():
                        continue
                    events = self._decoded(partial(self._decoder.decode, data))
                    self._age(events, received_ns)
                    for wish in events:
                        if isinstance(wish, Fetch):
                            asking.create_task(self._ask(wish))
            except ConnectionClosed as error:
                self._end(causes.of_close(error, LARGEST_FRAME))
                self._has_book.set()
                self._aged.set()

    async def _ask(self, wish: Fetch) -> None:
        """What the decoder wants to know of REST: some books are built on it."""
        await asyncio.sleep(wish.delay_seconds)
        if self._rest_origin is None:
            status, body = 0, NOT_ASKED
        else:
            reply = await rest.fetch(self._rest_origin, wish.path, rest.LARGEST_BOOK)
            status, body = (reply.status, reply.body) if reply else (0, "it did not answer")
        # What waited for the reply is as old as the reply made it: it has no age of its own.
        for event in self._decoded(partial(self._decoder.reply, wish.path, status, body)):
            if isinstance(event, Fetch):
                await self._ask(event)
            elif isinstance(event, BookSnapshot):
                self._has_book.set()

    def _decoded(self, decode: Callable[[], Sequence[Decoded]]) -> Sequence[Decoded]:
        try:
            return decode()
        except FeedError as error:
            self.ages.why = str(error)
            self._has_book.set()
            self._aged.set()
            return ()

    def _age(self, events: Sequence[Decoded], received_ns: int) -> None:
        """Of a frame that changes the book; a connection's first is as old as its last change."""
        changes = [it for it in events if isinstance(it, BookSnapshot | BookDelta)]
        stamps = [it.ts_event for it in changes if it.ts_event is not None]
        if stamps and self._has_book.is_set():
            self.ages.milliseconds.append((received_ns - max(stamps)) / NS_PER_MS)
            if len(self.ages.milliseconds) == self._times:
                self._aged.set()
        if changes:
            self._has_book.set()
