"""The book against a naive oracle, and its corner cases."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from obtui.book import BookSide, OrderBook
from obtui.market import BookDelta, BookSnapshot, Level
from support.books import Sizes, levels_of

Changes = list[tuple[Decimal, Decimal]]


def pairs(*levels: tuple[str, str]) -> Changes:
    return [(Decimal(price), Decimal(size)) for price, size in levels]


def book_of(bids: Changes, asks: Changes) -> OrderBook:
    book = OrderBook()
    book.apply_snapshot(BookSnapshot(bids, asks))
    return book


def some_changes(chance: random.Random, count: int) -> Changes:
    """Few prices, so that levels are hit again; each spelled with a varying number of zeros."""
    changes = []
    for _ in range(count):
        price = Decimal(f"{chance.randint(1, 40)}.5" + "0" * chance.randint(0, 3))
        size = Decimal(chance.choice(("0", "0.000", "1.5", "2", "0.00000001")))
        changes.append((price, size))
    return changes


def set_naively(oracle: Sizes, changes: Changes) -> None:
    for price, size in changes:
        if size == 0:
            oracle.pop(price, None)
        else:
            oracle[price] = size


@pytest.mark.parametrize("seed", range(8))
def test_a_random_walk_agrees_with_plain_dicts_at_every_step(seed: int) -> None:
    chance = random.Random(seed)
    book = OrderBook()
    bids: Sizes = {}
    asks: Sizes = {}
    depth = 5

    for step in range(400):
        more_bids = some_changes(chance, chance.randint(0, 5))
        more_asks = some_changes(chance, chance.randint(0, 5))
        if chance.random() < 0.02:
            bids, asks = {}, {}
            book.apply_snapshot(BookSnapshot(more_bids, more_asks))
        else:
            book.apply_delta(BookDelta(more_bids, more_asks))
        set_naively(bids, more_bids)
        set_naively(asks, more_asks)

        told = f"seed {seed}, step {step}"
        book.check()
        assert levels_of(book) == (bids, asks), told
        if chance.random() < 0.2:  # mostly the same again, as a recorder asks
            depth = chance.randint(0, 45)
        assert book.bids.top(depth) == tuple(sorted(bids.items(), reverse=True)[:depth]), told
        assert book.asks.top(depth) == tuple(sorted(asks.items())[:depth]), told
        assert book.bids.best() == (max(bids.items()) if bids else None), told
        assert book.asks.best() == (min(asks.items()) if asks else None), told
        assert book.crossed == bool(bids and asks and max(bids) >= min(asks)), told


def test_a_snapshot_replaces_everything() -> None:
    book = book_of(pairs(("99", "1"), ("98", "2")), pairs(("101", "3")))

    book.apply_snapshot(BookSnapshot(pairs(("97", "4")), []))

    assert levels_of(book) == ({Decimal(97): Decimal(4)}, {})


def test_a_snapshot_may_be_unsorted_repeat_a_price_and_hold_empty_levels() -> None:
    book = book_of(pairs(("97", "1"), ("99", "2"), ("97.0", "3"), ("98", "0"), ("99.00", "0")), [])

    assert levels_of(book) == ({Decimal(97): Decimal(3)}, {})


def test_prices_that_differ_in_padding_alone_are_one_level() -> None:
    book = book_of(pairs(("83948.7", "1")), pairs(("83950", "1")))

    book.apply_delta(BookDelta(pairs(("83948.700", "2")), pairs(("83950.00", "0.0"))))

    assert levels_of(book) == ({Decimal("83948.7"): Decimal(2)}, {})
    assert book.bids.prices == [Decimal("83948.7")]


def test_removing_an_unknown_level_is_legal() -> None:
    book = book_of(pairs(("99", "1")), [])

    book.apply_delta(BookDelta(pairs(("98", "0")), pairs(("101", "0.000"))))

    assert levels_of(book) == ({Decimal(99): Decimal(1)}, {})


def test_changes_apply_in_their_order() -> None:
    book = OrderBook()

    book.apply_delta(BookDelta(pairs(("99", "1"), ("99", "0"), ("98", "0"), ("98", "5")), []))

    assert levels_of(book) == ({Decimal(98): Decimal(5)}, {})


@pytest.mark.parametrize(
    ("depth", "bids", "asks"),
    [
        (-1, "", ""),
        (0, "", ""),
        (1, "3", "4"),
        (2, "32", "45"),
        (3, "321", "456"),
        (4, "321", "456"),
        (10**9, "321", "456"),
    ],
)
def test_top_gives_the_best_first_and_no_more_than_there_is(
    depth: int, bids: str, asks: str
) -> None:
    book = book_of(
        pairs(("1", "7"), ("3", "7"), ("2", "7")), pairs(("5", "7"), ("4", "7"), ("6", "7"))
    )

    assert book.bids.top(depth) == tuple(Level(Decimal(price), Decimal(7)) for price in bids)
    assert book.asks.top(depth) == tuple(Level(Decimal(price), Decimal(7)) for price in asks)


def test_an_empty_side_has_no_best_level() -> None:
    side = BookSide(bids=True)

    assert side.best() is None
    assert side.top(5) == ()
    assert len(side) == 0


@pytest.mark.parametrize(
    ("bids", "asks", "crossed"),
    [
        (["99"], ["100"], False),
        (["100"], ["100"], True),
        (["100"], ["100.00"], True),
        (["101"], ["100"], True),
        (["99", "101"], ["102", "100"], True),
        (["99"], [], False),
        ([], ["100"], False),
        ([], [], False),
    ],
)
def test_crossed_is_a_bid_at_or_above_an_ask(
    bids: list[str], asks: list[str], crossed: bool
) -> None:
    book = book_of(pairs(*((bid, "1") for bid in bids)), pairs(*((ask, "1") for ask in asks)))

    assert book.crossed is crossed


def test_check_finds_prices_out_of_order_and_empty_levels() -> None:
    disordered = book_of(pairs(("99", "1"), ("98", "1")), [])
    disordered.bids.prices.reverse()
    hollow = book_of([], pairs(("99", "1")))
    hollow.asks.sizes[Decimal(99)] = Decimal(0)

    with pytest.raises(AssertionError):
        disordered.check()
    with pytest.raises(AssertionError):
        hollow.check()
