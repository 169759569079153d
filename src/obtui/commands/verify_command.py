"""`obtui verify`: is a recording whole, and what is missing in it; a table, or JSON."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

import msgspec

from obtui import exits, figures
from obtui.recording.reader import Located, Recording, RecordingUnreadable, open_recording
from obtui.recording.report import ConnectionReport, Report
from obtui.recording.verify import Verifier
from obtui.text import printable

SHOWN = 10
"""Of each sort of incident, and of connections, that the table tells one by one."""
WIDTH = 80
"""Columns of the table, wherever it goes."""
PROGRESS_FRAMES = 8192
SECOND = 1_000_000_000


def run(arguments: argparse.Namespace) -> int:
    """Returns the exit code: 0 whole, 1 something is missing or not checked, 2 unreadable."""
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
            print(*_lines(report), sep="\n")
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


def _lines(report: Report) -> Iterator[str]:
    """The table, of the same width in every terminal and pipe."""
    rows = list(_summary(report))
    width = max(len(name) for name, _ in rows)
    for name, text in rows:
        if name.startswith("file"):
            yield f"{name:<{width}}  {text}"  # a path that is broken up is none
        else:
            yield from _wrapped(f"{name:<{width}}  ", text)
    if report.connections:
        yield ""
        yield from connections(report.connections[:SHOWN])
        yield from _and_more(report.connection_count)
    if report.states:
        yield ""
        whole = sum(report.states.values()) or 1.0
        for state, seconds in sorted(report.states.items(), key=lambda item: -item[1]):
            yield f"{state:<11}{seconds / whole:>7.2%}  {figures.duration(seconds)}"
    incidents = (
        ("gap", report.gaps),
        ("given up", report.given_up),
        ("drop", report.drops),
        ("clock step", report.clock_steps),
    )
    for name, its in incidents:
        if its is not None:
            for it in its.first[:SHOWN]:
                yield from _wrapped(f"{name:<11} ", f"{_moment(it.received_ns)}  {it.what}")
            yield from _and_more(its.count)
    for damage in report.damages[:SHOWN]:
        where = f"file {damage.file + 1}, byte {figures.count(damage.offset)}"
        yield from _wrapped(f"{'damage':<11} ", f"{where}: {damage.what}")
    yield from _and_more(report.damage_count)


def _wrapped(name: str, text: str) -> Sequence[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=name,
        subsequent_indent=" " * len(name),
        break_long_words=False,
        break_on_hyphens=False,
    )


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
    if report.kind == "books":
        yield "to be known", "the best levels only: book lines hold no sequence and no connection"
    else:
        yield "checked by", _check(report)
        yield "connections", f"{report.connection_count} in {_several(report.runs, 'run')}"
    if report.crossing_count is not None and report.crossed_seconds is not None:
        crossed = figures.duration(report.crossed_seconds)
        yield "crossed", f"{_several(report.crossing_count, 'time')}, {crossed}"
    if report.clock_steps is not None:
        yield "clock steps", figures.count(report.clock_steps.count)
    if report.kind == "capture":
        yield "closed", _closed(report)
    none = "nothing" if report.whole else "not known"
    yield "missing", ", ".join(report.missing) or none
    yield "result", report.result.upper() if report.missing else report.result


def _check(report: Report) -> str:
    if report.decoder:
        return printable(f"not checked: this version cannot decode {report.venue}")
    return report.check or "nothing: this venue numbers nothing"


def _closed(report: Report) -> str:
    if report.runs_not_closed:
        several = f"{figures.count(report.runs_not_closed)} of {_several(report.runs, 'run')}"
        return f"no: {several} ended without an end line, as when killed"
    return "whole" if report.ended else "not yet: it is being written, or goes on in another file"


def connections(shown: Sequence[ConnectionReport]) -> Iterator[str]:
    """A table of them; of checksums only where the venue sends some."""
    columns: list[tuple[str, Callable[[str, int], str], list[str]]] = [
        ("run", str.rjust, [str(it.run) for it in shown]),
        ("connection", str.rjust, [str(it.connection) for it in shown]),
        ("opened", str.ljust, [_opened(it.opened_ns) for it in shown]),
        ("messages", str.rjust, [figures.count(it.messages) for it in shown]),
        ("books", str.rjust, [figures.count(it.books) for it in shown]),
        ("sequence", str.ljust, [it.sequence for it in shown]),
    ]
    if any(it.checksums is not None for it in shown):
        sums = ["none" if it.checksums is None else figures.count(it.checksums) for it in shown]
        columns.append(("checksums", str.rjust, sums))
    cells = [
        [justify(text, max(map(len, (name, *texts)))) for text in (name, *texts)]
        for name, justify, texts in columns
    ]
    for row in zip(*cells, strict=True):
        yield "  ".join(row).rstrip()


def _opened(opened_ns: int | None) -> str:
    return "before" if opened_ns is None else _moment(opened_ns)


def _and_more(count: int) -> Iterator[str]:
    if count > SHOWN:
        yield f"and {figures.count(count - SHOWN)} more: --json tells more of them"


def _several(count: int, what: str) -> str:
    return f"{figures.count(count)} {what}{'' if count == 1 else 's'}"


def _moment(received_ns: int) -> str:
    """A time in UTC, to the millisecond."""
    with contextlib.suppress(ValueError, OverflowError, OSError):
        at = datetime.fromtimestamp(received_ns // SECOND, UTC)
        return f"{at:%Y-%m-%d %H:%M:%S}.{received_ns // 1_000_000 % 1000:03}"
    return str(received_ns)
