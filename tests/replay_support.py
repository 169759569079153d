"""A player on a clock that only waiting moves, and recordings for it."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from obtui.effects import Effect
from obtui.frame import Frame, FrameKind, Header, Mark
from obtui.recording import indexing
from obtui.recording.formats import feed_of
from obtui.recording.index import Index, open_index
from obtui.recording.reader import open_recording
from obtui.replay import Player
from obtui.session import Session
from obtui.shared import Market
from obtui.track import Track
from support import wire
from support.books import Levels, levels_of
from support.frames import WALL_NS
from support.recordings import ASKS, BIDS, header, lines, message, opened, put

MAX = float("inf")
HEADER = Header("gemini", "BTCUSD", url="", program="")

Step = Callable[[], object]

INDEXES: list[Index] = []
"""Open ones."""
RECORDERS: dict[str, int] = {}
"""Descriptors that hold the lock of a file which is being written."""


@contextmanager
def closely_spaced() -> Iterator[None]:
    """Checkpoints in small recordings too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(indexing, "SPACING_BYTES", 20_000)
        patch.setattr(indexing, "SPACING_FRAMES", 150)
        yield
    while INDEXES:
        INDEXES.pop().close()
    for path in list(RECORDERS):
        leave(path)


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
        self.late_ns = 0
        """By how much the wall clock is ahead of the recording's beginning, at our own."""
        self.player = Player(
            track, self.market, self.fresh, speed=speed, clock=lambda: self.now_ns, wall=self.wall
        )
        self.player._wake = self
        self._timed: list[tuple[float, Step]] = []
        self._steps: list[Step] = []
        self._left = limit

    def fresh(self) -> Market:
        return Aside(self.built, self.market)

    def wall(self) -> int:
        return WALL_NS + self.now_ns - 7_000_000_000 + self.late_ns

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


def hold(path: Path) -> None:
    """Write it, as far as anybody can tell."""
    fd = RECORDERS[str(path)] = os.open(path, os.O_RDWR)
    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)


def leave(path: Path | str) -> None:
    """As a recorder that dies."""
    os.close(RECORDERS.pop(str(path)))


def growing(folder: Path, frames: Sequence[Frame]) -> tuple[Path, Track]:
    """Of a file that is being written."""
    path = folder / "g.jsonl"
    path.write_bytes(lines(frames))
    hold(path)
    return path, Track(open_recording([str(path)]), grows=True)


def append(path: Path, frames: Sequence[Frame]) -> Step:
    def do() -> None:
        with path.open("ab") as file:
            file.write(lines(frames))

    return do


def set_back() -> list[Frame]:
    """A message a second, whose wall clock is set back by 10 s after 20; marks before, after, and
    long after."""
    frames = [header(), opened(), message(wire.depth(1, BIDS, ASKS))]
    for nth in range(60):
        change = wire.depth(nth + 2, [("90", f"{nth + 1}")], after=nth + 1)
        it = message(change, nth)
        ns = 0 if nth < 20 else 10_000_000_000
        frames.append(Frame(it.kind, it.data, it.received_ns - ns, it.monotonic_ns, 1))
        if nth in (19, 25, 50):
            data = msgspec.json.encode(Mark(f"at {nth}"))
            frames.append(Frame(FrameKind.MARK, data, it.received_ns - ns, it.monotonic_ns, 1))
    return frames
