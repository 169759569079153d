"""`obtui record`: markets' books, or all that their venues say, into files, without a screen."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from types import FrameType

from obtui import exits, figures, following
from obtui.config import Options, UsageError
from obtui.following import Following
from obtui.recording.files import RecordingError
from obtui.view import MarketView
from obtui.watched import Watched

STEP_SECONDS = 0.05
PROGRESS_SECONDS = 0.5
CLOSE_SECONDS = 0.5
"""Bound of closing the recordings, so that a signal ends the program within a second."""


def run(arguments: argparse.Namespace, started: float) -> int:
    """Until a signal, the duration or the number of lines; returns the exit code."""
    try:
        options = Options.of(vars(arguments))
        return Recorder(options, started).run()
    except (UsageError, RecordingError) as error:
        return exits.fail(str(error), exits.USAGE)


class _Running:
    """One market in its thread."""

    def __init__(self, followed: Following, options: Options, *, alone: bool) -> None:
        self.name = followed.name
        self.recording = followed.recording
        self.watched: Watched = followed.connect(options.url, options.rest)
        # A defect that ends the only market is shown with all that Python tells of it.
        target = self.watched.source.run if alone else self.watched.run
        self.thread = threading.Thread(target=target, name="feed", daemon=True)
        self.recorded = 0
        """Lines, or messages where only a capture is written, when it ended."""
        self.died = False
        """Whether its feed ended by itself."""
        self.told = False
        """Whether it was said that it ended before the others."""

    @property
    def over(self) -> bool:
        """Whether there is nothing more to come of it."""
        return self.recording.done() or self.recording.failed or not self.thread.is_alive()

    def fault(self) -> str:
        """Why it is over before its time, or nothing."""
        if self.watched.refused:
            return f"{self.watched.refused}: choose another symbol"
        if self.watched.fault:
            return f"{self.name}: {self.watched.fault}"
        status = next((it for it in self.recording.statuses() if it.failed), None)
        return f"{self.name}: recording stopped: {status.failed}" if status else ""


class Recorder:
    """One run without a screen."""

    def __init__(self, options: Options, started: float) -> None:
        self._options = options
        self._deadline = None if options.duration is None else started + options.duration
        instruments = following.resolve(options.markets, options.rest)
        self._followed = following.follow(options, instruments)
        self._recording = following.recording_of(self._followed)
        alone = len(self._followed) == 1
        self._running = [_Running(it, options, alone=alone) for it in self._followed]
        self._signal = 0
        self._shown_at = 0.0
        self._told = True
        """Whether the terminal took the last progress line."""

    def run(self) -> int:
        """Returns the exit code; raises RecordingError when a file cannot be opened."""
        self._start()
        self._catch_signals()
        for it in self._running:
            it.thread.start()
        while not self._ended():
            self._progress()
            self._tell_ends()
            going = next((it for it in self._running if not it.over), None)
            if going is not None:
                going.thread.join(STEP_SECONDS)
        return self._finish()

    def _start(self) -> None:
        """Record what was asked for; where nothing was, both, to names that are told."""
        if self._options.record or self._options.capture:
            following.record_all(self._followed)
            return
        for it in self._followed:
            it.recording.start(*it.recording.names())
            books, capture = it.recording.places
            exits.say(f"obtui: recording book lines to {books}, frames to {capture}\n")

    def _ended(self) -> bool:
        return bool(
            self._signal
            or all(it.over for it in self._running)
            or (self._deadline is not None and time.monotonic() >= self._deadline)
        )

    def _tell_ends(self) -> None:
        """Of several, one that is over is told at once, and need not be fed any more."""
        if len(self._running) == 1:
            return
        for it in self._running:
            if it.over and not it.told:
                it.told = True
                it.watched.source.stop()
                if fault := it.fault():
                    self._clear_progress()
                    exits.fail(fault)

    def _finish(self) -> int:
        only_capture = bool(self._options.capture and not self._options.record)
        for it in self._running:
            it.recorded = it.recording.frames if only_capture else it.recording.lines
            it.died = not (it.thread.is_alive() or it.recording.done() or it.recording.failed)
        views = [it.watched.look(1, time.monotonic_ns()) for it in self._running]
        self._recording.stop(CLOSE_SECONDS)
        for it in self._running:
            it.watched.source.stop()
        self._clear_progress()
        ended = [it.recording.ended for it in self._running]
        if any(status is not None and status.broken_pipe for status in ended):
            return exits.SIGNAL + signal.SIGPIPE  # as of any program in a pipe whose reader is done
        for saved in self._recording.saved:
            exits.say(f"obtui: {saved}\n")
        self._tell_refusals()
        if all(it.watched.refused for it in self._running):
            return exits.USAGE
        if self._signal:
            return exits.SIGNAL + self._signal
        what = "no message" if only_capture else "no book"
        judged = zip(self._running, views, strict=True)
        return max([self._judge(it, view, what) for it, view in judged])

    def _tell_refusals(self) -> None:
        for it in self._running:
            if it.watched.refused and not it.told:
                exits.fail(it.fault())

    def _judge(self, it: _Running, view: MarketView, what: str) -> int:
        """The exit code of one market; `what` is what did not come where nothing was recorded."""
        status = it.recording.ended
        if it.watched.refused or it.died or (status is not None and status.failed):
            return exits.FAILED
        if it.recorded:
            return exits.DONE
        trouble = "" if view.trouble in view.reason else view.trouble
        why = " · ".join(filter(None, (view.state.value, view.reason, trouble, view.hint)))
        of = view.venue if len(self._running) == 1 else it.name
        return exits.fail(f"{what} came from {of}: {why}")

    def _progress(self) -> None:
        now = time.monotonic()
        if now - self._shown_at < PROGRESS_SECONDS or not (self._told and sys.stderr.isatty()):
            return
        if self._options.record == "-" and sys.stdout.isatty():
            return  # the lines themselves are there to be seen
        self._shown_at = now
        views = [it.watched.look(1, time.monotonic_ns(), 0) for it in self._running]
        line = f"{_standing(views)} · {self._recording.words()}"
        width = os.get_terminal_size(sys.stderr.fileno()).columns
        # A terminal that does not take it is not told again: the recording must not wait for it.
        # Room for the ^C that the terminal echoes: it would begin a line, which then stays.
        self._told = exits.say(f"\r{line[: width - 3]}\x1b[K")

    def _clear_progress(self) -> None:
        if self._shown_at and self._told:
            exits.say("\r\x1b[K")

    def _catch_signals(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            # nohup's choice is honoured.
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._signal = number


def _standing(views: Sequence[MarketView]) -> str:
    """How the feeds stand: one with its reason, several by how many are in which state."""
    rate = figures.count(sum(view.rates[-1] for view in views if view.rates))
    if len(views) > 1:
        states = Counter(view.state.value for view in views)
        told = " ".join(f"{count} {state}" for state, count in states.items())
        return f"{told} · {rate} msg/s"
    view = views[0]
    told = f"{view.venue} {view.instrument.symbol} {view.state.value} "
    return told + (f"{rate} msg/s" if view.live else view.reason)
