"""Following a recorder: it ends, hangs, dies and comes back, and what is shown says so."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from obtui import present
from obtui.feeds.base import LATEST
from obtui.frame import Disconnect, FrameKind, Gap
from obtui.recording.reader import Recording, open_recording
from obtui.track import Track
from replay_support import (
    MAX,
    RECORDERS,
    Playing,
    Step,
    append,
    closely_spaced,
    growing,
    hold,
    leave,
    segmented,
)
from support import wire
from support.recordings import control, lines, message, put, run


@pytest.fixture(autouse=True)
def checkpoints() -> Iterator[None]:
    with closely_spaced():
        yield


LOOKS = 12.0
"""Seconds in which all is looked at; after it the playing is stopped."""


class Watched:
    """A recording that is followed: what is said of it at each second."""

    def __init__(self, path: Path, made: Track, *, speed: float = 1.0, late: float = 2.3) -> None:
        self.path = path
        self.playing = Playing(made, speed=speed)
        self.playing.late_ns = round(late * 1e9)
        self.playing.player.seek(LATEST)
        self.said: dict[float, tuple[str, str]] = {}

    def play(self, *timed: tuple[float, Step]) -> None:
        looks = [(second + 0.8, self.look) for second in range(int(LOOKS))]
        steps = sorted([*timed, *looks], key=lambda it: it[0])
        self.playing.play(timed=[*steps, (LOOKS, self.playing.player.stop)])

    def look(self) -> None:
        session = self.playing.market._session
        view = self.playing.player.view()
        pace = "ended" if view.ended else "gone" if view.gone else ""
        self.said[self.playing.seconds // 1] = (session.state.value, pace)

    @property
    def reason(self) -> str:
        return self.playing.market._session.reason


GONE = ("OFFLINE", "gone")
LIVE = ("VERIFIED", "")
ENDED = ("SYNCING", "ended")


@pytest.mark.parametrize("speed", [1.0, MAX])
def test_a_recorder_that_dies_is_told_and_its_book_not_trusted(
    tmp_path: Path, speed: float
) -> None:
    path, made = growing(tmp_path, run()[:-2])
    watched = Watched(path, made, speed=speed)

    watched.play((5.0, partial(leave, path)))

    assert [watched.said[second] for second in range(12)] == [LIVE] * 5 + [GONE] * 7
    assert watched.reason == "the recorder is gone: nothing since 22:13:22"
    # Once, whatever is looked at meanwhile.
    assert [it.kind for _, it in watched.playing.applied].count(FrameKind.GAP) == 1


def test_a_recorder_that_died_long_ago_is_told_at_once(tmp_path: Path) -> None:
    path, made = growing(tmp_path, run()[:-2])
    leave(path)
    watched = Watched(path, made, late=86_400)

    watched.play()

    assert set(watched.said.values()) == {GONE}
    assert watched.reason == "the recorder is gone: nothing since 2023-11-14 22:13:22"
    assert watched.playing.applied[0][0] == 0.0, "before anything else is shown"


def test_a_recorder_that_comes_back_is_followed_on(tmp_path: Path) -> None:
    path, made = growing(tmp_path, run()[:-2])
    watched = Watched(path, made)

    def comes_back() -> None:
        hold(path)
        append(path, run()[:-2])()

    watched.play((3.0, partial(leave, path)), (7.0, comes_back))

    assert [watched.said[second] for second in (2, 5, 8, 11)] == [LIVE, GONE, LIVE, LIVE]
    assert "another run begins" in made.events[-1].text


def test_a_recorder_that_goes_on_in_its_next_file_is_followed_there(tmp_path: Path) -> None:
    first, second = tmp_path / "b-000000.jsonl", tmp_path / "b-000001.jsonl"
    frames = segmented(run()[:-2], 2)
    half = next(nth for nth, it in enumerate(frames) if nth and it.kind is FrameKind.HEADER)
    put(first, lines(frames[:half]))
    hold(first)
    watched = Watched(first, Track(open_recording([str(first)]), grows=True))

    def turn() -> None:
        put(second, b"")  # its first line is still on its way to the OS
        hold(second)
        leave(first)

    watched.play((3.0, turn), (6.0, append(second, frames[half:])), (9.0, partial(leave, second)))

    assert [watched.said[second] for second in (2, 5, 8, 10)] == [LIVE, LIVE, LIVE, GONE]
    assert watched.playing.market.messages == 21


def test_what_was_closed_whole_has_ended(tmp_path: Path) -> None:
    path, made = growing(tmp_path, run())
    watched = Watched(path, made)
    ages: list[int] = []

    watched.play(
        (3.0, partial(leave, path)),
        *[
            (second, lambda: ages.append(watched.playing.player.monotonic_ns()))
            for second in (6, 9)
        ],
    )

    assert watched.said[2.0] == ("SYNCING", "")
    assert watched.said[5.0] == watched.said[11.0] == ENDED
    assert set(ages) == {run()[-1].monotonic_ns}


def test_a_recorder_that_hangs_is_told_by_the_venues_own_rule(tmp_path: Path) -> None:
    path, made = growing(tmp_path, run()[:-2])
    watched = Watched(path, made)
    assert watched.playing.market._session.feed.stale_seconds == 30

    watched.playing.play(
        timed=[
            (34.0, watched.look),
            (36.0, watched.look),
            (37.0, append(path, [message(wire.depth(22, [("1", "1")], after=21), 37)])),
            (38.0, watched.look),
            (39.0, watched.playing.player.stop),
        ]
    )

    assert list(watched.said.values()) == [LIVE, GONE, LIVE]


def test_where_the_recorder_says_that_its_venue_is_silent_that_is_said(tmp_path: Path) -> None:
    path, made = growing(tmp_path, run()[:-2])
    watched = Watched(path, made)

    watched.play((4.0, append(path, [control(Gap("STALE", "no word for 30 s", lost=False), 6)])))

    assert [watched.said[second] for second in (3, 5, 11)] == [LIVE, ("STALE", ""), ("STALE", "")]
    assert watched.reason == "no word for 30 s"


def test_a_moment_before_the_end_is_shown_as_it_was(tmp_path: Path) -> None:
    path, made = growing(tmp_path, run()[:-2])
    watched = Watched(path, made)

    def back() -> None:
        watched.playing.player.step(-1)

    watched.play((3.0, partial(leave, path)), (7.0, back))

    assert [watched.said[second] for second in (6, 8, 11)] == [GONE, LIVE, LIVE]
    assert watched.playing.player.view().paused


def test_a_recorder_that_closes_it_just_then_is_not_taken_for_one_that_died(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, made = growing(tmp_path, run()[:-2])
    watched = Watched(path, made)

    def asked(_recording: Recording) -> bool:
        if str(path) in RECORDERS:
            append(path, run()[-2:])()
            leave(path)
        return False

    monkeypatch.setattr(present, "is_being_recorded", asked)
    watched.play()

    assert FrameKind.GAP not in [frame.kind for _, frame in watched.playing.applied]
    assert watched.said[5.0] == ENDED


def test_where_nobody_is_left_no_next_try_is_announced(tmp_path: Path) -> None:
    frames = [*run()[:-2], control(Disconnect("lost", 30), 2.3)]
    path, made = growing(tmp_path, frames)
    leave(path)
    watched = Watched(path, made)
    market, player = watched.playing.market, watched.playing.player

    watched.play()

    assert watched.reason == "the recorder is gone: nothing since 22:13:22"
    assert market.view(1, player.monotonic_ns()).retry_seconds == 0
