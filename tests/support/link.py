"""A long thin link between a program in a pseudo-terminal and the terminal that shows it.

It buffers without bound, as ssh and TCP do; what comes out of it is shown by an emulator, which
answers where its cursor is, after the way back.
"""

from __future__ import annotations

import os
import re
import select
import time
from collections import deque
from collections.abc import Callable

import pyte

QUERY = b"\x1b[6n"
REPLY = b"\x1b[9;9R"
PIECE = 256
"""Bytes that travel together."""
TIME = re.compile(r"\+ +59991\.0+ +(\d+(?:\.\d+)?) ")


class Link:
    """`rate` in bytes a second, `one_way` in seconds."""

    def __init__(self, handle: int, size: tuple[int, int], rate: float, one_way: float) -> None:
        self._handle = handle
        self._rate = rate
        self._one_way = one_way
        self._free = time.monotonic()
        self._down: deque[tuple[float, bytes]] = deque()
        self._up: deque[tuple[float, bytes]] = deque()
        self.screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self.screen)
        self._tail = b""
        self.stalled = False
        """Whether nothing is taken out of it, as of a suspended client."""
        self.received = 0
        """Bytes that came out of it."""
        self.frames: list[float] = []
        """When a status query came out: a frame was whole then."""
        self.waiting = 0.0
        """The most that ever waited in it, in seconds of its rate."""

    @property
    def text(self) -> str:
        """What stands on the screen."""
        return "\n".join(self.screen.display)

    @property
    def shown_ms(self) -> int | None:
        """The time that stands on the screen: see `timekeeper`."""
        found = TIME.search(self.text)
        return round((float(found[1]) - 1) * 1000) if found else None

    def type(self, keys: str) -> None:
        """Type at the far end."""
        self._up.append((time.monotonic() + self._one_way, keys.encode()))

    def run(self, seconds: float, until: Callable[[], bool] = lambda: False) -> bool:
        """Let it work for so long, or until something is so; whether it is."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._work()
            if until():
                return True
        return until()

    def _work(self) -> None:
        if select.select([self._handle], [], [], 0.002)[0]:
            data = os.read(self._handle, 1 << 16)
            now = time.monotonic()
            for start in range(0, len(data), PIECE):
                piece = data[start : start + PIECE]
                self._free = max(self._free, now) + len(piece) / self._rate
                self._down.append((self._free + self._one_way, piece))
            self.waiting = max(self.waiting, self._free - now)
        now = time.monotonic()
        while self._up and self._up[0][0] <= now:
            os.write(self._handle, self._up.popleft()[1])
        while self._down and self._down[0][0] <= now and not self.stalled:
            self._show(self._down.popleft()[1])

    def _show(self, piece: bytes) -> None:
        self.received += len(piece)
        self._stream.feed(piece)
        seen = self._tail + piece
        for _ in range(seen.count(QUERY)):
            now = time.monotonic()
            self.frames.append(now)
            self._up.append((now + self._one_way, REPLY))
        self._tail = seen[-3:] if not seen.endswith(QUERY) else b""
