"""Starting and stopping what is recorded, and how it says that it stands."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from control_support import (
    NAME,
    Place,
    control,
    put,
)
from obtui.recording.files import RecordingError
from obtui.shared import Listeners
from support.wait import eventually


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_at_first_nothing_is_recorded(tmp_path: Path) -> None:
    place = Place()

    recording = control(place)

    assert not recording.active
    assert not recording.failed
    assert not recording.done()
    assert recording.statuses() == []
    assert recording.words() == "not recording"
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
    assert saved == f"saved 1 book lines to {Path('pipe').resolve()}; lines lost: 1"


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
    assert lost.failed is not None
    assert re.fullmatch(r"not all was taken within 0\.0\d+ s \(pipe\)", lost.failed)
    assert lost.lost > 0
    assert recording.statuses() == []
