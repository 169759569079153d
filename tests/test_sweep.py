"""What a size costs to take, against plain fractions over all levels."""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction

import pytest

from obtui.book import BookSide, OrderBook
from obtui.sweep import Sweep, sweep
from support.random_books import SHAPES, deep_book, random_book, real_books


def expected(side: BookSide, size: Decimal) -> tuple[Fraction, Fraction, list[Decimal]]:
    """What is filled, what it costs, and the prices it takes."""
    left, cost, taken = Fraction(size), Fraction(), []
    for price in sorted(side.sizes, reverse=side.bids):
        if left <= 0:
            break
        part = min(left, Fraction(side.sizes[price]))
        left -= part
        cost += part * Fraction(price)
        taken.append(price)
    return Fraction(size) - left, cost, taken


def assert_right(side: BookSide, size: Decimal, mid: Decimal | None) -> Sweep:
    made = sweep(side, size, mid)
    filled, cost, taken = expected(side, size)
    assert made.size == size
    assert Fraction(made.filled) == filled
    assert Fraction(made.notional) == cost
    assert made.levels == len(taken)
    assert made.worst == (taken[-1] if taken else None)
    assert made.whole == (filled == size)
    if not filled:
        assert (made.average, made.slippage_bps) == (None, None)
        return made
    assert float(made.average or 0) == pytest.approx(float(cost / filled), rel=1e-15)
    if mid is None:
        assert made.slippage_bps is None
    else:
        worse = (cost / filled - Fraction(mid)) * (-1 if side.bids else 1)
        assert made.slippage_bps == pytest.approx(float(worse / Fraction(mid) * 10_000), abs=1e-9)
    return made


def some_sizes(chance: random.Random, side: BookSide) -> list[Decimal]:
    every = sum(side.sizes.values(), Decimal())
    first = side.best()
    part = Decimal(chance.random()).quantize(Decimal("1E-8"))
    return [Decimal(), first.size if first else Decimal(1), every, every + 1, every * part]


def mid_of(book: OrderBook) -> Decimal | None:
    bid, ask = book.bids.best(), book.asks.best()
    return (bid.price + ask.price) / 2 if bid and ask else None


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("seed", range(3))
def test_every_figure_is_that_of_taking_the_levels_one_by_one(seed: int, shape: str) -> None:
    chance = random.Random(f"{seed} {shape}")
    book = random_book(chance, shape)

    for side in (book.bids, book.asks):
        for size in some_sizes(chance, side):
            assert_right(side, size, mid_of(book))
            assert_right(side, size, None)


def test_a_very_deep_side_is_taken_to_its_end() -> None:
    book = deep_book(random.Random(4))
    every = sum(book.bids.sizes.values(), Decimal())

    made = assert_right(book.bids, every + 5, mid_of(book))

    assert not made.whole
    assert made.levels == 23_000


@pytest.mark.parametrize("name", ["current-btcusd-31s", "current-ethusd-31s"])
def test_so_it_is_on_real_books(name: str) -> None:
    for book in real_books(name)[::5]:
        for side in (book.bids, book.asks):
            for size in (Decimal("0.5"), Decimal("12.34567891"), Decimal(100_000_000)):
                assert_right(side, size, mid_of(book))


def test_figures_of_many_digits_are_not_rounded() -> None:
    side = BookSide(bids=False)
    price, size = Decimal("0.123456789012345678901"), Decimal("123456789012.34567890123")
    side.replace([(price, size)])

    assert Fraction(sweep(side, size, None).notional) == Fraction(price) * Fraction(size)
