"""A recording that can be read no further while it is played: the playing ends there, in words."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from obtui.market import BookState
from obtui.recording.index import open_index
from obtui.recording.raw import FileBytes
from obtui.recording.reader import open_recording
from obtui.track import Track
from replay_support import INDEXES, MAX, Playing, closely_spaced, growing, segmented, track
from support.recordings import eventful_market, lines, pack, put, run

GONE = "there is no such file; check its name"


@pytest.fixture(autouse=True)
def checkpoints() -> Iterator[None]:
    with closely_spaced():
        yield


def broken_off(playing: Playing) -> str:
    """Why, of a player that stands where it broke off, its book not trusted."""
    view, session = playing.player.view(), playing.market._session
    assert view.ended
    assert not session.trusted
    assert session.state is BookState.SYNCING
    assert session.reason.startswith("the recording ends: ")
    assert view.failure.count("\n") == 0
    return view.failure


def test_a_file_that_is_removed_is_named_at_the_next_seek(tmp_path: Path) -> None:
    frames = eventful_market(2000)
    playing = Playing(track(tmp_path, frames))
    playing.player.seek(frames[500].received_ns)
    playing.player.toggle_pause()
    seen: list[str] = []

    playing.play(
        (tmp_path / "c-000000.jsonl").unlink,
        lambda: playing.player.seek(frames[100].received_ns),
        lambda: seen.append(broken_off(playing)),
    )

    assert seen == [f"cannot read {tmp_path / 'c-000000.jsonl'}: {GONE}"]
    assert playing.here == frames[500].received_ns


def test_where_it_can_be_read_it_can_still_be_gone_to(tmp_path: Path) -> None:
    frames = segmented(eventful_market(2000), 2)
    playing = Playing(track(tmp_path, frames, parts=2))
    late = frames[len(frames) // 2 + 200].received_ns
    seen: list[object] = []

    def look() -> None:
        seen.append((playing.player.view().failure, playing.market._session.trusted))

    playing.player.toggle_pause()
    playing.play(
        lambda: playing.player.seek(late),
        (tmp_path / "c-000000.jsonl").unlink,
        lambda: playing.player.seek(frames[10].received_ns),
        lambda: broken_off(playing),
        lambda: playing.player.seek(late),
        look,
    )

    assert seen == [("", True)]
    assert playing.here == late


def test_a_next_segment_that_is_gone_ends_it_where_the_last_one_ended(tmp_path: Path) -> None:
    frames = segmented(eventful_market(2000), 2)
    playing = Playing(track(tmp_path, frames, parts=2), speed=MAX)
    (tmp_path / "c-000001.jsonl").unlink()
    seen: list[str] = []

    playing.play(lambda: seen.append(broken_off(playing)))

    assert seen == [f"cannot read {tmp_path / 'c-000001.jsonl'}: {GONE}"]
    assert [frame for _, frame in playing.applied][:-1] == frames[: -(-len(frames) // 2)]


@pytest.mark.parametrize("how", ["plain", "zst"])
def test_a_file_that_is_cut_short_is_not_taken_for_ended(tmp_path: Path, how: str) -> None:
    path = put(tmp_path / "a", pack(how, eventful_market(2000)))
    recording = open_recording([path])
    INDEXES.append(open_index(recording))
    playing = Playing(Track(recording, INDEXES[-1]), speed=MAX)
    os.truncate(path, os.path.getsize(path) // 2)
    seen: list[str] = []

    playing.play(lambda: seen.append(broken_off(playing)))

    assert f"{path} was cut short while it was read" in seen[0]


def test_an_error_of_the_disk_ends_it_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = eventful_market(2000)
    made = track(tmp_path, frames)
    whole = os.path.getsize(tmp_path / "c-000000.jsonl")
    read_at = FileBytes.read_at

    def failing(file: FileBytes, offset: int, count: int) -> bytes:
        if offset >= whole // 2:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return read_at(file, offset, min(count, whole // 2 - offset))

    monkeypatch.setattr(FileBytes, "read_at", failing)
    playing = Playing(made, speed=MAX)
    seen: list[str] = []

    playing.play(lambda: seen.append(broken_off(playing)))

    assert "Input/output error; choose another file" in seen[0]
    assert 500 < len(playing.applied) < len(frames)


def test_what_was_followed_and_is_removed_ends(tmp_path: Path) -> None:
    frames = run()
    path, made = growing(tmp_path, frames[:8])
    playing = Playing(made, speed=MAX)
    seen: list[str] = []

    playing.play(path.unlink, lambda: None, lambda: seen.append(broken_off(playing)))

    assert f"{path} was removed" in seen[0]
    assert [frame for _, frame in playing.applied][:-1] == frames[:8]


def test_damage_in_the_middle_is_played_past_and_told(tmp_path: Path) -> None:
    frames = eventful_market(2000)
    data = bytearray(pack("zst", frames))
    middle = len(data) // 2
    data[middle : middle + 40] = bytes(40)
    recording = open_recording([put(tmp_path / "a.zst", bytes(data))])
    playing = Playing(Track(recording), speed=MAX)

    playing.play()

    view = playing.player.view()
    assert view.ended
    assert not view.failure
    assert "could not be read, the last in " in view.damage
    assert "a torn zstandard frame" in view.damage


def test_a_torn_end_is_no_damage(tmp_path: Path) -> None:
    path = put(tmp_path / "a", lines(run())[:-20])
    playing = Playing(Track(open_recording([path])), speed=MAX)

    playing.play()

    assert not playing.player.view().damage
    assert not playing.player.view().failure
