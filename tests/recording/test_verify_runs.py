"""What verify says of runs without an end, and of what it cannot check: never that it is whole."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import msgspec
from verify_support import change, of, verify

from obtui.frame import Frame, Header
from support.recordings import header, lines, put, run

SECOND = 1_000_000_000


def later(frames: list[Frame], seconds: int) -> list[Frame]:
    ns = seconds * SECOND
    return [
        Frame(it.kind, it.data, it.received_ns + ns, it.monotonic_ns + ns, it.connection)
        for it in frames
    ]


def test_runs_that_were_killed_are_told_although_nothing_is_torn(tmp_path: Path) -> None:
    killed = [it for nth in range(5) for it in later(run(3)[:-1], 10 * nth)]

    closed_at_last = of(tmp_path, killed + later(run(3), 60))
    killed_at_last = of(tmp_path, killed)
    once = of(tmp_path, run(3)[:-1])

    assert (closed_at_last.result, closed_at_last.ended) == ("not whole", True)
    assert (closed_at_last.runs, closed_at_last.runs_not_closed) == (6, 5)
    assert closed_at_last.missing == ["5 runs not closed"]
    assert (killed_at_last.runs, killed_at_last.runs_not_closed) == (5, 5)
    assert (once.runs, once.runs_not_closed, once.whole) == (1, 1, False)


def test_the_last_run_of_what_is_being_written_is_not_blamed(tmp_path: Path) -> None:
    path = put(tmp_path / "a.jsonl", lines([*run(3)[:-1], *later(run(3)[:-1], 10)]))
    recorder = os.open(path, os.O_RDWR)
    fcntl.flock(recorder, fcntl.LOCK_EX)

    report = verify(path)
    os.close(recorder)

    assert (report.ended, report.runs_not_closed) == (False, 1)
    assert report.missing == ["1 run not closed"]


def test_a_run_that_goes_on_in_a_segment_beside_it_is_not_blamed(tmp_path: Path) -> None:
    first = put(tmp_path / "b-000000.jsonl", lines(run(3)[:-1]))
    alone = verify(first)
    after = put(tmp_path / "b-000001.jsonl", b"")
    begun = verify(first, after)
    recorder = os.open(after, os.O_RDWR)
    fcntl.flock(recorder, fcntl.LOCK_EX)
    begun_and_written = verify(first, after)
    os.close(recorder)
    put(tmp_path / "b-000001.jsonl", lines([header(5, segment=1), change(5, 6)]))
    goes_on = verify(first)
    put(tmp_path / "b-000001.jsonl", lines(later(run(3), 60)))
    another = verify(first)

    assert [it.runs_not_closed for it in (alone, begun, another)] == [1, 1, 1]
    assert [it.runs_not_closed for it in (begun_and_written, goes_on)] == [0, 0]
    assert goes_on.whole


def test_a_capture_without_its_first_line_says_what_is_wrong(tmp_path: Path) -> None:
    report = of(tmp_path, [*run(3)[1:], *later(run(3), 10)])

    assert report.missing == ["the beginning (no header line)"]
    assert not report.whole
    assert "drop" not in report.counts, "that line is not in the file"


def test_what_cannot_be_decoded_is_not_called_whole(tmp_path: Path) -> None:
    def of_another(frames: list[Frame]) -> list[Frame]:
        made = msgspec.json.encode(Header("nosuch", "BTC", url="wss://x", program="obtui"))
        return [msgspec.structs.replace(frames[0], data=made), *frames[1:]]

    report = of(tmp_path, of_another(run(3)))
    torn = of(tmp_path, of_another(run(3)[:-1]))

    assert (report.result, report.whole, report.missing) == ("not checked", False, [])
    assert report.gaps is None
    assert (report.crossing_count, report.crossed_seconds) == (None, None)
    assert (report.check, report.connections[0].sequence) == ("", "not decoded")
    assert (torn.result, torn.missing) == ("not whole", ["1 run not closed"])
