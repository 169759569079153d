"""Prices that stand still: every row against plain fractions over the whole side."""

from __future__ import annotations

import math
import random
from decimal import Decimal
from fractions import Fraction

import pytest

from obtui.book import BookSide, OrderBook
from obtui.ladder import anchored
from obtui.ladder.anchored import Anchor, AnchoredRow, Limits, Window
from obtui.ladder.grouping import Grouper
from obtui.ladder.rows import Bars, Row, Unit
from support.random_books import SHAPES, TICKS, deep_book, random_book, real_books

NO_LIMITS = Limits()


def border(side: BookSide, price: Decimal, step: Decimal) -> Fraction:
    steps = Fraction(price) / Fraction(step)
    return (math.floor(steps) if side.bids else math.ceil(steps)) * Fraction(step)


def assert_side(side: BookSide, price: Fraction, row: Row | None, step: Decimal) -> None:
    """The row of a price holds what is put there, and the sums of all that is better."""
    if not side.prices:
        assert row is None
        return
    best = border(side, side.prices[-1 if side.bids else 0], step)
    if price > best if side.bids else price < best:
        assert row is None
        return
    assert row is not None
    here, worth, total, worths = Fraction(), Fraction(), Fraction(), Fraction()
    for level, size in side.sizes.items():
        put = border(side, level, step)
        if put >= price if side.bids else put <= price:
            total += Fraction(size)
            worths += Fraction(size) * Fraction(level)
        if put == price:
            here += Fraction(size)
            worth += Fraction(size) * Fraction(level)
    assert (Fraction(row.size), Fraction(row.notional)) == (here, worth)
    assert (Fraction(row.cumulative), Fraction(row.cumulative_notional)) == (total, worths)


def assert_rows(book: OrderBook, rows: tuple[AnchoredRow, ...], window: Window) -> None:
    prices = [(window.top - n) * Fraction(window.step) for n in range(window.rows)]
    assert [Fraction(row.price) for row in rows] == prices
    for row, price in zip(rows, prices, strict=True):
        assert_side(book.bids, price, row.bid, window.step)
        assert_side(book.asks, price, row.ask, window.step)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("seed", range(2))
def test_every_price_has_its_row_with_what_rests_there(seed: int, shape: str) -> None:
    chance = random.Random(f"{seed} {shape}")
    tick = chance.choice(TICKS)
    book = random_book(chance, shape, tick)
    touch = (book.bids.best() or book.asks.best() or (tick * 5000, 0))[0]
    grouper = Grouper()

    for multiple in (1, 5, 20):
        for shift in (-8, 0, 9, 40):
            step = multiple * tick
            window = Window(int(touch / step) + shift, 16, step)
            rows = anchored.build(book.bids, book.asks, grouper, window, NO_LIMITS)

            assert_rows(book, rows, window)


def test_a_deep_book_too() -> None:
    book = deep_book(random.Random(9), 6000)
    window = Window(6_300, 8, Decimal(10))

    rows = anchored.build(book.bids, book.asks, Grouper(), window, NO_LIMITS)

    assert_rows(book, rows, window)


def test_real_books_too() -> None:
    for book in real_books("current-ethusd-31s")[:2]:
        window = Window(int(book.bids.prices[-1]) + 4, 8, Decimal(1))

        rows = anchored.build(book.bids, book.asks, Grouper(), window, NO_LIMITS)

        assert_rows(book, rows, window)


def test_a_row_holds_both_sides_where_they_meet() -> None:
    book = OrderBook()
    book.bids.replace([(Decimal(10), Decimal(1))])
    book.asks.replace([(Decimal(10), Decimal(2))])

    above, both, below = anchored.build(
        book.bids, book.asks, Grouper(), Window(11, 3, Decimal(1)), NO_LIMITS
    )

    assert above.bid is None
    assert above.ask is not None
    assert both.bid is not None
    assert both.ask is not None
    assert [both.bid.size, both.ask.size] == [1, 2]
    assert below.bid is not None
    assert [below.bid.size, below.bid.cumulative] == [0, 1]
    assert below.ask is None


def test_beyond_the_last_known_level_of_a_limited_side_all_is_partial() -> None:
    book = OrderBook()
    book.bids.replace([(Decimal(10), Decimal(1)), (Decimal(8), Decimal(1))])
    window = Window(10, 5, Decimal(1))

    def partial(limits: Limits) -> list[bool]:
        rows = anchored.build(book.bids, book.asks, Grouper(), window, limits)
        return [row.bid.partial for row in rows if row.bid is not None]

    assert partial(Limits(bids=True)) == [False, False, False, True, True]
    assert partial(NO_LIMITS) == [False] * 5


@pytest.mark.parametrize("bars", list(Bars))
def test_bars_are_of_what_is_shown(bars: Bars) -> None:
    book = random_book(random.Random(3), "plain", Decimal(1))
    window = Window(int(book.bids.prices[-1]) + 10, 20, Decimal(1))

    built = anchored.build(
        book.bids, book.asks, Grouper(), window, NO_LIMITS, unit=Unit.NOTIONAL, bars=bars
    )

    rows = [it for row in built for it in (row.bid, row.ask) if it is not None]
    values = [float(it.cumulative_notional if bars.cumulative else it.notional) for it in rows]
    for row, value in zip(rows, values, strict=True):
        share = value / max(values)
        log = max(0, 1 + math.log10(share) / 4) if share else 0
        assert row.fraction == pytest.approx(log if bars.log else share)


@pytest.mark.parametrize("seed", range(6))
def test_the_rows_stand_still_while_the_market_is_in_them(seed: int) -> None:
    chance = random.Random(seed)
    anchor = Anchor()
    rows, step = chance.choice([9, 20, 41]), Decimal("0.5")
    bid = 1000
    before: int | None = None

    for _ in range(400):
        bid += chance.choice([-3, -1, -1, 0, 0, 0, 1, 1, 3])
        ask = bid + chance.choice([1, 1, 2, 3])
        top = anchor.place(bid * step, ask * step, step, rows)

        assert top is not None
        first, last = top, top - rows + 1
        assert last + 2 <= bid < ask <= first - 2
        if before is not None and top != before:
            # It was moved for a reason, and the market is in the middle again.
            assert bid < before - rows + 3 or ask > before - 2
            assert abs((first + last) - (bid + ask)) <= 2
        before = top


def test_a_grown_terminal_keeps_the_middle() -> None:
    anchor = Anchor()
    step = Decimal(1)
    top = anchor.place(Decimal(100), Decimal(101), step, 21)
    assert top is not None
    anchor.place(Decimal(103), Decimal(104), step, 21)

    assert anchor.place(Decimal(103), Decimal(104), step, 31) == top + 5
    assert anchor.place(Decimal(103), Decimal(104), step, 21) == top


def test_it_is_centred_anew_by_hand_and_with_another_step() -> None:
    anchor = Anchor()
    first = anchor.place(Decimal(100), Decimal(101), Decimal(1), 21)
    assert anchor.place(Decimal(104), Decimal(105), Decimal(1), 21) == first

    anchor.let_go()

    assert anchor.place(Decimal(104), Decimal(105), Decimal(1), 21) == 114
    assert anchor.place(Decimal(104), Decimal(105), Decimal("0.5"), 21) == 219


def test_a_book_that_is_emptied_leaves_the_rows_where_they_are() -> None:
    anchor = Anchor()
    assert anchor.place(None, None, Decimal(1), 11) is None
    top = anchor.place(Decimal(100), Decimal(101), Decimal(1), 11)

    assert anchor.place(None, None, Decimal(1), 11) == top
    assert anchor.place(Decimal(102), None, Decimal(1), 11) == top


def test_a_spread_wider_than_the_rows_is_shown_in_its_middle_and_stands() -> None:
    anchor = Anchor()

    tops = {anchor.place(Decimal(100), Decimal(200 + n % 3), Decimal(1), 11) for n in range(9)}

    assert tops == {155}


def test_no_price_is_below_nothing() -> None:
    assert Anchor().place(Decimal(1), Decimal(2), Decimal(1), 21) == 20


@pytest.mark.parametrize("rows", [1, 2, 3, 5])
def test_a_few_rows_are_enough(rows: int) -> None:
    top = Anchor().place(Decimal(100), Decimal(101), Decimal(1), rows)

    assert top is not None
    assert top >= 100 > top - max(rows, 2)


@pytest.mark.parametrize("seed", range(8))
def test_the_automatic_step_is_the_smallest_that_reaches_as_far(seed: int) -> None:
    chance = random.Random(seed)
    tick = chance.choice(TICKS)
    book = random_book(chance, "plain", tick)
    rows = chance.choice([10, 24, 40])

    step = anchored.automatic(book.bids, book.asks, rows, tick)

    reach = book.asks.prices[rows // 2 - 1] - book.bids.prices[-(rows // 2)]
    scale = [mantissa * 10**power for power in range(9) for mantissa in (1, 2, 5)]
    assert step == next(it for it in scale if it * tick * rows >= reach)


def test_it_is_kept_while_it_still_serves() -> None:
    book = OrderBook()

    def chosen(spacing: int, now: int | None) -> int:
        prices = [Decimal(10_000 + spacing * n) for n in range(10)]
        book.asks.replace([(price, Decimal(1)) for price in prices])
        book.bids.replace([(20_000 - price - 1, Decimal(1)) for price in prices])
        return anchored.automatic(book.bids, book.asks, 20, Decimal(1), now)

    # 18 times the spacing and the spread, over 20 rows.
    assert chosen(11, None) == 10
    assert chosen(12, None) == 20
    assert chosen(12, 10) == 10
    assert chosen(16, 10) == 10
    assert chosen(17, 10) == 20
    assert chosen(5, 20) == 20
    assert chosen(4, 20) == 5


def test_it_needs_no_other_side_and_no_book() -> None:
    book = OrderBook()
    assert anchored.automatic(book.bids, book.asks, 20, Decimal(1)) == 1
    assert anchored.automatic(book.bids, book.asks, 20, Decimal(1), 50) == 50

    book.bids.replace([(Decimal(100 - 10 * n), Decimal(1)) for n in range(5)])

    assert anchored.automatic(book.bids, book.asks, 20, Decimal(1)) == 5
    assert anchored.automatic(book.bids, book.asks, 0, Decimal(1)) == 1
