"""Rebuilds books from `incremental_book_L2` rows as Tardis tells its customers to, in plain code.

https://docs.tardis.dev/faq/order-books: a snapshot row after another row resets the book; amount 0
removes the level; rows of one `local_timestamp` belong together, and only after them may the book
be looked at.
"""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator, Mapping

from support.books import Levels, set_level


def rows_of(data: bytes) -> list[dict[str, str]]:
    """Rows by column."""
    return list(csv.DictReader(io.StringIO(data.decode())))


def books_of(rows: list[dict[str, str]]) -> Iterator[tuple[int, Levels]]:
    """The book after each `local_timestamp`, in µs."""
    book: Levels = ({}, {})
    was_snapshot = False
    for local, group in itertools.groupby(rows, lambda row: row["local_timestamp"]):
        for row in group:
            is_snapshot = row["is_snapshot"] == "true"
            if is_snapshot and not was_snapshot:
                book = ({}, {})
            was_snapshot = is_snapshot
            apply(book, row)
        yield int(local), (dict(book[0]), dict(book[1]))


def apply(book: Levels, row: Mapping[str, str]) -> None:
    """One row's level."""
    side = {"bid": 0, "ask": 1}[row["side"]]
    set_level(book[side], row["price"], row["amount"])
