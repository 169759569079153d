"""`obtui record`: a market's books, or all that its venue says, into files, without a screen."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from types import FrameType

from obtui import exits, figures
from obtui.config import Options, UsageError
from obtui.feeds import FEEDS
from obtui.live import LiveFeed
from obtui.recording.control import RecordingControl
from obtui.recording.files import RecordingError
from obtui.recording.rotate import Rotation
from obtui.session import Session
from obtui.shared import Market

STEP_SECONDS = 0.05
PROGRESS_SECONDS = 0.5
CLOSE_SECONDS = 0.5
"""Bound of closing the recording, so that a signal ends the program within a second."""


def run(arguments: argparse.Namespace, started: float) -> int:
    """Until a signal, the duration or the number of lines; returns the exit code."""
    try:
        options = Options.of(vars(arguments))
        return Recorder(options, started).run()
    except (UsageError, RecordingError) as error:
        return exits.fail(str(error), exits.USAGE)


class Recorder:
    """One run without a screen."""

    def __init__(self, options: Options, started: float) -> None:
        self._options = options
        self._deadline = None if options.duration is None else started + options.duration
        feed = FEEDS[options.venue](options.symbol)
        self._market = Market(Session(feed))
        self._source = LiveFeed(feed, self._market, url=options.url, rest_url=options.rest)
        self._recording = RecordingControl(
            self._market,
            venue=feed.name,
            symbol=feed.symbol,
            url=lambda: self._source.url,
            depth=options.depth,
            limit=options.messages,
            rotation=Rotation(*options.rotation) if options.rotate else None,
            overwrite=options.overwrite,
        )
        self._signal = 0
        self._shown_at = 0.0
        self._told = True
        """Whether the terminal took the last progress line."""
        self._died = False
        """Whether the feed ended by itself: refused by the venue, or by a fault of ours."""

    def run(self) -> int:
        """Returns the exit code; raises RecordingError when the file cannot be opened."""
        self._start()
        self._catch_signals()
        feeding = threading.Thread(target=self._source.run, name="feed", daemon=True)
        feeding.start()
        while not self._ended():
            self._progress()
            feeding.join(STEP_SECONDS)
            if not feeding.is_alive():
                break
        self._died = not feeding.is_alive()
        return self._finish()

    def _start(self) -> None:
        """Record what was asked for; where nothing was, both, to names that are told."""
        books, capture = self._options.record, self._options.capture
        if books or capture:
            self._recording.start(books, capture)
            return
        books, capture = self._recording.names()
        self._recording.start(books, capture)
        named = self._recording.places
        exits.say(f"obtui: recording book lines to {named[0]}, frames to {named[1]}\n")

    def _ended(self) -> bool:
        return bool(
            self._signal
            or self._recording.done()
            or self._recording.failed
            or (self._deadline is not None and time.monotonic() >= self._deadline)
        )

    def _finish(self) -> int:
        only_capture = bool(self._options.capture and not self._options.record)
        recorded = self._recording.frames if only_capture else self._recording.lines
        view = self._market.view(1, time.monotonic_ns())
        saved = self._recording.stop(CLOSE_SECONDS)
        status = self._recording.ended
        self._source.stop()
        if self._shown_at and self._told:
            exits.say("\r\x1b[K")
        if status is not None and status.broken_pipe:
            return exits.SIGNAL + signal.SIGPIPE  # as of any program in a pipe whose reader is done
        if saved:
            exits.say(f"obtui: {saved}\n")
        if self._market.refused:
            return exits.fail(f"{self._market.refused}: choose another symbol", exits.USAGE)
        if self._signal:
            return exits.SIGNAL + self._signal
        if self._died or (status is not None and status.failed):
            return exits.FAILED
        if not recorded:
            why = " · ".join(filter(None, (view.state.value, view.reason, view.hint)))
            what = "no message" if only_capture else "no book"
            return exits.fail(f"{what} came from {view.venue}: {why}")
        return 0

    def _progress(self) -> None:
        now = time.monotonic()
        if now - self._shown_at < PROGRESS_SECONDS or not (self._told and sys.stderr.isatty()):
            return
        if self._options.record == "-" and sys.stdout.isatty():
            return  # the lines themselves are there to be seen
        self._shown_at = now
        view = self._market.view(1, time.monotonic_ns())
        rate = view.rates[-1] if view.rates else 0
        line = f"{view.venue} {view.instrument.symbol} {view.state.value} "
        line += view.reason if not view.live else f"{figures.count(rate)} msg/s"
        line += f" · {self._recording.words()}"
        width = os.get_terminal_size(sys.stderr.fileno()).columns
        # A terminal that does not take it is not told again: the recording must not wait for it.
        # Room for the ^C that the terminal echoes: it would begin a line, which then stays.
        self._told = exits.say(f"\r{line[: width - 3]}\x1b[K")

    def _catch_signals(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            # nohup's choice is honoured.
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._signal = number
