"""Captures: what a run begins and ends with, where its marks stand, and that it ends whole."""

from __future__ import annotations

import threading
from pathlib import Path

import msgspec
import pytest
from capture_support import BOOK, START, change, header_of
from recording_doubles import ORIGIN, PATIENCE, feed, session

from obtui.frame import End, FrameKind, Mark
from obtui.recording.capture import CaptureRecorder, Instant
from support.capture_files import captured, content, kinds
from support.frames import connect, disconnect


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "wire.jsonl"


def test_a_run_is_a_header_the_frames_and_an_end(path: Path) -> None:
    recorder = CaptureRecorder(str(path), ORIGIN, start=START)
    frames = [connect(), BOOK, change(1), disconnect(1.0)]

    feed(recorder, frames)
    recorder.begin_close(Instant(1_800_000_000_000_000_000, 9))
    status = recorder.close()

    got = captured(path)
    assert got[1:-1] == frames
    header = header_of(got[0])
    assert (header.venue, header.symbol, header.url) == ("gemini", "BTCUSD", "wss://venue")
    assert header.program.startswith("obtui ")
    assert (header.segment, header.checkpoint, header.instrument) == (0, None, None)
    assert (got[0].received_ns, got[0].monotonic_ns, got[0].connection) == (*START, 0)
    assert got[-1].kind is FrameKind.END
    assert msgspec.json.decode(got[-1].data, type=End) == End()
    assert (got[-1].received_ns, got[-1].monotonic_ns) == (1_800_000_000_000_000_000, 9)
    assert got[-1].connection == 1
    assert recorder.frames == 2, "of which the venue's messages are counted"
    assert (status.items_written, status.dropped, status.lost) == (6, 0, 0)


def test_in_the_middle_of_a_connection_the_header_holds_the_book(path: Path) -> None:
    told = session()
    for frame in (connect(), BOOK, change(1)):
        told.receive(frame)
    recorder = CaptureRecorder(str(path), ORIGIN)

    feed(recorder, [change(2), change(3)], told)
    recorder.close()

    alone = session()
    for frame in captured(path)[:-1]:
        alone.receive(frame)
    assert alone.trusted
    assert alone.book.bids.sizes == told.book.bids.sizes
    assert alone.checkpoint() == told.checkpoint()


def test_a_connection_that_begins_needs_no_book(path: Path) -> None:
    told = session()
    for frame in (connect(), BOOK, disconnect(1.0)):
        told.receive(frame)
    recorder = CaptureRecorder(str(path), ORIGIN)

    feed(recorder, [connect(2.0, 2)], told)
    recorder.close()

    assert header_of(captured(path)[0]).checkpoint is None


def test_what_never_began_leaves_nothing(path: Path) -> None:
    recorder = CaptureRecorder(str(path), ORIGIN)

    recorder.mark("too early")
    recorder.close()

    assert not path.exists()


def test_at_most_limit_messages_are_written_and_the_last_is_told(path: Path) -> None:
    told: list[int] = []
    recorder = CaptureRecorder(
        str(path), ORIGIN, limit=2, on_limit=lambda: told.append(recorder.frames)
    )

    feed(recorder, [connect(), BOOK])
    early = recorder.done.is_set()
    feed(recorder, [change(1), change(2), disconnect(2.0)])
    recorder.close()

    assert not early
    assert recorder.done.is_set()
    assert told == [2]
    assert kinds(captured(path)) == "header connect frame frame end"


def test_marks_stand_where_they_were_made(path: Path) -> None:
    recorder = CaptureRecorder(str(path), ORIGIN)

    recorder.mark("before all")
    feed(recorder, [connect(), BOOK])
    recorder.mark()
    recorder.mark("größe \x1b[31m", 1_700_000_000_123_456_789)
    feed(recorder, [change(1)])
    recorder.close()

    got = captured(path)
    lines = [frame for frame in got if frame.kind is FrameKind.MARK]
    moments = [msgspec.json.decode(frame.data, type=Mark).at_ns for frame in lines]
    assert moments == [*(frame.received_ns for frame in lines[:2]), 1_700_000_000_123_456_789]
    assert kinds(got) == "header mark connect frame mark mark frame end"
    notes = [msgspec.json.decode(f.data, type=Mark).note for f in got if f.kind is FrameKind.MARK]
    assert notes == ["before all", "", "größe \x1b[31m"]


def test_a_capture_from_another_thread_while_it_closes_is_whole(tmp_path: Path) -> None:
    for number in range(10):
        path = tmp_path / str(number)
        recorder = CaptureRecorder(str(path), ORIGIN)
        started, stop = threading.Event(), threading.Event()

        def run(
            recorder: CaptureRecorder = recorder,
            started: threading.Event = started,
            stop: threading.Event = stop,
        ) -> None:
            told = session()
            recorder.on_frame(connect(), told)
            while not stop.is_set():
                recorder.on_frame(BOOK, told)
                started.set()

        thread = threading.Thread(target=run)
        thread.start()
        assert started.wait(PATIENCE)
        recorder.mark()
        status = recorder.close(PATIENCE)
        stop.set()
        thread.join()

        got = captured(path)
        assert kinds([got[0], got[-1]]) == "header end"
        assert len(got) == status.items_written
        assert content(path).count(b'"k":"end"') == 1
