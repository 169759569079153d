"""A capture, alone and with book lines: both begin and end at one moment."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from control_support import (
    DAY,
    Fed,
    Place,
    book,
    control,
    levels,
    replayed,
)
from obtui.feeds.gemini import GeminiFeed
from obtui.frame import FrameKind, Mark
from obtui.recording.capture import Instant
from obtui.recording.files import RecordingError
from obtui.recording.rotate import Rotation
from obtui.session import Session
from obtui.shared import Listeners
from support.capture_files import captured, kinds
from support.captures import incoming
from support.frames import at, connect, text, wall


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_replay_of_the_capture_writes_the_same_book_lines() -> None:
    fed = Fed()
    fed.recording.start("books.jsonl", "wire.jsonl.zst")

    fed.apply(*DAY)
    fed.tick(40)  # silence: the book becomes stale by the clock alone
    fed.apply(levels(22, 41, after=21))
    saved = fed.recording.stop()

    live = Path("books.jsonl").read_bytes()
    assert replayed("wire.jsonl.zst") == live
    assert live.count(b"\n") == 8
    assert live.endswith(f'"ts": {wall(50) // 1_000_000}}}\n'.encode())
    end = captured(Path("wire.jsonl.zst"))[-1]
    assert (end.received_ns, end.monotonic_ns) == (wall(50) + 888_888, at(50))
    here = Path.cwd()
    assert saved == (
        f"saved 5 book lines to {here}/books.jsonl and 8 frames to {here}/wire.jsonl.zst"
    )


def test_begun_in_the_middle_of_a_connection_it_is_the_same() -> None:
    fed = Fed()
    fed.apply(*DAY[:4])

    fed.recording.start("books.jsonl", "wire.jsonl")
    fed.apply(*DAY[4:])
    fed.recording.stop()

    assert replayed("wire.jsonl") == Path("books.jsonl").read_bytes()


@pytest.mark.parametrize("rotation", [None, Rotation(seconds=5.0)], ids=["one", "segments"])
def test_real_frames_lead_to_the_same_book_lines(rotation: Rotation | None) -> None:
    frames = incoming("current-btcusd-31s")
    fed = Fed(rotation=rotation)
    fed.recording.start("books.jsonl", "wire.jsonl.zst")

    fed.apply(connect(0.1))
    fed.apply(*(text(data.encode(), 1 + n * 0.1) for n, data in enumerate(frames)))
    fed.recording.stop()

    paths = sorted(Path.cwd().glob("wire*"))
    assert len(paths) == 1 if rotation is None else len(paths) > 3
    live = Path("books.jsonl").read_bytes()
    assert live.count(b"\n") == 201
    assert replayed(*paths) == live


def test_at_the_limit_of_book_lines_both_end_at_one_frame() -> None:
    fed = Fed(limit=2)
    fed.recording.start("books.jsonl", "wire.jsonl")

    fed.apply(*DAY)
    done = fed.recording.done()
    fed.recording.stop()

    assert done
    assert captured(Path("wire.jsonl"))[-2] == DAY[3]
    assert replayed("wire.jsonl") == Path("books.jsonl").read_bytes()


def test_without_book_lines_the_limit_is_one_of_messages() -> None:
    fed = Fed(limit=2)
    fed.recording.start(capture="wire.jsonl")

    fed.apply(*DAY)

    assert fed.recording.done()
    assert fed.recording.frames == 2
    assert fed.recording.stop() == f"saved 2 frames to {Path('wire.jsonl').resolve()}"


def test_a_frame_that_is_being_applied_at_the_end_is_in_both() -> None:
    class Applying(Place):
        """One that had just looked who listens."""

        def settled(self, timeout: float) -> bool:
            assert self.listeners == Listeners(), "no other frame is heard"
            assert heard.books is not None
            assert heard.frames is not None
            heard.frames.on_frame(DAY[0], Session(GeminiFeed("BTCUSD")))
            heard.books.on_book(book(), wall(1))
            return True

    place = Applying()
    recording = control(place)
    recording.start("books.jsonl", "wire.jsonl")
    heard = place.listeners

    recording.stop()

    assert kinds(captured(Path("wire.jsonl"))) == "header connect end"
    assert Path("books.jsonl").read_text().count("\n") == 2


def test_what_is_appended_to_begins_with_the_headers_time() -> None:
    for _ in range(2):
        fed = Fed()
        fed.recording.start("books.jsonl", "wire.jsonl")
        fed.apply(*DAY[:4])
        fed.recording.stop()

    lines = [json.loads(line) for line in Path("books.jsonl").read_text().splitlines()]
    start, end = wall(0) // 1_000_000, wall(50) // 1_000_000
    assert [line["ts"] for line in lines if not line["bids"]] == [end, start, end]
    headers = [
        frame.received_ns
        for frame in captured(Path("wire.jsonl"))
        if frame.kind is FrameKind.HEADER
    ]
    assert headers == [wall(0) + 777_777] * 2


def test_r_stops_and_starts_what_was_asked_for() -> None:
    fed = Fed(instant=Instant.now)
    fed.recording.start(capture="wire.jsonl")
    fed.apply(*DAY[:4])

    faults = [fed.recording.toggle()]
    capturing = [fed.recording.capturing]
    fed.apply(DAY[4])
    faults.append(fed.recording.toggle())
    capturing.append(fed.recording.capturing)
    fed.apply(*DAY[5:])
    fed.recording.stop()

    assert faults == ["", ""]
    assert capturing == [False, True]
    assert [path.name for path in Path.cwd().iterdir()] == ["wire.jsonl"]
    got = captured(Path("wire.jsonl"))
    assert kinds(got).count("header") == kinds(got).count("end") == 2
    assert DAY[4] not in got


def test_overwriting_is_for_what_was_there_before_this_run() -> None:
    fed = Fed(instant=Instant.now, overwrite=True)
    for name in ("books.jsonl", "wire.jsonl"):
        Path(name).write_text("old\n")
    fed.recording.start("books.jsonl", "wire.jsonl")
    fed.apply(*DAY[:4])
    fed.recording.toggle()

    fed.recording.toggle()
    fed.apply(*DAY[6:])
    fed.recording.stop()

    assert kinds(captured(Path("wire.jsonl"))).count("header") == 2
    # Two books and the end; then the mark of what was appended, the book as it is, its loss with
    # the connection, two books and the end.
    assert Path("books.jsonl").read_text().count("\n") == 9
    assert "old" not in Path("books.jsonl").read_text()


@pytest.mark.parametrize(
    ("books", "capture"), [("no/books.jsonl", "wire.jsonl"), ("books.jsonl", "no/wire.jsonl")]
)
def test_where_one_cannot_be_opened_neither_is_written(books: str, capture: str) -> None:
    fed = Fed(instant=Instant.now)
    fed.recording.start("books.jsonl", "wire.jsonl")
    fed.apply(*DAY[:4])
    fed.recording.stop()
    before = {path.name: path.read_bytes() for path in Path.cwd().iterdir()}

    with pytest.raises(RecordingError, match="the folder no does not exist"):
        fed.recording.start(books, capture)

    assert {path.name: path.read_bytes() for path in Path.cwd().iterdir()} == before
    assert not fed.recording.active


def test_a_capture_and_book_lines_do_not_go_into_each_others_files() -> None:
    fed = Fed(instant=Instant.now)
    fed.recording.start("books.jsonl", "wire.jsonl")
    fed.apply(*DAY[:4])
    fed.recording.stop()

    with pytest.raises(RecordingError, match=r"it is a capture; choose another file for book"):
        fed.recording.start("wire.jsonl")
    with pytest.raises(RecordingError, match="what is in it is no capture"):
        fed.recording.start(capture="books.jsonl")


def test_a_mark_needs_a_capture() -> None:
    fed = Fed(instant=Instant.now)
    fed.recording.start("books.jsonl")
    refused = fed.recording.mark("x")
    fed.recording.stop()

    fed.recording.start(capture="wire.jsonl")
    fed.apply(DAY[0])
    taken = fed.recording.mark("so", wall(0.05))
    fed.recording.stop()

    assert refused == "no capture is being written (--capture FILE)"
    assert taken == ""
    got = captured(Path("wire.jsonl"))
    assert kinds(got) == "header connect mark end"
    assert msgspec.json.decode(got[2].data, type=Mark) == Mark("so", wall(0.05))
