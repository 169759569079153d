"""A recording as a source of frames: paced, paused, stepped, sought in.

It feeds the same market as a live feed does, with the recording's own times, and judges nothing:
the session cannot tell. Seeking builds the market of another moment aside, from the checkpoint
before it, and then puts it in place at once.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from obtui.frame import Frame, FrameKind
from obtui.recording.follow import follow
from obtui.recording.index import Checkpoint, Event, Index
from obtui.recording.reader import Located, Position, Recording
from obtui.shared import Market

SECOND = 1_000_000_000
SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 25.0, 100.0, float("inf"))
"""What `-` and `+` go through; the last is as fast as it can."""
LONGEST_WAIT = 0.1
"""Seconds: how soon a stop is noticed."""
TOLD = (FrameKind.MARK, FrameKind.GAP, FrameKind.DROP, FrameKind.DISCONNECT)
"""What stands on the time line, and can be gone to."""
YIELD_FRAMES = 256
"""At full speed the screen is let in after so many frames."""


class Track:
    """What is played: a recording, with its index where it has one, or as it grows."""

    def __init__(
        self,
        recording: Recording,
        index: Index | None = None,
        *,
        grows: bool = False,
    ) -> None:
        """Without an index a seek reads from the beginning; what `grows` is followed."""
        self._recording = recording
        self._index = index
        self._events = [it for it in (index.events if index else ()) if it.kind in TOLD]
        self._grows = grows

    @property
    def events(self) -> Sequence[Event]:
        """Marks, gaps and losses in their order; none where they are not known in advance."""
        return self._events

    @property
    def span(self) -> tuple[int, int] | None:
        """First and last receive time in ns; None where the end is not known."""
        if self._index is not None:
            return self._index.first_ns, self._index.last_ns
        return None if self._grows else self._recording.span

    @property
    def seekable(self) -> bool:
        """Whether it can be gone back in."""
        return self._recording.seekable

    def before(self, received_ns: int) -> Checkpoint | None:
        """The last checkpoint at or before a time; None for the beginning."""
        return self._index.before(received_ns) if self._index is not None else None

    def frames(
        self, position: Position | None, stop: Callable[[], bool], wait: Callable[[float], object]
    ) -> Iterator[Located]:
        """From a line on; at the end of what grows it waits, until told to stop."""
        if self._grows:
            return follow(self._recording, position, stop=stop, wait=wait)
        return self._recording.frames(position)


@dataclass(frozen=True, slots=True)
class PlayerView:
    """What the time line shows."""

    received_ns: int = 0
    """The recording's time."""
    speed: float = 1.0
    paused: bool = False
    ended: bool = False
    span: tuple[int, int] | None = None
    events: Sequence[Event] = ()


class Player:
    """Plays a track into a market, from a thread of its own."""

    unlisted = False

    def __init__(
        self,
        track: Track,
        market: Market,
        fresh: Callable[[], Market],
        *,
        speed: float = 1.0,
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        """`fresh` makes an empty market of the same kind, for seeking; `speed` > 0."""
        self._track = track
        self._market = market
        self._fresh = fresh
        self._clock = clock
        self._speed = speed
        self._paused = False
        self._ended = False
        self._steps = 0
        self._target: int | None = None
        self._last: Frame | None = None
        self._anchor: tuple[int, int] | None = None
        """The recording's and our monotonic time at one moment; the pace is counted from it."""
        self._wake = threading.Condition()
        self._stopped = False

    def view(self) -> PlayerView:
        """For the time line."""
        last = self._last
        return PlayerView(
            received_ns=last.received_ns if last else 0,
            speed=self._speed,
            paused=self._paused,
            ended=self._ended,
            span=self._track.span,
            events=self._track.events,
        )

    def monotonic_ns(self) -> int:
        """The recording's monotonic clock at this moment: ages on screen are counted by it."""
        last, anchor = self._last, self._anchor
        still = self._paused or self._ended or self._speed == float("inf")
        if last is None or anchor is None or still:
            return last.monotonic_ns if last else 0
        return max(last.monotonic_ns, anchor[0] + int((self._clock() - anchor[1]) * self._speed))

    def run(self, is_cancelled: Callable[[], bool] = lambda: False) -> None:
        """Play until stopped; at the end of the track it waits for a seek."""
        frames = self._frames(None)
        count = 0
        while not (self._stopped or is_cancelled()):
            target = self._take_target()
            if target is not None:
                frames = self._jump(target)
            located = next(frames, None)
            if located is None:
                self._ended = True
                self._pause_until(lambda: self._target is not None, is_cancelled)
                continue
            self._ended = False
            while self._target is None and not self._due(located.frame):
                if self._stopped or is_cancelled():
                    return
            if self._target is not None:
                continue
            self._market.apply(located.frame)
            self._last = located.frame
            count += 1
            if self._speed == float("inf") and count % YIELD_FRAMES == 0:
                time.sleep(0)  # a lock that is taken at once again starves who waits for it

    def stop(self) -> None:
        """End `run` soon."""
        with self._wake:
            self._stopped = True
            self._wake.notify_all()

    def toggle_pause(self) -> None:
        """Stand still, or go on from here."""
        with self._wake:
            self._paused = not self._paused
            self._anchor = None
            self._wake.notify_all()

    def step(self, frames: int) -> None:
        """One frame on (1) or back (-1), standing still after it."""
        last = self._last
        with self._wake:
            self._paused = True
            self._anchor = None
            if frames > 0:
                self._steps += frames
            elif last is not None:
                # The last frame before this one: found by its time, which the seek stops short of.
                self.seek(last.received_ns - 1)
            self._wake.notify_all()

    def change_speed(self, steps: int) -> None:
        """So many steps through `SPEEDS`, faster or slower."""
        with self._wake:
            at = min(range(len(SPEEDS)), key=lambda index: abs(SPEEDS[index] - self._speed))
            if self._speed == float("inf"):
                at = len(SPEEDS) - 1
            self._speed = SPEEDS[max(0, min(len(SPEEDS) - 1, at + steps))]
            self._anchor = None
            self._wake.notify_all()

    def seek(self, received_ns: int) -> None:
        """Go to the last frame at or before this time; a pipe is only played on."""
        if not self._track.seekable:
            return
        with self._wake:
            self._target = received_ns
            self._steps = 0
            self._wake.notify_all()

    def seek_by(self, seconds: float) -> None:
        """Go on or back by the recording's time."""
        last = self._last
        if last is not None:
            self.seek(last.received_ns + int(seconds * SECOND))

    def seek_event(self, direction: int) -> Event | None:
        """Go to the next (1) or previous (-1) mark, gap or loss; returns it."""
        now = self._last.received_ns if self._last else 0
        events = self._track.events
        if direction > 0:
            found = next((event for event in events if event.received_ns > now), None)
        else:
            found = next((event for event in reversed(events) if event.received_ns < now), None)
        if found is not None:
            self.seek(found.received_ns)
        return found

    def _frames(self, position: Position | None) -> Iterator[Located]:
        return self._track.frames(position, self._interrupted, self._wait)

    def _interrupted(self) -> bool:
        return self._stopped or self._target is not None

    def _wait(self, seconds: float) -> None:
        with self._wake:
            if not self._interrupted():
                self._wake.wait(seconds)

    def _take_target(self) -> int | None:
        with self._wake:
            target, self._target = self._target, None
            return target

    def _jump(self, target: int) -> Iterator[Located]:
        """Put the market of `target` in place; returns the frames from there on."""
        checkpoint = self._track.before(target)
        market = self._fresh()
        position = None
        last: Frame | None = None
        if checkpoint is not None:
            market.go_on(checkpoint.restore, checkpoint.messages)
            position, here = checkpoint.position, checkpoint
            last = Frame(FrameKind.HEADER, b"", here.received_ns, here.monotonic_ns, 0)
        arrived = False

        def arrive(seconds: float = 0.0, first: Frame | None = None) -> None:
            nonlocal arrived
            if not arrived:
                self._market.adopt(market)
                self._last = last or first or self._last  # the first, where it is before them all
                self._anchor, arrived = None, True
            if seconds:
                self._wait(seconds)

        # Where there is no more by now of what grows, that is where it goes to.
        frames = self._track.frames(position, self._interrupted, arrive)
        for located in frames:
            if self._interrupted():
                return frames  # half built: who interrupted it wants something else
            if arrived or located.frame.received_ns > target:
                arrive(first=located.frame)
                return itertools.chain([located], frames)
            market.apply(located.frame)
            last = located.frame
        if not self._interrupted():
            arrive()
        return frames

    def _due(self, frame: Frame) -> bool:
        """Wait until this frame's time; False if something else came in between."""
        with self._wake:
            if self._steps:
                self._steps -= 1
                return True
            if self._paused:
                self._wake.wait(LONGEST_WAIT)
                return False
            if frame.kind is FrameKind.HEADER:
                self._anchor = None  # a new run: its clock is another, and nobody waits out a night
                return True
            if self._speed == float("inf"):
                return True
            now = self._clock()
            if self._anchor is None:
                start = self._last.monotonic_ns if self._last else frame.monotonic_ns
                self._anchor = (start, now)
            ahead = (frame.monotonic_ns - self._anchor[0]) / self._speed
            left = ahead - (now - self._anchor[1])
            if left <= 0:
                return True
            self._wake.wait(min(left / SECOND, LONGEST_WAIT))
            return False

    def _pause_until(self, done: Callable[[], bool], is_cancelled: Callable[[], bool]) -> None:
        with self._wake:
            while not (done() or self._stopped or is_cancelled()):
                self._wake.wait(LONGEST_WAIT)
