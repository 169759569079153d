"""A recording as a source of frames: paced, paused, stepped, sought in.

It feeds the same market as a live feed does, with the recording's own times, and judges nothing:
the session cannot tell. Seeking builds the market of another moment aside, from the checkpoint
before it, and then puts it in place at once.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator

import msgspec

from obtui.frame import End, Frame, FrameKind
from obtui.pace import MAX, SECOND, Pace
from obtui.present import Present
from obtui.recording.index import Event
from obtui.recording.raw import Stop, Stopped
from obtui.recording.reader import Located, Position, RecordingUnreadable
from obtui.replay_view import PlayerView
from obtui.shared import Market
from obtui.track import Track
from obtui.way import Goal, Way

Coming = Callable[[Stop], Track]
"""Waits for what is to be played; raises `RecordingUnreadable`, and `Stopped` when told to stop."""

LONGEST_WAIT = 0.1
"""Seconds: how soon a stop is noticed."""
YIELD_FRAMES = 256
"""At full speed the screen is let in after so many frames."""
SEEKING_SECONDS = 0.5
"""A seek that takes longer is told."""


class Player:
    """Plays a track into a market, from a thread of its own."""

    def __init__(
        self,
        track: Track | Coming,
        market: Market,
        fresh: Callable[[], Market],
        *,
        speed: float = 1.0,
        clock: Callable[[], int] = time.monotonic_ns,
        wall: Callable[[], int] = time.time_ns,
    ) -> None:
        """`fresh` makes an empty market of the same kind, for seeking, once there is a track;
        `speed` > 0. The clocks are monotonic and since the epoch, in ns."""
        self._coming = None if isinstance(track, Track) else track
        self._track = track if isinstance(track, Track) else Track(None)
        self._market = market
        self._fresh = fresh
        self._clock = clock
        self._pace = Pace(speed, clock)
        self._way = Way(clock)
        self._present = Present(clock, wall)
        self._ended = False
        self._failure = ""
        self._wake = threading.Condition()
        self._stopped = False
        self.unlisted = False

    @property
    def seekable(self) -> bool:
        """Whether it can be gone back in: a pipe is only played on."""
        return self._track.seekable

    def view(self) -> PlayerView:
        """As it stands."""
        way, track, pace = self._way, self._track, self._pace
        waited = self._clock() - way.going_ns
        return PlayerView(
            received_ns=way.last.received_ns if way.last else track.first_ns,
            speed=pace.speed,
            paused=pace.paused,
            coming=self._coming is not None,
            ended=self._ended or self._present.ended,
            gone=bool(self._present.fault),
            seeking=way.going is not None and waited > SEEKING_SECONDS * SECOND,
            failure=self._failure,
            limits=track.limits,
            damage=track.damage,
            skipped_seconds=pace.skipped_seconds,
            span=track.span,
            events=track.events,
        )

    def monotonic_ns(self) -> int:
        """The recording's monotonic clock at this moment: ages on screen are counted by it."""
        last = self._way.last
        if last is not None and (self._ended or self._present.ended):
            return last.monotonic_ns
        if last is not None and self._present.here and not self._pace.paused:
            # There is no more: what is shown is as old as it is, at any speed.
            return last.monotonic_ns + self._present.age_ns(last)
        return self._pace.monotonic_ns(last)

    def run(self, is_cancelled: Callable[[], bool] = lambda: False) -> None:
        """Play until stopped; at the end of the track, or where it can be read no further, it
        waits for a seek."""
        if not self._begin(lambda: self._stopped or is_cancelled()):
            return
        frames = self._track.frames(None, self._interrupted, self._wait)
        count = 0
        while not (self._stopped or is_cancelled()):
            located = None
            try:
                with self._wake:
                    goal = self._way.take()
                if goal is not None:
                    frames = self._jump(goal)
                located = next(frames, None)
            except RecordingUnreadable as error:
                self._break_off(str(error))
            if located is None:
                self._ended = not self._interrupted()
                self._rest(is_cancelled)
                continue
            self._ended = False
            self._present.leave()
            while self._way.goal is None and not self._due(located.frame):
                if self._stopped or is_cancelled():
                    return
            if self._way.goal is not None:
                continue
            self._track.note(located, self._market.apply(located.frame))
            self._way.come_by(located)
            count += 1
            if self._pace.speed == MAX and count % YIELD_FRAMES == 0:
                time.sleep(0)  # a lock that is taken at once again starves who waits for it

    def _begin(self, stop: Stop) -> bool:
        """Wait for what is to be played; whether there is something."""
        if self._coming is not None:
            try:
                self._track = self._coming(stop)
                self._market.adopt(self._fresh())
            except Stopped:
                return False
            except RecordingUnreadable as error:
                self._failure = str(error)
                self.unlisted = True
                return False
            self._coming = None
        return True

    def stop(self) -> None:
        """End `run` soon."""
        with self._wake:
            self._stopped = True
            self._wake.notify_all()

    def toggle_pause(self) -> None:
        """Stand still, or go on from here."""
        with self._wake:
            self._pace.toggle_pause()
            self._wake.notify_all()

    def step(self, frames: int) -> None:
        """One frame on (1) or back (-1), standing still after it; each of several counts."""
        with self._wake:
            if not self._pace.paused:
                self._pace.toggle_pause()
            if frames > 0 and not (self._ended or self._present.ended):
                self._way.step_on(frames)
            elif frames < 0 and self.seekable:
                self._way.step_back()
            self._wake.notify_all()

    def change_speed(self, steps: int) -> None:
        """So many steps through `SPEEDS`, faster or slower."""
        with self._wake:
            self._pace.change_speed(steps)
            self._wake.notify_all()

    def seek(self, received_ns: int) -> None:
        """Go to the last frame at or before this time; not in a pipe."""
        with self._wake:
            if self.seekable or self._coming is not None:
                self._way.seek(Goal(received_ns))
            self._wake.notify_all()

    def seek_by(self, seconds: float) -> None:
        """Go on or back by the recording's time."""
        with self._wake:
            if self.seekable:
                self._way.seek_by(int(seconds * SECOND), self._track.first_ns)
                self._wake.notify_all()

    def seek_event(self, direction: int) -> Event | None:
        """Go to the next (1) or previous (-1) mark, gap, loss or run; returns it."""
        with self._wake:
            found = self._way.seek_event(direction, list(self._track.events))
            self._wake.notify_all()
            return found

    def _interrupted(self) -> bool:
        return self._stopped or self._way.goal is not None

    def _wait(self, seconds: float) -> None:
        """There is no more by now of what grows."""
        with self._wake:
            self._pace.wait(self._way.last)
        self._look()
        with self._wake:
            if not (self._interrupted() or self._present.doubts):
                self._wake.wait(seconds)

    def _look(self) -> None:
        """Whether there will be more; where nobody writes it, the book is not the market's."""
        last, recording = self._way.last, self._track.recording
        if last is None or recording is None or self._pace.paused:
            return
        gap = self._present.look(recording, last, lambda: self._market.view(1, 0, 0).live)
        if gap is not None:
            self._market.apply(gap)

    def _break_off(self, failure: str) -> None:
        """The book is not to be trusted from here on: what came after it is not known."""
        last = self._way.last
        times = (last.received_ns, last.monotonic_ns, last.connection) if last else (0, 0, 0)
        # Why not, is for whoever shows it: once.
        end = msgspec.json.encode(End("it can be read no further"))
        self._market.apply(Frame(FrameKind.END, end, *times))
        with self._wake:
            self._way.give_up()
            self._failure = failure

    def _arrive(
        self, market: Market, last: Frame | None, place: tuple[Position, int] | None
    ) -> None:
        """Put the market of another moment in place."""
        with self._wake:
            self._market.adopt(market)
            self._way.arrive(last, place)
            self._pace.begin_anew()
            self._present.leave()
            self._failure = ""

    def _jump(self, goal: Goal) -> Iterator[Located]:
        """Put the market of `goal` in place; returns the frames from there on."""
        goal = self._track.resolve(goal, self._interrupted)
        checkpoint = self._track.before(goal)
        market = self._fresh()
        start = None
        last: Frame | None = None
        place: tuple[Position, int] | None = None
        if checkpoint is not None:
            market.go_on(checkpoint.restore, checkpoint.messages, checkpoint.received_ns)
            start, times = checkpoint.position, (checkpoint.received_ns, checkpoint.monotonic_ns)
            last, place = Frame(FrameKind.HEADER, b"", *times, 0), (start, 1)
        arrived = False

        def arrive(seconds: float = 0.0, first: Frame | None = None) -> None:
            nonlocal arrived
            if not arrived:
                # The first, where it is before them all.
                self._arrive(market, last or first, place)
                arrived = True
            if seconds:
                self._wait(seconds)

        # Where there is no more by now of what grows, that is where it goes to.
        frames = self._track.frames(start, self._interrupted, arrive)
        for located in frames:
            if self._interrupted():
                return frames  # half built: who interrupted it wants something else
            if arrived or goal.passes(located):
                arrive(first=located.frame)
                return itertools.chain([located], frames)
            self._track.note(located, market.apply(located.frame))
            last, place = located.frame, (located.position, 0)
        if not self._interrupted():
            arrive()
        return frames

    def _due(self, frame: Frame) -> bool:
        """Wait until this frame's time; False if something else came in between."""
        with self._wake:
            if self._way.steps:
                self._way.steps -= 1
                return True
            if self._pace.paused:
                self._wake.wait(LONGEST_WAIT)
                return False
            left = self._pace.seconds_until(frame, self._way.last)
            if left <= 0:
                return True
            self._wake.wait(min(left, LONGEST_WAIT))
            return False

    def _rest(self, is_cancelled: Callable[[], bool]) -> None:
        with self._wake:
            while not (self._interrupted() or is_cancelled()):
                self._wake.wait(LONGEST_WAIT)
