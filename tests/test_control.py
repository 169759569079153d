"""Starting and stopping what is recorded: book lines, a capture, or both at one moment."""

from __future__ import annotations

import errno
import json
import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from obtui.book import OrderBook
from obtui.feeds.gemini import GeminiFeed
from obtui.frame import Drop, Frame, FrameKind
from obtui.market import BookSnapshot
from obtui.recording.books import BookRecorder
from obtui.recording.capture import Instant
from obtui.recording.control import RecordingControl
from obtui.recording.files import Disk, RecordingError
from obtui.recording.rotate import Rotation
from obtui.session import Session
from obtui.shared import Listeners, Market
from support import wire
from support.books import side_of
from support.capture_files import captured, kinds
from support.captures import incoming
from support.frames import at, connect, disconnect, text, wall
from support.wait import eventually

NOW = datetime(2026, 3, 31, 12, 0, 0, tzinfo=UTC)
NAME = "gemini-BTCUSD-20260331T120000Z.jsonl"
WALL_NS = 1_700_000_000_000_000_000


class Place:
    """A market as the control knows it."""

    listeners: Listeners = Listeners()
    version: int = 0


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def control(place: Place, limit: int | None = None) -> RecordingControl:
    return RecordingControl(
        place, venue="gemini", symbol="BTCUSD", depth=2, limit=limit, now=lambda: NOW
    )


def book() -> OrderBook:
    made = OrderBook()
    bids = [("99.5", "1"), ("99", "2"), ("98", "3")]
    asks = [("100.5", "0.25")]
    made.apply_snapshot(BookSnapshot(list(side_of(bids).items()), list(side_of(asks).items())))
    return made


def put(place: Place, count: int = 1) -> None:
    books = place.listeners.books
    assert books is not None
    for index in range(count):
        books.on_book(book(), WALL_NS + index * 1_000_000)


def test_at_first_nothing_is_recorded(tmp_path: Path) -> None:
    place = Place()

    recording = control(place)

    assert not recording.active
    assert not recording.failed
    assert not recording.done()
    assert recording.status() is None
    assert recording.words() == "not recording · r records"
    assert recording.stop() == ""
    assert list(tmp_path.iterdir()) == []


def test_a_recording_is_told_of_books_and_saved_by_name(tmp_path: Path) -> None:
    place = Place()
    recording = control(place)

    recording.start("books.jsonl")
    put(place, 3)
    active, lines = recording.active, recording.lines
    saved = recording.stop()

    assert active
    assert lines == 3
    assert not recording.active
    assert place.listeners == Listeners()
    assert saved == f"saved 3 book lines to {tmp_path / 'books.jsonl'}"
    written = (tmp_path / "books.jsonl").read_text().splitlines()
    first = '{"bids": [[99.5, 1], [99, 2]], "asks": [[100.5, 0.25]], "ts": 1700000000000}'
    assert written[0] == first
    assert [json.loads(line)["bids"] == [] for line in written] == [False, False, False, True]


def test_words_tell_how_it_stands() -> None:
    place = Place()
    recording = control(place)
    recording.start("somewhere.jsonl")

    put(place, 1200)

    eventually(lambda: "kB" in recording.words(), "bytes were written")
    assert recording.words().startswith("REC 0.")
    assert " · 0 dropped" in recording.words()
    eventually(lambda: "fsync" in recording.words(), "they are on the disk")
    recording.stop()


def test_toggling_makes_a_name_and_stops(tmp_path: Path) -> None:
    place = Place()
    recording = control(place)

    faults = [recording.toggle()]
    put(place)
    begun = recording.active
    faults.append(recording.toggle())

    assert faults == ["", ""]
    assert begun
    assert not recording.active
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_toggling_goes_on_in_the_file_that_was_named(tmp_path: Path) -> None:
    place = Place()
    recording = control(place)
    recording.start("books.jsonl")
    put(place)
    recording.toggle()

    recording.toggle()
    put(place)
    recording.toggle()

    assert [path.name for path in tmp_path.iterdir()] == ["books.jsonl"]
    kept = [json.loads(line) for line in Path("books.jsonl").read_text().splitlines()]
    # Book, end, the mark of what was appended, book, end.
    assert [bool(line["bids"]) for line in kept] == [True, False, False, True, False]


def test_a_recording_of_nothing_leaves_nothing(tmp_path: Path) -> None:
    recording = control(Place())
    recording.start()

    assert recording.stop() == ""

    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_opened_is_told_and_nothing_listens() -> None:
    place = Place()
    recording = control(place)

    with pytest.raises(RecordingError, match="does not exist"):
        recording.start("no/such/folder")

    assert not recording.active
    assert place.listeners == Listeners()


def test_toggling_tells_why_it_could_not() -> None:
    place = Place()
    recording = control(place)
    Path(NAME).mkdir()

    fault = recording.toggle()

    assert "it is a folder" in fault
    assert not recording.active
    assert place.listeners == Listeners()


def test_a_path_that_failed_is_not_taken_for_the_next(tmp_path: Path) -> None:
    recording = control(Place())
    with pytest.raises(RecordingError):
        recording.start("no/such/folder")

    assert recording.toggle() == ""

    assert recording.places == [str(tmp_path / NAME)]
    recording.stop()


def test_the_limit_is_told() -> None:
    place = Place()
    recording = control(place, limit=2)
    recording.start("books.jsonl")

    put(place)
    early = recording.done()
    put(place, 5)

    assert not early
    assert recording.done()
    assert recording.lines == 2
    recording.stop()


def test_a_failed_recording_says_so_and_starts_anew() -> None:
    place = Place()
    recording = control(place)
    os.mkfifo("pipe")
    reader = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)
    recording.start("pipe")
    os.close(reader)

    put(place)
    eventually(lambda: recording.failed, "the reader's leaving was noticed")

    went_on, words = recording.active, recording.words()
    os.unlink("pipe")
    fault = recording.toggle()
    put(place)
    begun = recording.active
    saved = recording.stop()

    assert not went_on
    assert words.startswith("RECORDING STOPPED · nobody reads it any more")
    assert words.endswith("r starts it anew")
    assert fault == ""
    assert begun
    assert saved == f"saved 1 book lines to {Path('pipe').resolve()}"


def test_a_failed_recording_is_no_success_when_it_is_stopped() -> None:
    place = Place()
    recording = control(place)
    os.mkfifo("pipe")
    reader = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)
    recording.start("pipe")
    os.close(reader)
    put(place)
    eventually(lambda: recording.failed, "the reader's leaving was noticed")

    saved = recording.stop()

    assert saved.startswith("recording stopped: nobody reads it any more")
    assert saved.endswith("; lines lost: 1")


# A capture, and both


class Fed:
    """A market that is told of frames by hand, and recorded."""

    def __init__(
        self,
        limit: int | None = None,
        instant: Callable[[], Instant] | None = None,
        overwrite: bool = False,
        disk: Disk | None = None,
        rotation: Rotation | None = None,
    ) -> None:
        self.market = Market(Session(GeminiFeed("BTCUSD")))
        told = [Instant(wall(0) + 777_777, at(0)), Instant(wall(50) + 888_888, at(50))]
        self.recording = RecordingControl(
            self.market,
            venue="gemini",
            symbol="BTCUSD",
            url=lambda: "wss://venue",
            depth=2,
            limit=limit,
            now=lambda: NOW,
            instant=instant or (lambda: told.pop(0)),
            overwrite=overwrite,
            disk=disk,
            rotation=rotation,
        )

    def apply(self, *frames: Frame) -> None:
        for frame in frames:
            self.market.apply(frame)

    def tick(self, seconds: float) -> None:
        self.market.tick(wall(seconds), at(seconds))


def levels(number: int, seconds: float, *, after: int | None = None) -> Frame:
    bids, asks = [("98", str(number))], [("101", "2")]
    return text(wire.depth(number, bids, asks, after=after), seconds)


DAY = [
    connect(0.1),
    text(wire.ack(), 0.2),
    levels(1, 0.3),
    levels(2, 0.4, after=1),
    text(wire.trade(), 0.5),
    levels(9, 0.6, after=7),  # a message was lost
    disconnect(0.7),
    connect(1.0, 2),
    levels(20, 1.1),
    levels(21, 1.2, after=20),
]


def replayed(*paths: str | Path) -> bytes:
    """The book lines that a capture leads to, by the same market and recorder."""
    market = Market(Session(GeminiFeed("BTCUSD")))
    books = BookRecorder.open("replayed.jsonl", 2, overwrite=True)
    market.listeners = Listeners(books=books)
    for path in paths:
        for frame in captured(Path(path)):
            market.apply(frame)
    books.close()
    return Path("replayed.jsonl").read_bytes()


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


def test_a_frame_that_is_being_applied_at_the_end_has_its_book_line() -> None:
    place = Place()
    recording = control(place)
    recording.start("books.jsonl", "wire.jsonl")
    books, frames = place.listeners
    assert books is not None
    assert frames is not None

    frames.on_frame(DAY[0], Session(GeminiFeed("BTCUSD")))
    stopping = threading.Thread(target=recording.stop)
    stopping.start()
    eventually(lambda: place.listeners == Listeners(), "nothing more is heard")
    books.on_book(book(), wall(1))
    place.version += 1
    stopping.join()

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


def test_what_comes_while_it_is_begun_anew_is_counted() -> None:
    disk = Room(900)
    frames = [*DAY[:4], *(levels(n, 0.4 + n / 1000, after=n - 1) for n in range(3, 60))]
    between: list[Frame] = []

    def instant() -> Instant:
        while between:  # the feed does not wait
            fed.apply(between.pop(0))
        return Instant.now()

    fed = Fed(instant=instant, disk=disk)
    fed.recording.start(capture="wire.jsonl")
    fed.apply(*frames[:20])
    eventually(lambda: fed.recording.failed, "the disk was full")
    disk.room = 10**9
    between += frames[20:25]
    fed.recording.toggle()
    fed.apply(*frames[25:])
    fed.recording.stop()

    got = captured(Path("wire.jsonl"))
    (drop,) = (frame for frame in got if frame.kind is FrameKind.DROP)
    told = msgspec.json.decode(drop.data, type=Drop).count
    assert len([frame for frame in got if frame in frames]) + told == len(frames)


def test_what_a_second_failure_loses_is_told_with_the_first() -> None:
    disk = Room(900)
    fed = Fed(instant=Instant.now, disk=disk)
    fed.recording.start(capture="wire.jsonl")
    frames = [*DAY[:4], *(levels(n, 0.4 + n / 1000, after=n - 1) for n in range(3, 60))]

    for part in (frames[:20], frames[20:30], frames[30:40]):
        fed.apply(*part)
        eventually(lambda: fed.recording.failed, "the disk was full")
        disk.room = 10**9 if part[-1] is frames[39] else 0
        assert fed.recording.toggle() == ""
    fed.apply(*frames[40:])
    fed.recording.stop()

    got = captured(Path("wire.jsonl"))
    texts = [frame for frame in got if frame in frames]
    told = sum(
        msgspec.json.decode(frame.data, type=Drop).count
        for frame in got
        if frame.kind is FrameKind.DROP
    )
    assert len(texts) + told >= len(frames)


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
    taken = fed.recording.mark("so")
    fed.recording.stop()

    assert refused == "no capture is being written (--capture FILE)"
    assert taken == ""
    assert kinds(captured(Path("wire.jsonl"))) == "header connect mark end"


# A full disk


class Room(Disk):
    """A disk with room for so many bytes."""

    def __init__(self, room: int) -> None:
        self.room = room

    def write(self, fd: int, data: memoryview) -> int:
        if not self.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        count = super().write(fd, data[: self.room])
        self.room -= count
        return count


@pytest.mark.parametrize("name", ["wire.jsonl", "wire.jsonl.zst"])
@pytest.mark.parametrize("rotation", [None, Rotation(seconds=1000.0)])
def test_after_a_full_disk_r_goes_on_and_tells_the_gap(
    name: str, rotation: Rotation | None
) -> None:
    disk = Room(900 if name == "wire.jsonl" else 330)
    fed = Fed(instant=Instant.now, disk=disk, rotation=rotation)
    fed.recording.start(capture=name)
    frames = [*DAY[:4], *(levels(n, 0.4 + n / 1000, after=n - 1) for n in range(3, 60))]

    fed.apply(*frames[:20])
    eventually(lambda: fed.recording.failed, "the disk was full")
    words = fed.recording.words()
    fed.apply(*frames[20:30])
    still = fed.recording.words()
    fault = fed.recording.toggle()
    disk.room = 10**9
    faults = [fault, fed.recording.toggle() if fed.recording.failed else ""]
    fed.apply(*frames[30:])
    begun = fed.recording.active
    fed.recording.stop()

    assert words.startswith("RECORDING STOPPED · disk full: No space left on device (")
    assert still == words, "it stays"
    assert faults[-1] == ""
    assert begun
    got = [frame for path in sorted(Path.cwd().iterdir()) for frame in captured(path)]
    drop = next(frame for frame in got if frame.kind is FrameKind.DROP)
    told = msgspec.json.decode(drop.data, type=Drop)
    texts = [frame for frame in got if frame in frames]
    assert len(texts) + told.count >= len(frames), "each is there, or told as missing"
    assert told.reason.startswith("disk full")
    assert got[-len(frames[30:]) - 1 : -1] == frames[30:]
    alone = Session(GeminiFeed("BTCUSD"))
    for frame in got[:-1]:
        alone.receive(frame)
    assert alone.trusted
    assert alone.book.bids.sizes[Decimal(98)] == 59


def test_each_stopped_recording_is_remembered() -> None:
    place = Place()
    recording = control(place)
    at_first = list(recording.saved), recording.ended

    said = []
    for name, count in (("one.jsonl", 2), ("two.jsonl", 3)):
        recording.start(name)
        put(place, count)
        said.append(recording.stop())
    recording.start("none.jsonl")
    recording.stop()
    recording.stop()

    assert at_first == ([], None)
    assert recording.saved == said
    assert said == [
        f"saved 2 book lines to {Path('one.jsonl').resolve()}",
        f"saved 3 book lines to {Path('two.jsonl').resolve()}",
    ]


def test_toggling_remembers_what_it_stopped() -> None:
    place = Place()
    recording = control(place)
    recording.start("books.jsonl")
    put(place)

    recording.toggle()

    assert recording.saved == [f"saved 1 book lines to {Path('books.jsonl').resolve()}"]


def test_how_a_recording_stood_when_it_was_closed_is_kept() -> None:
    place = Place()
    recording = control(place)
    recording.start("books.jsonl")
    put(place, 2)
    recording.stop()

    well = recording.ended
    os.mkfifo("pipe")
    reader = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)
    recording.start("pipe")
    put(place, 5000)
    recording.stop(0.05)
    lost = recording.ended
    os.close(reader)

    assert well is not None
    assert (well.failed, well.lost, well.open) == (None, 0, False)
    assert well.items_written == 3
    assert lost is not None
    assert lost.failed == "not all was taken within 0.05 s (pipe)"
    assert lost.lost > 0
    assert recording.status() is None
