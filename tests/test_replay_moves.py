"""Going to places in a recording: keys that are pressed fast, segments cut by hand, marks that are
come by while it grows."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from obtui.feeds.base import LATEST
from obtui.frame import Frame, FrameKind, Mark
from obtui.market import BookState
from obtui.recording.formats import feed_of
from obtui.recording.index import open_index
from obtui.recording.reader import Recording, open_recording
from obtui.replay import Player
from obtui.session import Session
from obtui.shared import Market
from obtui.track import Track
from obtui.way import Goal
from replay_support import (
    HEADER,
    INDEXES,
    MAX,
    Playing,
    Step,
    append,
    at_time,
    closely_spaced,
    growing,
    segmented,
    track,
)
from support.books import levels_of
from support.frames import wall
from support.recordings import busy_market, control, eventful_market, lines, put, run
from support.wait import eventually


@pytest.fixture(autouse=True)
def checkpoints() -> Iterator[None]:
    with closely_spaced():
        yield


def ends_at(playing: Playing, start: int, moves: Sequence[Step]) -> int:
    """Where it stands after these moves, all made before the player looks."""
    playing.player.seek(start)
    playing.player.toggle_pause()

    def all_at_once() -> None:
        for move in moves:
            move()

    playing.play(lambda: None, all_at_once, lambda: None, lambda: None)
    return playing.here


@pytest.mark.parametrize("index", [True, False])
@pytest.mark.parametrize(("moves", "nth"), [(",,", 298), (",,,,", 296), (",.", 300), (".,", 300)])
def test_of_quick_steps_each_counts(tmp_path: Path, moves: str, nth: int, *, index: bool) -> None:
    frames = eventful_market(2000)
    playing = Playing(track(tmp_path, frames, index=index))
    step = playing.player.step

    made = [partial(step, -1 if move == "," else 1) for move in moves]

    assert ends_at(playing, frames[300].received_ns, made) == frames[nth].received_ns
    assert playing.book == levels_of(at_time(frames, frames[nth].received_ns).book)


def test_steps_back_are_counted_over_checkpoints_and_segments(tmp_path: Path) -> None:
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    chance = random.Random(seed)
    frames = segmented(list(busy_market(1500, levels=5)), 3)
    made = track(tmp_path, frames, parts=3)
    assert made.recording is not None
    places = [located.position for located in made.recording.frames()]

    for _ in range(40):
        nth = chance.randrange(len(places))
        back = chance.choice((1, 2, 149, 151, 700))
        goal = Goal(LATEST, places[nth], back=back)

        assert made.resolve(goal, lambda: False) == Goal(LATEST, places[max(0, nth - back)]), goal


def test_steps_back_from_the_beginning_stay_there(tmp_path: Path) -> None:
    frames = run()
    playing = Playing(track(tmp_path, frames))
    back = partial(playing.player.step, -1)

    assert ends_at(playing, frames[2].received_ns, [back] * 9) == frames[0].received_ns


def test_of_quick_keys_to_the_next_mark_each_counts(tmp_path: Path) -> None:
    frames = eventful_market(2000)
    made = track(tmp_path, frames)
    times = [event.received_ns for event in made.events]
    playing = Playing(made)
    move = playing.player.seek_event

    keys = [partial(move, 1), partial(move, 1), partial(move, 1), partial(move, -1)]
    assert ends_at(playing, frames[0].received_ns, keys) == times[1]


def test_of_quick_keys_by_seconds_each_counts(tmp_path: Path) -> None:
    playing = Playing(track(tmp_path, run(50)))
    by = playing.player.seek_by

    assert ends_at(playing, wall(0.5), [partial(by, 1.0)] * 3) == wall(3.5)


def test_a_key_during_a_seek_counts_from_where_that_goes(tmp_path: Path) -> None:
    frames = eventful_market(2000)
    playing = Playing(track(tmp_path, frames, index=False))
    playing.player.toggle_pause()
    fresh = playing.fresh

    def pressed() -> Market:
        if len(playing.built) == 0:
            playing.player.step(-1)
            playing.built.append(frames[0])
        return fresh()

    playing.player._fresh = pressed
    playing.play(lambda: playing.player.seek(frames[400].received_ns), lambda: None, lambda: None)

    assert playing.here == frames[399].received_ns


def cut_by_hand(folder: Path, frames: Sequence[Frame], parts: int) -> Recording:
    """Without headers but the first."""
    each = -(-len(frames) // parts)
    names = [
        put(folder / f"h-{nth}.jsonl", lines(frames[nth * each : (nth + 1) * each]))
        for nth in range(parts)
    ]
    return open_recording(names)


def test_segments_cut_by_hand_are_sought_in_as_if_they_were_whole(tmp_path: Path) -> None:
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    chance = random.Random(seed)
    frames = eventful_market(2000)
    recording = cut_by_hand(tmp_path, frames, 5)
    INDEXES.append(open_index(recording))
    playing = Playing(Track(recording, INDEXES[-1]))
    targets = [chance.choice(frames).received_ns for _ in range(25)]
    compared: list[int] = []

    def compare(target: int) -> None:
        wanted, got = at_time(frames, target), playing.market._session
        assert levels_of(got.book) == levels_of(wanted.book)
        assert (got.state, got.reason) == (wanted.state, wanted.reason)
        compared.append(target)

    steps: list[Step] = []
    for target in targets:
        steps += [partial(playing.player.seek, target), partial(compare, target)]
    playing.player.toggle_pause()
    playing.play(*steps)

    assert compared == targets


def test_a_recording_that_begins_in_the_middle_says_that_it_has_no_book(tmp_path: Path) -> None:
    frames = segmented(eventful_market(2000), 2)
    half = len(frames) // 2
    paths = [
        put(tmp_path / "0.jsonl", lines(frames[10:half])),
        put(tmp_path / "1.jsonl", lines(frames[half:])),
    ]
    playing = Playing(Track(open_recording(paths)))

    playing.player.toggle_pause()
    playing.play(lambda: playing.player.seek(frames[half // 2].received_ns))

    session = playing.market._session
    assert session.state is BookState.SYNCING
    assert session.reason == "it begins in the middle: no book until the next connection"
    assert playing.book == ({}, {})


def test_a_segment_without_its_book_says_so_where_it_is_gone_to(tmp_path: Path) -> None:
    frames = eventful_market(2000)
    half = len(frames) // 2
    first, rest = frames[:half], frames[half:]
    head = Frame(FrameKind.HEADER, segment_header(1), rest[0].received_ns, rest[0].monotonic_ns, 1)
    paths = [
        put(tmp_path / "0.jsonl", lines(first)),
        put(tmp_path / "1.jsonl", lines([head, *rest])),
    ]
    index = open_index(open_recording(paths))
    INDEXES.append(index)

    checkpoint = index.before(rest[0].received_ns)

    assert checkpoint is not None
    session = Session(feed_of(HEADER))
    checkpoint.restore(session)
    assert session.state is BookState.SYNCING
    assert session.reason == "the recording has no book here yet"


def segment_header(segment: int) -> bytes:
    import msgspec

    return msgspec.json.encode(msgspec.structs.replace(HEADER, segment=segment))


def test_marks_that_were_come_by_while_it_grows_can_be_gone_to(tmp_path: Path) -> None:
    frames = run()
    path, made = growing(tmp_path, frames[:8])
    playing = Playing(made, speed=MAX)
    marked = control(Mark("news"), 1.0)
    went: list[str] = []

    def go() -> None:
        event = playing.player.seek_event(-1)
        went.append(event.text if event else "")

    playing.play(
        append(path, [marked, *frames[12:]]),
        playing.player.toggle_pause,
        *([go, lambda: None] * 3),
        playing.player.toggle_pause,
        lambda: None,
    )

    assert went == ["before the end", "gap in update ids: 6 is followed by 10", "news"]
    # Come by again while going on: each is there once.
    assert [event.text for event in made.events] == went[::-1]


def test_before_the_first_frame_the_time_is_that_of_the_beginning(tmp_path: Path) -> None:
    player = Playing(track(tmp_path, run())).player

    assert player.view().received_ns == wall(0)


def test_an_idle_pipe_does_not_hold_up_the_end() -> None:
    end, start = os.pipe()
    os.write(start, lines(run(5)))
    made = Track(open_recording(["-"], stdin=end))
    player = Player(
        made,
        Market(Session(feed_of(HEADER))),
        lambda: Market(Session(feed_of(HEADER))),
        speed=MAX,
    )
    thread = threading.Thread(target=player.run, daemon=True)
    thread.start()
    eventually(lambda: player.view().received_ns == run(5)[-1].received_ns, "all is played")

    player.stop()

    thread.join(0.5)
    assert not thread.is_alive()
    os.close(start)
    os.close(end)
