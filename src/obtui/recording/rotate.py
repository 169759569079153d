"""The files of a capture: the one that was named, or a series of numbered segments.

`btc.jsonl.zst` becomes `btc-000000.jsonl.zst`, `btc-000001.jsonl.zst` and so on: six digits, so
that names sort as the segments follow (an hour each, that is a century). No number is used twice: a
new run goes on behind the highest there is.

A file of another market, or one that is no capture, is refused: its beginning and its end are read
for that, not all of it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from obtui.recording.files import Disk, RecordFile, RecordingError
from obtui.recording.lines import BadLine, decode_line
from obtui.recording.sinks import Sink, sink_for

_SUFFIXES = re.compile(r"(\.jsonl?|\.ndjson)?(\.zst)?$", re.IGNORECASE)
_DIGITS = 6

_FIRST_BYTES = 1 << 16
_LONGEST_HEADER = 64 << 20  # One with the largest known book is of 10 MB.
_LAST_BYTES = 1 << 18
_HEADER_BEGINS = b'{"k":"header",'


class Rotation(NamedTuple):
    """When a capture goes on in its next segment; neither: never."""

    size: int | None = None
    """Bytes of the file, > 0; it may get larger by what waits for the disk."""
    seconds: float | None = None
    """Of the monotonic clock, > 0; the first frame after it opens the next."""


class _Market(msgspec.Struct):
    venue: str
    symbol: str


class Series:
    """Opens a capture's files, one after the other."""

    def __init__(self, path: str, venue: str, symbol: str, disk: Disk) -> None:
        self._path = path
        self._market = (venue, symbol)
        self._disk = disk
        self._number = 0
        self.opened: list[str] = []
        """Paths, in their order."""

    def open_one(self, *, stdout: int = 1, overwrite: bool = False) -> Sink:
        """The named file itself. Raises RecordingError."""
        file = RecordFile.open(self._path, disk=self._disk, stdout=stdout, overwrite=overwrite)
        return self._checked(file)

    def open_first(self, *, overwrite: bool = False) -> Sink:
        """The segment that a run begins with: behind those there are, or, with `overwrite`, the
        first, in place of all. Raises RecordingError."""
        numbers = segment_numbers(self._path)
        if numbers:
            # The newest is the one that another recorder would be writing.
            newest = RecordFile.open(
                segment_name(self._path, numbers[-1]), disk=self._disk, overwrite=overwrite
            )
            self._checked(newest).file.close()
        self.opened.clear()
        if not overwrite:
            self._number = numbers[-1] + 1 if numbers else 0
            return self._open_new()
        self._number = 0
        first = segment_name(self._path, 0)
        file = RecordFile.open(first, disk=self._disk, overwrite=True)
        file.replaces([segment_name(self._path, number) for number in numbers if number])
        return self._checked(file)

    def open_next(self) -> Sink:
        """The segment after the last one. Raises RecordingError."""
        self._number += 1
        return self._open_new()

    def _open_new(self) -> Sink:
        while True:
            try:
                path = segment_name(self._path, self._number)
                return self._checked(RecordFile.open(path, disk=self._disk, new=True))
            except FileExistsError:
                self._number += 1  # somebody made it meanwhile

    def _checked(self, file: RecordFile) -> Sink:
        try:
            sink = sink_for(file)
            check_market(sink, *self._market)
        except BaseException:
            # Also at a Ctrl+C: whatever ends it, the lock would stay with a descriptor nobody has.
            file.close()
            raise
        self.opened.append(file.path)
        return sink


def split_name(name: str) -> tuple[str, str]:
    """What a segment's number comes behind, and what comes behind it."""
    found = _SUFFIXES.search(name)
    at = found.start() if found is not None else len(name)
    return name[:at], name[at:]


def segment_name(path: str, number: int) -> str:
    """The path of a segment of the capture that was named `path`; `number` >= 0."""
    folder, name = os.path.split(path)
    stem, suffix = split_name(name)
    return os.path.join(folder, f"{stem}-{number:0{_DIGITS}}{suffix}")


def segment_numbers(path: str) -> list[int]:
    """Of the segments that are there of the capture that was named `path`, ascending."""
    folder, name = os.path.split(path)
    stem, suffix = split_name(name)
    is_one = re.compile(re.escape(stem) + r"-([0-9]{6,})" + re.escape(suffix))
    try:
        names = os.listdir(folder or ".")
    except (OSError, ValueError):
        return []  # opening a file there will tell why
    return sorted(int(found[1]) for found in map(is_one.fullmatch, names) if found)


def check_market(sink: Sink, venue: str, symbol: str) -> None:
    """Raise RecordingError unless a capture of this market may go on in the file."""
    if not (sink.file.appended and sink.file.readable):
        return
    try:
        market = _last_market(sink)
    except OSError as error:
        raise RecordingError(
            f"cannot record to {sink.file.name}: {error.strerror}; choose another file"
        ) from error
    if market is None:
        raise RecordingError(
            f"cannot record to {sink.file.name}: what is in it is no capture; choose another file"
        )
    if (market.venue, market.symbol) not in ((venue, symbol), ("", "")):
        raise RecordingError(
            f"cannot record to {sink.file.name}: it is a capture of {market.venue} "
            f"{market.symbol}; choose another file for {venue} {symbol}"
        )


def _last_market(sink: Sink) -> _Market | None:
    """Of its last header; an empty one where the file holds only half of its first line."""
    for line in reversed(sink.tail(_LAST_BYTES).split(b"\n")):
        market = _market_of(line)
        if market is not None:
            return market
    head = sink.head(_FIRST_BYTES)
    if b"\n" not in head:
        head = sink.head(_LONGEST_HEADER)
    for line in _lines(head):
        market = _market_of(line)
        if market is not None:
            return market
    # Killed in its first moment: nothing whole, but no other file either.
    begins = head[: len(_HEADER_BEGINS)]
    return _Market("", "") if _HEADER_BEGINS.startswith(begins) else None


def _lines(head: bytes) -> Iterator[bytes]:
    yield from head.split(b"\n")[:-1]


def _market_of(line: bytes) -> _Market | None:
    if not line.startswith(_HEADER_BEGINS):
        return None
    try:
        frame = decode_line(line)
        return msgspec.json.decode(frame.data, type=_Market)
    except (BadLine, msgspec.DecodeError):
        return None
