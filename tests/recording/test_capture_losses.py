"""What a capture says of what is missing, and that behind it all is known again."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from capture_support import BOOK, START, change, header_of
from recording_doubles import ORIGIN, PATIENCE, HeldDisk, feed, session, until

from obtui.frame import Drop, FrameKind
from obtui.recording.capture import CaptureRecorder
from support import wire
from support.capture_files import captured, kinds
from support.frames import connect, text


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "wire.jsonl"


def test_what_did_not_fit_is_counted_and_the_book_told_anew(path: Path) -> None:
    disk = HeldDisk()
    told = session()
    recorder = CaptureRecorder(str(path), ORIGIN, limit_bytes=4000, disk=disk)
    feed(recorder, [connect(), BOOK], told)
    assert disk.reached.wait(PATIENCE)

    feed(recorder, [change(number) for number in range(1, 101)], told)
    taken = recorder.frames - 1
    full = recorder.status().dropped
    disk.let_go.set()
    until(lambda: not recorder.status().waiting)
    feed(recorder, [change(101), change(102)], told)
    status = recorder.close()

    got = captured(path)
    assert 0 < taken < 100
    assert full == status.dropped == recorder.dropped == 100 - taken
    wanted = "header connect" + " frame" * (1 + taken) + " drop header frame frame end"
    assert kinds(got) == wanted
    drop = next(frame for frame in got if frame.kind is FrameKind.DROP)
    assert msgspec.json.decode(drop.data, type=Drop).count == 100 - taken
    first_missing = change(taken + 1)
    assert drop.received_ns == first_missing.received_ns, "it stands where the gap begins"
    again = header_of(got[-4])
    assert again.segment == 1, "no new run"
    alone = session()
    for frame in got[:-1]:
        alone.receive(frame)
    assert alone.checkpoint() == told.checkpoint(), "behind the gap all is known again"


def test_what_is_missing_at_the_end_is_told_too(path: Path) -> None:
    disk = HeldDisk()
    recorder = CaptureRecorder(str(path), ORIGIN, limit_bytes=1000, disk=disk)
    feed(recorder, [connect()])
    assert disk.reached.wait(PATIENCE)

    feed(recorder, [change(number) for number in range(50)])
    missing = recorder.status().dropped
    disk.let_go.set()
    recorder.close(PATIENCE)

    got = captured(path)
    assert kinds(got[-2:]) == "drop end"
    assert msgspec.json.decode(got[-2].data, type=Drop).count == missing > 0


def test_what_comes_while_it_closes_is_no_loss(path: Path) -> None:
    recorder = CaptureRecorder(str(path), ORIGIN)
    feed(recorder, [connect(), BOOK])

    recorder.begin_close()
    feed(recorder, [change(1)])
    recorder.close()

    assert kinds(captured(path)) == "header connect frame end"
    assert recorder.dropped == 0


def test_a_run_after_a_failure_begins_with_what_was_missed(path: Path) -> None:
    told = session()
    for frame in (connect(), BOOK):
        told.receive(frame)
    recorder = CaptureRecorder(
        str(path), ORIGIN, start=START, missed=lambda: Drop(7, "disk full: no space")
    )

    feed(recorder, [change(1)], told)
    recorder.close()

    got = captured(path)
    assert kinds(got) == "header drop header frame end"
    assert [header_of(got[0]).segment, header_of(got[2]).segment] == [0, 1]
    assert msgspec.json.decode(got[1].data, type=Drop) == Drop(7, "disk full: no space")
    alone = session()
    alone.receive(connect())
    alone.receive(text(wire.depth(1, [("1", "1")], [("2", "2")])))
    for frame in got[:-1]:
        alone.receive(frame)
    assert alone.checkpoint() == told.checkpoint(), "also behind another run's book"
