"""Playing a recording: pace, pause, steps, seeks and ends, on a clock that only waiting moves."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import msgspec
import pytest

from obtui.effects import Effect
from obtui.frame import Frame, FrameKind, Gap, Header
from obtui.recording import indexing
from obtui.recording.formats import feed_of
from obtui.recording.index import Index, open_index
from obtui.recording.reader import open_recording
from obtui.replay import SPEEDS, Player, Track
from obtui.session import Session
from obtui.shared import Market
from support import wire
from support.books import Levels, levels_of
from support.frames import wall
from support.recordings import (
    ASKS,
    BIDS,
    control,
    eventful_market,
    header,
    lines,
    message,
    opened,
    put,
    run,
)
from support.wait import eventually

MAX = float("inf")
HEADER = Header("gemini", "BTCUSD", url="", program="")

Step = Callable[[], object]

INDEXES: list[Index] = []
"""Open ones, closed after each test."""


@pytest.fixture(autouse=True)
def closely_spaced(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Checkpoints in small recordings too."""
    monkeypatch.setattr(indexing, "SPACING_BYTES", 20_000)
    monkeypatch.setattr(indexing, "SPACING_FRAMES", 150)
    yield
    while INDEXES:
        INDEXES.pop().close()


class Playing(threading.Condition):
    """A player, run in the test's own thread: each of its waits moves the clock on, and where it
    stands still the next step of the test is done. After the last one it is stopped."""

    def __init__(self, track: Track, *, speed: float = 1.0, limit: int = 20_000) -> None:
        super().__init__()
        self.now_ns = 7_000_000_000
        self.applied: list[tuple[float, Frame]] = []
        """What came on screen, and at which second of the clock."""
        self.built: list[Frame] = []
        """What was applied aside, while seeking."""
        self.market = Told(self.applied, self)
        self.player = Player(track, self.market, self.fresh, speed=speed, clock=lambda: self.now_ns)
        self.player._wake = self
        self._timed: list[tuple[float, Step]] = []
        self._steps: list[Step] = []
        self._left = limit

    def fresh(self) -> Market:
        return Aside(self.built, self.market)

    @property
    def seconds(self) -> float:
        return round((self.now_ns - 7_000_000_000) / 1e9, 6)

    def play(self, *steps: Step, timed: Sequence[tuple[float, Step]] = ()) -> None:
        """`timed` are done at their second of the clock, `steps` where it stands still."""
        self._timed, self._steps = list(timed), list(steps)
        self.player.run()

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        assert timeout <= 0.1, "a stop would not be noticed"
        self._left -= 1
        assert self._left, "it waits for ever"
        self.now_ns += max(1, round(timeout * 1e9))
        view = self.player.view()
        while self._timed and self._timed[0][0] <= self.seconds:
            self._timed.pop(0)[1]()
            return True
        if view.paused or view.ended or view.speed == MAX:
            if self._steps:
                self._steps.pop(0)()
            elif not self._timed:
                self.player.stop()
        return True

    # What is looked at

    @property
    def here(self) -> int:
        return self.player.view().received_ns

    @property
    def book(self) -> Levels:
        return levels_of(self.market._session.book)

    @property
    def kinds(self) -> list[FrameKind]:
        return [frame.kind for _, frame in self.applied]


class Told(Market):
    """A market that keeps what it is told, and when."""

    def __init__(self, applied: list[tuple[float, Frame]], playing: Playing) -> None:
        super().__init__(Session(feed_of(HEADER)))
        self._applied = applied
        self._playing = playing

    def apply(self, frame: Frame) -> tuple[Effect, ...]:
        self._applied.append((self._playing.seconds, frame))
        return super().apply(frame)


class Aside(Market):
    """A market that is being built, while the one that is shown must not change."""

    def __init__(self, built: list[Frame], shown: Market) -> None:
        super().__init__(Session(feed_of(HEADER)))
        self._built = built
        self._shown = shown
        self._before = shown.version, shown.view(1000, 0)

    def apply(self, frame: Frame) -> tuple[Effect, ...]:
        assert (self._shown.version, self._shown.view(1000, 0)) == self._before
        self._built.append(frame)
        return super().apply(frame)


def track(folder: Path, frames: Sequence[Frame], *, parts: int = 1, index: bool = True) -> Track:
    """Of these frames, in one file or several."""
    each = -(-len(frames) // parts)
    names = []
    for nth in range(parts):
        part = list(frames[nth * each : (nth + 1) * each])
        names.append(put(folder / f"c-{nth:06}.jsonl", lines(part)))
    recording = open_recording(names)
    made = open_index(recording) if index else None
    if made is not None:
        INDEXES.append(made)
    return Track(recording, made)


def segmented(frames: Sequence[Frame], parts: int) -> list[Frame]:
    """With the header that the recorder opens each further segment with."""
    each = -(-(len(frames) + parts - 1) // parts)
    session = Session(feed_of(HEADER))
    made: list[Frame] = []
    for frame in frames:
        if made and len(made) % each == 0:
            head = Header(
                *("gemini", "BTCUSD", "", "obtui"),
                segment=len(made) // each,
                checkpoint=session.checkpoint(),
            )
            data = msgspec.json.encode(head)
            made.append(Frame(FrameKind.HEADER, data, frame.received_ns, frame.monotonic_ns, 1))
        session.receive(frame)
        made.append(frame)
    return made


def at_time(frames: Sequence[Frame], received_ns: int) -> Session:
    """The session that was fed from the beginning to that time."""
    session = Session(feed_of(HEADER))
    for frame in frames:
        if frame.received_ns > received_ns:
            break
        session.receive(frame)
    return session


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


def test_it_can_be_gone_back_to_from_the_end(tmp_path: Path) -> None:
    frames = run()
    playing = Playing(track(tmp_path, frames))

    playing.play(lambda: playing.player.seek(frames[10].received_ns))

    again = [frame for _, frame in playing.applied]
    assert again == frames + frames[11:]
    assert playing.player.view().ended


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

    def compare(target: int) -> None:
        wanted = at_time(frames, target)
        got = playing.market._session
        assert levels_of(got.book) == levels_of(wanted.book), target
        assert (got.state, got.reason) == (wanted.state, wanted.reason)
        if parts == 1:
            assert got.resyncs == wanted.resyncs
        before = [frame.received_ns for frame in frames if frame.received_ns <= target]
        assert playing.here == (before[-1] if before else first)
        assert playing.market.messages == sum(
            frame.kind is FrameKind.TEXT for frame in frames[: len(before)]
        )
        compared.append(target)

    steps: list[Step] = []
    for target in targets:
        steps += [partial(playing.player.seek, target), partial(compare, target)]
    playing.player.toggle_pause()
    playing.play(*steps)

    assert compared == targets


def test_after_a_seek_it_goes_on_at_its_pace(tmp_path: Path) -> None:
    frames = run()
    playing = Playing(track(tmp_path, frames))

    # Ten seconds before a moment in the first second is before the beginning.
    playing.play(timed=[(1.05, lambda: playing.player.seek_by(-10))])

    again = [it for it in playing.applied if it[0] > 1.05]
    start = again[0][0]
    assert [frame for _, frame in again] == frames
    assert again[-1][0] - start == pytest.approx(2.3, abs=1e-3)


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

    def late(target: int) -> object:
        # As if the seek had come between two looks at the target.
        playing.player._anchor = (frames[-1].monotonic_ns, playing.now_ns)
        return jump(target)

    playing.player._jump = late  # type: ignore[method-assign, assignment]
    playing.play(timed=[(1.05, lambda: playing.player.seek(wall(0.2)))])

    assert playing.applied[-1][0] == pytest.approx(1.05 + 2.1, abs=0.2)


@pytest.mark.parametrize("state", ["playing", "paused", "ended", "following"])
def test_stop_ends_it(tmp_path: Path, state: str) -> None:
    path = put(
        tmp_path / "a.jsonl",
        lines(
            [
                header(),
                opened(),
                *([control(Gap("STALE", "", lost=False), 99)] * (state == "playing")),
            ]
        ),
    )
    recording = open_recording([path])
    player = Player(
        Track(recording, grows=state == "following"),
        Market(Session(feed_of(HEADER))),
        lambda: Market(Session(feed_of(HEADER))),
    )
    if state == "paused":
        player.toggle_pause()
    thread = threading.Thread(target=player.run, daemon=True)
    thread.start()
    if state != "paused":
        eventually(lambda: player.view().received_ns > 0, "it plays")
    if state == "ended":
        eventually(lambda: player.view().ended, "the end")

    player.stop()

    thread.join(1)
    assert not thread.is_alive()


def test_what_cancels_the_thread_ends_it_too(tmp_path: Path) -> None:
    playing = Playing(track(tmp_path, run()))
    playing.player.toggle_pause()
    asked: list[int] = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > 3

    playing.player.run(cancelled)

    assert len(asked) <= 4
    assert not playing.applied


def growing(folder: Path, frames: Sequence[Frame]) -> tuple[Path, Track]:
    path = folder / "g.jsonl"
    path.write_bytes(lines(frames))
    return path, Track(open_recording([str(path)]), grows=True)


def append(path: Path, frames: Sequence[Frame]) -> Step:
    def do() -> None:
        with path.open("ab") as file:
            file.write(lines(frames))

    return do


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
    assert playing.here == 0


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


def test_a_step_over_frames_of_one_time_ends_before_them(tmp_path: Path) -> None:
    frames = [header(), opened(), message(wire.depth(1, BIDS, ASKS), 0.1)]
    frames += [message(wire.depth(2 + n, [("1", "1")], after=1 + n), 0.5) for n in range(3)]
    playing = Playing(track(tmp_path, frames), speed=MAX)

    playing.play(lambda: playing.player.step(-1))

    assert playing.here == wall(0.1)
