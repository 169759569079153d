"""Playing at a pace: speed, pause, and whose clock counts, on a clock that only waiting moves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from obtui.frame import Frame, Gap
from obtui.pace import SPEEDS
from obtui.way import Goal
from replay_support import (
    MAX,
    Playing,
    closely_spaced,
    track,
)
from support.frames import wall
from support.recordings import (
    control,
    eventful_market,
    header,
    opened,
    run,
)


@pytest.fixture(autouse=True)
def checkpoints() -> Iterator[None]:
    with closely_spaced():
        yield


def two_runs() -> list[Frame]:
    """The second a night later, its monotonic clock begun anew."""
    night = 8 * 3600 * 1_000_000_000
    second = [
        Frame(it.kind, it.data, it.received_ns + night, it.monotonic_ns - 4_000_000_000_000, 1)
        for it in run(3)
    ]
    return [*run(3), *second]


@pytest.mark.parametrize("speed", [0.1, 1.0, 10.0, 1000.0])
def test_frames_come_at_the_recordings_pace(tmp_path: Path, speed: float) -> None:
    playing = Playing(track(tmp_path, run()), speed=speed)

    playing.play()

    assert [frame for _, frame in playing.applied] == run()
    for seconds, frame in playing.applied:
        wanted = (frame.received_ns - wall(0)) / 1e9 / speed
        assert seconds == pytest.approx(wanted, abs=1e-4)


def test_at_full_speed_nothing_is_waited_for(tmp_path: Path) -> None:
    frames = eventful_market(2000)
    playing = Playing(track(tmp_path, frames), speed=MAX)

    playing.play()

    assert [frame for _, frame in playing.applied] == frames
    assert {seconds for seconds, _ in playing.applied} == {0.0}
    assert playing.player.view().ended


def test_a_pause_takes_nothing_of_the_recordings_time(tmp_path: Path) -> None:
    playing = Playing(track(tmp_path, run()))
    pause = playing.player.toggle_pause

    playing.play(timed=[(1.05, pause), (9.0, pause)])

    times = [seconds for seconds, _ in playing.applied]
    assert not [seconds for seconds in times if 1.11 < seconds < 9.0]
    after = [it for it in playing.applied if it[0] >= 9.0]
    # What was left of the wait for the next frame is waited for anew, at most.
    assert after[0][0] == pytest.approx(9.1, abs=0.11)
    assert after[-1][0] - after[0][0] == pytest.approx(
        (after[-1][1].received_ns - after[0][1].received_ns) / 1e9, abs=1e-4
    )
    assert [frame for _, frame in playing.applied] == run()


def test_the_recordings_clock_stands_still_with_it(tmp_path: Path) -> None:
    playing = Playing(track(tmp_path, run()))
    clock = playing.player.monotonic_ns
    seen: list[int] = []
    playing.player.toggle_pause()

    playing.play(lambda: playing.player.step(1), *([lambda: seen.append(clock())] * 3))
    ended = clock()
    playing.now_ns += 60_000_000_000

    assert set(seen) == {run()[0].monotonic_ns}
    assert clock() == ended


def test_between_two_frames_the_recordings_clock_goes_on_at_its_speed(tmp_path: Path) -> None:
    frames = [header(), opened(), control(Gap("STALE", "quiet", lost=False), 10)]
    playing = Playing(track(tmp_path, frames), speed=2.0)
    seen: list[float] = []

    def look() -> None:
        seen.append((playing.player.monotonic_ns() - frames[0].monotonic_ns) / 1e9)

    playing.play(timed=[(1.0, look), (4.0, look)])

    assert seen == pytest.approx([2.0, 8.0], abs=0.25)


def test_at_the_end_the_recordings_clock_stands(tmp_path: Path) -> None:
    playing = Playing(track(tmp_path, run()))
    seen: list[int] = []

    playing.play(*([lambda: seen.append(playing.player.monotonic_ns())] * 3))

    assert set(seen) == {run()[-1].monotonic_ns}


def test_speeds_go_up_and_down_to_their_ends(tmp_path: Path) -> None:
    player = Playing(track(tmp_path, run()), speed=3.0).player
    seen = []
    for _ in range(12):
        player.change_speed(1)
        seen.append(player.view().speed)
    for _ in range(12):
        player.change_speed(-1)
        seen.append(player.view().speed)

    assert seen[:6] == [5.0, 10.0, 25.0, 100.0, MAX, MAX]
    assert seen[12:] == [*reversed(SPEEDS[:-1]), *[SPEEDS[0]] * 3]


def test_a_change_of_speed_counts_from_there(tmp_path: Path) -> None:
    playing = Playing(track(tmp_path, run()))

    playing.play(timed=[(1.0, lambda: playing.player.change_speed(3))])

    assert playing.player.view().speed == 10.0
    assert playing.applied[-1][0] == pytest.approx(1.0 + 1.3 / 10, abs=0.15)


def test_after_a_seek_it_goes_on_at_its_pace(tmp_path: Path) -> None:
    frames = run()
    playing = Playing(track(tmp_path, frames))

    # Ten seconds before a moment in the first second is before the beginning.
    playing.play(timed=[(1.05, lambda: playing.player.seek_by(-10))])

    again = [it for it in playing.applied if it[0] > 1.05]
    start = again[0][0]
    assert [frame for _, frame in again] == frames
    assert again[-1][0] - start == pytest.approx(2.3, abs=1e-3)


def test_a_new_run_is_not_waited_for(tmp_path: Path) -> None:
    playing = Playing(track(tmp_path, two_runs()))

    playing.play()

    assert [frame for _, frame in playing.applied] == two_runs()
    second = len(run(3))
    assert playing.applied[second][0] == playing.applied[second - 1][0]
    assert playing.applied[-1][0] == pytest.approx(2 * 0.6, abs=1e-3)


def test_an_anchor_set_while_a_seek_comes_is_not_kept(tmp_path: Path) -> None:
    frames = run()
    playing = Playing(track(tmp_path, frames))
    jump = playing.player._jump

    def late(goal: Goal) -> object:
        # As if the seek had come between two looks at the target.
        playing.player._pace._anchor = (frames[-1].monotonic_ns, playing.now_ns)
        return jump(goal)

    playing.player._jump = late  # type: ignore[method-assign, assignment]
    playing.play(timed=[(1.05, lambda: playing.player.seek(wall(0.2)))])

    assert playing.applied[-1][0] == pytest.approx(1.05 + 2.1, abs=0.2)
