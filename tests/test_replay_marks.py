"""Going to marks, gaps, losses and runs, in their order in the recording."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from obtui.feeds.base import LATEST
from obtui.frame import Frame, FrameKind, Gap, Mark
from replay_support import (
    MAX,
    Playing,
    append,
    closely_spaced,
    growing,
    segmented,
    set_back,
    track,
)
from support import wire
from support.frames import wall
from support.recordings import (
    ASKS,
    BIDS,
    control,
    eventful_market,
    header,
    message,
    opened,
    run,
)


@pytest.fixture(autouse=True)
def checkpoints() -> Iterator[None]:
    with closely_spaced():
        yield


def test_next_and_previous_go_through_marks_gaps_and_losses(tmp_path: Path) -> None:
    frames = eventful_market(2000)
    made = track(tmp_path, frames)
    playing = Playing(made)
    kinds = [FrameKind.MARK, FrameKind.GAP, FrameKind.DISCONNECT, FrameKind.MARK, FrameKind.GAP]
    went: list[tuple[int, int]] = []

    def go(direction: int) -> None:
        event = playing.player.seek_event(direction)
        went.append((direction, 0 if event is None else event.received_ns))

    def look() -> None:
        if went[-1][1]:
            assert playing.here == went[-1][1]

    playing.player.seek(frames[0].received_ns)
    playing.player.toggle_pause()
    moves = [1] * (len(kinds) + 1) + [-1] * (len(kinds))
    playing.play(*(step for move in moves for step in ((lambda move=move: go(move)), look)))

    times = [event.received_ns for event in made.events]
    assert [event.kind for event in made.events] == kinds
    assert [time for _, time in went] == [*times, 0, *reversed(times[:-1]), 0]


def went(playing: Playing, keys: str) -> list[str]:
    """The events that these keys lead to, one after the other, from the beginning."""
    names: list[str] = []

    def go(key: str) -> None:
        event = playing.player.seek_event(1 if key == "}" else -1)
        names.append(event.text if event else "")

    def arrived() -> None:
        assert playing.player._way.pending is None

    playing.player.toggle_pause()
    playing.play(*(step for key in keys for step in (partial(go, key), arrived)))
    return names


@pytest.mark.parametrize("index", [True, False])
def test_where_the_clock_was_set_back_every_mark_is_reached(tmp_path: Path, *, index: bool) -> None:
    made = track(tmp_path, set_back(), index=index)
    assert made.recording is not None
    for located in made.recording.frames():
        made.note(located, ())  # without an index, what was come by is known

    names = went(Playing(made), "}}}}{{{")

    assert names == ["at 19", "at 25", "at 50", "", "at 25", "at 19", ""]


def test_the_book_at_a_mark_is_the_one_of_its_line(tmp_path: Path) -> None:
    playing = Playing(track(tmp_path, set_back()))

    went(playing, "}}")

    # 26 changes, and the book before them.
    assert playing.market.messages == 27


def late_mark() -> list[Frame]:
    """A mark made in the 5th second, whose note was written in the 15th; gaps in the 3rd, 10th and
    20th."""
    frames = [header(), opened(), message(wire.depth(1, BIDS, ASKS))]
    for nth in range(1, 30):
        frames.append(message(wire.depth(nth + 1, [("90", f"{nth}")], after=nth), nth))
        if nth in (3, 10, 20):
            frames.append(control(Gap("STALE", f"{nth}", lost=False), nth))
        if nth == 15:
            frames.append(control(Mark("late", wall(5.5)), nth))
    return frames


def test_a_mark_is_where_its_moment_was_not_where_its_note_was_written(tmp_path: Path) -> None:
    playing = Playing(track(tmp_path, late_mark()))

    assert went(playing, "}}}}{{{") == [
        *("STALE 3", "late", "STALE 10", "STALE 20"),
        *("STALE 10", "late", "STALE 3"),
    ]

    playing = Playing(track(tmp_path, late_mark()))
    went(playing, "}}")
    assert playing.here == wall(5)
    assert playing.market.messages == 6


def test_played_on_from_a_late_mark_its_moment_is_not_ahead_again(tmp_path: Path) -> None:
    playing = Playing(track(tmp_path, late_mark()))
    names: list[str] = []

    def on() -> None:
        event = playing.player.seek_event(1)
        names.append(event.text if event else "")

    playing.player.seek(wall(5.5))
    playing.play(timed=[(1.5, on), (2, playing.player.stop)])

    assert names == ["STALE 10"]


def test_the_previous_mark_asked_for_twice_while_playing_is_the_one_before(tmp_path: Path) -> None:
    frames = [header(), opened(), message(wire.depth(1, BIDS, ASKS))]
    for nth in range(1, 60):
        frames.append(message(wire.depth(nth + 1, [("90", f"{nth}")], after=nth), nth / 10))
        if nth in (20, 40):
            frames.append(control(Mark(f"{nth}"), nth / 10))
    playing = Playing(track(tmp_path, frames))
    names: list[str] = []

    def back() -> None:
        event = playing.player.seek_event(-1)
        names.append(event.text if event else "")

    # Each time it is played on by more than a frame; the last ones come more than 2 s after.
    times = (4.5, 5.0, 9.0, 10.5)
    playing.play(timed=[*((second, back) for second in times), (11, playing.player.stop)])

    assert names == ["40", "20", "40", "20"]


def test_gone_elsewhere_the_previous_mark_is_the_one_before_that_place(tmp_path: Path) -> None:
    playing = Playing(track(tmp_path, set_back()))
    names: list[str] = []

    def back() -> None:
        event = playing.player.seek_event(-1)
        names.append(event.text if event else "")

    playing.player.seek(LATEST)
    playing.player.toggle_pause()
    playing.play(back, lambda: None, lambda: playing.player.seek_by(20), lambda: None, back)

    assert names == ["at 50", "at 50"]


NIGHT = 8 * 3600.0


def night_later(frames: Sequence[Frame]) -> list[Frame]:
    """Another run of the same recorder."""
    return [
        Frame(it.kind, it.data, it.received_ns + round(NIGHT * 1e9), it.monotonic_ns // 2, 1)
        for it in frames
    ]


@pytest.mark.parametrize("parts", [1, 2])
@pytest.mark.parametrize("killed", [True, False])
def test_a_hole_between_two_runs_is_on_the_time_line(
    tmp_path: Path, parts: int, *, killed: bool
) -> None:
    first = run(8)[:-1] if killed else run(8)
    second = night_later(run(8)[: len(first)])
    made = track(tmp_path, [*first, *second], parts=parts)
    playing = Playing(made)

    names = went(playing, "}}}")

    assert names == ["before the end", "another run begins, 7h59m after the last", "before the end"]
    assert [event.kind.value for event in made.events] == ["mark", "gap", "mark"]


def test_a_hole_is_known_when_it_is_come_by(tmp_path: Path) -> None:
    path, made = growing(tmp_path, run(8)[:-1])
    playing = Playing(made, speed=MAX)

    playing.play(append(path, night_later(run(3))), lambda: None)

    texts = [event.text for event in made.events]
    assert texts == ["before the end", "another run begins, 7h59m after the last", "before the end"]


def test_the_next_file_of_a_run_is_no_hole(tmp_path: Path) -> None:
    made = track(tmp_path, segmented(run(20), 3), parts=3)

    assert [event.text for event in made.events] == ["before the end"]


def test_where_the_clock_was_set_back_what_is_next_is_told_by_its_place(tmp_path: Path) -> None:
    playing = Playing(track(tmp_path, set_back()))
    names: list[str] = []

    def go(direction: int) -> None:
        event = playing.player.seek_event(direction)
        names.append(event.text if event else "")

    on = partial(playing.player.step, 1)
    playing.player.toggle_pause()
    # Two frames after the first mark it is 8 s before it by the clock.
    for direction in (1, -1):
        playing.play(partial(go, 1), lambda: None, on, on, partial(go, direction), lambda: None)
        playing.player._stopped = False
        playing.player.seek(0)

    assert names == ["at 19", "at 25", "at 19", "at 19"]


def test_a_late_mark_is_gone_to_over_checkpoints(tmp_path: Path) -> None:
    frames = [header(), opened(), message(wire.depth(1, BIDS, ASKS))]
    frames += [
        message(wire.depth(nth + 1, [("90", f"{nth}")], after=nth), nth / 100)
        for nth in range(1, 1200)
    ]
    frames.insert(1100, control(Mark("late", wall(2)), frames[1099].monotonic_ns / 1e9 - 5000))
    playing = Playing(track(tmp_path, frames))

    assert went(playing, "}") == ["late"]

    assert playing.here == wall(2)
    assert playing.market.messages == 201
