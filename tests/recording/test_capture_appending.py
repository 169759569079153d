"""A capture to a file that is there: gone on with, refused as another's, or overwritten."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from capture_support import BOOK, START, change, header_of
from recording_doubles import ORIGIN, feed

from obtui.frame import Frame, FrameKind, Header
from obtui.recording.capture import CaptureRecorder, Origin, decode_line, encode_line
from obtui.recording.files import RecordingError
from support.capture_files import captured, kinds
from support.frames import connect, text


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "wire.jsonl"


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


def refusal(path: Path, origin: Origin = ORIGIN) -> str:
    before = path.read_bytes()
    with pytest.raises(RecordingError) as caught:
        CaptureRecorder(str(path), origin)
    assert path.read_bytes() == before
    return str(caught.value)


def header_data(symbol: str) -> bytes:
    return msgspec.json.encode(Header("gemini", symbol, "", "obtui"))


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
