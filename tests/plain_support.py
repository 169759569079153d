"""Reading what `--plain` writes, in this process."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import threading
from collections.abc import Iterator

import pytest

from obtui.commands import plain_command

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Reader(threading.Thread):
    """Takes what comes."""

    def __init__(self, reading: int) -> None:
        super().__init__(name="reader", daemon=True)
        self._reading = reading
        self._heard = b""

    def run(self) -> None:
        while data := os.read(self._reading, 1 << 16):
            self._heard += data

    @property
    def lines(self) -> list[str]:
        """Whole ones."""
        return self._heard.decode().split("\n")[:-1]


@contextlib.contextmanager
def standard_output() -> Iterator[Reader]:
    """In place of standard output; at the end all has been read, and handlers are as before."""
    reading, writing = os.pipe()
    reader = Reader(reading)
    reader.start()
    with writes_to(writing):
        try:
            yield reader
        finally:
            os.close(writing)
            reader.join(10)
            os.close(reading)


@contextlib.contextmanager
def writes_to(writing: int) -> Iterator[None]:
    """With this as standard output."""
    handlers = {number: signal.getsignal(number) for number in SIGNALS}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plain_command, "STDOUT", writing)
        try:
            yield
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)


@contextlib.contextmanager
def unread() -> Iterator[tuple[int, int]]:
    """Both ends of a pipe that takes no more."""
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    os.set_blocking(writing, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writing, b"x" * 4096)
    os.set_blocking(writing, True)
    # Whoever is stuck in it is let out, to fail.
    rescue = threading.Timer(10, os.close, (reading,))
    rescue.start()
    try:
        with writes_to(writing):
            yield reading, writing
    finally:
        rescue.cancel()
        for end in (reading, writing):
            with contextlib.suppress(OSError):
                os.close(end)
