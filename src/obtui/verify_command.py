"""`obtui verify`: is a recording whole, and what is missing in it; a table, or JSON."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from obtui import exits, figures
from obtui.recording.reader import Located, Recording, RecordingUnreadable, open_recording
from obtui.recording.report import Incidents, Report
from obtui.recording.verify import Verifier
from obtui.text import printable

if TYPE_CHECKING:
    from rich.console import Console

SHOWN = 10
"""Of each sort of incident, and of connections, that the table tells one by one."""
PROGRESS_FRAMES = 8192
SECOND = 1_000_000_000


def run(arguments: argparse.Namespace) -> int:
    """Returns the exit code: 0 whole, 1 something is missing, 2 unreadable."""
    try:
        recording = open_recording(arguments.files)
        verifier = Verifier(recording)
        for located in _with_progress(recording):
            verifier.take(located)
        report = verifier.report()
    except RecordingUnreadable as error:
        return exits.fail(str(error), exits.USAGE)
    try:
        if arguments.json:
            print(msgspec.json.format(msgspec.json.encode(report)).decode())
        else:
            _show(report)
        sys.stdout.flush()
    except BrokenPipeError:
        # As of any program in a pipe whose reader is done; nothing more can be said there.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exits.SIGNAL + signal.SIGPIPE
    return exits.DONE if report.whole else exits.FAILED


def _with_progress(recording: Recording) -> Iterator[Located]:
    """The frames; how far it is, on stderr, where that is a terminal."""
    sizes = [segment.size for segment in recording.segments]
    if not sys.stderr.isatty() or None in sizes:
        yield from recording.frames()
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        total = sum(size or 0 for size in sizes)
        task = progress.add_task("reading", total=total)
        for count, located in enumerate(recording.frames()):
            if not count % PROGRESS_FRAMES:
                read = sum(segment.read_to for segment in recording.segments)
                progress.update(task, completed=read)
            yield located


def _show(report: Report) -> None:
    from rich.console import Console

    # A file's or a venue's words are shown as they are, never taken for markup.
    console = Console(markup=False, highlight=False, emoji=False)
    with console.capture() as text:  # rich would end the program at a closed pipe in its own way
        _tell(console, report)
    print(text.get(), end="")


def _tell(console: Console, report: Report) -> None:
    rows = dict(_summary(report))
    width = max(map(len, rows))
    for name, text in rows.items():
        console.print(f"{name:<{width}}  {text}", soft_wrap=True)
    if report.connections:
        _show_connections(console, report)
    if report.states:
        console.print()
        whole = sum(report.states.values()) or 1.0
        for state, seconds in sorted(report.states.items(), key=lambda item: -item[1]):
            console.print(f"{state:<11}{seconds / whole:>7.2%}  {figures.duration(seconds)}")
    for name, incidents in (
        ("gap", report.gaps),
        ("given up", report.given_up),
        ("drop", report.drops),
        ("clock step", report.clock_steps or Incidents()),
    ):
        _show_incidents(console, name, incidents)
    for damage in report.damages[:SHOWN]:
        where = f"{printable(report.files[damage.file].path)}, byte {figures.count(damage.offset)}"
        console.print(f"damage      {where}: {damage.what}", soft_wrap=True)
    _and_more(console, report.damage_count)


def _summary(report: Report) -> Iterator[tuple[str, str]]:
    """What the report says, a line each."""
    what = f"{report.kind} of {report.venue} {report.symbol}"
    yield "recording", printable(f"{what} · {report.program}" if report.program else what)
    for number, file in enumerate(report.files):
        size = "a pipe" if file.bytes is None else figures.quantity(file.bytes)
        yield f"file {number + 1}", f"{printable(file.path)} · {size} · end {file.tail}"
    if report.first_ns is not None and report.last_ns is not None:
        yield "from", _moment(report.first_ns)
        yield "to", f"{_moment(report.last_ns)} · {figures.duration(report.span_seconds)}"
    counts = ", ".join(f"{figures.count(count)} {kind}" for kind, count in report.counts.items())
    yield "lines", f"{figures.count(report.lines)}: {counts}"
    mean = f"{report.messages_per_second:,.1f} messages a second"
    yield "rate", f"{mean}, at most {figures.count(report.peak_per_second)}"
    if report.decoder:
        yield "not decoded", report.decoder
    if report.kind == "books":
        yield "to be known", "the best levels only: book lines hold no sequence and no connection"
    else:
        yield "checked by", report.check or "nothing: this venue numbers nothing"
        yield "connections", f"{report.connection_count} in {_several(report.runs, 'run')}"
        yield "missing", _missing(report)
    crossed = figures.duration(report.crossed_seconds)
    yield "crossed", f"{_several(report.crossing_count, 'time')}, {crossed}"
    if report.clock_steps is not None:
        yield "clock steps", figures.count(report.clock_steps.count)
    yield "damage", _several(report.damage_count, "place")
    if report.kind == "capture":
        yield "closed", "whole" if report.ended else "no: killed, or still being written"
    yield "result", "whole" if report.whole else "NOT WHOLE"


def _missing(report: Report) -> str:
    torn = sum(file.tail == "torn" for file in report.files)
    parts = (
        _several(report.gaps.count, "gap"),
        _several(report.given_up.count, "connection") + " given up",
        _several(report.reconnects, "reconnect"),
        _several(report.dropped_lines, "line") + " dropped",
        _several(torn, "torn end"),
    )
    return ", ".join(parts)


def _show_connections(console: Console, report: Report) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("run", "connection", "opened", "messages", "books", "sequence", "checksums"):
        words = name in {"opened", "sequence"}
        table.add_column(name, justify="left" if words else "right", no_wrap=True)
    for it in report.connections[:SHOWN]:
        table.add_row(
            str(it.run),
            str(it.connection),
            "before" if it.opened_ns is None else _moment(it.opened_ns),
            figures.count(it.messages),
            figures.count(it.books),
            it.sequence,
            "none" if it.checksums is None else figures.count(it.checksums),
        )
    console.print(table)
    _and_more(console, report.connection_count)


def _show_incidents(console: Console, name: str, incidents: Incidents) -> None:
    for it in incidents.first[:SHOWN]:
        console.print(f"{name:<11} {_moment(it.received_ns)}  {it.what}", soft_wrap=True)
    _and_more(console, incidents.count)


def _and_more(console: Console, count: int) -> None:
    if count > SHOWN:
        console.print(f"and {figures.count(count - SHOWN)} more: --json tells more of them")


def _several(count: int, what: str) -> str:
    return f"{figures.count(count)} {what}{'' if count == 1 else 's'}"


def _moment(received_ns: int) -> str:
    """A time in UTC, to the millisecond."""
    with contextlib.suppress(ValueError, OverflowError, OSError):
        at = datetime.fromtimestamp(received_ns // SECOND, UTC)
        return f"{at:%Y-%m-%d %H:%M:%S}.{received_ns // 1_000_000 % 1000:03}"
    return str(received_ns)
