"""The ladder's rows, against a computation of its own."""

from __future__ import annotations

import math
import random
from decimal import Decimal
from fractions import Fraction

import pytest

from obtui.ladder import grouping, rows
from obtui.ladder.grouping import Group
from obtui.ladder.rows import Bars, LadderView, Row, Unit
from obtui.market import Level
from support.random_books import SHAPES, random_book, real_books


@pytest.mark.parametrize("height", range(12))
def test_every_line_is_a_row_or_the_spread(height: int) -> None:
    asks, bids = rows.split(height)

    assert asks + bids + 1 == max(height, 1)
    assert asks <= bids <= asks + 1


def assert_sums(rows: tuple[Row, ...], levels: list[Level]) -> None:
    """The rows are these levels, and each sum that of all before it and its own."""
    assert [(row.price, row.size) for row in rows] == levels
    for count, row in enumerate(rows, 1):
        worths = [Fraction(it.price) * Fraction(it.size) for it in levels[:count]]
        assert Fraction(row.cumulative) == sum(Fraction(it.size) for it in levels[:count])
        assert Fraction(row.notional) == worths[-1]
        assert Fraction(row.cumulative_notional) == sum(worths)


def value(row: Row, unit: Unit, bars: Bars) -> Fraction:
    every = {
        (Unit.SIZE, True): row.cumulative,
        (Unit.SIZE, False): row.size,
        (Unit.NOTIONAL, True): row.cumulative_notional,
        (Unit.NOTIONAL, False): row.notional,
    }
    return Fraction(every[unit, bars in {Bars.CUMULATIVE, Bars.CUMULATIVE_LOG}])


def assert_bars(view: LadderView, unit: Unit, bars: Bars) -> None:
    """The greatest of both sides is full, and each other a share of it, or of its powers of ten."""
    rows = [*view.asks, *view.bids]
    most = max((value(row, unit, bars) for row in rows), default=Fraction(1))
    for row in rows:
        share = value(row, unit, bars) / most
        if bars in {Bars.CUMULATIVE_LOG, Bars.LEVEL_LOG}:
            expected = max(0.0, 1 + math.log10(share) / 4)
        else:
            expected = float(share)
        assert row.fraction == pytest.approx(expected, abs=1e-9)
        assert 0 <= row.fraction <= 1


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("seed", range(4))
def test_rows_are_the_levels_with_running_sums_and_bars(seed: int, shape: str) -> None:
    book = random_book(random.Random(f"{seed} {shape}"), shape)
    bids, asks = list(book.bids.top(30)), list(book.asks.top(20))

    for unit in Unit:
        for bars in Bars:
            view = rows.build(grouping.each(bids), grouping.each(asks), unit, bars)

            assert_sums(view.bids, bids)
            assert_sums(view.asks, asks)
            assert_bars(view, unit, bars)


@pytest.mark.parametrize("name", ["current-btcusd-31s", "current-ethusd-31s"])
def test_so_they_are_on_real_books(name: str) -> None:
    for book in real_books(name):
        bids, asks = list(book.bids.top(40)), list(book.asks.top(40))
        view = rows.build(grouping.each(bids), grouping.each(asks))

        assert_sums(view.bids, bids)
        assert_sums(view.asks, asks)
        assert_bars(view, Unit.SIZE, Bars.CUMULATIVE)


def test_an_empty_book_has_no_rows() -> None:
    assert rows.build([], []) == ((), ())


def test_what_is_partial_stays_partial() -> None:
    group = Group(Decimal(5), Decimal(1), Decimal(5), partial=True)

    assert [row.partial for row in rows.build([group._replace(partial=False), group], []).bids] == [
        *(False, True)
    ]


def test_the_bars_of_both_sides_have_one_scale() -> None:
    bids = grouping.each([Level(Decimal(9), Decimal(1)), Level(Decimal(8), Decimal(1))])
    asks = grouping.each([Level(Decimal(10), Decimal(4)), Level(Decimal(11), Decimal(4))])

    view = rows.build(bids, asks)

    assert [row.fraction for row in view.asks] == [0.5, 1.0]
    assert [row.fraction for row in view.bids] == [0.125, 0.25]


def test_a_logarithmic_bar_loses_a_quarter_for_each_power_of_ten() -> None:
    sizes = ["1000", "100", "10", "1", "0.1", "0.01"]
    levels = [Level(Decimal(10 - n), Decimal(size)) for n, size in enumerate(sizes)]

    view = rows.build(grouping.each(levels), [], Unit.SIZE, Bars.LEVEL_LOG)

    assert [row.fraction for row in view.bids] == pytest.approx([1, 0.75, 0.5, 0.25, 0, 0])


def test_the_main_figure_is_in_the_unit() -> None:
    row = rows.build(grouping.each([Level(Decimal(9), Decimal(2))] * 2), []).bids[1]

    assert [row.main(Unit.SIZE), row.total(Unit.SIZE), row.other(Unit.SIZE)] == [2, 4, 18]
    assert [row.main(Unit.NOTIONAL), row.total(Unit.NOTIONAL), row.other(Unit.NOTIONAL)] == [
        *(18, 36, 2)
    ]
