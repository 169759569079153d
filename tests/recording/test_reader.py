"""Captures read back: whole ones, several as one, packed, from a pipe; and what is refused."""

from __future__ import annotations

import gzip
import os
import random
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from obtui.frame import Frame, FrameKind
from obtui.recording.capture import encode_line
from obtui.recording.reader import (
    NothingYet,
    Position,
    Recording,
    RecordingUnreadable,
    open_recording,
)
from support import wire
from support.frames import wall
from support.recordings import header, lines, message, opened, pack, packed, put, run

PACKINGS = ["plain", "gz", "zst"]


def frames_of(recording: Recording, position: Position | None = None) -> list[Frame]:
    return [located.frame for located in recording.frames(position)]


@pytest.mark.parametrize("how", PACKINGS)
def test_every_frame_comes_back_whatever_the_file_is_called(tmp_path: Path, how: str) -> None:
    path = put(tmp_path / "some.name", pack(how, run()))

    recording = open_recording([path])

    assert frames_of(recording) == run()
    assert recording.kind == "capture"
    assert (recording.header.venue, recording.header.symbol) == ("gemini", "BTCUSD")
    assert recording.damages == ()


def test_bytes_that_are_no_text_survive(tmp_path: Path) -> None:
    chance = random.Random(5)
    hostile = [bytes(chance.randrange(256) for _ in range(40)) for _ in range(500)]
    hostile += [b"", b"\xff", b'\\ud800 "', "\U0001f600 \u2028".encode() + b"\xed\xa0\x80"]
    frames = [header(), *(message(data) for data in hostile)]
    path = put(tmp_path / "a.jsonl", lines(frames))

    read = frames_of(open_recording([path]))

    assert read == frames, "seed 5"


@pytest.mark.parametrize("how", PACKINGS)
def test_reading_goes_on_from_any_position(tmp_path: Path, how: str) -> None:
    recording = open_recording([put(tmp_path / "a", pack(how, run()))])
    located = list(recording.frames())

    for nth in range(len(located)):
        rest = list(recording.frames(located[nth].position))
        assert rest == located[nth:]


def test_segments_are_one_recording_in_the_order_of_their_times(tmp_path: Path) -> None:
    parts = [
        [header(0), opened(0), message(b"1", 1)],
        [header(2, segment=1), message(b"2", 2)],
        [header(3, segment=2), message(b"3", 3)],
    ]
    paths = [put(tmp_path / f"{9 - nth}.jsonl", lines(part)) for nth, part in enumerate(parts)]

    recording = open_recording([paths[1], paths[2], paths[0]])

    assert frames_of(recording) == [frame for part in parts for frame in part]
    assert frames_of(recording, Position(1, 0)) == parts[1] + parts[2]
    assert recording.damages == ()


def test_a_series_is_read_by_the_name_that_its_recorder_was_given(tmp_path: Path) -> None:
    parts = [
        [header(0), opened(0), message(b"1", 1)],
        [header(2, segment=1), message(b"2", 2)],
        [header(9), message(b"3", 10)],
    ]
    paths = [
        put(tmp_path / f"b-{number:06}.jsonl", lines(part))
        for number, part in zip((3, 4, 1_000_000), parts, strict=True)
    ]
    put(tmp_path / "b-000004.jsonl.idx", b"?")
    put(tmp_path / "bb-000004.jsonl", b"?")
    named = str(tmp_path / "b.jsonl")

    recording = open_recording([named])

    assert [segment.path for segment in recording.segments] == paths
    assert frames_of(recording) == [frame for part in parts for frame in part]
    with pytest.raises(RecordingUnreadable, match="named twice"):
        open_recording([named, paths[0]])
    put(tmp_path / "b.jsonl", lines(run()))
    assert frames_of(open_recording([named])) == run()


def test_where_a_segment_is_missing_the_book_is_lost(tmp_path: Path) -> None:
    first = put(tmp_path / "0.jsonl", lines([header(0), opened(0)]))
    third = put(tmp_path / "2.jsonl", lines([header(9, segment=2), message(b"x", 10)]))

    recording = open_recording([first, third])
    kinds = [frame.kind for frame in frames_of(recording)]

    assert kinds == [
        FrameKind.HEADER,
        FrameKind.CONNECT,
        FrameKind.DROP,
        FrameKind.HEADER,
        FrameKind.TEXT,
    ]
    assert [damage.what for damage in recording.damages] == ["the segment before it is missing"]


def test_the_span_is_known_without_reading_all(tmp_path: Path) -> None:
    recording = open_recording([put(tmp_path / "a.jsonl", lines(run()) + b'{"k":"fr')])

    assert recording.span == (wall(0), wall(2.3))


@pytest.mark.parametrize("how", PACKINGS)
def test_a_pipe_is_read_once(how: str) -> None:
    ours, theirs = os.pipe()

    def write() -> None:
        with open(theirs, "wb") as pipe:
            pipe.write(pack(how, run(500)))

    writing = threading.Thread(target=write)
    writing.start()
    try:
        recording = open_recording(["-"], stdin=ours)
        assert frames_of(recording) == run(500)
        with pytest.raises(RecordingUnreadable, match="only once: save it"):
            frames_of(recording)
        assert not recording.seekable
        assert recording.span is None
    finally:
        writing.join()
        os.close(ours)


def test_a_pipe_is_not_waited_for_when_a_line_has_come() -> None:
    ours, theirs = os.pipe()
    os.write(theirs, lines([header(), opened()]) + b'{"k":')

    try:
        # The first lines are looked at before any is given: the header is enough.
        located = next(open_recording(["-"], stdin=ours).frames())
    finally:
        os.close(theirs)
        os.close(ours)

    assert located.frame == header()


def _missing(folder: Path) -> str:
    return str(folder / "nosuch")


def _folder(folder: Path) -> str:
    return str(folder)


def _empty(folder: Path) -> str:
    return put(folder / "empty", b"")


def _half_a_line(folder: Path) -> str:
    return put(folder / "half", lines([header()])[:30])


def _foreign(folder: Path) -> str:
    return put(folder / "foreign", b"time,price\n1,2\n")


def _binary(folder: Path) -> str:
    return put(folder / "binary", random.Random(1).randbytes(100_000))


def _packed_foreign(folder: Path) -> str:
    return put(folder / "foreign.gz", gzip.compress(b"time,price\n1,2\n"))


def _no_header(folder: Path) -> str:
    return put(folder / "bare", lines([opened(), message(b"x")]))


def _control_in_name(folder: Path) -> str:
    return str(folder / "a\nb")


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (_missing, "no such file"),
        (_folder, "it is a folder"),
        (_empty, "is empty"),
        (_half_a_line, "only the beginning of a line"),
        (_foreign, "is not a recording"),
        (_binary, "is not a recording"),
        (_packed_foreign, "is not a recording"),
        (_no_header, "its header line is missing"),
        (_control_in_name, "no such file"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(
    tmp_path: Path, make: Callable[[Path], str], what: str
) -> None:
    path = make(tmp_path)

    with pytest.raises(RecordingUnreadable, match=what) as refused:
        open_recording([path])

    text = str(refused.value)
    assert len(text.splitlines()) == 1
    assert os.path.basename(path) in text or ascii(path) in text


def test_an_empty_segment_does_not_spoil_the_others(tmp_path: Path) -> None:
    whole = put(tmp_path / "a", lines(run()))
    empty = put(tmp_path / "b", b"")

    recording = open_recording([whole, empty])

    assert frames_of(recording) == run()
    assert recording.empty == (empty,)
    with pytest.raises(NothingYet):
        open_recording([empty])


def test_two_markets_and_two_kinds_are_no_recording(tmp_path: Path) -> None:
    one = put(tmp_path / "a", lines([header()]))
    other = put(tmp_path / "b", lines([header(symbol="ETHUSD")]))
    books = put(tmp_path / "c", b'{"bids": [[1, 2]], "asks": [], "ts": 5}\n')

    archived = put(tmp_path / "d", lines([header()]).replace(b"gemini", b"gemini-v1", 1))

    with pytest.raises(RecordingUnreadable, match=r"two markets \(gemini BTCUSD, gemini ETHUSD\)"):
        open_recording([one, other])
    with pytest.raises(RecordingUnreadable, match=r"\(gemini BTCUSD, gemini-v1 BTCUSD\)"):
        open_recording([one, archived])
    with pytest.raises(RecordingUnreadable, match=r"one kind \(books, capture\)"):
        open_recording([one, books])
    with pytest.raises(RecordingUnreadable, match="named twice"):
        open_recording([one, one])


def test_a_compressed_file_is_entered_near_a_position(tmp_path: Path) -> None:
    frames = [header(), *(message(wire.trade(trade_id=nth), nth / 9) for nth in range(20_000))]
    path = tmp_path / "a.zst"
    path.write_bytes(packed(frames, each=200))
    recording = open_recording([str(path)])
    last = list(recording.frames())[-1]
    recording.segments[0].read_to = 0

    entries = recording.segments[0].entries
    unpacked, at = entries.before(last.position.offset)

    assert len(entries) > 5
    assert unpacked > 0.8 * last.position.offset
    assert at > 0.8 * path.stat().st_size
    assert [located.frame for located in recording.frames(last.position)] == [last.frame]


def test_a_line_as_the_recorder_writes_it_is_what_is_read(tmp_path: Path) -> None:
    line = encode_line(message(b'{"a":"\xff"}', 1.5))

    assert line.startswith(b'{"k":"frame","t":')
    path = put(tmp_path / "a", lines([header()]) + line)
    assert frames_of(open_recording([path]))[1].data == b'{"a":"\xff"}'
