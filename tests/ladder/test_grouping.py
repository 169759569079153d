"""Groups of levels, against plain fractions over all levels of the side."""

from __future__ import annotations

import math
import random
from decimal import Decimal
from fractions import Fraction

import pytest

from obtui.book import BookSide
from obtui.ladder import grouping
from obtui.ladder.grouping import Group, Grouper
from obtui.market import Instrument, Side
from support.random_books import SHAPES, TICKS, deep_book, random_book, real_books

Sums = dict[Fraction, tuple[Fraction, Fraction]]


def expected(side: BookSide, step: Decimal) -> Sums:
    """Size and notional by the price of the group, over every level."""
    sums: Sums = {}
    for price, size in side.sizes.items():
        steps = Fraction(price) / Fraction(step)
        border = (math.floor(steps) if side.bids else math.ceil(steps)) * Fraction(step)
        before = sums.get(border, (Fraction(), Fraction()))
        worth = Fraction(price) * Fraction(size)
        sums[border] = before[0] + Fraction(size), before[1] + worth
    return sums


def as_sums(groups: list[Group]) -> Sums:
    return {Fraction(it.price): (Fraction(it.size), Fraction(it.notional)) for it in groups}


def assert_right(side: BookSide, step: Decimal, count: int, grouper: Grouper) -> None:
    groups = grouper.groups(side, step, count)
    every = expected(side, step)
    best = sorted(every, reverse=side.bids)[:count]
    assert [Fraction(it.price) for it in groups] == best
    assert as_sums(groups) == {border: every[border] for border in best}
    assert not any(it.partial for it in groups)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("seed", range(3))
def test_groups_are_the_sums_of_their_levels(seed: int, shape: str) -> None:
    chance = random.Random(f"{seed} {shape}")
    tick = chance.choice(TICKS)
    book = random_book(chance, shape, tick)
    grouper = Grouper()

    for multiple in (1, 2, 5, 10, 20, 50, 1000):
        for side in (book.bids, book.asks):
            for count in (0, 1, 7, 1000):
                assert_right(side, multiple * tick, count, grouper)


@pytest.mark.parametrize("seed", range(3))
def test_a_group_never_looks_better_than_what_rests_there(seed: int) -> None:
    book = random_book(random.Random(seed), "odd", Decimal("0.5"))

    for step in (Decimal("0.5"), Decimal(5), Decimal(100)):
        bids = Grouper().groups(book.bids, step, 1000)
        asks = Grouper().groups(book.asks, step, 1000)

        assert bids[0].price <= book.bids.prices[-1]
        assert asks[0].price >= book.asks.prices[0]
        for price in book.bids.prices:
            assert grouping.group_of(Side.BID, price, step) <= price
        for price in book.asks.prices:
            assert grouping.group_of(Side.ASK, price, step) >= price


def test_a_very_deep_book_is_grouped_whole() -> None:
    book = deep_book(random.Random(2))

    assert_right(book.bids, Decimal(5000), 60, Grouper())


@pytest.mark.parametrize("name", ["current-btcusd-31s", "current-ethusd-31s"])
def test_so_it_is_on_real_books(name: str) -> None:
    grouper = Grouper()
    for book in real_books(name)[::5]:
        for side in (book.bids, book.asks):
            for step in (Decimal("0.05"), Decimal(1), Decimal(200)):
                assert_right(side, step, 40, grouper)


@pytest.mark.parametrize("seed", range(5))
def test_what_is_remembered_of_the_last_time_is_never_old(seed: int) -> None:
    chance = random.Random(seed)
    book = random_book(chance, "plain", Decimal("0.01"))
    grouper = Grouper()

    for _ in range(40):
        shown = book.copy()
        for side in (shown.bids, shown.asks):
            assert_right(side, chance.choice([Decimal("0.1"), Decimal("0.5")]), 20, grouper)
        for side in (book.bids, book.asks):
            price = chance.choice(side.prices) + chance.choice([-1, 0, 0, 1]) * Decimal("0.01")
            side.apply([(price, Decimal(chance.choice([0, 1, 2])))])


def test_only_a_group_that_reaches_beyond_the_last_known_level_is_partial() -> None:
    bids, asks = BookSide(bids=True), BookSide(bids=False)
    bids.replace([(Decimal(price), Decimal(1)) for price in (97, 92, 91)])
    asks.replace([(Decimal(price), Decimal(1)) for price in (103, 108, 109)])

    def partial(side: BookSide, step: int, *, limited: bool = True) -> list[tuple[int, bool]]:
        groups = Grouper().groups(side, Decimal(step), 9, limited=limited)
        return [(int(it.price), it.partial) for it in groups]

    assert partial(bids, 5) == [(95, False), (90, True)]
    assert partial(asks, 5) == [(105, False), (110, True)]
    assert partial(bids, 5, limited=False) == [(95, False), (90, False)]
    # Nothing else can be in a group that ends at the last known level.
    assert partial(bids, 1) == [(97, False), (92, False), (91, False)]
    assert partial(asks, 1) == [(103, False), (108, False), (109, False)]


def test_what_is_remembered_does_not_keep_a_group_whole_or_partial() -> None:
    side = BookSide(bids=True)
    side.replace([(Decimal(97), Decimal(1))])
    grouper = Grouper()

    said = [
        grouper.groups(side, Decimal(5), 1, limited=limited)[0].partial
        for limited in (True, False, True)
    ]

    assert said == [True, False, True]


@pytest.mark.parametrize("seed", range(6))
def test_the_total_to_a_price_is_that_of_all_levels_not_worse(seed: int) -> None:
    chance = random.Random(seed)
    book = random_book(chance, chance.choice(SHAPES))

    for side in (book.bids, book.asks):
        for price in [*side.prices, Decimal(0), Decimal(10**9), Decimal("333.3")]:
            total = grouping.total_to(side, price, limited=True)
            taken = [it for it in side.prices if (it >= price if side.bids else it <= price)]
            worth = sum((Fraction(it) * Fraction(side.sizes[it]) for it in taken), Fraction())
            assert Fraction(total.size) == sum(Fraction(side.sizes[it]) for it in taken)
            assert Fraction(total.notional) == worth
            # Beyond the last known level there may be more.
            assert total.partial == (len(taken) == len(side) and price not in side.sizes)


def test_figures_of_many_digits_are_not_rounded() -> None:
    side = BookSide(bids=True)
    price, size = Decimal("0.123456789012345678901"), Decimal("123456789012.34567890123")
    side.replace([(price, size), (price / 2, size)])
    worth = sum(Fraction(it) * Fraction(size) for it in side.prices)

    assert Fraction(grouping.total_to(side, Decimal(0)).notional) == worth
    assert Fraction(Grouper().groups(side, Decimal(1), 1)[0].notional) == worth


@pytest.mark.parametrize("side", list(Side))
def test_the_range_of_a_group_is_the_prices_that_are_put_at_it(side: Side) -> None:
    step = Decimal("2.5")
    low, high = grouping.range_of(side, Decimal(100), step)

    for text in ("97.5", "97.50000000001", "99.9", "100", "102.49999999999", "102.5", "100.1"):
        price = Decimal(text)
        assert (low <= price <= high) == (grouping.group_of(side, price, step) == 100), price
    assert grouping.range_of(side, Decimal(7), None) == (Decimal(7), Decimal(7))


def test_steps_are_1_2_5_of_the_tick() -> None:
    up = [1]
    while up[-1] < 20_000:
        up.append(grouping.coarser(up[-1]))
    down = [up[-1]]
    while down[-1] > 1:
        down.append(grouping.finer(down[-1]))

    assert up == [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000]
    assert down == up[::-1]
    assert grouping.finer(1) == 1
    assert [grouping.at_least(Decimal(it)) for it in ("0.3", "1", "1.1", "20", "21")] == [
        *(1, 1, 2, 20, 50)
    ]


@pytest.mark.parametrize(("price", "most"), [("0.05", 1), ("61000", 500_000), ("2.5", 20)])
def test_a_step_is_never_more_than_a_tenth_of_the_price(price: str, most: int) -> None:
    assert grouping.coarsest(Decimal("0.01"), Decimal(price)) == most


def test_the_tick_is_the_venues_or_that_of_the_prices() -> None:
    told = Instrument("X", tick=Decimal("0.05"))

    assert grouping.tick_of(told, 4) == Decimal("0.05")
    assert grouping.tick_of(Instrument("X"), 4) == Decimal("0.0001")
    assert grouping.tick_of(Instrument("X"), 0) == 1
    assert grouping.tick_of(Instrument("X", tick=Decimal(0)), 2) == Decimal("0.01")
