"""What a format is to the rest of obtui, and what the formats share.

Times in a file are whole microseconds since the epoch, rounded down, as Tardis gives them. Sources
of the CSV formats: https://docs.tardis.dev/downloadable-csv-files/data-types (columns, the meaning
of `is_snapshot`, the fallback of `timestamp`) and https://docs.tardis.dev/faq/order-books (how a
reader rebuilds a book from the rows).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from obtui.book import OrderBook
from obtui.frame import Frame
from obtui.market import BookDelta, BookSnapshot, Event

NS_PER_US = 1_000


class ExportError(Exception):
    """It cannot be exported so: one line that says what was wrong and what to do."""


class Shape(NamedTuple):
    """What is asked of a format, where it leaves a choice."""

    depth: int = 10
    """Levels a side, >= 1."""
    interval_ns: int = 0
    """Time between two rows, in ns; 0: one for every change."""


class Exporter(Protocol):
    """Turns frames, in their order, into a file's content."""

    @property
    def rows(self) -> int:
        """Rows or lines so far, without headers."""
        ...

    def take(self, frame: Frame) -> None:
        """Take one frame; raises OSError where the file cannot be written."""
        ...

    def finish(self) -> None:
        """Write what waits, and what ends the file; to be called once, after the last frame."""
        ...


class Witness(Protocol):
    """Who is told what a market's book became, in the order and with the rules of a live one."""

    @property
    def rows(self) -> int:
        """Rows or lines so far, without headers."""
        ...

    def on_book(self, book: OrderBook, events: Sequence[Event], received_ns: int) -> None:
        """The `events` of a message were applied, and `book`, as it is after them, is trusted."""
        ...

    def on_untrusted(self, received_ns: int) -> None:
        """The book is not to be trusted from this time on, until the next `on_book`."""
        ...

    def finish(self, received_ns: int) -> None:
        """There is nothing more; the last frame came at this time."""
        ...


def venue_time(events: Sequence[Event], received_ns: int) -> int:
    """The venue's time of the last book message among `events`, in µs.

    Where it gave none it is our own receive time: Tardis' rule for the `timestamp` column.
    """
    for event in reversed(events):
        if isinstance(event, BookSnapshot | BookDelta) and event.ts_event is not None:
            return event.ts_event // NS_PER_US
    return received_ns // NS_PER_US


def csv_field(text: str) -> str:
    """`text` as one field of a CSV row."""
    if any(char in text for char in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text
