"""Recordings read back: one or several files as one stream of frames, whatever state they are in.

A recording is told by its content, not by its name: captures, book lines, samples; plain, gzip or
zstandard; files or a pipe. What is damaged is left out, counted and told; it never ends the
reading. It decodes no venue's message and keeps no book.

Memory is bounded by the longest line.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence

import msgspec

from obtui.frame import Drop, Frame, FrameKind, Header
from obtui.recording.formats import Kind, NothingYet, RecordingUnreadable
from obtui.recording.raw import Stop, Stopped, never
from obtui.recording.rotate import segment_name, segment_numbers
from obtui.recording.segment import More, Segment
from obtui.text import printable

__all__ = [
    "Damage",
    "Located",
    "NothingYet",
    "Position",
    "Recording",
    "RecordingUnreadable",
    "open_recording",
]

HEADLESS = "it begins in the middle: no book until the next connection"
MOST_DAMAGES = 10_000
"""How many are kept; of what is beyond it, only the count is."""


class Position(msgspec.Struct, frozen=True, gc=False, order=True):
    """Where a line begins."""

    file: int
    """Which of the recording's files, in their order, from 0."""
    offset: int
    """Bytes, in what the file holds unpacked."""


class Located(msgspec.Struct, frozen=True, gc=False):
    """A frame, and where its line begins."""

    frame: Frame
    position: Position


class Damage(msgspec.Struct, frozen=True):
    """What could not be read."""

    position: Position
    what: str
    """In a few words."""
    tail: bool = False
    """Whether it is the end of a file: torn, or not yet written."""


class Recording:
    """Files that are one recording, in their order; made by `open_recording`.

    One thread at a time reads it; any number of iterations may be begun, each on its own, except
    of a pipe, which is read once.
    """

    def __init__(self, segments: Sequence[Segment], empty: Sequence[str] = ()) -> None:
        self.segments = list(segments)
        self.empty = tuple(empty)
        """Files among the others that have no whole line."""
        self.kind: Kind = segments[0].kind
        header = next((segment.header for segment in segments if segment.header), None)
        if header is None:
            raise RecordingUnreadable(
                f"{segments[0].name} does not say what it is of: its header line is missing; "
                "give the segment before it too"
            )
        self.header: Header = header
        """What it is of, without a book; of book lines and samples, made of what they are."""
        self._damages: dict[Position, Damage] = {}
        self.more_damages = 0
        """Damages beyond those in `damages`."""
        self.spoiled = 0
        """How many there are so far, without torn ends, and the last that was come by."""
        self.last_spoiled: Damage | None = None

    @property
    def damages(self) -> tuple[Damage, ...]:
        """What could not be read so far, in the order of the files; each once."""
        return tuple(self._damages[position] for position in sorted(self._damages))

    @property
    def span(self) -> tuple[int, int] | None:
        """First and last receive time, ns since the epoch; None where the last is not to be had
        without reading all (a pipe, a compressed file)."""
        last = self.segments[-1].last_ns()
        return None if last is None else (self.segments[0].first_ns, last)

    @property
    def seekable(self) -> bool:
        """Whether it can be read more than once, from any line."""
        return all(segment.pipe is None for segment in self.segments)

    def frames(self, position: Position | None = None, *, stop: Stop = never) -> Iterator[Located]:
        """Every frame in order, from the line at `position` on, or from the beginning.

        Book lines and samples begin with a header frame that is not in the file. Where a segment
        is missing, or the beginning of the first, a `drop` frame is given in its place: the book
        cannot be known there. `stop` is
        asked where no frame can be given for a while (a pipe is waited for; a long way is to be
        unpacked): then it ends early. Raises `RecordingUnreadable` when a file cannot be read any
        more, and for a second reading of a pipe; nothing else.
        """
        return self.read(position, lambda _segment: never, stop)

    def read(
        self, position: Position | None, more_of: Callable[[Segment], More], stop: Stop
    ) -> Iterator[Located]:
        """As `frames`; at the end of what is there of a file, what `more_of` gives for it is asked
        whether to look again."""
        try:
            yield from self._read(position, more_of, stop)
        except Stopped:
            return

    def _read(
        self, position: Position | None, more_of: Callable[[Segment], More], stop: Stop
    ) -> Iterator[Located]:
        number, offset = (position.file, position.offset) if position is not None else (0, 0)
        while number < len(self.segments):
            segment = self.segments[number]
            if offset == 0:
                for frame in self._opening(number):
                    yield Located(frame, Position(number, 0))

            def bad(at: int, what: str, tail: bool, number: int = number) -> None:
                self._damage(Damage(Position(number, at), what, tail))

            for frame, start in segment.frames(offset, bad, more_of(segment), stop):
                yield Located(frame, Position(number, start))
            number += 1
            offset = 0

    def add(self, segment: Segment) -> None:
        """Go on in another file after the last."""
        _check_same(self.segments[-1], segment)
        self.segments.append(segment)

    def _opening(self, number: int) -> Iterator[Frame]:
        """What is to be known before a file's first line, and is not in it."""
        segment = self.segments[number]
        header = segment.header
        before = self.segments[number - 1].header if number else None
        if not number and not segment.alone:
            drop = msgspec.json.encode(Drop(0, HEADLESS))
            yield Frame(FrameKind.DROP, drop, segment.first_ns, segment.first_monotonic_ns, 0)
        # Another run begins with 0: how many a run had is not in the next one.
        if before and header and header.segment not in (0, before.segment + 1):
            missing = "the segment before it is missing"
            self._damage(Damage(Position(number, 0), missing))
            drop = msgspec.json.encode(Drop(0, missing))
            yield Frame(FrameKind.DROP, drop, segment.first_ns, segment.first_monotonic_ns, 0)
        yield from segment.opening()

    def _damage(self, damage: Damage) -> None:
        if damage.position in self._damages:
            return
        if len(self._damages) < MOST_DAMAGES:
            self._damages[damage.position] = damage
        else:
            self.more_damages += 1
        if not damage.tail:
            self.spoiled += 1
            self.last_spoiled = damage


def open_recording(paths: Sequence[str], *, stdin: int = 0, stop: Stop = never) -> Recording:
    """The recording in these files (at least one), given in any order; `-` is the descriptor
    `stdin`. Where there is no file of a name, but numbered segments of it are, these are meant.

    Raises `RecordingUnreadable` for a file that cannot be read or is no recording, for files of
    several markets, and as `NothingYet` where no file has a whole line yet. `stop` is asked while
    a pipe is waited for; `Stopped` is raised when it says so.
    """
    if not paths:
        raise RecordingUnreadable("no recording is named: name a file")
    paths = [file for path in paths for file in _files(path)]
    if len(paths) != len(set(paths)):
        raise RecordingUnreadable("a file is named twice: name each once")
    segments: list[Segment] = []
    empty: list[str] = []
    nothing: NothingYet | None = None
    for path in paths:
        try:
            segments.append(Segment.open(path, stdin, stop))
        except NothingYet as error:
            # A recorder that was killed at once leaves one beside those that are whole.
            empty.append(path)
            nothing = nothing or error
    if nothing is not None and not segments:
        raise nothing
    segments.sort(key=lambda it: (it.first_ns, it.header.segment if it.header else 0))
    for segment in segments[1:]:
        _check_same(segments[0], segment)
    return Recording(segments, empty)


def _files(path: str) -> list[str]:
    if path == "-" or os.path.exists(path):
        return [path]
    return [segment_name(path, number) for number in segment_numbers(path)] or [path]


def _check_same(one: Segment, other: Segment) -> None:
    """Raise `RecordingUnreadable` unless both are of one market."""
    names = f"{one.name} and {other.name}"
    if one.kind != other.kind:
        raise RecordingUnreadable(
            f"{names} are not of one kind ({one.kind}, {other.kind}): give one of them"
        )
    if one.kind == "books" or one.header is None or other.header is None:
        return
    its, others = market_of(one.header), market_of(other.header)
    if its != others:
        raise RecordingUnreadable(f"{names} are of two markets ({its}, {others}): give one of them")


def market_of(header: Header) -> str:
    """What a recording is of, to be shown: `gemini BTCUSD`."""
    return printable(f"{header.venue} {header.symbol}")
