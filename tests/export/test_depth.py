"""A venue that keeps so many levels a side and does not say when one falls out of them."""

from __future__ import annotations

import random

import pytest
from export_doubles import exported
from tardis_reader import books_of, rows_of

from obtui.frame import Frame
from support import frames
from support.books import Levels
from support.captures import incoming
from support.kraken_wire import Book, instrument, subscribed
from support.kraken_wire import books_of as kraken_books_of

DEPTH = 10


def told(*recorded: Frame, name: str = "csv-l2", symbol: str = "BTC/USD") -> list[dict[str, str]]:
    data = exported(recorded, name, venue="kraken", symbol=symbol)
    return rows_of(data)


def start(venue: Book, bids: int = DEPTH, asks: int = DEPTH) -> list[Frame]:
    """A connection and a book of so many levels."""
    book = venue.snapshot(
        [(f"{100 - step}.0", "1") for step in range(bids)],
        [(f"{101 + step}.0", "1") for step in range(asks)],
    )
    texts = [instrument(), subscribed(DEPTH), book]
    return [frames.connect(), *(frames.text(text, 1) for text in texts)]


def cells(rows: list[dict[str, str]]) -> list[tuple[str, str, str]]:
    return [(row["side"], row["price"], row["amount"]) for row in rows]


def test_a_level_that_falls_out_is_removed_in_the_same_message() -> None:
    venue = Book(DEPTH)
    recorded = start(venue)
    pushed = venue.update([("100.5", "2")], [("100.6", "3"), ("100.7", "4")])

    rows = told(*recorded, frames.text(pushed, 2))

    assert cells(rows[2 * DEPTH :]) == [
        ("ask", "100.6", "3"),
        ("ask", "100.7", "4"),
        ("ask", "109.0", "0"),
        ("ask", "110.0", "0"),
        ("bid", "100.5", "2"),
        ("bid", "91.0", "0"),
    ]
    assert {row["is_snapshot"] for row in rows[2 * DEPTH :]} == {"false"}


def test_what_has_fallen_out_is_not_removed_again() -> None:
    venue = Book(DEPTH)
    recorded = start(venue)
    changes = [venue.update([("100.5", "2")]), venue.update([("100.5", "0")]), venue.update()]

    rows = told(*recorded, *(frames.text(change, 2 + nth) for nth, change in enumerate(changes)))

    assert cells(rows[2 * DEPTH :]) == [
        ("bid", "100.5", "2"),
        ("bid", "91.0", "0"),
        ("bid", "100.5", "0"),
    ]


def test_a_level_beyond_the_depth_comes_and_goes() -> None:
    venue = Book(DEPTH)
    recorded = start(venue)

    rows = told(*recorded, frames.text(venue.update([("1.0", "5")]), 2))

    assert cells(rows[2 * DEPTH :]) == [("bid", "1.0", "5"), ("bid", "1.0", "0")]


@pytest.mark.parametrize("seed", range(4))
def test_rebuilt_by_tardis_rule_it_is_the_venues_book_at_every_moment(seed: int) -> None:
    chance, venue = random.Random(seed), Book(DEPTH)
    recorded = start(venue)
    truth: dict[int, Levels] = {}
    for step in range(150):
        sides = [
            [
                (f"{low + chance.randint(0, 200) / 10:.1f}", chance.choice(("0", "1", "2.5")))
                for _ in range(chance.randint(0, 3))
            ]
            for low in (80, 101)
        ]
        change = venue.update(*sides)
        recorded.append(frames.text(change, 2 + step))
        truth[frames.wall(2 + step) // 1000] = (dict(venue.levels[0]), dict(venue.levels[1]))

    rebuilt = dict(books_of(told(*recorded)))

    last = rebuilt[frames.wall(1) // 1000]
    for local, book in truth.items():
        last = rebuilt.get(local, last)  # a message that changed nothing has no row
        assert last == book, f"seed {seed}, at {local}"
    assert len(rebuilt) > 100


def test_a_real_recording_is_rebuilt() -> None:
    texts = incoming("btcchf-31s", "kraken")
    recorded = [frames.connect()]
    recorded += [frames.text(text.encode(), nth / 10) for nth, text in enumerate(texts)]

    rebuilt = [book for _, book in books_of(told(*recorded, symbol="BTC/CHF"))]

    assert rebuilt == kraken_books_of(texts)
