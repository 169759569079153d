"""Segments: named so that they sort, each to be read alone, and no frame lost between two."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import msgspec
import pytest
from recording_doubles import (
    ORIGIN,
    HeldDisk,
    WatchedDisk,
    fail_after,
    feed,
    session,
    until,
)

from obtui.frame import Frame, FrameKind, Header
from obtui.recording.capture import CaptureRecorder, Origin
from obtui.recording.files import RecordingError
from obtui.recording.rotate import Rotation, segment_name
from support import wire
from support.capture_files import captured, kinds
from support.frames import connect, text

BOOK = text(wire.depth(1, [("99", "1")], [("101", "2")]), 0.1)


def change(number: int) -> Frame:
    """The `number`th message after the book, a second behind the one before it."""
    return text(wire.depth(1 + number, [("98", str(number))], after=number), 0.1 + number)


def header_of(frame: Frame) -> Header:
    assert frame.kind is FrameKind.HEADER
    return msgspec.json.decode(frame.data, type=Header)


def segments(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


@pytest.mark.parametrize(
    ("named", "segment"),
    [
        ("btc.jsonl", "btc-000007.jsonl"),
        ("btc.jsonl.zst", "btc-000007.jsonl.zst"),
        ("a/b.c/btc.2.jsonl.zst", "a/b.c/btc.2-000007.jsonl.zst"),
        ("btc.zst", "btc-000007.zst"),
        ("btc", "btc-000007"),
        ("btc.txt", "btc.txt-000007"),
    ],
)
def test_names(named: str, segment: str) -> None:
    assert segment_name(named, 7) == segment
    assert segment_name(named, 99) > segment_name(named, 10)


@pytest.mark.parametrize("name", ["btc.jsonl", "btc.jsonl.zst"])
def test_by_time_each_segment_is_readable_alone_and_none_is_missed(
    tmp_path: Path, name: str
) -> None:
    told = session()
    recorder = CaptureRecorder(str(tmp_path / name), ORIGIN, rotation=Rotation(seconds=3))
    frames = [connect(), BOOK, *(change(number) for number in range(1, 12))]

    books = []
    for frame in frames:
        feed(recorder, [frame], told)
        books.append(told.checkpoint())
    recorder.close()

    paths = segments(tmp_path)
    assert [path.name for path in paths] == [
        os.path.basename(segment_name(name, number)) for number in range(4)
    ]
    assert recorder.segments == [str(path) for path in paths]
    parts = [captured(path) for path in paths]
    assert [header_of(part[0]).segment for part in parts] == [0, 1, 2, 3]
    assert [frame for part in parts for frame in part[1:]][:-1] == frames
    assert [kinds(part).count("end") for part in parts] == [0, 0, 0, 1]
    applied = 0
    for part in parts:
        alone = session()
        for frame in part[1:-1] if part is parts[-1] else part[1:]:
            if alone.connections == 0:
                alone.receive(part[0])
            alone.receive(frame)
            applied += 1
            assert alone.checkpoint().bids == books[applied - 1].bids
            assert alone.trusted == (applied > 1)
    assert applied == len(frames)


def test_all_segments_as_one_are_as_if_there_were_one(tmp_path: Path) -> None:
    told = session()
    recorder = CaptureRecorder(str(tmp_path / "a.jsonl"), ORIGIN, rotation=Rotation(seconds=2))
    feed(recorder, [connect(), BOOK, *map(change, range(1, 9))], told)
    recorder.close()

    joined = session()
    states = []
    for path in segments(tmp_path):
        for frame in captured(path):
            joined.receive(frame)
            states.append(joined.state.value)

    assert states == ["SYNCING"] * 2 + ["VERIFIED"] * (len(states) - 3) + ["SYNCING"]
    assert joined.book.bids.sizes == told.book.bids.sizes


def test_by_size_with_the_feed_in_another_thread(tmp_path: Path) -> None:
    recorder = CaptureRecorder(str(tmp_path / "a.jsonl"), ORIGIN, rotation=Rotation(size=100_000))
    frames = [connect(), BOOK, *map(change, range(1, 20_000))]
    told = session()

    def run() -> None:
        for index, frame in enumerate(frames):
            feed(recorder, [frame], told)
            if index % 200 == 0:
                until(lambda: recorder.status().waiting < 2000)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(60)
    recorder.close(10)

    paths = segments(tmp_path)
    parts = [captured(path) for path in paths]
    assert len(paths) > 5
    assert [header_of(part[0]).segment for part in parts] == list(range(len(parts)))
    assert [frame for part in parts for frame in part[1:]][:-1] == frames
    for path in paths[:-1]:
        assert path.stat().st_size >= 100_000
    assert recorder.status().bytes_written == sum(path.stat().st_size for path in paths)


def test_a_gap_behind_a_switch_is_told_in_the_same_segment(tmp_path: Path) -> None:
    disk = HeldDisk()
    disk.let_go.set()
    recorder = CaptureRecorder(
        str(tmp_path / "a.jsonl"),
        ORIGIN,
        rotation=Rotation(size=3000),
        limit_bytes=2000,
        disk=disk,
    )
    told = session()
    feed(recorder, [connect(), BOOK], told)
    number = 0
    while len(recorder.segments) < 2:
        number += 1
        feed(recorder, [change(number)], told)
        until(lambda: not recorder.status().waiting)

    disk.let_go.clear()
    feed(recorder, [change(number) for number in range(number + 1, number + 30)], told)
    disk.let_go.set()
    until(lambda: not recorder.status().waiting)
    feed(recorder, [change(number + 30)], told)
    recorder.close()

    assert len(segments(tmp_path)) == 2
    got = captured(segments(tmp_path)[1])
    assert kinds(got[-4:]) == "drop header frame end"
    assert header_of(got[-3]).segment == header_of(got[0]).segment == 1


def test_a_new_run_goes_on_behind_the_highest_number(tmp_path: Path) -> None:
    (tmp_path / "a-000004.jsonl.bak").touch()
    (tmp_path / "b-000009.jsonl").touch()
    for _ in range(2):
        recorder = CaptureRecorder(
            str(tmp_path / "a.jsonl"), ORIGIN, rotation=Rotation(seconds=1000)
        )
        feed(recorder, [connect()])
        recorder.close()

    made = [path for path in segments(tmp_path) if path.stat().st_size]
    assert [path.name for path in made] == ["a-000000.jsonl", "a-000001.jsonl"]
    assert [header_of(captured(path)[0]).segment for path in made] == [0, 0]


def test_overwriting_begins_the_series_anew(tmp_path: Path) -> None:
    named = str(tmp_path / "a.jsonl")
    recorder = CaptureRecorder(named, ORIGIN, rotation=Rotation(seconds=2))
    feed(recorder, [connect(), BOOK, *map(change, range(1, 9))])
    recorder.close()
    before = segments(tmp_path)

    again = CaptureRecorder(named, ORIGIN, rotation=Rotation(seconds=1000), overwrite=True)
    untouched = segments(tmp_path)
    feed(again, [connect()])
    again.close()

    assert len(before) > 3
    assert untouched == before, "nothing goes before there is something to write"
    assert [path.name for path in segments(tmp_path)] == ["a-000000.jsonl"]
    assert kinds(captured(tmp_path / "a-000000.jsonl")) == "header connect end"


def test_a_second_recorder_and_another_market_are_refused(tmp_path: Path) -> None:
    named = str(tmp_path / "a.jsonl")
    first = CaptureRecorder(named, ORIGIN, rotation=Rotation(seconds=1))
    feed(first, [connect()])

    for overwrite in (False, True):
        with pytest.raises(RecordingError, match="it is being written by another program"):
            CaptureRecorder(named, ORIGIN, rotation=Rotation(seconds=1), overwrite=overwrite)
    first.close()
    with pytest.raises(RecordingError, match="it is a capture of gemini BTCUSD"):
        CaptureRecorder(named, Origin("gemini", "ETHUSD", str), rotation=Rotation(seconds=1))

    assert [path.name for path in segments(tmp_path)] == ["a-000000.jsonl"]


def test_a_next_segment_that_cannot_be_made_ends_it_with_the_reason(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    recorder = CaptureRecorder(str(folder / "a.jsonl"), ORIGIN, rotation=Rotation(seconds=1))
    feed(recorder, [connect(), BOOK])
    until(lambda: not recorder.status().waiting)
    first = (folder / "a-000000.jsonl").rename(tmp_path / "kept.jsonl")
    folder.rmdir()

    feed(recorder, [change(5)])
    until(lambda: not recorder.status().open)
    status = recorder.close()

    assert status.failed is not None
    assert f"the folder {folder} does not exist" in status.failed
    assert kinds(captured(first)) == "header connect frame"
    missing = recorder.missing()
    assert missing is not None
    assert missing.count == status.lost > 0


def test_a_disk_that_fills_at_the_switch_leaves_both_sides_whole(tmp_path: Path) -> None:
    for room in range(300, 1400, 41):
        folder = tmp_path / str(room)
        folder.mkdir()
        disk = WatchedDisk()
        disk.fail_write = fail_after(room, 28)
        recorder = CaptureRecorder(
            str(folder / "a.jsonl"), ORIGIN, rotation=Rotation(seconds=2), disk=disk
        )
        feed(recorder, [connect(), BOOK, *map(change, range(1, 5))])
        status = recorder.close()

        parts = [captured(path) for path in segments(folder)]
        count = sum(len(part) for part in parts)
        assert count == status.items_written
        assert all(part[0].kind is FrameKind.HEADER for part in parts)
