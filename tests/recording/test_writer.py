"""The recorder thread: whole lines, within a moment, and never in the feed's way."""

from __future__ import annotations

import errno
import queue
import threading
import time
from pathlib import Path

import pytest
from recording_doubles import (
    PATIENCE,
    HeldDisk,
    Line,
    LineWriter,
    Unwritable,
    WatchedDisk,
    fail_after,
    put_all,
    until,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "book.jsonl"


# What is written, and when


def test_lines_are_written_in_order_and_counted(path: Path) -> None:
    writer = LineWriter.open(str(path))

    put_all(writer, "one", "zwei ü", "three")
    status = writer.close()

    assert path.read_text() == "one\nzwei ü\nthree\n"
    assert status.items_written == 3
    assert status.bytes_written == path.stat().st_size
    assert (status.open, status.failed, status.dropped, status.lost, status.waiting) == (
        False,
        None,
        0,
        0,
        0,
    )


def test_a_line_reaches_the_os_without_another_or_a_close(path: Path) -> None:
    disk = WatchedDisk()
    writer = LineWriter.open(str(path), disk=disk)

    put_all(writer, "alone")
    disk.wait_for("write")

    assert path.read_text() == "alone\n"
    assert writer.status().open
    writer.close()


def test_a_high_rate_is_written_in_few_writes(path: Path) -> None:
    disk = WatchedDisk()
    writer = LineWriter.open(str(path), disk=disk)
    pace = threading.Event()

    start = time.monotonic()
    for _ in range(50):
        put_all(writer, "x")
        pace.wait(0.002)
    writer.close()
    seconds = time.monotonic() - start

    assert path.stat().st_size == 50 * 2
    assert disk.did.qsize() <= 3 + seconds / 0.05


def test_partial_writes_are_continued(path: Path) -> None:
    disk = WatchedDisk()
    disk.fail_write = lambda data: min(len(data), 3)
    writer = LineWriter.open(str(path), disk=disk)

    put_all(writer, "0123456789", "abcdefghij")
    status = writer.close()

    assert path.read_text() == "0123456789\nabcdefghij\n"
    assert status.items_written == 2


def test_it_syncs_at_most_each_second_and_at_the_close(path: Path) -> None:
    disk = WatchedDisk()
    now = [100.0]
    writer = LineWriter.open(str(path), disk=disk, clock=lambda: now[0], sync_seconds=1.0)

    put_all(writer, "a")
    first = disk.wait_for("write")
    now[0] = 100.9
    put_all(writer, "b")
    second = disk.wait_for("write")
    unsynced = writer.status().last_fsync
    now[0] = 101.0
    put_all(writer, "c")
    third = disk.wait_for("fsync")
    now[0] = 101.5
    put_all(writer, "d")
    status = writer.close()

    assert first == second == ["write"]
    assert unsynced is None
    assert third == ["write", "fsync"]
    assert disk.wait_for("fsync") == ["write", "fsync"]
    assert status.last_fsync == 101.5


def test_the_last_line_before_a_silence_is_synced_too(path: Path) -> None:
    disk = WatchedDisk()
    writer = LineWriter.open(str(path), disk=disk, sync_seconds=0.15)

    put_all(writer, "then nothing comes")
    done = disk.wait_for("fsync")

    assert done == ["write", "fsync"]
    writer.close()
    assert disk.did.empty(), "what is synced is not synced again"


def test_at_end_is_told_the_last_line_and_may_add_one(path: Path) -> None:
    told: list[str | None] = []

    def at_end(last: Line | None) -> list[Line]:
        told.append(last.text if last is not None else None)
        return [Line("end")]

    writer = LineWriter.open(str(path), at_end=at_end)
    put_all(writer, "a", "b")
    status = writer.close()

    assert told == ["b"]
    assert path.read_text() == "a\nb\nend\n"
    assert (status.items_written, status.lost) == (3, 0)


# The bound


def test_what_is_over_the_bound_is_refused_and_counted(path: Path) -> None:
    disk = HeldDisk()
    writer = LineWriter.open(str(path), limit_bytes=100, disk=disk)
    line = Line("x" * 9)

    put_all(writer, line.text)
    assert disk.reached.wait(PATIENCE)
    taken = [writer.put(line) for _ in range(15)]
    before = writer.status()
    mark = writer.put_over(Line("gap"))
    disk.let_go.set()
    status = writer.close()

    assert taken == [True] * 9 + [False] * 6
    assert mark
    assert (before.dropped, before.waiting) == (6, 10)
    assert path.read_text() == "xxxxxxxxx\n" * 10 + "gap\n"
    assert (status.dropped, status.lost, status.items_written) == (6, 0, 11)


def test_after_an_overflow_it_takes_more_only_when_half_is_free(path: Path) -> None:
    disk = HeldDisk()
    disk.fail_write = lambda data: min(len(data), 10)
    writer = LineWriter.open(str(path), limit_bytes=100, disk=disk)
    line = Line("x" * 39)
    small = Line("s")

    put_all(writer, line.text)
    assert disk.reached.wait(PATIENCE)
    put_all(writer, line.text)
    over = writer.put(line)
    while_full = writer.put(small)
    disk.let_go.set()
    for _ in range(8):
        disk.wait_for("write")
    until(lambda: not writer.status().waiting)
    when_free = writer.put(small)
    writer.close()

    assert (over, while_full, when_free) == (False, False, True)


def test_a_line_heavier_than_the_bound_fits_into_an_empty_queue(path: Path) -> None:
    writer = LineWriter.open(str(path), limit_bytes=10)

    put_all(writer, "x" * 1000)
    writer.close()

    assert path.stat().st_size == 1001


# Failing


@pytest.mark.parametrize("room", range(31))
def test_a_full_disk_leaves_whole_lines_only(path: Path, room: int) -> None:
    path.write_bytes(b"before\n")
    disk = WatchedDisk()
    disk.fail_write = fail_after(room, errno.ENOSPC)
    writer = LineWriter.open(str(path), disk=disk, at_end=lambda _: [Line("end")])

    put_all(writer, "0123456789", "abcdefghi", "0123456789")
    status = writer.close()

    whole = [0, 11, 21][sum(room >= end for end in (11, 21))]
    assert path.read_bytes() == b"before\n" + b"0123456789\nabcdefghi\n"[:whole]
    assert status.failed == f"disk full: No space left on device ({path})"
    assert status.bytes_written == whole
    assert status.items_written + status.lost == 3
    assert not status.broken_pipe


def test_a_failure_stays_and_what_is_put_later_is_dropped(path: Path) -> None:
    disk = WatchedDisk()
    disk.fail_write = fail_after(0, errno.EIO)
    writer = LineWriter.open(str(path), disk=disk)

    put_all(writer, "a")
    until(lambda: not writer.status().open)
    disk.fail_write = None
    taken = [writer.put(Line("b")), writer.put(Line("c")), writer.put_over(Line("d"))]
    status = writer.close()

    assert taken == [False, False, False]
    assert status.failed == f"cannot write: Input/output error ({path})"
    assert (status.dropped, status.lost, status.items_written) == (2, 1, 0)
    assert not path.exists(), "nothing was written into the file that we made"


def test_a_failed_sync_ends_the_recording_and_frees_the_file(path: Path) -> None:
    disk = WatchedDisk()
    disk.fail_sync = OSError(errno.EIO, "Input/output error")
    writer = LineWriter.open(str(path), disk=disk, sync_seconds=0.0)

    put_all(writer, "a")
    until(lambda: not writer.status().open)
    failed = writer.close()
    again = LineWriter.open(str(path)).close()

    assert failed.failed == f"cannot write: Input/output error ({path})"
    assert again.failed is None
    assert path.read_text() == "a\n"


def test_another_programs_lines_are_not_cut_off(path: Path) -> None:
    disk = WatchedDisk()

    def torn(data: memoryview) -> int:
        if path.stat().st_size:
            with path.open("ab") as other:
                other.write(b"theirs\n")
            raise OSError(errno.ENOSPC, "No space left on device")
        return 3

    disk.fail_write = torn
    writer = LineWriter.open(str(path), disk=disk)
    put_all(writer, "ours is long")
    writer.close()

    assert path.read_bytes() == b"ourtheirs\n"


def test_a_defect_in_encoding_is_told_and_close_does_not_wait(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: queue.Queue[type[BaseException]] = queue.Queue()
    monkeypatch.setattr(threading, "excepthook", lambda args: shown.put(args.exc_type))
    writer = LineWriter.open(str(path))

    writer.put(Line("a"))
    writer.put(Unwritable("b"))
    status = writer.close(timeout=PATIENCE)

    assert shown.get(timeout=PATIENCE) is ZeroDivisionError
    assert status.failed == "the recorder ended by a defect of its own"
    assert status.lost == 2
