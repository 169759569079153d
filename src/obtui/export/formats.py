"""The formats by name. This registry is the only place that knows them all."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, NamedTuple

from obtui.export import books, csv_l2, csv_snapshot, hftbacktest, parquet
from obtui.export.base import Exporter, Shape
from obtui.feeds.base import Feed
from obtui.recording.books import DEPTH


class Format(NamedTuple):
    """How a format is made, and what it leaves open."""

    make: Callable[[Feed, IO[bytes], Shape], Exporter]
    depth: int | None = None
    """Levels a side where nobody asked for another number; None: it has no such choice."""
    interval: bool = False
    """Whether rows may be thinned out to one an interval."""
    text: bool = True
    """Whether it is lines, which may go down a pipe and be compressed as a whole."""


FORMATS: dict[str, Format] = {
    "csv-l2": Format(csv_l2.exporter),
    "csv-snapshot": Format(csv_snapshot.exporter, depth=25, interval=True),
    "parquet": Format(parquet.exporter, text=False),
    "books": Format(books.exporter, depth=DEPTH),
    "hftbacktest": Format(hftbacktest.exporter),
}
"""By what `--format` takes."""
