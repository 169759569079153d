"""The simulated exchange: a real websocket and HTTP server on loopback.

It owns the sockets and the passing of time, and nothing else: what is sent is the feeds' to
say, who asked for what the sessions'. It serves this machine only, and knows no account, no
order entry and no TLS.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from obtui.simulator import gemini_rest
from obtui.simulator.clock import Clock, SystemClock
from obtui.simulator.faults import Faults, FaultScript
from obtui.simulator.feed import Ids, MarketFeed, Stream, V1Client
from obtui.simulator.flow import OrderFlow
from obtui.simulator.markets import MARKETS, MarketParameters
from obtui.simulator.outbox import GOODBYE_SECONDS, Outbox
from obtui.simulator.queues import QueueSide
from obtui.simulator.session import ClientSession

HOST = "127.0.0.1"
STEP_SECONDS = 0.02
"""How often the flow is brought up to now: trades and v1 frames wait no longer than this."""
BATCH_SECONDS = {Stream.DEPTH_100MS: 0.1, Stream.DEPTH: 1.0}
HEARTBEAT_SECONDS = 5.0
OUTBOX_BYTES = 8 << 20
"""What may wait for one client: some forty whole books."""
LARGEST_REQUEST = 64 << 10

# A viewer that probes, hangs up or asks nonsense is not this program's trouble to report.
_logger = logging.getLogger("obtui.simulator")
_logger.addHandler(logging.NullHandler())
_logger.propagate = False


class Exchange:
    """The exchange, running while its context is open."""

    def __init__(
        self,
        *,
        seed: int,
        port: int = 0,
        speed: float = 1.0,
        faults: Faults | None = None,
        clock: Clock | None = None,
        outbox_bytes: int = OUTBOX_BYTES,
    ) -> None:
        self._seed = seed
        self._port = port
        self._speed = speed
        self._faults = faults
        self._clock = clock or SystemClock()
        self._outbox_bytes = outbox_bytes
        self._ids = Ids(seed)
        self._feeds: dict[str, MarketFeed] = {}
        self._accepted = 0
        self._server: Server | None = None
        self._pump: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._server = await serve(
            self._serve,
            HOST,
            self._port,
            process_request=self._process_request,
            compression=None,
            server_header=None,
            max_size=LARGEST_REQUEST,
            ping_interval=20,
            close_timeout=GOODBYE_SECONDS,
            logger=_logger,
        )
        self._port = next(iter(self._server.sockets)).getsockname()[1]
        self._pump = asyncio.create_task(self._pass_time())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._server is not None
        assert self._pump is not None
        self._pump.cancel()
        connections = set(self._server.connections)
        self._server.close()
        try:
            async with asyncio.timeout(GOODBYE_SECONDS):
                await self._server.wait_closed()
        except TimeoutError:
            # Those who do not read cannot say goodbye either.
            for connection in connections:
                connection.transport.abort()
            await self._server.wait_closed()
        await asyncio.wait([self._pump])
        if not self._pump.cancelled() and (failure := self._pump.exception()) is not None:
            raise failure

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._port

    @property
    def url(self) -> str:
        """Where a websocket finds it, without a path."""
        return f"ws://{HOST}:{self._port}"

    @property
    def rest_url(self) -> str:
        """Where a plain GET finds it, without a path."""
        return f"http://{HOST}:{self._port}"

    def feed(self, market: MarketParameters) -> MarketFeed:
        """The market's feed; it begins when somebody first asks for it."""
        feed = self._feeds.get(market.symbol)
        if feed is None:
            seed = self._seed + list(MARKETS).index(market.symbol)
            feed = MarketFeed(OrderFlow(market, seed, self._speed), self._ids, self._clock)
            self._feeds[market.symbol] = feed
        return feed

    async def run(self) -> None:
        """Wait until it stops by itself: a bug, which leaving its context raises."""
        assert self._pump is not None
        await asyncio.wait([self._pump])

    async def _pass_time(self) -> None:
        clock = self._clock
        last = clock.monotonic()
        due = {stream: last + seconds for stream, seconds in BATCH_SECONDS.items()}
        while True:
            await clock.sleep(STEP_SECONDS)
            now = clock.monotonic()
            feeds = list(self._feeds.values())
            for feed in feeds:
                feed.step(now - last)
            last = now
            for stream, seconds in BATCH_SECONDS.items():
                if now >= due[stream]:
                    for feed in feeds:
                        feed.flush(stream)
                    # On the grid while that is possible; a late batch is not made up for.
                    due[stream] = max(due[stream] + seconds, now)

    # Connections

    def _process_request(self, connection: ServerConnection, request: Request) -> Response | None:
        path, query = _split(request.path)
        if request.headers.get("Upgrade", "").lower() != "websocket":
            reply = gemini_rest.respond(path, query, self._books)
        else:
            refusal = _refusal(path, query)
            if refusal is None:
                return None
            reply = refusal
        response = connection.respond(reply.status, reply.body.decode())
        del response.headers["Content-Type"]
        response.headers["Content-Type"] = "application/json"
        return response

    def _books(self, market: MarketParameters) -> tuple[QueueSide, QueueSide]:
        flow = self.feed(market).flow
        return flow.bids, flow.asks

    async def _serve(self, connection: ServerConnection) -> None:
        self._accepted += 1
        script = None
        if self._faults is not None and self._accepted <= self._faults.connections:
            if self._faults.accept_then_close:
                return
            script = FaultScript(self._faults)
        assert connection.request is not None
        path, query = _split(connection.request.path)
        outbox = Outbox(connection, self._outbox_bytes, script)
        try:
            if path == "/":
                await self._serve_current(connection, outbox, int(query.get("snapshot", "0")))
            else:
                await self._serve_v1(connection, outbox, path, query)
        finally:
            await outbox.close()

    async def _serve_current(
        self, connection: ServerConnection, outbox: Outbox, snapshot: int
    ) -> None:
        session = ClientSession(outbox, self.feed, self._clock, snapshot)
        try:
            async for message in connection:
                session.receive(message)
        except ConnectionClosed:
            pass  # how a client leaves is its own affair
        finally:
            session.close()

    async def _serve_v1(
        self, connection: ServerConnection, outbox: Outbox, path: str, query: Mapping[str, str]
    ) -> None:
        feed = self.feed(MARKETS[path.rpartition("/")[2].upper()])
        bids, offers, trades = (query.get(name) != "false" for name in ("bids", "offers", "trades"))
        client = V1Client(outbox, bids=bids, offers=offers, trades=trades)
        feed.join(client)
        beating = None
        if query.get("heartbeat") == "true":
            beating = asyncio.create_task(self._beat(client))
        try:
            async for _ in connection:
                pass  # v1 takes no requests
        except ConnectionClosed:
            pass
        finally:
            feed.leave(client)
            if beating is not None:
                beating.cancel()

    async def _beat(self, client: V1Client) -> None:
        while True:
            await self._clock.sleep(HEARTBEAT_SECONDS)
            client.heartbeat()


def _split(target: str) -> tuple[str, dict[str, str]]:
    parts = urlsplit(target)
    return parts.path or "/", dict(parse_qsl(parts.query))


def _refusal(path: str, query: Mapping[str, str]) -> gemini_rest.HttpReply | None:
    """What a websocket is refused with before it opens; None lets it in."""
    if path == "/":
        text = query.get("snapshot", "0")
        if text == "-1" or (text.isascii() and text.isdigit() and len(text) <= 9):
            return None
        return gemini_rest.bad_request(f"Supplied value '{text}' is not a valid snapshot")
    match path.split("/"):
        case ["", "v1", "marketdata", name]:
            if name.upper() not in MARKETS:
                return gemini_rest.invalid_symbol(name)
            if query.get("top_of_book") == "true":
                return gemini_rest.bad_request("top_of_book is not simulated")
            return None
    return gemini_rest.HttpReply(404, b'{"result":"error","reason":"EndpointNotFound"}')
