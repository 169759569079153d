"""`obtui export`: a recording in the format of another program."""

from __future__ import annotations

import argparse
import contextlib
import re
import signal
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from obtui import exits, figures
from obtui.export.base import Exporter, ExportError, Shape
from obtui.export.formats import FORMATS, Format
from obtui.export.outfile import COMPRESSED, STDOUT, OutFile
from obtui.export.stopping import Stopped, held, signals
from obtui.frame import Drop, Frame, FrameKind, Header
from obtui.recording.formats import feed_of
from obtui.recording.opening import shown
from obtui.recording.reader import (
    Position,
    Recording,
    RecordingUnreadable,
    market_of,
    open_recording,
)
from obtui.text import printable

if TYPE_CHECKING:
    from rich.progress import Progress

INTERVAL = re.compile(r"([1-9][0-9]{0,8})(ms|s|m|h|d)")
_UNIT_NS = {
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
    "d": 86_400_000_000_000,
}

LONG_SECONDS = 1.0
"""Work that is done sooner shows no progress."""
_REFRESH_SECONDS = 0.2
_LOOK_FRAMES = 256
"""Frames between two looks at the clock."""


def run(arguments: argparse.Namespace) -> int:
    """Write one file from recordings; returns the exit code."""
    out: str = arguments.out
    try:
        with signals():
            return _export(arguments)
    except ExportError as error:
        return exits.fail(str(error), exits.USAGE)
    except RecordingUnreadable as error:
        return exits.fail(f"{error}; {_left(out)}")
    except BrokenPipeError:
        return exits.SIGNAL + signal.SIGPIPE  # as of any program in a pipe whose reader is done
    except OSError as error:
        return exits.fail(f"cannot write {shown(out)}: {error.strerror or error}; {_left(out)}")
    except Stopped as stopped:
        return exits.SIGNAL + stopped.number


def _export(arguments: argparse.Namespace) -> int:
    out: str = arguments.out
    form, shape = _asked(arguments)
    recording = _opened(arguments.files)
    if arguments.format == "hftbacktest" and recording.kind == "books":
        raise ExportError("book lines hold no messages of a venue: hftbacktest needs a capture")
    inputs = [*(segment.path for segment in recording.segments), *recording.empty]
    with contextlib.ExitStack() as made:
        with held():  # none between the making of the file and there being who takes it away
            file = made.enter_context(
                OutFile.create(out, overwrite=arguments.overwrite, inputs=inputs)
            )
        try:
            exporter = form.make(feed_of(recording.header), file.stream, shape)
        except RecordingUnreadable as error:
            raise ExportError(str(error)) from error
        passage = _Passage(recording, exporter)
        passage.run()
        file.keep()
    for note in passage.notes():
        print(f"obtui: {note}", file=sys.stderr)
    if sys.stderr.isatty() and out != STDOUT:
        print(f"obtui: wrote {figures.count(exporter.rows)} rows to {shown(out)}", file=sys.stderr)
    return exits.DONE


def _asked(arguments: argparse.Namespace) -> tuple[Format, Shape]:
    """The format and its choices; raises `ExportError`."""
    name, out = arguments.format, arguments.out
    form = FORMATS.get(name)
    if form is None:
        raise ExportError(f"there is no format {shown(name)}: choose {', '.join(FORMATS)}")
    if not form.text:
        if out == STDOUT:
            raise ExportError(f"{name} cannot be written to standard output: name a file")
        if out.endswith(COMPRESSED):
            raise ExportError(f"{name} is compressed in itself: name it without .gz or .zst")
    if arguments.depth is not None and form.depth is None:
        raise ExportError(f"{name} has no --depth: it has all levels, or no book")
    if arguments.interval and not form.interval:
        raise ExportError(f"{name} has no --interval: csv-snapshot has")
    interval_ns = _interval_ns(arguments.interval) if arguments.interval else 0
    return form, Shape(arguments.depth or form.depth or 1, interval_ns)


def _interval_ns(text: str) -> int:
    found = INTERVAL.fullmatch(text)
    if found is None:
        raise ExportError(f"--interval {shown(text)} is no time: give one like 100ms, 1s or 5m")
    return int(found[1]) * _UNIT_NS[found[2]]


def _opened(paths: list[str]) -> Recording:
    try:
        return open_recording(paths)
    except RecordingUnreadable as error:
        raise ExportError(str(error)) from error


def _left(out: str) -> str:
    """What became of the output of an export that failed."""
    return "what was written is not whole" if out == STDOUT else "no file was left"


class _Passage:
    """The frames of a recording on their way through an exporter."""

    def __init__(self, recording: Recording, exporter: Exporter) -> None:
        self._recording = recording
        self._exporter = exporter
        self._dropped = 0
        self._set_back = 0
        """How often the wall clock was set back."""

    def run(self) -> None:
        """From the first frame to the last; raises what the two raise."""
        exporter = self._exporter
        latest = count = 0
        with _progress(self._recording) as progress:
            for located in self._recording.frames():
                frame = located.frame
                if frame.kind is not FrameKind.TEXT:
                    self._look(frame)
                if frame.received_ns < latest:
                    self._set_back += 1
                latest = frame.received_ns
                exporter.take(frame)
                count += 1
                if count % _LOOK_FRAMES == 0:
                    progress.show(located.position, exporter.rows)
            exporter.finish()

    def _look(self, frame: Frame) -> None:
        if frame.kind is FrameKind.DROP:
            self._dropped += msgspec.json.decode(frame.data, type=Drop).count
        elif frame.kind is FrameKind.HEADER:
            # Files that were joined by other means than ours.
            here = market_of(msgspec.json.decode(frame.data, type=Header))
            first = market_of(self._recording.header)
            if here != first:
                raise ExportError(
                    f"the recording is of two markets ({first}, {here}): split it where the "
                    "second header line is"
                )

    def notes(self) -> Iterator[str]:
        """What the user is to know of what was written, a line each."""
        recording = self._recording
        damages = len(recording.damages) + recording.more_damages
        missing = []
        if self._dropped:
            missing.append(f"{figures.count(self._dropped)} lines dropped by the recorder")
        if damages:
            places = "place" if damages == 1 else "places"
            what = printable(recording.damages[0].what, 80)
            missing.append(f"{figures.count(damages)} {places} that cannot be read ({what})")
        if missing:
            yield f"the recording is not whole: {', '.join(missing)}; obtui verify tells more"
        if self._set_back:
            times = "once" if self._set_back == 1 else f"{figures.count(self._set_back)} times"
            yield f"its clock was set back {times}: the rows are in the order of arrival"
        if recording.kind == "books":
            yield "book lines hold only the best levels: so does what was made of them"
        if not self._exporter.rows:
            yield "there are no rows: the recording holds nothing that could be exported so"


class _Progress:
    """How far it is, on a terminal, once it takes long."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._due = time.monotonic() + LONG_SECONDS
        self._bar: Progress | None = None
        sizes = [segment.size for segment in recording.segments]
        self._before = [0]
        """Bytes of the files before each; empty where it cannot be known: a pipe has no end."""
        for size in sizes:
            self._before.append(self._before[-1] + (size or 0))
        self._total = None if None in sizes else self._before[-1]

    def show(self, position: Position, rows: int) -> None:
        """Draw it, if it is time."""
        now = time.monotonic()
        if now < self._due:
            return
        self._due = now + _REFRESH_SECONDS
        if self._bar is None:
            self._bar = _bar()
            self._bar.add_task("exporting", total=self._total, rows="")
            self._bar.start()
        done = self._before[position.file] + self._recording.segments[position.file].read_to
        words = f"{figures.count(rows)} rows"
        self._bar.update(self._bar.task_ids[0], completed=done, rows=words, refresh=True)

    def stop(self) -> None:
        """Take it away."""
        if self._bar is not None:
            self._bar.stop()


class _NoProgress(_Progress):
    """Without a terminal nothing is drawn."""

    def show(self, position: Position, rows: int) -> None:
        """Nothing."""


@contextlib.contextmanager
def _progress(recording: Recording) -> Iterator[_Progress]:
    progress = _Progress(recording) if sys.stderr.isatty() else _NoProgress(recording)
    try:
        yield progress
    finally:
        progress.stop()


def _bar() -> Progress:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        auto_refresh=False,
        transient=True,
    )
