"""What the tests of `obtui record` share: a venue's changes and their lines, and ways to run it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from websockets.asyncio.server import ServerConnection

from obtui import cli, exits
from support import wire
from support.venue import Script, hold
from support.wait import eventually
from terminal_support import PATIENCE, PYTHON, environment

Result = subprocess.CompletedProcess[str]

BIDS = [("99.50", "1.0"), ("99.25", "0.50000000"), ("99", "3"), ("98.75", "1E-8")]

ASKS = [("100.50", "0.25"), ("101.00", "7")]

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def changes() -> Iterator[tuple[bytes, bytes]]:
    """A book, then changes of it: each frame, and its line without the time.

    The lines are made from the frames alone, by no code of the program.
    """
    bids, asks = dict(BIDS), dict(ASKS)
    yield wire.depth(100, BIDS, ASKS), line(bids, asks)
    for number in itertools.count():
        price, size = f"99.{40 + number % 7}", ["0.125", "2.50", "0"][number % 3]
        if size == "0":
            bids.pop(price, None)
        else:
            bids[price] = size
        frame = wire.depth(101 + number, [(price, size)], after=100 + number)
        yield frame, line(bids, asks)


def line(bids: dict[str, str], asks: dict[str, str]) -> bytes:
    """The best two levels a side, as a line says them up to its time."""

    def side(levels: dict[str, str], *, best_high: bool) -> str:
        prices = sorted(levels, key=float, reverse=best_high)[:2]
        return ", ".join(f"[{price}, {levels[price]}]" for price in prices)

    best = f'"bids": [{side(bids, best_high=True)}], "asks": [{side(asks, best_high=False)}]'
    return f'{{{best}, "ts": '.encode()


def command(*arguments: str) -> list[str]:
    return [*PYTHON, "record", *arguments]


def record(*arguments: str, folder: Path) -> Result:
    """The command in this process, without a terminal: what it says, and its exit code."""
    handlers = {number: signal.getsignal(number) for number in SIGNALS}
    overdue = threading.Timer(PATIENCE, os.kill, (os.getpid(), signal.SIGTERM))
    overdue.start()
    with (
        contextlib.chdir(folder),
        tempfile.TemporaryFile() as told,
        mock.patch.object(exits, "STDERR", told.fileno()),
    ):
        try:
            code = cli.main(["record", *arguments])
        finally:
            overdue.cancel()
            for number, handler in handlers.items():
                signal.signal(number, handler)
            for thread in threading.enumerate():
                if thread.name == "feed":
                    thread.join(PATIENCE)
                    assert not thread.is_alive()
        told.seek(0)
        return Result(arguments, code, "", told.read().decode())


def process(*words: str, folder: Path, stdout: int = subprocess.PIPE) -> Result:
    """A process of its own that ends by itself."""
    return subprocess.run(
        words,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        timeout=30,
        check=False,
        cwd=folder,
        env=environment(),
    )


@contextlib.contextmanager
def recorder(
    *arguments: str, folder: Path, ready: Path, stdout: int = subprocess.DEVNULL
) -> Iterator[subprocess.Popen[bytes]]:
    """A recorder that has written something."""
    with subprocess.Popen(
        command(*arguments),
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=environment(),
    ) as process:
        try:
            eventually(lambda: ready.exists() and ready.stat().st_size > 0, "a line", 20)
            yield process
        finally:
            process.kill()


def steady(seconds: float = 0.02) -> Script:
    """A book, then one change after the other until the client leaves."""

    async def script(connection: ServerConnection, nth: int) -> None:
        for frame, _ in changes():
            await connection.send(frame, text=True)
            await asyncio.sleep(seconds)

    return script


async def hold_only(connection: ServerConnection, nth: int) -> None:
    await hold(connection)


def only_line(result: Result) -> str:
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1, result.stderr
    return result.stderr.rstrip("\n")
