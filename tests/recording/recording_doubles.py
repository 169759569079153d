"""What the tests of recordings share: lines to put, and disks that tell, fail or hang."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Sequence

from obtui.feeds.gemini import GeminiFeed
from obtui.frame import Frame
from obtui.recording.capture import CaptureRecorder, Origin
from obtui.recording.files import Disk
from obtui.recording.sinks import open_sink
from obtui.recording.writer import LIMIT_BYTES, Turn, Writer
from obtui.session import Session

ORIGIN = Origin("gemini", "BTCUSD", lambda: "wss://venue")

PATIENCE = 5.0
"""Seconds that a test waits for what must happen, before it fails."""


class Line:
    """A line of text, weighing what it is long."""

    def __init__(self, text: str) -> None:
        self.text = text

    @property
    def weight(self) -> int:
        return len(self.encode())

    def encode(self) -> bytes:
        return self.text.encode() + b"\n"


class Unwritable(Line):
    """A line whose encoding has a defect."""

    @property
    def weight(self) -> int:
        return 1

    def encode(self) -> bytes:
        raise ZeroDivisionError


class LineWriter(Writer[Line]):
    """A writer of lines."""

    @classmethod
    def open(
        cls,
        path: str,
        *,
        at_end: Callable[[Line | None], Sequence[Line]] = lambda _: (),
        limit_bytes: int = LIMIT_BYTES,
        disk: Disk | None = None,
        clock: Callable[[], float] = time.monotonic,
        sync_seconds: float = 1.0,
        stdout: int = 1,
        overwrite: bool = False,
    ) -> LineWriter:
        disk = disk or Disk()

        def told(last: Line | Turn[Line] | None) -> Sequence[Line]:
            assert not isinstance(last, Turn)
            return at_end(last)

        return cls(
            open_sink(path, disk=disk, stdout=stdout, overwrite=overwrite),
            lambda line: line.encode(),
            limit_bytes=limit_bytes,
            at_end=told,
            disk=disk,
            clock=clock,
            sync_seconds=sync_seconds,
        )

    def put(self, line: Line) -> bool:
        return self.backlog.put(line, line.weight)

    def put_over(self, line: Line) -> bool:
        return self.backlog.put_over(line, line.weight)


class WatchedDisk(Disk):
    """A real disk that tells what it did, and can be told to fail."""

    def __init__(self) -> None:
        self.did: queue.Queue[str] = queue.Queue()
        self.fail_write: Callable[[memoryview], int] | None = None
        self.fail_sync: OSError | None = None

    def write(self, fd: int, data: memoryview) -> int:
        if self.fail_write is not None:
            data = data[: self.fail_write(data)]
        count = super().write(fd, data)
        self.did.put("write")
        return count

    def fsync(self, fd: int) -> None:
        if self.fail_sync is not None:
            raise self.fail_sync
        super().fsync(fd)
        self.did.put("fsync")

    def wait_for(self, what: str) -> list[str]:
        """What was done up to and with the next `what`."""
        done: list[str] = []
        while not done or done[-1] != what:
            done.append(self.did.get(timeout=PATIENCE))
        return done


class HeldDisk(WatchedDisk):
    """A disk that hangs in its first write until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = threading.Event()
        self.let_go = threading.Event()

    def write(self, fd: int, data: memoryview) -> int:
        self.reached.set()
        self.let_go.wait(PATIENCE)
        return super().write(fd, data)


def fail_after(total: int, number: int) -> Callable[[memoryview], int]:
    """A disk with room for `total` bytes, then the error `number`."""
    room = [total]

    def write(data: memoryview) -> int:
        if not room[0]:
            raise OSError(number, os.strerror(number))
        count = min(room[0], len(data))
        room[0] -= count
        return count

    return write


def put_all(writer: LineWriter, *texts: str) -> None:
    for text in texts:
        assert writer.put(Line(text))


def run_python(
    code: str, *args: str, stdout: int = subprocess.PIPE, stderr: int = subprocess.PIPE
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(code), *args],
        stdout=stdout,
        stderr=stderr,
        text=True,
        timeout=30,
        check=False,
    )


def until(condition: Callable[[], bool]) -> None:
    """Wait for what another thread brings about."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        os.sched_yield()


def session() -> Session:
    """One that has seen nothing yet."""
    return Session(GeminiFeed("BTCUSD"))


def feed(recorder: CaptureRecorder, frames: Sequence[Frame], seen: Session | None = None) -> None:
    """As a market does: told of each frame first, then it is applied."""
    told = seen or session()
    for frame in frames:
        recorder.on_frame(frame, told)
        told.receive(frame)
