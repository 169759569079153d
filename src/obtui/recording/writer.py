"""The recorder thread: takes what is put, and has it in the file within a moment.

It knows nothing of what it writes: an item has a weight and becomes bytes when its turn comes. Who
puts is never held up by the disk: the queue is bounded in bytes, and beyond the bound an item is
refused and counted, which the caller tells in the recording in its own terms (`put_over`).

Why nothing here can deadlock with a signal handler that calls `close` wherever the main thread
happens to be: `close` and `status` take no lock that anybody holds while doing work (`backlog`
tells of its own two). The *gate* is a lock used as a latch: it is released once, when the thread
has ended; who waits for it sets a time limit, and looks first whether it is needed. `Thread.join`
would not do: it takes plain locks.
"""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from obtui.recording.backlog import Backlog
from obtui.recording.files import Disk, RecordingError
from obtui.recording.sinks import Sink
from obtui.recording.status import WriterStatus, why_it_failed
from obtui.recording.sync import DiskSync

LIMIT_BYTES = 64 * 2**20
"""How much may wait for the disk."""

_LINGER_SECONDS = 0.05  # The first item waits for company: this bounds the wakes at a high rate.
_SYNC_SECONDS = 0.9  # With the linger, within each second.
_CHUNK_BYTES = 64 * 1024  # Encoded before it is written.

Item = TypeVar("Item")
"""What can be written: immutable, because it is encoded later, in another thread."""


class Turn(Generic[Item]):
    """In the queue: what comes after it goes into another file, of which `first` is the first."""

    __slots__ = ("first", "open_next")

    def __init__(self, open_next: Callable[[], Sink], first: Item) -> None:
        self.open_next = open_next
        self.first = first


def _nothing_more(_last: object) -> Sequence[object]:
    return ()


class Writer(Generic[Item]):
    """One recording being written; made by `open`."""

    def __init__(
        self,
        sink: Sink,
        encode: Callable[[Item], bytes],
        *,
        limit_bytes: int = LIMIT_BYTES,
        at_end: Callable[[Item | None], Sequence[Item]] = _nothing_more,  # type: ignore[assignment]
        grown: Callable[[int, int], None] | None = None,
        disk: Disk | None = None,
        clock: Callable[[], float] = time.monotonic,
        sync_seconds: float = _SYNC_SECONDS,
    ) -> None:
        """Start the thread. `sink` becomes its own; `encode` makes an item a whole line.

        `at_end` is asked at a close, in the recorder thread, for items to end with; it is told the
        last item that was written, or None. `grown` is told there, after each write, how many
        bytes the file has and how often it was turned to another. `limit_bytes` bounds what waits;
        an item always fits into an empty queue. `clock` is monotonic, in seconds.
        """
        self._sink = sink
        self._encode = encode
        self._limit = limit_bytes
        self._at_end = at_end
        self._grown = grown
        self._clock = clock
        self._sync_seconds = sync_seconds

        self.backlog: Backlog[Item | Turn[Item]] = Backlog(limit_bytes)
        """What waits: `put` and `put_over` are how items come in."""

        # Of the recorder thread; others only read.
        self._written = self._end_items = 0
        self._bytes_before = 0  # In files that were turned from.
        self._turns = 0
        self._last: Item | None = None
        self._dirty = False
        self._ticked_at = clock()
        self._ended = False

        # Only ever set, never taken back.
        self._closing = False
        self._abandoned = False
        self._failed: str | None = None
        self._broken_pipe = False

        self._gate = threading.Lock()
        self._gate.acquire()
        self._sync = DiskSync(disk or Disk(), clock, self.backlog.ring)
        # A daemon: a hung disk must not keep the program from ending.
        threading.Thread(target=self._run, name="recorder", daemon=True).start()

    @property
    def appended(self) -> bool:
        """Whether the file had content before."""
        return self._sink.file.appended

    def status(self) -> WriterStatus:
        """How it stands; from any thread."""
        # From the failure on, and not only once the file is closed: nothing more will be written.
        over = self._ended or self._abandoned or self._failed is not None
        # In this order: what is written meanwhile counts as not yet, never as more than taken.
        unwritten = -self._written + self.backlog.accepted + self._end_items
        file, sync = self._sink.file, self._sync
        return WriterStatus(
            path=file.path,
            open=not self.backlog.refusing,
            bytes_written=self._bytes_before + file.written,
            items_written=self._written,
            waiting=0 if over else unwritten,
            dropped=self.backlog.dropped,
            lost=max(unwritten, 0) if over else 0,
            failed=self._failed,
            broken_pipe=self._broken_pipe,
            last_fsync=sync.synced,
            free_bytes=sync.free,
            device=file.device,
        )

    def begin_close(self) -> None:
        """Refuse what comes, and have the thread write what waits and end. Waits for nothing."""
        self.backlog.refuse()
        self._closing = True
        self.backlog.ring()

    def close(self, timeout: float = 1.0) -> WriterStatus:
        """Write what waits, sync, unlock and close, in at most `timeout` seconds (>= 0).

        What is not written by then is `lost`. Idempotent; from any thread, also from a signal
        handler that interrupts this class at any point.
        """
        self.begin_close()
        if not self._ended and self._gate.acquire(timeout=max(timeout, 0.0)):
            self._gate.release()
        if not self._ended and not self._abandoned:
            self._abandoned = True
            if self._failed is None:
                self._failed = f"not all was taken within {timeout:.2g} s ({self._sink.file.name})"
            self.backlog.ring()
        return self.status()

    def _gives_up(self) -> bool:
        return self._abandoned

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
                self._tick()
            reason = ""
        except OSError as error:
            self._broken_pipe = error.errno == errno.EPIPE
            reason = why_it_failed(error, self._sink.file.name)
        except RecordingError as error:
            reason = str(error)  # the next file could not be opened; the one before it is whole
        finally:
            # Also when an item cannot be encoded: then the thread's own hook shows the defect.
            if reason and self._failed is None:
                self._failed = reason
            self.backlog.refuse()
            self._sink.file.close()
            self._sync.end()
            self.backlog.clear()
            self._ended = True
            self._gate.release()

    def _wait(self) -> None:
        """Return when something waits to be written or synced, or at a close."""
        due = self._ticked_at + self._sync_seconds - self._clock()
        self.backlog.wait(
            max(due, 0.0) if self._dirty else -1, _LINGER_SECONDS, lambda: self._closing
        )

    def _write_waiting(self) -> None:
        """Write all that waits, a chunk at a time."""
        backlog, encode = self.backlog, self._encode
        while backlog and not self._abandoned:
            items: list[Item] = []
            lines: list[bytes] = []
            weights: list[int] = []
            size = 0
            turn: Turn[Item] | None = None
            while backlog and size < _CHUNK_BYTES:
                item, weight = backlog.pop()
                weights.append(weight)
                if isinstance(item, Turn):
                    turn = item
                    break
                line = encode(item)
                items.append(item)
                lines.append(line)
                size += len(line)
            if lines:
                self._write(items, lines, weights)
            if turn is not None:
                self._turn(turn, weights[-1])
            self._tick()

    def _write(self, items: list[Item], lines: list[bytes], weights: list[int]) -> None:
        """Write `lines`; count those that are whole, also when it fails."""
        sink = self._sink
        before = sink.lines
        try:
            sink.write(lines, self._gives_up)
        finally:
            count = sink.lines - before
            if count:
                self._dirty = True
                self._written += count
                self.backlog.free(sum(weights[:count]))
                self._last = items[count - 1]
        if self._grown is not None:
            self._grown(sink.file.size + sink.file.written, self._turns)

    def _turn(self, turn: Turn[Item], weight: int) -> None:
        """Go on in the next file, and see the present one to the disk, whole, beside that."""
        done = self._sink
        done.round_off(self._gives_up)
        self._sink = turn.open_next()
        self._turns += 1
        self._bytes_before += done.file.written
        try:
            self._sync.ask(done.file)
        finally:
            done.file.close()
        self._write([turn.first], [self._encode(turn.first)], [weight])

    def _tick(self) -> None:
        """Each second: end what can be ended, and have it put on the disk, if there is anything."""
        if self._sync.error is not None:
            raise self._sync.error
        if self._clock() - self._ticked_at < self._sync_seconds:
            return
        self._ticked_at = self._clock()
        if self._dirty:
            self._sink.round_off(self._gives_up)
            # While an earlier sync is still at it, the next one is due for all of this.
            if not self._sync.busy:
                self._dirty = False
                self._sync.ask(self._sink.file)

    def _write_end(self) -> None:
        """Write the items that the recording ends with, and see all to the disk."""
        items = [] if self._abandoned else list(self._at_end(self._last))
        if items:
            # Not under `_puts`: whoever waits for this close may have been interrupted holding it.
            self._end_items = len(items)
            self._write(items, [self._encode(item) for item in items], [0] * len(items))
        self._sink.round_off(self._gives_up)
        dirty = self._sink.file if self._dirty else None
        self._sync.finish(dirty, self._gives_up, self.backlog.pause)
