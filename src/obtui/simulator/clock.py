"""The time that the exchange lives by, so that a test can make an hour pass in a second."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """Where the exchange asks for the time, and where it waits."""

    def time_ns(self) -> int:
        """Wall clock, ns since the epoch."""
        ...

    def monotonic(self) -> float:
        """Seconds from some moment on; never goes back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class SystemClock:
    """The machine's own time."""

    def time_ns(self) -> int:
        """Wall clock, ns since the epoch."""
        return time.time_ns()

    def monotonic(self) -> float:
        """Seconds from some moment on; never goes back."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)
