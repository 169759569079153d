"""A scripted venue on a loopback port, and a feed running in a thread as the program runs it."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from obtui.live import LiveFeed

Script = Callable[[ServerConnection, int], Awaitable[None]]
"""What the venue does with a connection, and which one it is, from 1."""
Answer = Callable[[ServerConnection, Request], Response | None]


class LoopbackVenue:
    """A websocket server in a thread of its own that does what it is told, and notes what came."""

    def __init__(self, script: Script, answer: Answer | None = None) -> None:
        self._script = script
        self._answer = answer
        self._loop = asyncio.new_event_loop()
        self._server: Server | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, name="venue", daemon=True)
        self.port = 0
        self.paths: list[str] = []
        """Path and query of each handshake."""
        self.messages: list[str] = []
        """What clients sent, acks and pings among it."""
        self.connections = 0
        self.failures: list[BaseException] = []

    @property
    def url(self) -> str:
        """Scheme, host and port."""
        return f"ws://127.0.0.1:{self.port}"

    def __enter__(self) -> LoopbackVenue:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(5)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()
        assert not self.failures, self.failures

    async def _start(self) -> None:
        self._server = await serve(
            self._connected,
            "127.0.0.1",
            0,
            process_request=self._request,
            compression=None,
            ping_interval=None,
            close_timeout=0.5,
        )
        self.port = next(iter(self._server.sockets)).getsockname()[1]

    async def _stop(self) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others)

    def _request(self, connection: ServerConnection, request: Request) -> Response | None:
        self.paths.append(request.path)
        return None if self._answer is None else self._answer(connection, request)

    async def _connected(self, connection: ServerConnection) -> None:
        self.connections += 1
        nth = self.connections
        subscribed = asyncio.Event()
        reading = asyncio.create_task(self._read(connection, subscribed))
        try:
            assert connection.request is not None
            if not connection.request.path.startswith("/v1/"):  # there the path subscribes
                waiting = {
                    asyncio.ensure_future(subscribed.wait()),
                    asyncio.ensure_future(connection.wait_closed()),
                }
                await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                for waiter in waiting:
                    waiter.cancel()
            with contextlib.suppress(ConnectionClosed):
                await self._script(connection, nth)
        except Exception as error:  # noqa: BLE001 - told at the end, where a test sees it
            self.failures.append(error)
        finally:
            reading.cancel()

    async def _read(self, connection: ServerConnection, subscribed: asyncio.Event) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for message in connection:
                assert isinstance(message, str)
                self.messages.append(message)
                subscribed.set()
                if '"ping"' in message:
                    await connection.send('{"id":"ping","status":200}')


async def send_all(connection: ServerConnection, frames: Iterable[str | bytes]) -> None:
    """Send text frames in order."""
    for frame in frames:
        await connection.send(frame, text=True)


async def hold(connection: ServerConnection) -> None:
    """Keep the connection until the client ends it."""
    await connection.wait_closed()


def plays(frames: Iterable[str | bytes]) -> Script:
    """Send these on every connection, then keep it open."""
    kept = list(frames)

    async def script(connection: ServerConnection, nth: int) -> None:
        await send_all(connection, kept)
        await hold(connection)

    return script


@contextlib.contextmanager
def running(live: LiveFeed) -> Iterator[Future[None]]:
    """Run the feed in a thread; on leaving it is stopped, and what it raised is raised here."""
    with ThreadPoolExecutor(1, thread_name_prefix="feed") as threads:
        run = threads.submit(live.run)
        try:
            yield run
        finally:
            live.stop()
            run.result(5)
