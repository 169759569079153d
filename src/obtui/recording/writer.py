"""The recorder thread: takes what is put, and has it in the file within a moment.

It knows nothing of what it writes: an `Item` has a weight and becomes bytes when its turn comes.
Who puts is never held up by the disk: the queue is bounded in bytes, and beyond the bound an item
is refused and counted, which the caller marks in the recording in its own terms (`put_mark`).

Why nothing here can deadlock with a signal handler that calls `close` wherever the main thread
happens to be: `close` and `status` take no lock that anybody holds while doing work. Two locks are
used as latches instead. The *bell* is only ever waited for by the recorder thread, and ringing it
is a release. The *gate* is released once, when the thread has ended; who waits for it sets a time
limit, and looks first whether it is needed. Puts from several threads are counted under a
re-entrant lock, which `close` and `status` do not take. The queue is a deque, whose ends are safe
to use from any thread. `threading.Event` and `Thread.join` would not do: both take plain locks.
"""

from __future__ import annotations

import contextlib
import errno
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from obtui.recording.files import Disk, RecordFile
from obtui.recording.status import WriterStatus, why_it_failed

LIMIT_BYTES = 64 * 2**20
"""How much may wait for the disk."""

_LINGER_SECONDS = 0.05  # The first item waits for company: this bounds the wakes at a high rate.
_SYNC_SECONDS = 1.0
_CHUNK_BYTES = 64 * 1024  # Encoded before it is written.


class Item(Protocol):
    """What can be written: immutable, because it is encoded later, in another thread."""

    @property
    def weight(self) -> int:
        """Bytes that it counts for against the bound, > 0; the same each time."""

    def encode(self) -> bytes:
        """The whole line with its newline; called once, in the recorder thread."""


def _nothing_more(_last: Item | None) -> Item | None:
    return None


class Writer:
    """One recording being written; made by `open`."""

    def __init__(
        self,
        file: RecordFile,
        *,
        limit_bytes: int,
        at_end: Callable[[Item | None], Item | None],
        clock: Callable[[], float],
        sync_seconds: float,
    ) -> None:
        self._file = file
        self._limit = limit_bytes
        self._at_end = at_end
        self._clock = clock
        self._sync_seconds = sync_seconds

        # Of those who put, under `_puts`.
        self._puts = threading.RLock()
        self._room = limit_bytes
        self._put_weight = 0
        self._accepted = 0
        self._dropped = 0
        self._queue: deque[Item] = deque()

        # Of the recorder thread; others only read.
        self._taken_weight = self._written = self._end_items = 0
        self._last: Item | None = None
        self._dirty = False
        self._synced_at = clock()
        self._last_fsync: float | None = None
        self._idle = False  # Cleared by whoever wakes it, so that one does.
        self._ended = False

        # Only ever set, never taken back.
        self._closing = False
        self._refusing = False
        self._abandoned = False
        self._failed: str | None = None
        self._broken_pipe = False

        self._bell = threading.Lock()
        self._bell.acquire()
        self._gate = threading.Lock()
        self._gate.acquire()
        # A daemon: a hung disk must not keep the program from ending.
        threading.Thread(target=self._run, name="recorder", daemon=True).start()

    @classmethod
    def open(
        cls,
        path: str,
        *,
        limit_bytes: int = LIMIT_BYTES,
        at_end: Callable[[Item | None], Item | None] = _nothing_more,
        disk: Disk | None = None,
        clock: Callable[[], float] = time.monotonic,
        sync_seconds: float = _SYNC_SECONDS,
        stdout: int = 1,
    ) -> Writer:
        """Open `path` for appending (`-`: standard output) and start the thread.

        `at_end` is asked at a close, in the recorder thread, for an item to end with; it is told
        the last item that was written, or None. `limit_bytes` bounds what waits; an item always
        fits into an empty queue. `clock` is monotonic, in seconds. Raises RecordingError.
        """
        return cls(
            RecordFile.open(path, disk=disk or Disk(), stdout=stdout),
            limit_bytes=limit_bytes,
            at_end=at_end,
            clock=clock,
            sync_seconds=sync_seconds,
        )

    @property
    def appended(self) -> bool:
        """Whether the file had content before."""
        return self._file.appended

    def put(self, item: Item) -> bool:
        """Have `item` written; False if it is refused, which is counted. Waits for no disk.

        Once something was refused for want of room, all is, until half of the bound is free: so
        an overload costs one gap, not one between any two lines.
        """
        weight = item.weight
        with self._puts:
            backlog = self._put_weight - self._taken_weight
            if self._refusing or (backlog and backlog + weight > self._room):
                self._dropped += 1
                self._room = self._limit // 2
                return False
            self._room = self._limit
            self._put_weight += weight
            self._accepted += 1
            self._queue.append(item)
        self._wake()
        return True

    def put_mark(self, item: Item) -> bool:
        """As `put`, but past the bound, and not counted when refused.

        For the one small line that says what is missing, at most one for each accepted `put`.
        """
        with self._puts:
            if self._refusing:
                return False
            self._put_weight += item.weight
            self._accepted += 1
            self._queue.append(item)
        self._wake()
        return True

    def status(self) -> WriterStatus:
        """How it stands; from any thread."""
        over = self._ended or self._abandoned
        # In this order: what is written meanwhile counts as not yet, never as more than taken.
        unwritten = -self._written + self._accepted + self._end_items
        return WriterStatus(
            path=self._file.path,
            open=not self._refusing,
            bytes_written=self._file.written,
            items_written=self._written,
            waiting=0 if over else unwritten,
            dropped=self._dropped,
            lost=max(unwritten, 0) if over else 0,
            failed=self._failed,
            broken_pipe=self._broken_pipe,
            last_fsync=self._last_fsync,
        )

    def close(self, timeout: float = 1.0) -> WriterStatus:
        """Write what waits, sync, unlock and close, in at most `timeout` seconds (>= 0).

        What is not written by then is `lost`. Idempotent; from any thread, also from a signal
        handler that interrupts this class at any point.
        """
        self._refusing = True
        self._closing = True
        self._ring()
        if not self._ended and self._gate.acquire(timeout=max(timeout, 0.0)):
            self._gate.release()
        if not self._ended and not self._abandoned:
            self._abandoned = True
            if self._failed is None:
                self._failed = f"not all was taken within {timeout:g} s ({self._file.name})"
        return self.status()

    def _wake(self) -> None:
        """Wake the thread if it waits for a first item; otherwise it comes by soon anyway."""
        if self._idle:
            self._idle = False
            self._ring()

    def _ring(self) -> None:
        # Releasing what is released says that it rings already.
        with contextlib.suppress(RuntimeError):
            self._bell.release()

    def _run(self) -> None:
        reason = "the recorder ended by a defect of its own"
        try:
            while self._failed is None:
                self._wait()
                # Asked before the queue is emptied, so that all put before a close is written.
                closing = self._closing
                self._write_waiting()
                if closing:
                    self._write_end()
                    break
                if self._clock() - self._synced_at >= self._sync_seconds:
                    self._sync()
            reason = ""
        except OSError as error:
            self._broken_pipe = error.errno == errno.EPIPE
            reason = why_it_failed(error, self._file.name)
        finally:
            # Also when an item cannot be encoded: then the thread's own hook shows the defect.
            if reason and self._failed is None:
                self._failed = reason
            self._refusing = True
            self._file.close()
            self._queue.clear()
            self._ended = True
            self._gate.release()

    def _wait(self) -> None:
        """Return when something waits to be written or synced, or at a close."""
        self._idle = True
        # Looked at after `_idle` is set, and set after an append: one of the two sees the other.
        if not self._queue and not self._closing:
            due = self._synced_at + self._sync_seconds - self._clock()
            self._bell.acquire(timeout=max(due, 0.0) if self._dirty else -1)
        self._idle = False
        if self._queue and not self._closing:
            self._bell.acquire(timeout=_LINGER_SECONDS)

    def _write_waiting(self) -> None:
        """Write all that waits, a chunk at a time."""
        queue = self._queue
        while queue and not self._abandoned:
            items: list[Item] = []
            lines: list[bytes] = []
            size = 0
            while queue and size < _CHUNK_BYTES:
                item = queue.popleft()
                line = item.encode()
                items.append(item)
                lines.append(line)
                size += len(line)
            self._write(items, lines)

    def _write(self, items: list[Item], lines: list[bytes]) -> None:
        """Write `lines`, of which a torn one is cut off again; count those that are whole."""
        before = self._file.written
        try:
            self._file.write(b"".join(lines), lambda: self._abandoned)
        finally:
            done = self._file.written - before
            self._dirty = self._dirty or done > 0
            for item, line in zip(items, lines, strict=True):
                if done < len(line):
                    self._file.cut(done)
                    break
                done -= len(line)
                self._written += 1
                self._taken_weight += item.weight
                self._last = item

    def _write_end(self) -> None:
        """Write the item that the recording ends with, and see all to the disk."""
        item = None if self._abandoned else self._at_end(self._last)
        if item is not None:
            line = item.encode()
            # Not under `_puts`: whoever waits for this close may have been interrupted holding it.
            self._end_items = 1
            self._write([item], [line])
        self._sync()

    def _sync(self) -> None:
        """Sync if there is anything to."""
        self._synced_at = self._clock()
        if self._dirty:
            self._file.sync()
            self._dirty = False
            if self._file.regular:
                self._last_fsync = self._clock()
