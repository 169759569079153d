"""Captures: each line, what a file begins and ends with, and what is said of what is missing."""

from __future__ import annotations

import json
import random
import threading
from pathlib import Path

import msgspec
import pytest
from recording_doubles import (
    ORIGIN,
    PATIENCE,
    HeldDisk,
    feed,
    session,
    until,
)

from obtui.frame import Drop, End, Frame, FrameKind, Header, Mark
from obtui.recording.capture import (
    BadLine,
    CaptureRecorder,
    Instant,
    Origin,
    decode_line,
    encode_line,
)
from obtui.recording.files import RecordingError
from support import wire
from support.capture_files import captured, content, kinds
from support.frames import connect, disconnect, text

START = Instant(1_700_000_000_000_000_001, 5_000_000_000_001)
BOOK = text(wire.depth(1, [("99", "1")], [("101", "2")]), 0.1)


def change(number: int, seconds: float | None = None) -> Frame:
    """The `number`th message after the book, from 1."""
    at = 0.1 + number / 1000 if seconds is None else seconds
    return text(wire.depth(1 + number, [("98", str(number))], after=number), at)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "wire.jsonl"


def header_of(frame: Frame) -> Header:
    assert frame.kind is FrameKind.HEADER
    return msgspec.json.decode(frame.data, type=Header)


# Lines


def test_a_line_has_five_keys_in_this_order() -> None:
    frame = Frame(FrameKind.TEXT, '{"a":"ü\\u20ac"}'.encode(), 17, 5, 3)

    line = encode_line(frame)

    assert line == '{"k":"frame","t":17,"m":5,"c":3,"d":"{\\"a\\":\\"ü\\\\u20ac\\"}"}\n'.encode()
    assert list(json.loads(line)) == ["k", "t", "m", "c", "d"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"plain",
        b'"quoted\\" \\n',
        "größe € 𝄞 \u2028".encode(),
        b"\x00\x01\x1f\x7f\n\r\t",
        b"\xff",
        b"\xed\xa0\x80 an encoded surrogate",
        b"torn \xe2\x82",
        b"\xf0\x9d\x84 \xf0\x9d\x84\x9e \xc0\x80 \\udc80",
        bytes(range(256)),
    ],
    ids=ascii,
)
def test_any_bytes_come_back(data: bytes) -> None:
    frame = Frame(FrameKind.TEXT, data, 2**62, 1, 0)

    line = encode_line(frame)

    assert line.count(b"\n") == 1
    line.decode("utf-8")  # whatever the venue sent, the file is text
    assert decode_line(line) == frame


def test_random_bytes_come_back() -> None:
    chance = random.Random(20_261_123)
    for _ in range(2_000):
        data = chance.choice((b"", b'{"e":"', "€".encode())) + chance.randbytes(
            chance.randrange(12)
        )
        frame = Frame(chance.choice(list(FrameKind)), data, chance.randrange(2**62), 1, 2)

        assert decode_line(encode_line(frame)) == frame, f"seed 20261123: {data!r}"


@pytest.mark.parametrize(
    "line", [b"", b"{}", b"[]", b'{"k":"frame"}', b'{"k":"x","t":1,"m":1,"c":1,"d":""}', b"\0\0"]
)
def test_what_is_no_line_is_refused_by_name(line: bytes) -> None:
    with pytest.raises(BadLine):
        decode_line(line)


# A run


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


def test_appending_begins_a_new_run(path: Path) -> None:
    for _ in range(2):
        recorder = CaptureRecorder(str(path), ORIGIN, start=START)
        feed(recorder, [connect(), BOOK])
        recorder.close()
    CaptureRecorder(str(path), ORIGIN, start=START).close()

    run = "header connect frame end"
    assert kinds(captured(path)) == f"{run} {run} header end"
    assert [header_of(got).segment for got in captured(path) if got.kind is FrameKind.HEADER] == [
        0
    ] * 3


def test_what_is_discarded_leaves_a_file_as_it_was(path: Path) -> None:
    first = CaptureRecorder(str(path), ORIGIN)
    feed(first, [connect()])
    first.close()
    before = path.read_bytes()

    CaptureRecorder(str(path), ORIGIN).discard()

    assert path.read_bytes() == before


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


def test_cut_at_every_offset_what_is_whole_before_and_after_can_be_read(tmp_path: Path) -> None:
    first = tmp_path / "first.jsonl"
    recorder = CaptureRecorder(str(first), ORIGIN)
    venue = text('{"größe": "€ 𝄞"}'.encode(), 0.2)
    feed(recorder, [connect(), venue])
    recorder.close()
    whole = first.read_bytes()
    path = tmp_path / "again.jsonl"
    for cut in range(1, len(whole)):
        path.write_bytes(whole[:cut])
        before = whole[:cut].split(b"\n")[:-1]

        recorder = CaptureRecorder(str(path), ORIGIN)
        feed(recorder, [connect(), venue])
        recorder.close()

        lines = path.read_bytes().splitlines()
        assert path.read_bytes().startswith(whole[:cut]), "nothing is taken from what was there"
        assert lines[: len(before)] == before
        assert kinds([decode_line(line) for line in lines[-4:]]) == "header connect frame end"
        assert len(lines) <= len(before) + 5, "at most one torn line between"


# Marks


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


# What is missing


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


# One market a file


def refusal(path: Path, origin: Origin = ORIGIN) -> str:
    before = path.read_bytes()
    with pytest.raises(RecordingError) as caught:
        CaptureRecorder(str(path), origin)
    assert path.read_bytes() == before
    return str(caught.value)


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.zst"])
def test_another_market_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    recorder = CaptureRecorder(str(path), ORIGIN)
    feed(recorder, [connect(), BOOK])
    recorder.close()

    said = refusal(path, Origin("gemini", "ETHUSD", str))

    assert said == (
        f"cannot record to {path}: it is a capture of gemini BTCUSD; "
        "choose another file for gemini ETHUSD"
    )
    assert "gemini-v1 BTCUSD" in refusal(path, Origin("gemini-v1", "BTCUSD", str))


def test_the_last_header_counts_and_only_the_ends_are_read(path: Path) -> None:
    mine = encode_line(Frame(FrameKind.HEADER, header_data("BTCUSD"), 1, 1, 0))
    other = encode_line(Frame(FrameKind.HEADER, header_data("ETHUSD"), 1, 1, 0))
    filler = encode_line(change(1)) * 20_000
    path.write_bytes(other + filler + mine + encode_line(change(1)))

    CaptureRecorder(str(path), ORIGIN).close()

    path.write_bytes(mine + filler + other + encode_line(change(1)))
    assert "gemini ETHUSD" in refusal(path)


def header_data(symbol: str) -> bytes:
    return msgspec.json.encode(Header("gemini", symbol, "", "obtui"))


def test_what_is_no_capture_is_refused(tmp_path: Path) -> None:
    books, notes = tmp_path / "books.jsonl", tmp_path / "notes.txt"
    books.write_text('{"bids": [[1, 1]], "asks": [[2, 2]], "ts": 1}\n')
    notes.write_text("dear diary")

    for path in (books, notes):
        assert refusal(path).endswith("what is in it is no capture; choose another file")


def test_overwriting_takes_what_was_there_when_the_first_frame_comes(path: Path) -> None:
    path.write_text("dear diary\n")

    recorder = CaptureRecorder(str(path), ORIGIN, overwrite=True)
    untouched = path.read_text()
    feed(recorder, [connect()])
    recorder.close()
    kept = captured(path)
    CaptureRecorder(str(path), ORIGIN, overwrite=True).close()

    assert untouched == "dear diary\n"
    assert kinds(kept) == "header connect end"
    assert captured(path) == kept, "where nothing came, nothing was taken"


# The feed is never held up


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
