"""The simulated exchange: a real websocket and HTTP server on loopback.

It owns the sockets and the passing of time, and nothing else: what is sent is the venues' to say.
It serves this machine only, and knows no venue, no account, no order entry and no TLS.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from obtui.simulator.arbitrage import trade_between
from obtui.simulator.clock import Clock, SystemClock
from obtui.simulator.faults import Faults, FaultScript, GetScript
from obtui.simulator.listing import Listing, Listings
from obtui.simulator.markets import LISTED, PROTOCOLS
from obtui.simulator.outbox import GOODBYE_SECONDS, Outbox
from obtui.simulator.protocols import VENUES
from obtui.simulator.protocols.base import NOT_FOUND, UNAVAILABLE, Client, HttpReply, Query, Venue

HOST = "127.0.0.1"
STEP_SECONDS = 0.02
"""How often the flows are brought up to now: what goes out at once waits no longer than this."""
OUTBOX_BYTES = 8 << 20
"""What may wait for one client: some ten whole books of the wordiest venue."""
LARGEST_REQUEST = 64 << 10
SEED_STRIDE = 1_000
"""Between the seeds of one venue's markets and of the next: none is the flow of another."""

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
        self._port = port
        self._faults = faults
        self._gets = GetScript(faults or Faults(), UNAVAILABLE)
        self._clock = clock or SystemClock()
        self._outbox_bytes = outbox_bytes
        self._venues = {
            name: kind(
                Listings(
                    LISTED[name],
                    kind.streams,
                    seed=seed + SEED_STRIDE * nth,
                    speed=speed,
                    clock=self._clock,
                )
            )
            for nth, (name, kind) in enumerate(VENUES.items())
        }
        self._clients: set[Client] = set()
        self._outboxes: set[Outbox] = set()
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

    def listing(self, protocol: str, symbol: str) -> Listing:
        """A market, which begins when somebody first asks for it.

        `protocol` is what `--venue` takes, `symbol` in the venue's spelling; raises `KeyError`.
        """
        listing = self._venues[PROTOCOLS[protocol]].listings.find(symbol)
        if listing is None:
            raise KeyError(symbol)
        return listing

    def strike(self, faults: Faults) -> None:
        """Let these faults strike all websockets that are open, counting frames from now on."""
        for outbox in self._outboxes:
            outbox.strike(FaultScript(faults))

    async def run(self) -> None:
        """Wait until it stops by itself: a bug, which leaving its context raises."""
        assert self._pump is not None
        await asyncio.wait([self._pump])

    async def _pass_time(self) -> None:
        clock = self._clock
        last = clock.monotonic()
        while True:
            await clock.sleep(STEP_SECONDS)
            now = clock.monotonic()
            listings = [it for venue in self._venues.values() for it in venue.listings.begun]
            for listing in listings:
                listing.advance(now - last)
            trade_between(listings)
            for listing in listings:
                listing.tell(now)
            for client in self._clients:
                client.pass_time(now)
            last = now

    # Connections

    def _process_request(self, connection: ServerConnection, request: Request) -> Response | None:
        path, query = _split(request.path)
        if request.headers.get("Upgrade", "").lower() != "websocket":
            reply = self._gets.answer(request.path, lambda: self._respond(path, query))
        else:
            owners = self._owners(path, query)
            refusals = [venue.refusal(path, query) for venue in owners]
            refusal = next((reply for reply in refusals if reply is not None), None)
            if owners and refusal is None:
                return None
            reply = refusal or NOT_FOUND
        response = connection.respond(reply.status, reply.body.decode())
        del response.headers["Content-Type"]
        response.headers["Content-Type"] = "application/json"
        return response

    def _respond(self, path: str, query: Query) -> HttpReply:
        replies = (venue.respond(path, query) for venue in self._venues.values())
        return next((reply for reply in replies if reply is not None), NOT_FOUND)

    def _owners(self, path: str, query: Query) -> Sequence[Venue]:
        return [venue for venue in self._venues.values() if venue.serves(path, query)]

    async def _serve(self, connection: ServerConnection) -> None:
        self._accepted += 1
        script = None
        if self._faults is not None and self._accepted <= self._faults.connections:
            if self._faults.accept_then_close:
                return
            script = FaultScript(self._faults)
        outbox = Outbox(connection, self._outbox_bytes, script)
        self._outboxes.add(outbox)
        try:
            await self._converse(connection, outbox)
        except ConnectionClosed:
            pass  # how a client leaves is its own affair
        finally:
            self._outboxes.discard(outbox)
            await outbox.close()

    async def _converse(self, connection: ServerConnection, outbox: Outbox) -> None:
        assert connection.request is not None
        path, query = _split(connection.request.path)
        owners = self._owners(path, query)
        first = None
        if len(owners) > 1:
            # Some venues have the same address: what the client says first tells them apart.
            first = await connection.recv()
        venue = next((one for one in owners if first is None or one.speaks(first)), owners[0])
        client = venue.connect(path, query, outbox)
        self._clients.add(client)
        try:
            if first is not None:
                client.receive(first)
            async for message in connection:
                client.receive(message)
        finally:
            self._clients.discard(client)
            client.close()


def _split(target: str) -> tuple[str, dict[str, str]]:
    parts = urlsplit(target)
    return parts.path or "/", dict(parse_qsl(parts.query))
