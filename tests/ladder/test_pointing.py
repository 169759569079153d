"""The cursor of a ladder: where keys and clicks put it, and that it stays on its price."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from laddering_support import PLAIN, TICK, ladder_in, plain, pointed, walked

from obtui.ladder.rows import Form
from obtui.market import Side
from panel_support import book_of, view_of


@pytest.mark.parametrize("form", [Form.STACKED, Form.ANCHORED])
def test_the_cursor_begins_at_the_best_and_stops_at_the_ends(form: Form) -> None:
    down, up = ladder_in(form), ladder_in(form)

    assert walked(down, [1, 1, 1, -1, 99]) == [100, 99, 98, 99, 96]
    assert walked(up, [-1, 1, -2, -99]) == [101, 100, 102, 105]


def test_beside_each_other_up_from_the_best_is_to_the_other_side() -> None:
    ladder = ladder_in(Form.SIDE_BY_SIDE)

    assert walked(ladder, [1, 1, 1, -1, -1, -1, 2, -3]) == [100, 99, 98, 99, 100, 101, 103, 100]
    assert walked(ladder, [99]) == [91]


@pytest.mark.parametrize("form", list(Form))
def test_the_cursor_stays_on_its_price(form: Form) -> None:
    ladder = ladder_in(form)
    assert walked(ladder, [1, 1]) == [100, 99]

    # Two better bids: the rows are others, the price is not.
    moved = book_of([("102", "1"), ("101", "1"), *PLAIN[0]], PLAIN[1][2:])
    picture = ladder.picture(view_of(moved, instrument=TICK), 11)

    assert pointed(ladder) == (99, Side.BID)
    assert picture.cursor is not None
    assert picture.lines[picture.cursor].price_of(Side.BID) == 99
    assert picture.read is not None
    assert picture.read.size == 4


@pytest.mark.parametrize("form", [Form.STACKED, Form.SIDE_BY_SIDE])
def test_a_price_that_is_gone_is_still_told_of(form: Form) -> None:
    ladder = ladder_in(form)
    walked(ladder, [1, 1])
    gone = view_of(book_of([PLAIN[0][0], *PLAIN[0][2:]], PLAIN[1]), instrument=TICK)

    picture = ladder.picture(gone, 11)

    assert picture.cursor is None
    assert picture.read is not None
    assert (picture.read.price, picture.read.size) == (Decimal(99), Decimal(1))
    assert walked(ladder, [1], gone) == [98]
    ladder = ladder_in(form)
    walked(ladder, [1, 1])
    ladder.picture(gone, 11)
    assert walked(ladder, [-1], gone) == [100]


def test_a_price_that_the_market_crossed_is_of_the_other_side() -> None:
    ladder = ladder_in(Form.STACKED)
    walked(ladder, [1])

    fallen = book_of(PLAIN[0][5:], [(str(96 + n), "2") for n in range(30)])
    picture = ladder.picture(view_of(fallen, instrument=TICK), 11)

    assert picture.side is Side.ASK
    assert picture.read is not None
    assert picture.read.size == 2 * 5
    assert picture.cursor is not None
    assert picture.lines[picture.cursor].ask is not None


def test_a_cursor_is_in_the_group_that_holds_its_price() -> None:
    ladder = ladder_in(Form.STACKED)
    walked(ladder, [1, 2])
    ladder.settings = replace(ladder.settings, step=5)

    picture = ladder.picture(plain(), 11)

    assert pointed(ladder) == (98, Side.BID)
    assert picture.read is not None
    # 100 alone is at 100; 99 to 95 are at 95.
    assert (picture.read.price, picture.read.size) == (Decimal(95), Decimal(6))
    assert picture.cursor is not None
    assert picture.lines[picture.cursor].price_of(Side.BID) == 95


@pytest.mark.parametrize("form", list(Form))
def test_a_click_points_at_what_is_there(form: Form) -> None:
    ladder = ladder_in(form)

    for index, line in enumerate(ladder.shown.lines):
        for side in Side:
            ladder.cursor = None
            ladder.point(index, side)

            price = line.price_of(side)
            found = price if price is not None else line.price_of(_other(side))
            assert pointed(ladder)[0] == found
    before = ladder.cursor
    ladder.point(-1, Side.BID)
    ladder.point(99, Side.BID)
    assert ladder.cursor is before


def _other(side: Side) -> Side:
    return Side.ASK if side is Side.BID else Side.BID
