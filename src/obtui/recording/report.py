"""What `obtui verify` found, as data: its field names are those of `--json`.

Times are ns since the epoch, durations seconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

SequenceResult = Literal["whole", "broken", "unchecked", "not decoded"]
Result = Literal["whole", "not whole", "not checked"]


class Incident(msgspec.Struct, frozen=True):
    """Something that happened at one place."""

    received_ns: int
    file: int
    """Which of the files, from 0."""
    offset: int
    """Where its line begins, in what the file holds unpacked."""
    what: str


class Incidents(msgspec.Struct, frozen=True):
    """All of one sort; of very many only the first are told one by one."""

    count: int = 0
    first: Sequence[Incident] = ()


class FileReport(msgspec.Struct, frozen=True):
    """One file."""

    path: str
    bytes: int | None
    """As it is stored; None for a pipe."""
    segment: int | None
    """Its number in its run, from 0; None where it does not say."""
    tail: Literal["whole", "torn", "still open"]
    """How it ends. Still open: a recorder is writing it."""


class ConnectionReport(msgspec.Struct, frozen=True):
    """One connection."""

    run: int
    """Which start of the recorder, from 1."""
    connection: int
    """Its number in the run, from 1."""
    opened_ns: int | None
    """None where the recording begins in the middle of it."""
    closed_ns: int | None
    """None where it was open at the end."""
    messages: int
    books: int
    """Messages that changed the book."""
    sequence: SequenceResult
    """Whether the venue's own numbering holds over all its messages."""
    fault: str
    """What broke it, or nothing."""
    checksums: int | None
    """How many were right; None for a venue that sends none."""


class Crossing(msgspec.Struct, frozen=True):
    """A time for which best bid and best ask were crossed."""

    received_ns: int
    seconds: float


class Damaged(msgspec.Struct, frozen=True):
    """A place that cannot be read."""

    file: int
    offset: int
    what: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A recording."""

    kind: str
    venue: str
    symbol: str
    program: str
    result: Result
    """Not checked: nothing is known to be missing, but its messages could not be decoded."""
    whole: bool
    """Whether that is the result."""
    missing: Sequence[str]
    """What makes it less than whole, each in a few words; empty where nothing is known to."""
    files: Sequence[FileReport]
    lines: int
    counts: Mapping[str, int]
    """Lines by their kind."""
    first_ns: int | None
    last_ns: int | None
    span_seconds: float
    """From the first line to the last, by the wall clock."""
    recorded_seconds: float
    """Of these, those that a run covers, by the monotonic clock."""
    messages: int
    messages_per_second: float
    """Mean over the recorded time."""
    peak_per_second: int
    """Most in one second of the monotonic clock."""
    runs: int
    runs_not_closed: int
    """Of a capture, without the last run where it is still being written, or goes on in a segment
    that was not named."""
    ended: bool
    """Whether the last run was closed whole."""
    check: str
    """What a lost message is found by; empty where nothing finds it."""
    decoder: str
    """Why nothing was decoded, or nothing."""
    connections: Sequence[ConnectionReport]
    connection_count: int
    reconnects: int
    """Connections that were lost."""
    gaps: Incidents | None
    """Where the decoder found that a message is missing or wrong; None where nothing was
    decoded."""
    given_up: Incidents
    """Where a connection was given up by the clock: silence, or crossed for too long."""
    drops: Incidents
    """Where the recorder itself left lines out."""
    dropped_lines: int
    damages: Sequence[Damaged]
    """Lines that are garbage, and what else cannot be read; without torn tails."""
    damage_count: int
    clock_steps: Incidents | None
    """Wall against monotonic clock, by more than 0.1 s; None where there is one clock only."""
    crossings: Sequence[Crossing]
    crossing_count: int | None
    """None where nothing was decoded, as of the next."""
    crossed_seconds: float | None
    states: Mapping[str, float]
    """Seconds of the recorded time in each state of the book; empty where nothing was decoded."""
