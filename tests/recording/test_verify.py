"""What verify says of a recording, by its own words: whole, or what is missing."""

from __future__ import annotations

import fcntl
import os
from decimal import Decimal
from pathlib import Path

import pytest
from verify_support import book, change, gaps, of, verify

from obtui.frame import Disconnect, Drop, End, Frame, FrameKind, Gap, RestReply, Sent
from obtui.recording.books import encode_book_line, encode_untrusted_line
from support import wire
from support.captures import DATA
from support.frames import wall
from support.recordings import control, header, lines, message, opened, put, run

SECOND = 1_000_000_000


def test_a_whole_run(tmp_path: Path) -> None:
    report = of(tmp_path, run(20))

    assert (report.whole, report.result, report.missing) == (True, "whole", [])
    assert (report.ended, report.runs_not_closed) == (True, 0)
    assert report.counts == {"header": 1, "connect": 1, "frame": 21, "mark": 1, "end": 1}
    assert report.lines == 25
    assert (report.first_ns, report.last_ns) == (wall(0), wall(2.3))
    assert report.span_seconds == report.recorded_seconds == pytest.approx(2.3)
    assert report.messages == 21
    assert report.messages_per_second == pytest.approx(21 / 2.3)
    assert report.peak_per_second == 10
    (connection,) = report.connections
    assert (connection.run, connection.connection, connection.messages) == (1, 1, 21)
    assert (connection.sequence, connection.books, connection.checksums) == ("whole", 21, None)
    assert report.states == pytest.approx({"SYNCING": 0.1, "VERIFIED": 2.2})
    assert report.check == "update ids follow without a gap"


def test_a_gap_in_the_venues_numbers(tmp_path: Path) -> None:
    report = of(tmp_path, [header(), opened(), book(), change(2, 1), change(9, 2), change(10, 3)])

    assert not report.whole
    (gap,) = gaps(report)
    assert gap.what == "gap in update ids: 2 is followed by 8"
    assert gap.received_ns == wall(2)
    assert report.connections[0].sequence == "broken"
    assert report.connections[0].fault == gap.what
    assert report.reconnects == 0


def test_a_reconnect(tmp_path: Path) -> None:
    lost = control(Disconnect("closed", 1.0), 1)
    frames = [header(), opened(), book(), lost, opened(2, 2), book(7, 3, 2), change(8, 4, 2)]

    report = of(tmp_path, frames)

    assert not report.whole
    assert report.reconnects == 1
    assert [it.messages for it in report.connections] == [1, 2]
    assert [it.closed_ns for it in report.connections] == [wall(1), None]
    assert [it.sequence for it in report.connections] == ["whole", "whole"]
    assert report.states["OFFLINE"] == pytest.approx(1)
    assert not gaps(report)


def test_a_first_try_that_fails_is_no_reconnect(tmp_path: Path) -> None:
    failed = control(Disconnect("no route", 1.0), 0.5, 0)

    report = of(tmp_path, [header(), failed, opened(2), book(1, 3), control(End(), 4)])

    assert report.whole
    assert report.reconnects == 0


def test_lines_that_the_recorder_dropped(tmp_path: Path) -> None:
    frames = [header(), opened(), book(), control(Drop(40, "over 64 MB"), 1), header(2, segment=1)]

    report = of(tmp_path, frames)

    assert not report.whole
    assert (report.drops.count, report.dropped_lines) == (1, 40)
    assert report.drops.first[0].what == "over 64 MB"
    assert report.runs == 1


def test_a_connection_given_up_by_the_clock(tmp_path: Path) -> None:
    gaps = [
        control(Gap("STALE", "no word for 30 s", lost=False), 30),
        control(Gap("SYNCING", "no word from the venue for 60 s", lost=True), 60),
    ]

    report = of(tmp_path, [header(), opened(), book(), *gaps, control(End(), 70)])

    assert not report.whole
    assert [it.what for it in report.given_up.first] == ["no word from the venue for 60 s"]
    assert report.states == pytest.approx({"VERIFIED": 30, "STALE": 30, "SYNCING": 10})


def test_a_crossed_time(tmp_path: Path) -> None:
    crossed = message(wire.depth(2, [("101.0", "1")], after=1), 5)
    mended = message(wire.depth(3, [("101.0", "0")], after=2), 5.5)

    frames = [header(), opened(), book(), crossed, mended, change(4, 6), control(End(), 7)]

    report = of(tmp_path, frames)

    assert report.whole
    assert [(it.received_ns, it.seconds) for it in report.crossings] == [(wall(5), 0.5)]
    assert (report.crossing_count, report.crossed_seconds) == (1, 0.5)


def test_the_wall_clock_was_set(tmp_path: Path) -> None:
    def set_by(frame: Frame, ns: int) -> Frame:
        return Frame(frame.kind, frame.data, frame.received_ns + ns, frame.monotonic_ns, 1)

    # Slewed by half a part in a thousand over a silence of 400 s; then set, there and back.
    frames = [header(), opened(), book(), set_by(change(2, 400), 200_000_000)]
    frames += [set_by(change(3, 401), 200_000_000 + SECOND // 2), set_by(change(4, 402), -SECOND)]

    steps = of(tmp_path, frames).clock_steps

    assert steps is not None
    assert [it.what for it in steps.first] == [
        "the wall clock was set by +0.500 s",
        "the wall clock was set by -1.700 s",
    ]


def test_a_second_run_in_the_same_file_has_another_clock(tmp_path: Path) -> None:
    later = [
        Frame(it.kind, it.data, it.received_ns + 3600 * SECOND, it.monotonic_ns - 2000 * SECOND, 1)
        for it in run(20)
    ]

    report = of(tmp_path, run(20) + later)

    assert report.whole
    assert report.runs == 2
    assert [it.run for it in report.connections] == [1, 2]
    assert report.clock_steps is not None
    assert report.clock_steps.count == 0
    assert report.recorded_seconds == pytest.approx(4.6)
    assert report.span_seconds == pytest.approx(3602.3)
    assert report.peak_per_second == 10


def test_a_torn_end_and_garbage(tmp_path: Path) -> None:
    torn = of(tmp_path, run(3)[:-2], tail=b'{"k":"fra')
    spoiled = verify(put(tmp_path / "b", lines(run()[:4]) + b"?\n" + lines(run()[4:])))

    assert (torn.whole, torn.files[0].tail, torn.damage_count) == (False, "torn", 0)
    assert not torn.ended
    assert (spoiled.whole, spoiled.files[0].tail, spoiled.damage_count) == (False, "whole", 1)
    assert spoiled.damages[0].offset == len(lines(run()[:4]))
    assert not gaps(spoiled)


def test_the_end_of_a_file_that_is_being_written_is_not_torn(tmp_path: Path) -> None:
    path = put(tmp_path / "a.jsonl", lines(run(3)[:-1]) + b'{"k":"fra')
    recorder = os.open(path, os.O_RDWR)
    fcntl.flock(recorder, fcntl.LOCK_EX)

    while_written = verify(path)
    os.close(recorder)
    after = verify(path)

    assert (while_written.files[0].tail, while_written.whole) == ("still open", True)
    assert (while_written.ended, while_written.runs_not_closed) == (False, 0)
    assert (after.files[0].tail, after.whole) == ("torn", False)
    assert after.missing == ["1 run not closed", "1 torn end"]


def test_a_missing_segment(tmp_path: Path) -> None:
    one = put(tmp_path / "0", lines(run(3)[:-1]))
    three = put(tmp_path / "2", lines([header(5, segment=2), change(9, 6)]))

    report = verify(one, three)

    assert not report.whole
    assert [(it.file, it.what) for it in report.damages] == [
        (1, "the segment before it is missing")
    ]
    assert "1 segment not there" in report.missing
    assert "drop" not in report.counts, "that line is not in the files"
    assert [it.segment for it in report.files] == [0, 2]


def test_a_segment_alone_begins_in_the_middle_of_a_connection(tmp_path: Path) -> None:
    report = of(tmp_path, [header(segment=4), change(2, 1), change(3, 2)])

    assert report.connections[0].opened_ns is None
    assert report.connections[0].messages == 2


def test_a_connection_whose_opening_is_missing_is_another_all_the_same(tmp_path: Path) -> None:
    frames = [header(), opened(), book(), change(2, 1), change(3, 2, 2), change(4, 3, 2)]

    report = of(tmp_path, frames)

    assert [(it.connection, it.messages) for it in report.connections] == [(1, 2), (2, 2)]
    assert report.connections[1].opened_ns is None
    assert report.reconnects == 1


def test_every_kind_is_counted(tmp_path: Path) -> None:
    frames = [*run(1)[:-1], control(Sent("x")), control(RestReply("/x", 200, ""))]
    frames += [control(Gap("STALE", "", lost=False)), control(Drop(1)), control(Disconnect("", 0))]

    report = of(tmp_path, [*frames, control(End())])

    assert sorted(report.counts) == sorted(kind.value for kind in FrameKind)


def test_book_lines_say_what_they_can(tmp_path: Path) -> None:
    level = [(Decimal(1), Decimal(1))]
    data = [encode_book_line(level, [], nth * SECOND) for nth in range(3)]
    data.insert(2, encode_untrusted_line(SECOND))

    report = verify(put(tmp_path / "b", b"".join(data)))

    assert (report.kind, report.whole) == ("books", True)
    assert report.counts == {"book": 3, "no book": 1}
    assert report.lines == 4
    assert report.clock_steps is None
    assert report.connections[0].sequence == "unchecked"
    assert report.states == pytest.approx({"UNVERIFIED": 1, "SYNCING": 1})


def test_the_real_samples() -> None:
    if not DATA.exists():
        pytest.skip("the real captures (../shared/data) are not on this machine")

    gemini = verify(str(DATA / "gemini" / "current-btcusd-31s.jsonl.gz"))
    other = verify(str(DATA / "okx" / "books-real.jsonl.gz"))

    assert gemini.whole
    assert other.result == ("not checked" if other.decoder else "whole")
    assert gemini.connections[0].books == 200
    assert gemini.crossing_count == 0
    assert gemini.clock_steps is None
    assert other.connections[0].sequence == ("whole" if not other.decoder else "not decoded")
