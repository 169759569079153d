"""The heatmap's numbers, against rows made the plain way."""

from __future__ import annotations

import random
from collections import defaultdict
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import pytest

from chart_support import KINDS, book_of, looked, prints_of, random_book, real_book
from obtui import steps
from obtui.book import OrderBook
from obtui.charts import heat
from obtui.charts.heat import UNKNOWN, Deal, Grid
from obtui.charts.past import LEVELS, Past, Sample
from obtui.market import Aggressor

TICKS = ("0.01", "0.5", "0.00001", "0.25", "1")


def sampled(book: OrderBook, *, live: bool = True) -> Sample:
    past = Past()
    past.add(looked(book, live=live))
    return past.samples[0]


def row(price: Decimal, step: Decimal, rounding: str) -> int:
    return int((price / step).to_integral_value(rounding))


def plain(book: OrderBook, step: Decimal, low: int, rows: int, *, limited: bool) -> list[Decimal]:
    """Sizes by row, from exact prices; -1 where nothing is known."""
    bids = sorted(book.bids.sizes, reverse=True)
    asks = sorted(book.asks.sizes)
    cut_bids, cut_asks = bids[LEVELS:] or limited, asks[LEVELS:] or limited
    bid_rows = {price: row(price, step, ROUND_FLOOR) for price in bids[:LEVELS]}
    ask_rows = {price: row(price, step, ROUND_CEILING) for price in asks[:LEVELS]}
    found: dict[int, Decimal] = defaultdict(Decimal)
    for price, at in bid_rows.items():
        found[at] += book.bids.sizes[price]
    for price, at in ask_rows.items():
        found[at] += book.asks.sizes[price]
    told = {*bid_rows.values(), *ask_rows.values()}
    sizes = []
    for at in range(low, low + rows):
        below = not cut_bids or any(it <= at for it in told)
        above = not cut_asks or any(it >= at for it in told)
        sizes.append(found[at] if below and above else Decimal(-1))
    return sizes


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("limited", [False, True])
def test_a_column_is_what_rests_in_each_row(kind: str, limited: bool) -> None:
    chance = random.Random(f"{kind} {limited}")
    for tick in TICKS:
        book = random_book(chance, kind, tick)
        sample = sampled(book)
        step = steps.step(chance.randrange(7)) * Decimal(tick)
        rows = chance.randrange(1, 150)
        low = row(100_000 * Decimal(tick), step, ROUND_FLOOR) - chance.randrange(rows + 1)

        column = heat.column(sample, Grid(float(step), low, rows), limited=limited)

        expected = plain(book, step, low, rows, limited=limited)
        assert list(column.sizes) == pytest.approx([float(size) for size in expected])
        bid, ask = book.bids.best(), book.asks.best()
        assert column.bid == (row(bid.price, step, ROUND_FLOOR) - low if bid else None)
        assert column.ask == (row(ask.price, step, ROUND_CEILING) - low if ask else None)


def test_a_real_book_is_told_in_rows_of_10() -> None:
    book = real_book()
    column = heat.column(sampled(book), Grid(10.0, 6030, 80))

    expected = plain(book, Decimal(10), 6030, 80, limited=False)
    assert list(column.sizes) == pytest.approx([float(size) for size in expected])
    # 60707.59 and 60713.37.
    assert (column.bid, column.ask) == (40, 42)
    assert sum(size > 0 for size in column.sizes) > 50


@pytest.mark.parametrize("tick", TICKS)
def test_a_level_at_a_multiple_is_in_its_own_row(tick: str) -> None:
    chance = random.Random(tick)
    for _ in range(10):
        first = chance.randrange(1000, 10**7)
        sides = [
            {number * Decimal(tick): Decimal(number) for number in range(start, start + 200)}
            for start in (first, first + 200)
        ]

        column = heat.column(sampled(book_of(*sides)), Grid(float(tick), first, 400))

        assert list(column.sizes) == [float(number) for number in range(first, first + 400)]
        assert (column.bid, column.ask) == (199, 200)


def test_a_crossed_book_that_is_limited_is_told_between_its_levels() -> None:
    crossed = book_of({Decimal(105): Decimal(1)}, {Decimal(101): Decimal(2)})
    column = heat.column(sampled(crossed), Grid(1.0, 100, 8), limited=True)

    assert list(column.sizes) == [-1.0, 2.0, 0.0, 0.0, 0.0, 1.0, -1.0, -1.0]


def test_what_is_not_live_is_not_known() -> None:
    book = random_book(random.Random(1))
    column = heat.column(sampled(book, live=False), Grid(1.0, 990, 20))

    assert not column.live
    assert set(column.sizes) == {UNKNOWN}
    assert column.deals == {}


def test_prices_beyond_all_measure_are_drawn_nowhere() -> None:
    huge = book_of({Decimal("1E-300"): Decimal(1)}, {Decimal("1E+400"): Decimal("1E+400")})
    column = heat.column(sampled(huge), Grid(0.01, 0, 10))

    assert list(column.sizes) == [1.0] + [0.0] * 9
    assert heat.fitting([sampled(huge)], 10, Decimal("0.01")) == 0
    assert heat.intensity([float("inf"), 1.0]).of(float("inf")) == 7


def test_what_traded_is_in_the_row_of_its_level() -> None:
    past = Past()
    past.add(looked(random_book(random.Random(2))))
    told = [
        *[("100.03", "1", Aggressor.BUYER), ("100.04", "2", Aggressor.BUYER)],
        *[("100.03", "4", Aggressor.SELLER), ("100.00", "8", Aggressor.SELLER)],
        *[("100.00", "16", Aggressor.BUYER), ("100.06", "32", Aggressor.NONE)],
        ("300", "64", Aggressor.BUYER),
    ]
    past.add(looked(random_book(random.Random(2)), 1, prints=prints_of(told), trades=len(told)))

    column = heat.column(past.samples[-1], Grid(0.05, 2000, 10))

    # Rows of 100.00, 100.05, ...: buyers take what is told rounded up, sellers down.
    assert column.deals == {0: Deal(16.0, 12.0, 0.0), 1: Deal(3.0, 0.0, 32.0)}
    assert column.deals[1].total == 35


@pytest.mark.parametrize("tick", TICKS)
def test_the_step_is_the_finest_that_holds_movement_and_depth(tick: str) -> None:
    chance = random.Random(tick)
    shallow = [kind for kind in KINDS if kind != "deep"]
    for _ in range(8):
        around = chance.randrange(1000, 10**6)
        past = Past()
        for second in range(chance.randrange(1, 20)):
            moved = around + chance.randrange(500)
            book = random_book(chance, chance.choice(shallow), tick, moved)
            past.add(looked(book, second, live=chance.random() < 0.9))
        rows = chance.randrange(1, 120)

        number = heat.fitting(past.samples, rows, Decimal(tick))

        mids = []
        depth = 0.0
        for sample in past.samples:
            bests = [price for price in (sample.bid, sample.ask) if price is not None]
            if bests:
                mids.append(sum(bests) / len(bests))
                depth = 0.0
                for prices in (sample.bids.prices, sample.asks.prices):
                    depth += abs(prices[:32][-1] - mids[-1]) if prices else 0
        need = (max(mids) - min(mids)) * 1.25 + depth if mids else 0.0
        fits = [
            float(steps.step(it) * Decimal(tick)) * rows >= need * 0.999999
            for it in (number, number - 1)
        ]
        assert fits == [True, False] or (number == 0 and fits[0])


def test_intensity_goes_by_the_logarithm() -> None:
    chance = random.Random(5)
    sizes = [10 ** chance.uniform(-3, 3) for _ in range(1000)]
    scale = heat.intensity([*sizes, 0.0, UNKNOWN])

    assert (scale.of(0.0), scale.of(UNKNOWN)) == (0, -1)
    ordered = sorted(sizes)
    found = [scale.of(size) for size in ordered]
    assert found == sorted(found)
    assert set(found) == set(range(1, 8))
    # The smallest 40 of a hundred are of the first step, the largest 2 of the last.
    assert set(found[:400]) == {1}
    assert found.count(7) == 20
    ratios = [high / low for low, high in zip(scale.bounds, scale.bounds[1:], strict=False)]
    assert ratios == pytest.approx([ratios[0]] * len(ratios))


def test_intensity_is_kept_while_it_will_do() -> None:
    scale = heat.intensity(range(1, 100))

    assert scale.fits(heat.intensity(range(1, 120)))
    assert not scale.fits(heat.intensity(range(1, 500)))
    assert not heat.Intensity().fits(scale)
    assert heat.intensity([]).of(3.0) == 1
    assert [heat.intensity([2.0] * 5).of(size) for size in (2.0, 2.5, 8.0)] == [1, 1, 7]
