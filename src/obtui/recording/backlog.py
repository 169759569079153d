"""What waits to be written: a queue bounded in bytes, and the bell that wakes its one reader.

Whoever puts waits for nobody: beyond the bound an item is refused and counted. `put`, `put_over`
and `refuse` are for any thread, also for a signal handler that interrupts one of them at any
point; `wait`, `pause`, `pop` and `free` are the reader's. Two locks, of which only the first is
ever waited for by those who put: puts are counted under a re-entrant lock, whose holders wait for
nothing, and the *bell* is a latch that only the reader waits for, and ringing it is a release. The
queue is a deque, whose ends are safe to use from any thread. `threading.Event` would not do: it
takes a plain lock, which the interrupted thread may hold.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Backlog(Generic[Item]):
    """Items with their weights, the bytes that each counts for against the bound (> 0)."""

    def __init__(self, limit_bytes: int) -> None:
        """An item always fits into an empty queue."""
        self._limit = limit_bytes
        # Of those who put, under `_puts`.
        self._puts = threading.RLock()
        self._room = limit_bytes
        self._put_weight = 0
        self.accepted = 0
        """Items taken so far."""
        self.dropped = 0
        """Items refused by `put` so far."""
        self._queue: deque[tuple[Item, int]] = deque()
        # Of the reader; others only read.
        self._free_weight = 0
        self._idle = False  # Cleared by whoever wakes it, so that one does.
        # Only ever set, never taken back.
        self.refusing = False
        """Whether all is refused from now on."""
        self._bell = threading.Lock()
        self._bell.acquire()

    def __bool__(self) -> bool:
        return bool(self._queue)

    def put(
        self,
        item: Item,
        weight: int,
        preface: Callable[[], Sequence[tuple[Item, int]]] | None = None,
    ) -> bool:
        """Take `item`; False if it is refused, which is counted.

        If it is taken, what `preface` gives then is put before it, past the bound. Once something
        was refused for want of room, all is, until half of the bound is free: so an overload costs
        one gap, not one between any two lines.
        """
        with self._puts:
            backlog = self._put_weight - self._free_weight
            if self.refusing or (backlog and backlog + weight > self._room):
                self.dropped += 1
                self._room = self._limit // 2
                return False
            self._room = self._limit
            if preface is not None:
                for before in preface():
                    self._append(*before)
            self._put_weight += weight
            self.accepted += 1
            self._queue.append((item, weight))
        if self._idle:
            self._wake()
        return True

    def put_over(self, item: Item, weight: int) -> bool:
        """As `put`, but past the bound, and not counted when refused.

        For the small line that somebody asks for, or that says what is missing: at most a few for
        each accepted `put`.
        """
        with self._puts:
            if self.refusing:
                return False
            self._append(item, weight)
        self._wake()
        return True

    def refuse(self) -> None:
        """Take nothing more."""
        self.refusing = True

    def ring(self) -> None:
        """Wake the reader, or keep it from its next wait."""
        # Releasing what is released says that it rings already.
        with contextlib.suppress(RuntimeError):
            self._bell.release()

    def wait(self, seconds: float, linger: float, is_urgent: Callable[[], bool]) -> None:
        """Return when something waits, `ring` was called, or `seconds` are over (< 0: never).

        The first item waits `linger` seconds for company, unless it is urgent.
        """
        self._idle = True
        # Looked at after `_idle` is set, and set after an append: one of the two sees the other.
        if not self._queue and not is_urgent():
            self._bell.acquire(timeout=seconds if seconds >= 0 else -1)
        self._idle = False
        if self._queue and not is_urgent():
            self._bell.acquire(timeout=linger)

    def pause(self) -> None:
        """Return when `ring` was called."""
        self._bell.acquire()

    def pop(self) -> tuple[Item, int]:
        """The next item and its weight, which counts until it is freed; there must be one."""
        return self._queue.popleft()

    def free(self, weight: int) -> None:
        """So much of what was popped is written."""
        self._free_weight += weight

    def clear(self) -> None:
        """Forget what waits."""
        self._queue.clear()

    def _append(self, item: Item, weight: int) -> None:
        self._put_weight += weight
        self.accepted += 1
        self._queue.append((item, weight))

    def _wake(self) -> None:
        """Wake the reader if it waits for a first item; otherwise it comes by soon anyway."""
        if self._idle:
            self._idle = False
            self.ring()
