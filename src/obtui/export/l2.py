"""Incremental book rows: which levels changed, when, and where a whole book stands instead.

The rows of Tardis' `incremental_book_L2`, whatever file they end up in. Asks come first. Rows are
written only while the book is trusted; after a loss of trust the next ones are the whole new book.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import NamedTuple

from obtui.book import BookSide, OrderBook
from obtui.export.base import NS_PER_US, venue_time
from obtui.market import BookDelta, BookSnapshot, Event

Levels = Sequence[tuple[Decimal, Decimal]]
_GONE = Decimal(0)


class L2Group(NamedTuple):
    """The rows of one message: one for each level, asks first."""

    timestamp: int
    """The venue's time in µs; ours where it gave none."""
    local_timestamp: int
    """Our receive time in µs."""
    is_snapshot: bool
    asks: Levels
    """Price and absolute size; size 0 removes."""
    bids: Levels


class L2Rows:
    """A witness that tells the book as rows.

    A reader discards its book at the first snapshot row after other rows. Between two snapshots
    with nothing in between, or at a snapshot without any level, it cannot tell: then the levels
    that it still holds are removed one by one, as snapshot rows of size 0.
    """

    def __init__(self, write: Callable[[L2Group], None]) -> None:
        self._write = write
        self._whole = True
        """Whether the next rows must be the whole book."""
        self._after_snapshot = False
        """Whether the last rows were a snapshot's."""
        self._held: tuple[set[Decimal], set[Decimal]] = (set(), set())
        """The prices that a reader of the rows so far holds: asks, bids."""
        self.rows = 0

    def on_book(self, book: OrderBook, events: Sequence[Event], received_ns: int) -> None:
        """Tell what a message changed."""
        if self._whole or any(type(event) is BookSnapshot for event in events):
            self._tell_whole(book, venue_time(events, received_ns), received_ns // NS_PER_US)
            self._whole = False
            return
        deltas = [event for event in events if isinstance(event, BookDelta)]
        for delta in deltas:
            self._tell_changes(delta, book if delta is deltas[-1] else None, received_ns)

    def on_untrusted(self, _received_ns: int) -> None:
        """Nothing until there is a book again."""
        self._whole = True

    def finish(self, _received_ns: int) -> None:
        """A file of rows has no last one."""

    def _tell_whole(self, book: OrderBook, timestamp: int, local: int) -> None:
        asks = book.asks.top(len(book.asks))
        bids = book.bids.top(len(book.bids))
        held = self._held
        self._held = ({price for price, _ in asks}, {price for price, _ in bids})
        gone: tuple[Levels, Levels] = ((), ())
        if self._after_snapshot or not (asks or bids):
            gone = (_removals(held[0] - self._held[0]), _removals(held[1] - self._held[1]))
        self._put(L2Group(timestamp, local, True, (*gone[0], *asks), (*gone[1], *bids)))

    def _tell_changes(self, delta: BookDelta, book: OrderBook | None, received_ns: int) -> None:
        """Tell a change, and what it cut off; `book` is the one after it, where there is one."""
        for held, levels in zip(self._held, (delta.asks, delta.bids), strict=True):
            for price, size in levels:
                if size:
                    held.add(price)
                else:
                    held.discard(price)
        asks, bids = delta.asks, delta.bids
        if book is not None and delta.depth is not None:
            # A reader knows no depth: what fell out of it is removed, level by level.
            asks = [*asks, *self._cut_off(0, book.asks)]
            bids = [*bids, *self._cut_off(1, book.bids)]
        timestamp = venue_time((delta,), received_ns)
        self._put(L2Group(timestamp, received_ns // NS_PER_US, False, asks, bids))

    def _cut_off(self, index: int, side: BookSide) -> Levels:
        held = self._held[index]
        if len(held) == len(side):
            return ()
        gone = held.difference(side.sizes)
        held -= gone
        return _removals(gone)

    def _put(self, group: L2Group) -> None:
        count = len(group.asks) + len(group.bids)
        if count:
            self._write(group)
            self.rows += count
            self._after_snapshot = group.is_snapshot


def _removals(prices: set[Decimal]) -> Levels:
    return [(price, _GONE) for price in sorted(prices)]
