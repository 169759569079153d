"""Going to a time in a recording: the book there is that of a session fed from the beginning."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from functools import partial
from itertools import takewhile
from pathlib import Path

import pytest

from obtui.effects import Effect
from obtui.frame import Frame, FrameKind
from obtui.recording.formats import feed_of
from obtui.recording.reader import open_recording
from obtui.session import Session
from obtui.track import Track
from replay_support import (
    HEADER,
    Aside,
    Playing,
    Step,
    at_time,
    closely_spaced,
    segmented,
    track,
)
from support.books import levels_of
from support.frames import wall
from support.recordings import (
    eventful_market,
    lines,
    run,
)


@pytest.fixture(autouse=True)
def checkpoints() -> Iterator[None]:
    with closely_spaced():
        yield


@pytest.mark.parametrize("parts", [1, 4])
@pytest.mark.parametrize("index", [True, False])
def test_after_every_seek_the_book_is_that_of_a_session_fed_from_the_beginning(
    tmp_path: Path, parts: int, *, index: bool
) -> None:
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    chance = random.Random(seed)
    frames = segmented(eventful_market(2000), parts)
    playing = Playing(track(tmp_path, frames, parts=parts, index=index))
    first, last = frames[0].received_ns, frames[-1].received_ns
    any_time = [chance.randrange(first - 10**9, last + 10**9) for _ in range(6)]
    a_frame = [chance.choice(frames).received_ns + chance.choice((-1, 0, 1)) for _ in range(30)]
    targets = [first, last, first - 1, last + 10**12, *any_time, *a_frame]
    chance.shuffle(targets)
    compared: list[int] = []
    since: set[int] = set()
    whole = Session(feed_of(HEADER))
    traded = [it.received_ns for it in frames for _ in whole.receive(it).trades]

    def compare(target: int) -> None:
        wanted = at_time(frames, target)
        got = playing.market._session
        assert levels_of(got.book) == levels_of(wanted.book), target
        assert (got.state, got.reason) == (wanted.state, wanted.reason)
        assert got.resyncs == wanted.resyncs
        assert got.trouble == wanted.trouble
        assert got.connections == wanted.connections
        times = (frame.received_ns for frame in frames)
        before = list(takewhile(lambda time_ns: time_ns <= target, times))
        assert playing.here == (before[-1] if before else first)
        assert playing.market.messages == sum(
            frame.kind is FrameKind.TEXT for frame in frames[: len(before)]
        )
        # What trades come to is of those since then, and it says since when.
        view = playing.market.view(1, 0, 0)
        known = [time_ns for time_ns in traded if time_ns <= target]
        after = sum(time_ns > view.since_ns for time_ns in known)
        assert after <= view.heard <= after + known.count(view.since_ns), target
        since.add(view.since_ns)
        compared.append(target)

    steps: list[Step] = []
    for target in targets:
        steps += [partial(playing.player.seek, target), partial(compare, target)]
    playing.player.toggle_pause()
    playing.play(*steps)

    assert compared == targets
    assert 0 in since
    assert len(since) > 2 or not index


def test_it_can_be_gone_back_to_from_the_end(tmp_path: Path) -> None:
    frames = run()
    playing = Playing(track(tmp_path, frames))

    playing.play(lambda: playing.player.seek(frames[10].received_ns))

    again = [frame for _, frame in playing.applied]
    assert again == frames + frames[11:]
    assert playing.player.view().ended


def test_seeking_by_seconds_counts_from_here(tmp_path: Path) -> None:
    frames = run()
    playing = Playing(track(tmp_path, frames))
    places: list[int] = []
    playing.player.seek(wall(0.5))
    playing.player.toggle_pause()

    playing.play(
        lambda: playing.player.seek_by(1.0),
        lambda: places.append(playing.here),
        lambda: playing.player.seek_by(-0.5),
        lambda: places.append(playing.here),
    )

    assert places == [wall(1.5), wall(1.0)]


def test_a_seek_that_is_stopped_shows_nothing_half_built(tmp_path: Path) -> None:
    frames = eventful_market(2000)
    playing = Playing(track(tmp_path, frames, index=False))
    playing.player.toggle_pause()
    apply = Aside.apply

    def stopping(aside: Aside, frame: Frame) -> tuple[Effect, ...]:
        if len(playing.built) == 100:
            playing.player.stop()
        return apply(aside, frame)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Aside, "apply", stopping)
        playing.play(lambda: playing.player.seek(frames[-1].received_ns))

    assert len(playing.built) < 110, "a stop is noticed while seeking"
    assert playing.book == ({}, {})
    assert playing.here == frames[0].received_ns


def test_a_second_seek_takes_the_place_of_the_first(tmp_path: Path) -> None:
    frames = eventful_market(2000)
    playing = Playing(track(tmp_path, frames, index=False))
    playing.player.toggle_pause()
    apply = Aside.apply

    def again(aside: Aside, frame: Frame) -> tuple[Effect, ...]:
        if len(playing.built) == 100:
            playing.player.seek(frames[50].received_ns)
        return apply(aside, frame)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Aside, "apply", again)
        playing.play(lambda: playing.player.seek(frames[-1].received_ns))

    assert playing.here == frames[50].received_ns
    assert len(playing.built) < 200


def test_a_pipe_is_played_on_where_a_seek_is_asked_for(tmp_path: Path) -> None:
    end, start = os.pipe()
    os.write(start, lines(run(5)))
    os.close(start)
    made = Track(open_recording(["-"], stdin=end))
    os.close(end)
    playing = Playing(made)

    playing.play(
        lambda: playing.player.step(-1),
        timed=[(0.25, lambda: playing.player.seek_by(-10)), (0.35, lambda: playing.player.seek(0))],
    )

    assert [frame for _, frame in playing.applied] == run(5)
    assert not made.seekable
    assert made.span is None
