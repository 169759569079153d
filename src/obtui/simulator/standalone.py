"""The exchange as a process of its own: `obtui simulate`, and the child behind `obtui demo`.

Prints where it listens, and runs until it is told to stop. It knows no screen.
"""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack, suppress

from obtui.simulator.server import HOST, Exchange


def run(
    port: int,
    seed: int,
    speed: float,
    *,
    markets: Iterable[tuple[str, str]] = (),
    until_stdin_closes: bool = False,
) -> int:
    """Run the exchange until a signal; returns the exit code of the process.

    Port 0 takes any. `markets`, protocol and symbol in the venue's spelling, begin at once instead
    of when first asked for. With `until_stdin_closes` it ends with its parent, whatever that died
    of, and leaves SIGINT to it.
    """
    return asyncio.run(
        _run(Exchange(seed=seed, port=port, speed=speed), markets, until_stdin_closes)
    )


async def _run(
    exchange: Exchange, markets: Iterable[tuple[str, str]], until_stdin_closes: bool
) -> int:
    loop = asyncio.get_running_loop()
    stopped: asyncio.Future[int] = loop.create_future()

    def stop(code: int) -> None:
        if not stopped.done():
            stopped.set_result(code)

    signals = {signal.SIGTERM} if until_stdin_closes else {signal.SIGTERM, signal.SIGINT}
    for number in signals:
        loop.add_signal_handler(number, stop, 128 + number)
    async with AsyncExitStack() as stack:
        asked = exchange.port
        try:
            await stack.enter_async_context(exchange)
        except OSError as error:
            print(f"obtui: {_refusal(error, asked)}", file=sys.stderr)
            return 1
        print(exchange.url, flush=True)
        if until_stdin_closes:
            # A thread, because a loop cannot watch every kind of file that a stdin may be.
            watching = threading.Thread(target=_wait_for_end, args=(loop, stop), daemon=True)
            watching.start()
        for protocol, symbol in markets:
            exchange.listing(protocol, symbol)
        running = asyncio.create_task(exchange.run())
        either: set[asyncio.Future[int] | asyncio.Task[None]] = {stopped, running}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        running.cancel()
    return stopped.result()


def _refusal(error: OSError, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} on {HOST} is in use; choose another with --port, or 0 for any"
    return f"cannot listen on port {port} of {HOST}: {os.strerror(error.errno or 0)}"


def _wait_for_end(loop: asyncio.AbstractEventLoop, stop: Callable[[int], None]) -> None:
    while os.read(0, 4096):
        pass
    with suppress(RuntimeError):  # the loop is closed: it has ended for another reason
        loop.call_soon_threadsafe(stop, 0)
