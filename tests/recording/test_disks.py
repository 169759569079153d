"""Disks as they are: slow to sync, slow to write, full."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from recording_doubles import (
    ORIGIN,
    PATIENCE,
    LineWriter,
    WatchedDisk,
    fail_after,
    feed,
    put_all,
    session,
    until,
)

from obtui.frame import Drop, Frame, FrameKind
from obtui.recording.capture import CaptureRecorder
from obtui.recording.files import Disk, RecordFile
from support import wire
from support.capture_files import captured, readable
from support.frames import connect, text

BOOK = text(wire.depth(1, [("99", "1")], [("101", "2")]), 0.1)


def change(number: int) -> Frame:
    return text(wire.depth(1 + number, [("98", str(number))], after=number), number / 1000)


class SlowSync(WatchedDisk):
    """A disk that does not come back from a sync before it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = threading.Event()
        self.let_go = threading.Event()

    def fsync(self, fd: int) -> None:
        self.reached.set()
        assert self.let_go.wait(PATIENCE)
        super().fsync(fd)


def test_lines_are_written_while_a_sync_hangs(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    disk = SlowSync()
    writer = LineWriter.open(str(path), disk=disk, sync_seconds=0.0)
    put_all(writer, "before")
    assert disk.reached.wait(PATIENCE)

    waits = []
    for number in range(5):
        put = time.monotonic()
        put_all(writer, f"meanwhile {number}")
        disk.wait_for("write")
        waits.append(time.monotonic() - put)
    unsynced = writer.status().last_fsync
    disk.let_go.set()
    status = writer.close(PATIENCE)

    assert max(waits) < 0.25, "they are with the OS as fast as ever"
    assert unsynced is None
    assert status.failed is None
    assert status.last_fsync is not None
    assert path.read_text().count("\n") == 6
    assert list(disk.did.queue).count("fsync") <= 3, "syncs do not pile up behind one that hangs"


def test_a_sync_that_fails_while_it_is_closed_is_heard(tmp_path: Path) -> None:
    class FailsOnce(SlowSync):
        failed = False

        def fsync(self, fd: int) -> None:
            super().fsync(fd)
            if not self.failed:
                self.failed = True
                raise OSError(errno.EIO, os.strerror(errno.EIO))

    disk = FailsOnce()
    writer = LineWriter.open(str(tmp_path / "a"), disk=disk, sync_seconds=0.0)
    put_all(writer, "a")
    assert disk.reached.wait(PATIENCE)

    put_all(writer, "b")
    writer.begin_close()
    disk.let_go.set()
    status = writer.close(PATIENCE)

    assert status.failed == f"cannot write: Input/output error ({tmp_path / 'a'})"


def test_what_was_written_during_a_sync_is_synced_by_the_next(tmp_path: Path) -> None:
    disk = SlowSync()
    writer = LineWriter.open(str(tmp_path / "a"), disk=disk, sync_seconds=0.0)
    put_all(writer, "before")
    assert disk.reached.wait(PATIENCE)
    put_all(writer, "meanwhile")
    disk.wait_for("write")

    disk.let_go.set()

    assert disk.wait_for("fsync")
    assert disk.wait_for("fsync"), "though nothing more was put"
    writer.close()


def test_a_close_waits_for_a_sync_only_as_long_as_it_may(tmp_path: Path) -> None:
    disk = SlowSync()
    writer = LineWriter.open(str(tmp_path / "a"), disk=disk, sync_seconds=0.0)
    put_all(writer, "a")
    assert disk.reached.wait(PATIENCE)

    began = time.monotonic()
    status = writer.close(0.1)
    took = time.monotonic() - began
    for thread in threading.enumerate():
        if thread.name == "recorder":
            thread.join(PATIENCE)
            assert not thread.is_alive(), "nor does its own thread, which unlocks the file"
    disk.let_go.set()

    assert took < 1.0
    assert status.failed == f"not all was taken within 0.1 s ({tmp_path / 'a'})"


def test_the_room_on_the_disk_is_asked_beside_and_once_a_second(tmp_path: Path) -> None:
    asked: list[str] = []

    class Roomy(WatchedDisk):
        def free(self, fd: int) -> int:
            asked.append(threading.current_thread().name)
            return 5_000

    disk = Roomy()
    now = [100.0]
    writer = LineWriter.open(
        str(tmp_path / "a"), disk=disk, clock=lambda: now[0], sync_seconds=0.25
    )
    for _ in range(9):
        now[0] += 0.25
        put_all(writer, "x")
        disk.wait_for("fsync")
    until(lambda: writer.status().free_bytes == 5_000)
    writer.close()

    assert asked == ["recorder-sync"] * 3


class SlowDisk(Disk):
    """A disk that takes a while for each write."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def write(self, fd: int, data: memoryview) -> int:
        time.sleep(self.seconds)  # this is what the disk is; nothing is waited for by it
        return super().write(fd, data[:4096])


def test_a_slow_disk_holds_up_nobody_and_each_missing_frame_is_told(tmp_path: Path) -> None:
    path = tmp_path / "wire.jsonl"
    recorder = CaptureRecorder(str(path), ORIGIN, limit_bytes=60_000, disk=SlowDisk(0.005))
    told = session()
    frames = [connect(), BOOK, *map(change, range(1, 6_000))]

    longest = 0.0
    for frame in frames:
        before = time.thread_time()
        recorder.on_frame(frame, told)
        longest = max(longest, time.thread_time() - before)
        told.receive(frame)
        if frame.monotonic_ns % 10_000_000 == 0:
            time.sleep(0.0005)  # so that the disk gets to take some
    dropped = recorder.dropped
    status = recorder.close(30)

    got = captured(path)
    drops = [msgspec.json.decode(f.data, type=Drop) for f in got if f.kind is FrameKind.DROP]
    kept = [frame for frame in got if frame.kind in (FrameKind.TEXT, FrameKind.CONNECT)]
    assert longest < 0.02, "the feed's own time for one frame"
    assert dropped > 0
    assert sum(drop.count for drop in drops) == dropped == status.dropped
    assert len(kept) + dropped == len(frames)
    at = 0
    for frame in got[1:-1]:  # each gap is as long as is said, and where it is said
        if frame.kind is FrameKind.DROP:
            at += msgspec.json.decode(frame.data, type=Drop).count
        elif frame.kind is not FrameKind.HEADER:
            assert frame == frames[at]
            at += 1
    assert at == len(frames)


@contextlib.contextmanager
def tmpfs(folder: Path, size: int) -> Iterator[Path]:
    """A real file system of `size` bytes; skips where we may not mount one."""
    folder.mkdir()
    libc = ctypes.CDLL(None, use_errno=True)
    options = f"size={size}".encode()
    if libc.mount(b"tmpfs", os.fsencode(folder), b"tmpfs", 0, options) != 0:
        pytest.skip(f"cannot mount a small tmpfs here: {os.strerror(ctypes.get_errno())}")
    try:
        yield folder
    finally:
        libc.umount2(os.fsencode(folder), 2)


@pytest.mark.parametrize("name", ["wire.jsonl", "wire.jsonl.zst"])
def test_a_file_system_that_is_really_full(tmp_path: Path, name: str) -> None:
    with tmpfs(tmp_path / "small", 256 * 1024) as folder:
        ballast = folder / "ballast"
        ballast.write_bytes(bytes(100 * 1024))
        path = folder / name
        recorder = CaptureRecorder(str(path), ORIGIN)
        told = session()
        feed(recorder, [connect(), BOOK], told)
        number = 0
        while recorder.status().open and number < 200_000:
            number += 1
            feed(recorder, [change(number)], told)
            if number % 500 == 0:
                until(lambda: recorder.status().waiting < 500)
        failed = recorder.status()
        whole = readable(path)

        assert failed.failed == f"disk full: {os.strerror(errno.ENOSPC)} ({path})"
        assert whole.endswith(b"\n")
        assert whole.count(b"\n") == failed.items_written

        ballast.unlink()
        recorder.close()  # What is lost is counted when the thread has ended.
        missing = recorder.missing()
        again = CaptureRecorder(str(path), ORIGIN, missed=lambda: missing)
        feed(again, [change(number + 1)], told)
        ended = again.close()

        assert ended.failed is None
        got = captured(path)
        assert missing is not None
        drop = next(frame for frame in got if frame.kind is FrameKind.DROP)
        assert msgspec.json.decode(drop.data, type=Drop) == missing
        texts = sum(frame.kind is FrameKind.TEXT for frame in got)
        assert texts + missing.count == number + 2, "each is there or counted"


def test_what_a_failure_loses_is_counted_before_its_file_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_go = threading.Event()
    close = RecordFile.close

    def hanging(file: RecordFile) -> None:
        let_go.wait(PATIENCE)
        close(file)

    monkeypatch.setattr(RecordFile, "close", hanging)
    disk = WatchedDisk()
    disk.fail_write = fail_after(0, errno.ENOSPC)
    writer = LineWriter.open(str(tmp_path / "a.jsonl"), disk=disk)

    put_all(writer, "a", "b")
    until(lambda: writer.status().failed is not None)
    at_once = writer.status()
    let_go.set()
    at_last = writer.close()

    assert (at_once.lost, at_once.waiting) == (at_last.lost, at_last.waiting) == (2, 0)
