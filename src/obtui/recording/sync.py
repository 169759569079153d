"""Seeing what was written to the disk, in a thread of its own.

On a slow disk an fsync takes seconds, which the lines that come meanwhile must not wait for: they
go on to the OS. It knows descriptors and the disk, not what is written.
"""

from __future__ import annotations

import contextlib
import os
import queue
import threading
from collections.abc import Callable
from typing import NamedTuple

from obtui.recording.files import Disk, RecordFile

FREE_SECONDS = 1.0
"""How often at most the disk is asked for the room that is left."""


class _Wanted(NamedTuple):
    fd: int
    asked: float


class DiskSync:
    """The thread, which is started at the first use; all methods are the recorder thread's."""

    def __init__(self, disk: Disk, clock: Callable[[], float], ring: Callable[[], None]) -> None:
        """`clock` is monotonic, in seconds; `ring` is called when something was done or failed."""
        self._disk = disk
        self._clock = clock
        self._ring = ring
        self._wanted: queue.SimpleQueue[_Wanted | None] = queue.SimpleQueue()
        self._started = False
        self._asked = 0
        # Of the thread; others only read.
        self._done = 0
        self.synced: float | None = None
        """All that was written before this time, by `clock`, is on the disk; None: nothing yet."""
        self.free: int | None = None
        """Bytes left where the file is, within a second or two; None where that is not known."""
        self._free_at = -FREE_SECONDS
        self.error: OSError | None = None
        """Why a sync failed; once there is one, it stays."""

    @property
    def busy(self) -> bool:
        """Whether what was asked for is still being done."""
        return self._done != self._asked

    def ask(self, file: RecordFile) -> None:
        """Have all that was written to `file` put on the disk; it may be closed meanwhile.

        Raises OSError where there is no descriptor left to do it with.
        """
        if not file.regular:
            return
        wanted = _Wanted(file.duplicate(), self._clock())
        self._asked += 1
        if not self._started:
            self._started = True
            # A daemon: a hung disk must not keep the program from ending.
            threading.Thread(target=self._run, name="recorder-sync", daemon=True).start()
        self._wanted.put(wanted)

    def finish(
        self, file: RecordFile | None, give_up: Callable[[], bool], wait: Callable[[], None]
    ) -> None:
        """Wait for what was asked for; and sync `file`, if there is one, here.

        For the end. `wait` returns when `ring` was called, or what `give_up` says has changed.
        Raises OSError, also what an earlier sync ran into: a fault of the disk is told to one of
        two syncs, and both must be heard.
        """
        while self.busy and not give_up():
            wait()
        if file is not None and file.regular:
            asked = self._clock()
            file.sync()
            self.synced = asked
        if self.error is not None:
            raise self.error

    def end(self) -> None:
        """Let the thread end, after what it was asked for."""
        if self._started:
            self._wanted.put(None)

    def _run(self) -> None:
        while (wanted := self._wanted.get()) is not None:
            try:
                self._disk.fsync(wanted.fd)
                self.synced = wanted.asked
                self._ask_free(wanted.fd)
            except OSError as error:
                self.error = error
            finally:
                os.close(wanted.fd)
                self._done += 1
            self._ring()

    def _ask_free(self, fd: int) -> None:
        now = self._clock()
        if now - self._free_at >= FREE_SECONDS:
            self._free_at = now
            # A file system that cannot say is no reason to stop recording.
            with contextlib.suppress(OSError):
                self.free = self._disk.free(fd)
