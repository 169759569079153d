"""Book lines, as `--record` writes them live: the same rules, the same bytes, at any depth.

One line per applied book message while the book is trusted, and one with both sides empty at each
loss of trust, at the end, and where a second run begins. See `obtui.recording.books` for the
format.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO

from obtui.book import OrderBook
from obtui.export.base import Exporter, Shape
from obtui.export.following import Following
from obtui.feeds.base import Feed
from obtui.frame import Frame, begins_run
from obtui.market import Event
from obtui.recording.books import encode_book_line, encode_untrusted_line


def exporter(feed: Feed, out: IO[bytes], shape: Shape) -> Exporter:
    """Writes `out` from frames of `feed`."""
    return _Runs(feed, BookLines(out, shape.depth))


class _Runs(Following):
    """An exporter whose witness is told of runs too."""

    def __init__(self, feed: Feed, lines: BookLines) -> None:
        super().__init__(feed, lines)
        self._lines = lines
        self._begun = False

    def take(self, frame: Frame) -> None:
        """Apply one frame."""
        if self._begun and begins_run(frame):
            self._lines.begin_run(frame.received_ns)
        self._begun = True
        super().take(frame)


class BookLines:
    """A witness that writes book lines."""

    def __init__(self, out: IO[bytes], depth: int) -> None:
        self._out = out
        self._depth = depth
        self._told = False
        """Whether the last line was a book: only then is its end to be told."""
        self.rows = 0

    def on_book(self, book: OrderBook, _events: Sequence[Event], received_ns: int) -> None:
        """Write the best levels."""
        bids, asks = book.bids.top(self._depth), book.asks.top(self._depth)
        self._out.write(encode_book_line(bids, asks, received_ns))
        self._told = bool(bids or asks)
        self.rows += 1

    def on_untrusted(self, received_ns: int) -> None:
        """Say that there is no trusted book, unless the last line says so."""
        if self._told:
            self._told = False
            self._out.write(encode_untrusted_line(received_ns))

    def begin_run(self, received_ns: int) -> None:
        """Say that between what was there and what comes, nobody watched."""
        self._told = False
        self._out.write(encode_untrusted_line(received_ns))

    def finish(self, received_ns: int) -> None:
        """A recording without its end (torn, or still being written) ends with its last frame."""
        self.on_untrusted(received_ns)
