"""Book lines: after each message, what the best levels of the book were.

The format is that of a crawler which people already have readers for, one JSON object a line:
`{"bids": [[11398.73, 0.96304843], ...], "asks": [[11407.42, 1.30814001]], "ts": 1562558996535}`,
with the best level first, numbers in the venue's own digits, and our receive time in milliseconds.
A line with both sides empty says: from here until the next line there is no trusted book.

It knows the book and the file's writer; not the venue, the screen, or why trust was lost.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal

import msgspec

from obtui.book import OrderBook
from obtui.market import Level
from obtui.recording.files import Disk, RecordingError
from obtui.recording.sinks import Sink, open_sink
from obtui.recording.status import WriterStatus
from obtui.recording.writer import LIMIT_BYTES, Turn, Writer

DEPTH = 10
"""Levels a side in a line, where nobody asked for another number."""

_NS_PER_MS = 1_000_000

# What a waiting line keeps in memory: itself with two changed numbers, and each level's pair.
_LINE_WEIGHT = 512
_LEVEL_WEIGHT = 72

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")

_NAME_PART_LENGTH = 64

_CAPTURE_BEGINS = b'{"k":'


def encode_book_line(
    bids: Iterable[tuple[Decimal, Decimal]],
    asks: Iterable[tuple[Decimal, Decimal]],
    received_ns: int,
) -> bytes:
    """One book line with its newline.

    The sides are (price, size), best first; `received_ns` is ns since the epoch, written as whole
    milliseconds, rounded down.
    """
    return _line(_levels(bids), _levels(asks), received_ns)


def _line(bids: str, asks: str, received_ns: int) -> bytes:
    ms = received_ns // _NS_PER_MS
    return f'{{"bids": [{bids}], "asks": [{asks}], "ts": {ms}}}\n'.encode("ascii")


def encode_untrusted_line(received_ns: int) -> bytes:
    """The line that says: from here until the next line there is no trusted book."""
    return encode_book_line((), (), received_ns)


def default_name(venue: str, symbol: str, now: datetime, suffix: str = ".jsonl") -> str:
    """The file name of a recording that nobody named, e.g. `gemini-BTCUSD-20261123T004512Z.jsonl`.

    `now` is aware, of any zone; raises ValueError if it is naive. Whatever is unsafe in a file
    name, in any shell or file system, becomes `_`.
    """
    if now.tzinfo is None:
        raise ValueError("a time without a zone names no moment")
    at = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    return f"{name_part(venue)}-{name_part(symbol)}-{at}{suffix}"


class BookLine(msgspec.Struct, frozen=True, gc=False):
    """The best levels at one moment, to be encoded when its turn comes."""

    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    received_ns: int

    @property
    def empty(self) -> bool:
        """Whether it says that there is no trusted book."""
        return not self.bids and not self.asks

    @property
    def weight(self) -> int:
        """About the bytes that it keeps in memory."""
        return _LINE_WEIGHT + _LEVEL_WEIGHT * (len(self.bids) + len(self.asks))


class _Encoder:
    """Writes lines one after another: a side is mostly that of the line before."""

    def __init__(self) -> None:
        self._bids: tuple[tuple[Level, ...], str] = ((), "")
        self._asks: tuple[tuple[Level, ...], str] = ((), "")

    def encode(self, line: BookLine) -> bytes:
        """The whole line."""
        if line.bids is not self._bids[0]:
            self._bids = line.bids, _levels(line.bids)
        if line.asks is not self._asks[0]:
            self._asks = line.asks, _levels(line.asks)
        return _line(self._bids[1], self._asks[1], line.received_ns)


class BookRecorder:
    """Writes what the book was, and where it could not be trusted; made by `open`.

    `on_book` and `on_untrusted` are called by the one thread that applies messages; `close` and
    `status` by any, also from a signal handler.
    """

    def __init__(
        self,
        sink: Sink,
        *,
        depth: int,
        limit: int | None,
        now_ns: Callable[[], int],
        start_ns: int,
        on_limit: Callable[[], None],
        limit_bytes: int,
        disk: Disk,
    ) -> None:
        self._depth = depth
        self._limit = limit
        self._now_ns = now_ns
        self._on_limit = on_limit
        self._end_ns: int | None = None
        self._trusted = False
        """Whether the last line put was a book: then a loss of trust must be told."""
        self.lines = 0
        """Book lines put so far, without those that say that there is no trusted book."""
        self.done = threading.Event()
        """Set when `limit` lines were put. A recording that fails does not set it."""
        self._writer: Writer[BookLine] = Writer(
            sink, _Encoder().encode, limit_bytes=limit_bytes, at_end=self._at_end, disk=disk
        )
        if sink.file.appended:
            self.begin_run(start_ns)

    @classmethod
    def open(
        cls,
        path: str,
        depth: int = DEPTH,
        limit: int | None = None,
        now_ns: Callable[[], int] = time.time_ns,
        *,
        start_ns: int | None = None,
        on_limit: Callable[[], None] = lambda: None,
        overwrite: bool = False,
        limit_bytes: int = LIMIT_BYTES,
        disk: Disk | None = None,
        stdout: int = 1,
    ) -> BookRecorder:
        """Open `path` (`-`: standard output) for appending.

        `depth` is how many levels a side are written (>= 1), `limit` how many book lines (>= 1;
        None: no limit), further ones being ignored; `on_limit` is called behind the last of them.
        `start_ns` is the time of the line that an appended file begins with, if it is not
        `now_ns`'s. Raises RecordingError when the file cannot be opened or is a capture,
        ValueError when a number is out of range.
        """
        if depth < 1:
            raise ValueError(f"depth must be at least 1, not {depth}")
        if limit is not None and limit < 1:
            raise ValueError(f"limit must be at least 1, not {limit}")
        disk = disk or Disk()
        sink = open_sink(path, disk=disk, stdout=stdout, overwrite=overwrite)
        if sink.head(len(_CAPTURE_BEGINS)).startswith(_CAPTURE_BEGINS):
            sink.file.close()
            raise RecordingError(
                f"cannot record to {sink.file.name}: it is a capture; choose another file for "
                "book lines"
            )
        return cls(
            sink,
            depth=depth,
            limit=limit,
            now_ns=now_ns,
            start_ns=now_ns() if start_ns is None else start_ns,
            on_limit=on_limit,
            limit_bytes=limit_bytes,
            disk=disk,
        )

    def on_book(self, book: OrderBook, received_ns: int) -> None:
        """Record the trusted `book` after a message that arrived at `received_ns`."""
        if self._limit is not None and self.lines >= self._limit:
            return
        depth = self._depth
        line = BookLine(book.bids.top(depth), book.asks.top(depth), received_ns)
        if self._writer.backlog.put(line, line.weight):
            self._trusted = not line.empty
            self.lines += 1
            if self.lines == self._limit:
                self.done.set()
                self._on_limit()
        else:
            # A line is missing here; without a mark the one before it would seem to hold on.
            self._mark(received_ns)

    def on_untrusted(self, received_ns: int) -> None:
        """Record that the book is not to be trusted from `received_ns` on."""
        self._mark(received_ns)

    def begin_run(self, received_ns: int) -> None:
        """Record that between what was there and what comes, nobody watched."""
        self._trusted = False
        self._put_over(BookLine((), (), received_ns))

    def status(self) -> WriterStatus:
        """How the recording stands."""
        return self._writer.status()

    def begin_close(self, end_ns: int | None = None) -> None:
        """Take nothing more, and end with a line of that time. Waits for nothing."""
        self._end_ns = end_ns
        self._writer.begin_close()

    def close(self, timeout: float = 1.0) -> WriterStatus:
        """End the recording with a line that says so; see `Writer.close`."""
        return self._writer.close(timeout)

    def _at_end(self, last: BookLine | Turn[BookLine] | None) -> Sequence[BookLine]:
        # Asked by the writer of what it has written: what is put during a close cannot slip in
        # behind the line that ends the recording.
        if not isinstance(last, BookLine) or last.empty:
            return ()
        return [BookLine((), (), self._now_ns() if self._end_ns is None else self._end_ns)]

    def _mark(self, received_ns: int) -> None:
        """Put an untrusted line, unless the last line already says that."""
        if self._trusted:
            self._trusted = False
            self._put_over(BookLine((), (), received_ns))

    def _put_over(self, line: BookLine) -> None:
        self._writer.backlog.put_over(line, line.weight)


def _levels(levels: Iterable[tuple[Decimal, Decimal]]) -> str:
    # `f` never writes an exponent, which not every reader of these files takes, and keeps zeros.
    return ", ".join([f"[{price:f}, {size:f}]" for price, size in levels])


def name_part(text: str) -> str:
    """`text` as a part of a file name that is safe everywhere."""
    # Not led by a dot or dash: such a file is hidden, or taken for an option.
    return _UNSAFE.sub("_", text).lstrip(".-")[:_NAME_PART_LENGTH] or "unknown"
