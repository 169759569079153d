"""Playing what is still being written, as it grows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from obtui.feeds.base import LATEST
from obtui.frame import FrameKind
from obtui.recording.index import open_index
from obtui.recording.reader import open_recording
from obtui.track import Track
from replay_support import (
    INDEXES,
    MAX,
    Playing,
    append,
    at_time,
    closely_spaced,
    growing,
    segmented,
)
from support.books import levels_of
from support.frames import wall
from support.recordings import lines, put, run


@pytest.fixture(autouse=True)
def checkpoints() -> Iterator[None]:
    with closely_spaced():
        yield


def test_what_is_appended_is_shown(tmp_path: Path) -> None:
    frames = run()
    path, made = growing(tmp_path, frames[:5])
    playing = Playing(made, speed=MAX)
    seen: list[tuple[int, bool]] = []

    def look() -> None:
        seen.append((len(playing.applied), playing.player.view().ended))

    playing.play(look, append(path, frames[5:9]), look, append(path, frames[9:]), look)

    assert seen == [(5, False), (9, False), (len(frames), False)]
    assert [frame for _, frame in playing.applied] == frames
    assert made.span is None


def test_a_seek_beyond_what_is_written_shows_what_there_is(tmp_path: Path) -> None:
    frames = run()
    path, made = growing(tmp_path, frames[:8])
    playing = Playing(made, speed=MAX)
    places: list[int] = []

    playing.play(
        lambda: playing.player.seek(wall(0.2)),
        lambda: playing.player.seek(wall(3600)),
        lambda: None,
        lambda: places.append(playing.here),
        append(path, frames[8:10]),
        lambda: places.append(playing.here),
    )

    assert places == [frames[7].received_ns, frames[9].received_ns]
    assert playing.book == levels_of(at_time(frames, frames[9].received_ns).book)


def test_back_in_what_grows_and_on_again(tmp_path: Path) -> None:
    frames = run()
    path, made = growing(tmp_path, frames[:8])
    playing = Playing(made, speed=MAX)

    playing.play(
        lambda: playing.player.seek(frames[4].received_ns),
        append(path, frames[8:]),
    )

    assert [frame for _, frame in playing.applied] == [*frames[:8], *frames[5:]]
    assert playing.book == levels_of(at_time(frames, frames[-1].received_ns).book)


def test_in_a_file_that_was_begun_after_the_index_was_made_it_is_stepped_back(
    tmp_path: Path,
) -> None:
    frames = segmented(run()[:-2], 2)
    half = next(nth for nth, it in enumerate(frames) if nth and it.kind is FrameKind.HEADER)
    first = tmp_path / "b-000000.jsonl"
    put(first, lines(frames[:half]))
    put(tmp_path / "b-000001.jsonl", lines(frames[half:]))
    recording = open_recording([str(first)])
    INDEXES.append(open_index(recording))
    playing = Playing(Track(recording, INDEXES[-1], grows=True), speed=MAX)
    places: list[int] = []

    def back() -> None:
        playing.player.step(-1)

    def look() -> None:
        places.append(playing.here)

    playing.player.seek(LATEST)
    playing.play(
        timed=[(0.5, back), (1.0, look), (1.2, back), (1.7, look), (2, playing.player.stop)]
    )

    assert places == [frames[-2].received_ns, frames[-3].received_ns]
