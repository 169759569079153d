"""A venue in a process of its own, so that it takes little from who is measured: a module beside
this one serves it, run as `python -m support.MODULE RATE`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from websockets.asyncio.server import ServerConnection, serve

TESTS = Path(__file__).resolve().parents[1]


@contextmanager
def served(module: str, rate: int) -> Iterator[str]:
    """The URL of the venue of a module, which sends so many messages a second."""
    command = [sys.executable, "-m", module, str(rate)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=TESTS) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().decode().strip()
        finally:
            server.kill()


async def serve_until_killed(handler: Callable[[ServerConnection], Awaitable[None]]) -> None:
    """What such a module runs: it prints its URL, and hands each client to `handler`."""
    async with serve(handler, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
        port = server.sockets[0].getsockname()[1]
        print(f"ws://127.0.0.1:{port}", flush=True)
        await server.serve_forever()
