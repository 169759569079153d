"""CSV with the columns of Tardis' `book_snapshot_N`: the best N levels a side in each row.

Sources: https://docs.tardis.dev/downloadable-csv-files/data-types#book_snapshot_25 (a row each time
any of the tracked levels changed) and tardis-node's `computable/booksnapshot.ts` (with an interval:
a row only where something changed in it). Cells are empty where the book has fewer levels.

With an interval a row says what the book was at the interval's end, and that is its
`local_timestamp`: the rows lie on a grid of our receive time. (tardis-node cuts its intervals by
the venue's time, which a venue may not give.)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO

from obtui.book import OrderBook
from obtui.export.base import NS_PER_US, Exporter, ExportError, Shape, csv_field, venue_time
from obtui.export.following import Following
from obtui.feeds.base import Feed
from obtui.market import Event, Level

DEEPEST = 5_000
"""Levels a side: a row has four columns for each."""

Top = tuple[tuple[Level, ...], tuple[Level, ...]]
"""Asks and bids, best first."""


def columns(depth: int) -> list[str]:
    """The header of a file with `depth` levels a side."""
    names = ["exchange", "symbol", "timestamp", "local_timestamp"]
    for index in range(depth):
        names += [f"asks[{index}].price", f"asks[{index}].amount"]
        names += [f"bids[{index}].price", f"bids[{index}].amount"]
    return names


def exporter(feed: Feed, out: IO[bytes], shape: Shape) -> Exporter:
    """Writes `out` from frames of `feed`; raises `ExportError` for too many columns."""
    if shape.depth > DEEPEST:
        raise ExportError(f"--depth of csv-snapshot is at most {DEEPEST}: csv-l2 has all levels")
    return Following(feed, SnapshotRows(feed, out, shape))


class SnapshotRows:
    """A witness that writes the best levels."""

    def __init__(self, feed: Feed, out: IO[bytes], shape: Shape) -> None:
        self._out = out
        self._market = f"{csv_field(feed.name)},{csv_field(feed.symbol.upper())}"
        self._depth = shape.depth
        self._interval = shape.interval_ns
        self._written: Top | None = None
        """What the last row said; None where it no longer holds."""
        self._waiting: Top | None = None
        """The book, where its interval has not ended yet."""
        self._waiting_time = 0
        """The venue's time of it, in µs."""
        self._waiting_ns = 0
        """When it came."""
        self.rows = 0
        out.write((",".join(columns(shape.depth)) + "\n").encode())

    def on_book(self, book: OrderBook, events: Sequence[Event], received_ns: int) -> None:
        """Write the best levels, or keep them until their interval has ended."""
        top = (book.asks.top(self._depth), book.bids.top(self._depth))
        timestamp = venue_time(events, received_ns)
        if not self._interval:
            self._write(top, timestamp, received_ns // NS_PER_US)
            return
        self._end_interval(received_ns)
        self._waiting, self._waiting_time, self._waiting_ns = top, timestamp, received_ns

    def on_untrusted(self, received_ns: int) -> None:
        """No row until there is a book again; an interval that ended before had one."""
        self._end_interval(received_ns)
        self._waiting = self._written = None

    def finish(self, received_ns: int) -> None:
        """Nothing is said of an interval whose end was not seen."""
        self._end_interval(received_ns)

    def _end_interval(self, received_ns: int) -> None:
        """Write what waits, if its interval is over at this time."""
        if self._waiting is None:
            return
        end = (self._waiting_ns // self._interval + 1) * self._interval
        if received_ns >= end:
            self._write(self._waiting, self._waiting_time, end // NS_PER_US)
            self._waiting = None

    def _write(self, top: Top, timestamp: int, local: int) -> None:
        if top == self._written:
            return
        self._written = top
        asks, bids = top
        cells = [f"{self._market},{timestamp},{local}"]
        for index in range(self._depth):
            for side in (asks, bids):
                if index < len(side):
                    price, size = side[index]
                    cells.append(f"{price:f},{size:f}")
                else:
                    cells.append(",")
        self._out.write((",".join(cells) + "\n").encode())
        self.rows += 1
