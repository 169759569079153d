"""The depth chart's numbers, against sums made the plain way."""

from __future__ import annotations

import random
from decimal import Decimal
from itertools import pairwise

import pytest

from chart_support import KINDS, book_of, random_book, real_book
from obtui import steps
from obtui.book import OrderBook
from obtui.charts import depth_curve
from obtui.charts.depth_curve import LEAST_FILLED, LOOK_NS, Curve, Scale

TICK = Decimal("0.01")


def at_or_above(book: OrderBook, price: Decimal) -> Decimal:
    return sum((size for it, size in book.bids.sizes.items() if it >= price), Decimal())


def at_or_below(book: OrderBook, price: Decimal) -> Decimal:
    return sum((size for it, size in book.asks.sizes.items() if it <= price), Decimal())


def assert_is(curve: Curve, book: OrderBook) -> None:
    for column, total in enumerate(curve.bids, start=1):
        assert total == at_or_above(book, curve.price(-column))
    for column, total in enumerate(curve.asks, start=1):
        assert total == at_or_below(book, curve.price(column))


@pytest.mark.parametrize("kind", KINDS)
def test_each_column_is_what_rests_up_to_its_far_edge(kind: str) -> None:
    chance = random.Random(kind)
    for _ in range(3 if kind == "deep" else 20):
        book = random_book(chance, kind)
        step = steps.step(chance.randrange(-6, 3))
        centre = steps.nearest(depth_curve.middle(book) or Decimal(1000), step)

        curve = depth_curve.curve(book, step, centre, chance.randrange(1, 60))

        assert_is(curve, book)
        assert (curve.bids_known, curve.asks_known) == (len(curve.bids), len(curve.asks))


def test_a_real_book_is_summed_at_the_range_that_fits() -> None:
    book = real_book()
    placed = Scale().place(book, 40, 0, TICK)
    assert placed is not None

    curve = depth_curve.curve(book, *placed, 40)

    assert_is(curve, book)
    # The middle is 60710.48; 1/10 of the nearer side's size rests within some 450 of it.
    assert curve.step == 20
    assert curve.price(0) == 60720 or curve.price(0) == 60700


def test_what_a_limited_book_does_not_know_is_not_said() -> None:
    chance = random.Random(3)
    for _ in range(50):
        book = random_book(chance)
        curve = depth_curve.curve(book, Decimal("0.05"), 20_000, 40, limited=True)

        lowest, highest = min(book.bids.sizes), max(book.asks.sizes)
        known = [curve.price(-column) >= lowest for column in range(1, 41)]
        assert curve.bids_known == sum(known)
        known = [curve.price(column) <= highest for column in range(1, 41)]
        assert curve.asks_known == sum(known)
    empty = depth_curve.curve(book_of({}, {}), Decimal(1), 100, 5, limited=True)
    assert (empty.bids_known, empty.asks_known) == (0, 0)


def test_the_middle_of_a_book() -> None:
    one, two = {Decimal(100): Decimal(1)}, {Decimal(103): Decimal(1)}

    assert depth_curve.middle(book_of(one, two)) == Decimal("101.5")
    assert depth_curve.middle(book_of(one, {})) == 100
    assert depth_curve.middle(book_of({}, two)) == 103
    assert depth_curve.middle(book_of({}, {})) is None


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "empty"])
def test_the_range_holds_a_tenth_of_the_nearer_side(kind: str) -> None:
    chance = random.Random(kind)
    for _ in range(3 if kind == "deep" else 20):
        book = random_book(chance, kind)
        mid = depth_curve.middle(book)
        assert mid is not None

        reach = depth_curve.fitting(book, mid)

        shares = []
        for side, near in (
            (book.bids, at_or_above(book, mid - reach)),
            (book.asks, at_or_below(book, mid + reach)),
        ):
            total = sum(size for price, size in side.sizes.items() if mid / 2 <= price <= mid * 2)
            if total:
                shares.append(near / total)
        assert max(shares) >= Decimal("0.1")


def moved(book: OrderBook, by: Decimal) -> OrderBook:
    return book_of(
        {price + by: size for price, size in book.bids.sizes.items()},
        {price + by: size for price, size in book.asks.sizes.items()},
    )


def test_the_picture_stands_still_while_the_market_moves_within_a_column() -> None:
    book = random_book(random.Random(4))
    scale = Scale()
    placed = scale.place(book, 30, 0, TICK)
    assert placed is not None
    step, centre = placed
    mid = depth_curve.middle(book)
    assert mid is not None
    beside = centre * step - mid

    assert scale.place(moved(book, beside + step * Decimal("0.9")), 30, 1, TICK) == placed
    assert scale.place(moved(book, beside - step * Decimal("0.9")), 30, 2, TICK) == placed
    gone = scale.place(moved(book, beside + step * Decimal("1.2")), 30, 3, TICK)
    assert gone == (step, centre + 1)


def test_the_range_follows_a_book_that_spreads_out_when_it_is_time() -> None:
    near = book_of(
        {100 - TICK * n: Decimal(1) for n in range(1, 200)},
        {100 + TICK * n: Decimal(1) for n in range(1, 200)},
    )
    far = book_of(
        {100 - TICK * n * 50: Decimal(1) for n in range(1, 150)},
        {100 + TICK * n * 50: Decimal(1) for n in range(1, 150)},
    )
    scale = Scale()

    first = scale.place(near, 20, 0, TICK)
    still = scale.place(far, 20, LOOK_NS - 1, TICK)
    after = scale.place(far, 20, LOOK_NS, TICK)

    assert first is not None and still is not None and after is not None  # noqa: PT018
    assert (first[0], still[0]) == (TICK, TICK)
    assert after[0] > TICK * 10
    scale.forget()
    assert scale.place(near, 20, LOOK_NS, TICK) == first


def test_zoom_goes_by_steps_and_ends_at_the_tick_and_at_nothing() -> None:
    book = random_book(random.Random(6), "deep")
    scale = Scale()
    found = []
    for zoom in (0, 1, 1, 1, *[1] * 40, *[-1] * 80):
        scale.zoom += zoom
        placed = scale.place(book, 20, 0, TICK)
        assert placed is not None
        found.append(placed[0])
        assert placed[1] >= 20

    numbers = [steps.reaching(step) for step in found]
    assert all(abs(one - other) <= 1 for one, other in pairwise(numbers))
    assert min(found) == TICK
    # 20 columns reach from the middle, of about 1000, nearly to nothing.
    assert max(found) == 50


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "empty"])
def test_every_book_has_a_place(kind: str) -> None:
    chance = random.Random(kind)
    for around in (50, 100_000):
        book = random_book(chance, kind, around=around)
        for columns in (1, 7, 90):
            placed = Scale().place(book, columns, 0, TICK)

            assert placed is not None
            assert placed[1] >= columns
            # A step of less than a tick only where the chart would reach below nothing.
            assert placed[0] >= TICK or around < columns
    assert Scale().place(book_of({}, {}), 10, 0, TICK) is None


def test_the_height_is_kept_until_it_is_too_low_or_too_high() -> None:
    scale = Scale()
    chance = random.Random(7)
    top = Decimal()
    for _ in range(500):
        deepest = Decimal(chance.randrange(1, 10 ** chance.randrange(1, 6))).scaleb(-2)
        before, top = top, scale.top(deepest)

        assert top >= deepest
        assert deepest >= top * LEAST_FILLED
        if before * LEAST_FILLED <= deepest <= before:
            assert top == before
    assert scale.top(Decimal()) > 0


def test_marks_are_round_and_within_the_height() -> None:
    assert depth_curve.marks(Decimal(300), 4) == [100, 200, 300]
    assert depth_curve.marks(Decimal("1.5"), 3) == [Decimal("0.5"), 1, Decimal("1.5")]
    assert depth_curve.marks(Decimal(80), 1) == []
    for most in range(1, 20):
        assert len(depth_curve.marks(Decimal(60), most)) <= most


def test_heights_are_in_eighths_and_something_is_seen() -> None:
    sizes = [Decimal(it) for it in ("0", "0.0001", "1", "5", "10")]

    assert depth_curve.eighths(sizes, Decimal(10), 4) == [0, 1, 3, 16, 32]


def test_a_middle_that_stands_still_is_as_far_from_nothing_as_the_chart_reaches() -> None:
    scale = Scale()
    for mid, columns in (("39.2", 39), ("40", 40)):
        book = book_of({Decimal(mid): Decimal(1)}, {Decimal(mid): Decimal(1)})
        placed = scale.place(book, columns, 0, Decimal(1))
        assert placed is not None
        assert placed[1] >= columns
