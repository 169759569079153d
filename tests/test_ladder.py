"""The ladder's rows, against a computation of its own."""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction

import pytest

from obtui import ladder
from obtui.market import Level


def side(chance: random.Random, count: int, *, bids: bool) -> list[Level]:
    """Random levels, best first."""
    steps = [Decimal(chance.randrange(1, 500)).scaleb(-2) for _ in range(count)]
    price = Decimal("10000.00")
    levels = []
    for step in steps:
        price += -step if bids else step
        levels.append(Level(price, Decimal(chance.randrange(1, 10**9)).scaleb(-8)))
    return levels


@pytest.mark.parametrize("height", range(12))
def test_every_line_is_a_row_or_the_spread(height: int) -> None:
    asks, bids = ladder.split(height)

    assert asks + bids + 1 == max(height, 1)
    assert asks <= bids <= asks + 1


@pytest.mark.parametrize("seed", range(40))
def test_rows_are_the_best_levels_with_running_sums(seed: int) -> None:
    chance = random.Random(seed)
    bids = side(chance, chance.choice([0, 1, 3, 20, 2000]), bids=True)
    asks = side(chance, chance.choice([0, 1, 3, 20, 2000]), bids=False)
    height = chance.choice([1, 2, 3, 13, 50, 5000])

    view = ladder.build(bids, asks, height)

    above = (height - 1) // 2
    below = height - 1 - above
    totals = []
    for rows, levels, room in ((view.asks, asks, above), (view.bids, bids, below)):
        assert [(row.price, row.size) for row in rows] == levels[:room]
        expected = [sum((level.size for level in levels[: n + 1]), Decimal()) for n in range(room)]
        assert [row.cumulative for row in rows] == expected[: len(rows)]
        totals.append(sum((Fraction(level.size) for level in levels[:room]), Fraction()))
    deepest = max(totals)
    for row in (*view.asks, *view.bids):
        assert row.fraction == pytest.approx(float(Fraction(row.cumulative) / deepest))
        assert 0 <= row.fraction <= 1


def test_an_empty_book_has_no_rows() -> None:
    assert ladder.build([], [], 20) == ((), ())


@pytest.mark.parametrize("height", [-1, 0, 1])
def test_no_room_shows_nothing(height: int) -> None:
    level = [Level(Decimal(1), Decimal(1))]

    assert ladder.build(level, level, height) == ((), ())


def test_the_bars_of_both_sides_have_one_scale() -> None:
    bids = [Level(Decimal(9), Decimal(1)), Level(Decimal(8), Decimal(1))]
    asks = [Level(Decimal(10), Decimal(4)), Level(Decimal(11), Decimal(4))]

    view = ladder.build(bids, asks, 5)

    assert [row.fraction for row in view.asks] == [0.5, 1.0]
    assert [row.fraction for row in view.bids] == [0.125, 0.25]
