"""Is a recording whole, and what is missing in it?

It reads a recording once, through the venue's own decoder and session, and says what they said: it
judges no book itself. Memory is bounded, however long the recording.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Sequence
from typing import Literal

import msgspec

from obtui import figures
from obtui.effects import NOTHING, Outcome, Reconnect
from obtui.frame import Drop, Frame, FrameKind, Gap, begins_run
from obtui.recording.follow import next_segment
from obtui.recording.formats import RecordingUnreadable, feed_of
from obtui.recording.raw import is_being_written
from obtui.recording.reader import Located, Recording
from obtui.recording.report import Damaged, FileReport, Incident, Incidents, Report, Result
from obtui.recording.watches import ClockWatch, ConnectionWatch, RateWatch, StateWatch
from obtui.session import Session
from obtui.text import printable

SECOND = 1_000_000_000
MOST_INCIDENTS = 1000
"""Of each sort that are told one by one."""

_BOOK_COUNTS = {FrameKind.TEXT: "book", FrameKind.GAP: "no book"}


class Verifier:
    """Takes all of a recording's frames, then reports."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._session: Session | None = None
        self._check = self._no_decoder = ""
        try:
            feed = feed_of(recording.header)
        except RecordingUnreadable as error:
            self._no_decoder = str(error)
        else:
            self._session = Session(feed)
            self._check = feed.check
        self._counts: Counter[FrameKind] = Counter()
        self._first: Frame | None = None
        self._last: Frame | None = None
        self._runs = 0
        self._unclosed = 0
        """Runs that ended without an end line."""
        self._recorded_ns = 0
        self._run_ns: int | None = None
        """Monotonic time at which the present run begins; None between runs."""
        self._gaps, self._given_up, self._drops = _Noted(), _Noted(), _Noted()
        self._steps = _Noted()
        self._dropped = 0
        self._holes = 0
        """Drops of which nobody knows how many lines they are: not in a file, but the reader's."""
        self._clock = ClockWatch()
        self._rate = RateWatch()
        self._states = StateWatch()
        self._connections = ConnectionWatch()

    def take(self, located: Located) -> None:
        """Take the next frame."""
        frame = located.frame
        if frame.kind is FrameKind.HEADER or self._run_ns is None:
            self._begin(frame)
        session = self._session
        outcome = NOTHING if session is None else session.receive(frame)
        self._counts[frame.kind] += 1
        step_ns = self._clock.step_ns(frame)
        if step_ns:
            self._steps.add(located, f"the wall clock was set by {step_ns / SECOND:+.3f} s")
        if frame.kind is FrameKind.TEXT:
            self._rate.add(frame.monotonic_ns)
            checksums = 0 if session is None else session.applied.checksums
            self._connections.message(frame, outcome, checksums)
            if outcome.effects:
                self._faults(located, outcome)
        else:
            self._control(located)
        if session is not None and session.state is not self._states.state:
            self._states.become(session.state, frame)
        self._last = frame
        if self._first is None:
            self._first = frame

    def _begin(self, frame: Frame) -> None:
        """A run begins, unless its next segment does."""
        if self._run_ns is not None:
            if not begins_run(frame):
                return
            self._finish_run()
            self._unclosed += 1
        self._runs += 1
        self._run_ns = frame.monotonic_ns
        self._clock.begin()
        self._rate.begin()
        self._connections.begin(self._runs)
        if self._session is not None:
            self._states.begin(self._session.state, frame.monotonic_ns)

    def _finish_run(self) -> None:
        """The run is over with the last frame."""
        if self._run_ns is None or self._last is None:
            return
        self._recorded_ns += max(0, self._last.monotonic_ns - self._run_ns)
        self._run_ns = None
        self._states.finish(self._last)
        self._connections.finish(self._last)

    def _control(self, located: Located) -> None:
        frame = located.frame
        match frame.kind:
            case FrameKind.CONNECT:
                self._connections.opened(frame)
            case FrameKind.DISCONNECT:
                self._connections.lost(frame)
            case FrameKind.GAP if self._recording.kind == "capture":
                gap = msgspec.json.decode(frame.data, type=Gap)
                if gap.lost:
                    self._given_up.add(located, gap.reason)
            case FrameKind.DROP:
                drop = msgspec.json.decode(frame.data, type=Drop)
                self._dropped += drop.count
                self._holes += not drop.count
                self._drops.add(located, drop.reason or f"{drop.count} lines were not recorded")
            case FrameKind.END:
                self._last = frame
                self._finish_run()

    def _faults(self, located: Located, outcome: Outcome) -> None:
        for effect in outcome.effects:
            if isinstance(effect, Reconnect):
                self._gaps.add(located, effect.reason)
                self._connections.broken(effect.reason)

    def report(self) -> Report:
        """What was found; to be asked once, after the last frame."""
        ended = self._finish()
        recording, header = self._recording, self._recording.header
        first_ns = self._first.received_ns if self._first else None
        last_ns = self._last.received_ns if self._last else None
        recorded = self._recorded_ns / SECOND
        files, damages = self._files(), self._damages()
        missing = self._missing(files, len(damages) + recording.more_damages)
        decoded, states = self._session is not None, self._states
        result: Result = "not whole" if missing else "whole" if decoded else "not checked"
        return Report(
            kind=recording.kind,
            venue=header.venue,
            symbol=header.symbol,
            program=header.program,
            result=result,
            whole=result == "whole",
            missing=missing,
            files=files,
            lines=sum(self._line_counts().values()),
            counts=self._line_counts(),
            first_ns=first_ns,
            last_ns=last_ns,
            span_seconds=((last_ns or 0) - (first_ns or 0)) / SECOND,
            recorded_seconds=recorded,
            messages=self._counts[FrameKind.TEXT],
            messages_per_second=self._counts[FrameKind.TEXT] / recorded if recorded else 0.0,
            peak_per_second=self._rate.peak,
            runs=self._runs,
            runs_not_closed=self._runs_not_closed,
            ended=ended,
            check=self._check,
            decoder=self._no_decoder,
            connections=self._connections.reports(self._check, decoded=decoded),
            connection_count=self._connections.count,
            reconnects=self._connections.losses,
            gaps=self._gaps.all() if decoded else None,
            given_up=self._given_up.all(),
            drops=self._drops.all(),
            dropped_lines=self._dropped,
            damages=damages,
            damage_count=len(damages) + recording.more_damages,
            clock_steps=self._steps.all() if recording.kind == "capture" else None,
            crossings=states.crossings,
            crossing_count=states.crossing_count if decoded else None,
            crossed_seconds=states.crossed_ns / SECOND if decoded else None,
            states={state.value: time_ns / SECOND for state, time_ns in states.times_ns.items()},
        )

    def _finish(self) -> bool:
        """There is no more; whether the last run was closed whole."""
        ended = self._counts[FrameKind.END] > 0 and self._run_ns is None
        if self._run_ns is not None and not self._goes_on():
            self._unclosed += 1
        self._finish_run()
        return ended

    def _goes_on(self) -> bool:
        """Whether the last run has no end yet, or has it in a segment that was not named."""
        recording = self._recording
        last = recording.segments[-1]
        if last.pipe is not None:
            return False
        # One that has no whole line yet is what a recorder has just gone on in.
        if any(map(is_being_written, (last.path, *recording.empty))):
            return True
        with contextlib.suppress(RecordingUnreadable):
            after = next_segment(last)
            return after is not None and after.header is not None and after.header.segment > 0
        return False

    @property
    def _runs_not_closed(self) -> int:
        return self._unclosed if self._recording.kind == "capture" else 0

    def _missing(self, files: Sequence[FileReport], damages: int) -> list[str]:
        headless = not self._recording.segments[0].alone
        counted = (
            (self._gaps.count, "gap", "gaps"),
            (self._given_up.count, "connection given up", "connections given up"),
            (self._connections.losses, "reconnect", "reconnects"),
            (self._dropped, "line dropped", "lines dropped"),
            (self._holes - headless, "segment not there", "segments not there"),
            (self._runs_not_closed, "run not closed", "runs not closed"),
            (sum(it.tail == "torn" for it in files), "torn end", "torn ends"),
            (damages, "place that cannot be read", "places that cannot be read"),
        )
        said = ["the beginning (no header line)"] if headless else []
        return said + [
            f"{figures.count(count)} {one if count == 1 else several}"
            for count, one, several in counted
            if count
        ]

    def _damages(self) -> list[Damaged]:
        """All but torn ends, which the files' own reports tell."""
        return [
            Damaged(it.position.file, it.position.offset, printable(it.what))
            for it in self._recording.damages
            if not it.tail
        ]

    def _line_counts(self) -> dict[str, int]:
        """By kind, of what is in the files: what the reader adds is not counted."""
        kind = self._recording.kind
        names = {it: it.value for it in FrameKind}
        if kind == "books":
            names = _BOOK_COUNTS
        elif kind == "sample":
            del names[FrameKind.HEADER]
        counts = self._counts - Counter({FrameKind.DROP: self._holes})
        return {name: counts[it] for it, name in names.items() if counts[it]}

    def _files(self) -> list[FileReport]:
        recording = self._recording
        torn = {damage.position.file for damage in recording.damages if damage.tail}
        files = []
        for number, segment in enumerate(recording.segments):
            tail = _tail(segment.path) if number in torn else "whole"
            its = segment.header.segment if segment.header and recording.kind == "capture" else None
            files.append(FileReport(segment.path, segment.size, its, tail))
        files += [FileReport(path, 0, None, _tail(path)) for path in recording.empty]
        return files


class _Noted:
    """Incidents of one sort, of which only the first are kept."""

    def __init__(self) -> None:
        self.count = 0
        self._first: list[Incident] = []

    def add(self, located: Located, what: str) -> None:
        self.count += 1
        if len(self._first) < MOST_INCIDENTS:
            at = located.position
            self._first.append(
                Incident(located.frame.received_ns, at.file, at.offset, printable(what))
            )

    def all(self) -> Incidents:
        return Incidents(self.count, tuple(self._first))


def _tail(path: str) -> Literal["torn", "still open"]:
    return "still open" if path != "-" and is_being_written(path) else "torn"
