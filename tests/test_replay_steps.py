"""A frame on and a frame back: by their count, whatever their times."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from obtui.frame import FrameKind
from replay_support import (
    MAX,
    Playing,
    Step,
    at_time,
    closely_spaced,
    set_back,
    track,
)
from support import wire
from support.books import levels_of
from support.frames import wall
from support.recordings import (
    ASKS,
    BIDS,
    header,
    message,
    opened,
    run,
)


@pytest.fixture(autouse=True)
def checkpoints() -> Iterator[None]:
    with closely_spaced():
        yield


def test_steps_on_and_back_stand_still_on_each_frame(tmp_path: Path) -> None:
    frames = run()
    playing = Playing(track(tmp_path, frames))
    places: list[tuple[int, bool]] = []
    on, back = (lambda: playing.player.step(1)), (lambda: playing.player.step(-1))

    def look() -> None:
        places.append((playing.here, playing.player.view().paused))
        assert playing.book == levels_of(at_time(frames, playing.here).book)

    playing.player.seek(frames[6].received_ns)
    playing.player.toggle_pause()
    playing.play(*(step for move in (on, on, back, back, back, on) for step in (look, move)), look)

    wanted = [frames[nth].received_ns for nth in (6, 7, 8, 7, 6, 5, 6)]
    assert places == [(place, True) for place in wanted]


def test_a_step_back_from_the_first_frame_stays_there(tmp_path: Path) -> None:
    frames = run()
    playing = Playing(track(tmp_path, frames))
    playing.player.toggle_pause()

    playing.play(lambda: playing.player.step(1), lambda: playing.player.step(-1))

    assert playing.here == frames[0].received_ns
    assert playing.book == ({}, {})


def test_steps_at_the_end_are_not_kept_for_later(tmp_path: Path) -> None:
    frames = run()
    playing = Playing(track(tmp_path, frames), speed=MAX)

    playing.play(
        lambda: playing.player.step(1),
        lambda: playing.player.step(1),
        lambda: playing.player.step(-1),
    )

    assert playing.here == frames[-2].received_ns


@pytest.mark.parametrize("index", [True, False])
def test_a_step_back_is_one_frame_also_where_several_share_a_time(
    tmp_path: Path, *, index: bool
) -> None:
    frames = [header(), opened(), message(wire.depth(1, BIDS, ASKS), 0.1)]
    frames += [message(wire.depth(2 + n, [("1", f"{n}")], after=1 + n), 0.5) for n in range(400)]
    playing = Playing(track(tmp_path, frames, index=index), speed=MAX)
    back = partial(playing.player.step, -1)
    messages: list[int] = []

    def look() -> None:
        messages.append(playing.market.messages)

    looks: list[Step] = [back, look]
    playing.play(*looks * 3, back, back)

    assert messages == [400, 399, 398]
    assert playing.market.messages == 396


@pytest.mark.parametrize("index", [True, False])
def test_where_the_clock_was_set_back_a_step_back_is_one_frame(
    tmp_path: Path, *, index: bool
) -> None:
    frames = set_back()
    playing = Playing(track(tmp_path, frames, index=index), speed=MAX)
    messages: list[int] = []
    back, on = partial(playing.player.step, -1), partial(playing.player.step, 1)

    def look() -> None:
        messages.append(playing.market.messages)

    steps: list[Step] = [back, look]
    playing.play(*steps * 50, on, look)

    # The marks are frames too.
    texts = [frame.kind is FrameKind.TEXT for frame in frames]
    wanted = [sum(texts[: len(frames) - back]) for back in range(1, 51)]
    assert messages == [*wanted, wanted[-2]]


def test_where_the_clock_was_set_back_ten_seconds_on_are_on(tmp_path: Path) -> None:
    playing = Playing(track(tmp_path, set_back()))
    playing.player.toggle_pause()
    messages: list[int] = []

    def on() -> None:
        playing.player.seek_by(10)

    playing.player.seek(wall(15))
    playing.play(*[on, lambda: messages.append(playing.market.messages)] * 4)

    # From the 15th second to the 25th by the clock that was set back: the 35th message.
    assert messages == [37, 47, 57, 61]


def test_where_the_clock_was_set_back_seconds_on_never_lead_back(tmp_path: Path) -> None:
    playing = Playing(track(tmp_path, set_back()))
    messages: list[int] = []

    def look() -> None:
        messages.append(playing.market.messages)

    on, five = partial(playing.player.step, 1), partial(playing.player.seek_by, 5)
    playing.player.toggle_pause()
    playing.player.seek_event(1)
    # To the first mark, in the 19th second; three frames on, it is the 12th.
    playing.play(lambda: None, on, on, on, look, five, look, five, look)

    assert messages == [24, 29, 34]
