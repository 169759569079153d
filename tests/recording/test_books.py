"""Recordings of books: a line a message, and where a line says that there is no book."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from book_support import NOW_NS, UNTRUSTED_NOW, book
from recording_doubles import until

from obtui.recording.books import BookRecorder, encode_untrusted_line
from obtui.recording.files import Disk, RecordingError

BOOK = book("1:1", "2:2")


def line(ms: int) -> str:
    return f'{{"bids": [[1, 1]], "asks": [[2, 2]], "ts": {ms}}}\n'


def untrusted(ms: int) -> str:
    return encode_untrusted_line(ms * 1_000_000).decode()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "book.jsonl"


@pytest.fixture
def record(path: Path) -> Callable[..., BookRecorder]:
    def open_recorder(depth: int = 10, limit: int | None = None) -> BookRecorder:
        return BookRecorder.open(str(path), depth, limit, lambda: NOW_NS)

    return open_recorder


def test_a_recording_has_a_line_a_message_and_ends_with_no_book(
    path: Path, record: Callable[..., BookRecorder]
) -> None:
    recorder = record()

    recorder.on_book(BOOK, 5_999_999)
    recorder.on_book(BOOK, 6_000_000)
    status = recorder.close()

    assert path.read_text() == line(5) + line(6) + UNTRUSTED_NOW
    assert recorder.lines == 2
    assert (status.items_written, status.dropped, status.failed) == (3, 0, None)
    assert status == recorder.status()


def test_a_line_holds_the_book_as_it_was_and_depth_levels_a_side(
    path: Path, record: Callable[..., BookRecorder]
) -> None:
    moving = book("1:1 2:1 3:1", "4:1 5:1 6:1")
    recorder = record(depth=2)

    recorder.on_book(moving, 0)
    moving.bids.apply([(Decimal(3), Decimal(0))])
    moving.asks.apply([(Decimal(4), Decimal(9))])
    recorder.on_book(moving, 0)
    moving.asks.apply([(Decimal(5), Decimal(0))])
    recorder.on_book(moving, 0)
    recorder.close()

    lines = [json.loads(text) for text in path.read_text().splitlines()[:3]]
    assert [it["bids"] for it in lines] == [[[3, 1], [2, 1]], *[[[2, 1], [1, 1]]] * 2]
    assert [it["asks"] for it in lines] == [
        [[4, 1], [5, 1]],
        [[4, 9], [5, 1]],
        [[4, 9], [6, 1]],
    ]


def test_a_loss_of_trust_is_told_once(path: Path, record: Callable[..., BookRecorder]) -> None:
    recorder = record()

    recorder.on_untrusted(1_000_000)
    recorder.on_book(BOOK, 2_000_000)
    recorder.on_untrusted(3_000_000)
    recorder.on_untrusted(4_000_000)
    recorder.on_book(BOOK, 5_000_000)
    recorder.on_untrusted(6_000_000)
    recorder.close()

    assert path.read_text() == line(2) + untrusted(3) + line(5) + untrusted(6)
    assert recorder.lines == 2


def test_nothing_recorded_leaves_no_file(path: Path, record: Callable[..., BookRecorder]) -> None:
    recorder = record()

    recorder.on_untrusted(1)
    recorder.close()

    assert not path.exists()


def test_appending_begins_with_no_book(path: Path, record: Callable[..., BookRecorder]) -> None:
    path.write_text(line(1) + '{"bids": [[1')

    again = record()
    again.on_untrusted(2_000_000)
    again.on_book(BOOK, 3_000_000)
    again.close()
    record().close()

    assert path.read_text() == (
        line(1) + '{"bids": [[1\n' + UNTRUSTED_NOW + line(3) + UNTRUSTED_NOW + UNTRUSTED_NOW
    )


def test_a_trusted_empty_book_needs_no_second_empty_line(
    path: Path, record: Callable[..., BookRecorder]
) -> None:
    recorder = record()

    recorder.on_book(book(), 1_000_000)
    recorder.on_untrusted(2_000_000)
    recorder.close()

    assert path.read_text() == untrusted(1)
    assert recorder.lines == 1


def test_at_most_limit_book_lines_are_written(
    path: Path, record: Callable[..., BookRecorder]
) -> None:
    recorder = record(limit=2)

    done = []
    for ms in range(4):
        recorder.on_book(BOOK, ms * 1_000_000)
        done.append(recorder.done.is_set())
    recorder.close()

    assert done == [False, True, True, True]
    assert recorder.lines == 2
    assert path.read_text() == line(0) + line(1) + UNTRUSTED_NOW


def test_numbers_out_of_range_and_a_missing_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="depth must be at least 1, not 0"):
        BookRecorder.open(str(tmp_path / "a"), depth=0)
    with pytest.raises(ValueError, match="limit must be at least 1, not 0"):
        BookRecorder.open(str(tmp_path / "a"), limit=0)
    with pytest.raises(RecordingError, match="does not exist"):
        BookRecorder.open(str(tmp_path / "no" / "a"))

    assert list(tmp_path.iterdir()) == []


class HeldDisk(Disk):
    """A disk that hangs in each write until it is let go."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.let_go = threading.Event()

    def write(self, fd: int, data: memoryview) -> int:
        self.reached.set()
        assert self.let_go.wait(5)
        return super().write(fd, data)


def test_where_lines_are_dropped_there_is_no_book(path: Path) -> None:
    disk = HeldDisk()
    recorder = BookRecorder.open(str(path), now_ns=lambda: NOW_NS, limit_bytes=2000, disk=disk)

    recorder.on_book(BOOK, 0)
    assert disk.reached.wait(5)
    for ms in range(1, 9):
        recorder.on_book(BOOK, ms * 1_000_000)
    full = recorder.status()
    disk.let_go.set()
    until(lambda: not recorder.status().waiting)
    recorder.on_book(BOOK, 9_000_000)
    status = recorder.close()

    # 2000 bytes have room for three lines of 656.
    assert path.read_text() == line(0) + line(1) + line(2) + untrusted(3) + line(9) + UNTRUSTED_NOW
    assert full.dropped == status.dropped == 6
    assert recorder.lines == 4


def test_what_comes_after_a_close_does_not_follow_the_last_line(
    path: Path, record: Callable[..., BookRecorder]
) -> None:
    recorder = record()

    recorder.on_book(BOOK, 0)
    recorder.close()
    recorder.on_book(BOOK, 1)
    recorder.on_untrusted(2)
    status = recorder.close()

    assert path.read_text() == line(0) + UNTRUSTED_NOW
    assert status.dropped == 1


def test_a_close_while_another_thread_records_ends_with_no_book(tmp_path: Path) -> None:
    for n in range(20):
        path = tmp_path / str(n)
        recorder = BookRecorder.open(str(path), now_ns=lambda: NOW_NS)
        started = threading.Event()
        stop = threading.Event()

        def feed(
            recorder: BookRecorder = recorder,
            started: threading.Event = started,
            stop: threading.Event = stop,
        ) -> None:
            while not stop.is_set():
                recorder.on_book(BOOK, 0)
                started.set()

        feeding = threading.Thread(target=feed)
        feeding.start()
        assert started.wait(5)
        status = recorder.close(5)
        stop.set()
        feeding.join()

        text = path.read_text()
        assert text == line(0) * (status.items_written - 1) + UNTRUSTED_NOW
