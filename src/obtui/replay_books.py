"""`obtui replay --no-screen`: a recording's books, written as the live session wrote them.

As fast as it goes; the lines are those of the live session, with the recording's times.
"""

from __future__ import annotations

import argparse
import signal
import time
from collections.abc import Callable, Iterator
from types import FrameType

from obtui import exits
from obtui.config import UsageError
from obtui.frame import Frame, begins_run
from obtui.present import Present
from obtui.recording.books import BookRecorder
from obtui.recording.follow import follow, open_growing
from obtui.recording.formats import feed_of
from obtui.recording.raw import never
from obtui.recording.reader import Located, Recording, RecordingUnreadable, open_recording
from obtui.recording.status import WriterStatus
from obtui.session import Session
from obtui.shared import Listeners, Market

WAITING_LINES = 20_000
"""Book lines that may wait for the disk before the reading waits for it too."""
CLOSE_SECONDS = 60.0
SIGNAL_SECONDS = 2.0
"""Bounds of writing what waits, at the end of the recording and at a signal."""


def run(arguments: argparse.Namespace) -> int:
    """Returns the exit code; raises what opening the files raises."""
    if not arguments.record:
        raise UsageError("--no-screen shows nothing: give --record FILE to write the books to")
    return _Books(arguments).run()


def open_asked(
    arguments: argparse.Namespace, stdin: int = 0, stop: Callable[[], bool] = never
) -> Recording:
    """The recording that is to be replayed. A pipe's first line, and that of one that is to be
    followed, is waited for, until `stop` says no: then `Stopped` is raised."""
    if not arguments.follow:
        return open_recording(arguments.files, stdin=stdin, stop=stop)
    if "-" in arguments.files:
        raise UsageError("--follow follows files: leave it out for a pipe")
    return open_growing(arguments.files, wait=time.sleep, stop=stop)


class _Books:
    """One run."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._record: str = arguments.record
        self._follow: bool = arguments.follow
        # Nothing is being written yet: a signal may end it here as it ends any program.
        self._recording = open_asked(arguments)
        self._market = Market(Session(feed_of(self._recording.header)))
        self._now_ns = self._recording.segments[0].first_ns
        self._recorder = BookRecorder.open(
            self._record, arguments.depth, now_ns=lambda: self._now_ns
        )
        self._market.listeners = Listeners(books=self._recorder)
        self._signal = 0
        self._last: Frame | None = None
        self._present = Present(time.monotonic_ns, time.time_ns)
        self._said = ""

    def run(self) -> int:
        """Returns the exit code."""
        self._catch_signals()
        broken_off = ""
        try:
            self._write()
        except RecordingUnreadable as error:
            broken_off = str(error)
        finally:
            status = self._recorder.close(SIGNAL_SECONDS if self._signal else CLOSE_SECONDS)
        return self._end(status, broken_off)

    def _write(self) -> None:
        recorder = self._recorder
        for number, located in enumerate(self._frames()):
            self._now_ns = located.frame.received_ns
            self._last = located.frame
            self._present.leave()
            if number and begins_run(located.frame):
                recorder.begin_run(self._now_ns)
            self._market.apply(located.frame)
            while recorder.status().waiting > WAITING_LINES and not self._stopped():
                time.sleep(0.005)  # nothing may be dropped: a file can wait for the disk
            if self._stopped():
                return

    def _frames(self) -> Iterator[Located]:
        if self._follow:
            return follow(self._recording, stop=self._stopped, wait=self._wait)
        return self._recording.frames(stop=self._stopped)

    def _wait(self, seconds: float) -> None:
        """Nothing more is there: where nobody writes it any more, that is said, once. It is not
        written: the lines are those of the recorder, which could not write it either."""
        if self._last is not None:
            self._present.look(self._recording, self._last, lambda: False)
        words = "it was closed whole" if self._present.ended else self._present.fault
        if words not in ("", self._said):
            exits.say(f"obtui: {words}; waiting for more\n")
        self._said = words
        if not self._present.doubts:
            time.sleep(seconds)

    def _stopped(self) -> bool:
        return bool(self._signal) or not self._recorder.status().open

    def _end(self, status: WriterStatus, broken_off: str) -> int:
        if status.broken_pipe:
            return exits.SIGNAL + signal.SIGPIPE  # as of any program in a pipe whose reader is done
        if status.failed:
            return exits.fail(status.failed)
        wrote = f"wrote {self._recorder.lines} book lines to {self._record}"
        if broken_off:
            return exits.fail(f"{broken_off}; before it, {wrote}")
        exits.say(f"obtui: {wrote}\n")
        return exits.SIGNAL + self._signal if self._signal else exits.DONE

    def _catch_signals(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            # nohup's choice is honoured.
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._signal = number
