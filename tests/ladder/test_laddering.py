"""A ladder looked at again and again: its steps, its volumes, and that nothing breaks it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from decimal import Decimal

import msgspec
import pytest
from laddering_support import PLAIN, TICK, ladder_in, marks, plain, walked

from obtui.book import OrderBook
from obtui.ladder.laddering import Ladder
from obtui.ladder.rows import Form, LadderSettings
from obtui.market import Aggressor, Instrument, Side, Trade
from obtui.traded import TradedVolume
from obtui.view import MarketView
from panel_support import book_of, view_of
from support.random_books import SHAPES, random_book


@pytest.mark.parametrize("form", list(Form))
@pytest.mark.parametrize("shape", SHAPES)
def test_no_book_height_or_move_breaks_it(form: Form, shape: str) -> None:
    chance = random.Random(f"{form} {shape}")
    ladder = Ladder()
    ladder.settings = LadderSettings(form)
    for step in range(60):
        book = random_book(chance, chance.choice([shape, "plain"]), Decimal("0.01"))
        view = view_of(book, instrument=TICK, monotonic_ns=step, limited=step % 2 == 0)
        if chance.random() < 0.3:
            view = msgspec.structs.replace(view, book=None)
        picture = ladder.picture(view, chance.choice([0, 1, 2, 3, 9, 30]))
        ladder.move(chance.choice([-5, -1, 0, 1, 5]))
        ladder.point(chance.randrange(-2, 32), chance.choice(list(Side)))
        ladder.group(chance.choice([-1, 1]))
        if chance.random() < 0.2:
            ladder.recentre()
        assert len(picture.lines) >= picture.spread


def steps_of(ladder: Ladder, keys: Sequence[int], view: MarketView) -> list[int | None]:
    found = []
    for key in keys:
        ladder.group(key)
        step = ladder.picture(view, 11).step
        found.append(None if step is None else int(step / ladder._tick))
    return found


def test_grouping_goes_up_and_down_in_steps() -> None:
    ladder = ladder_in(Form.STACKED)
    up = steps_of(ladder, [1] * 5, plain())
    down = steps_of(ladder, [-1] * 5, plain())

    # A tenth of the price is the most.
    assert up == [2, 5, 10, 10, 10]
    assert down == [5, 2, None, None, None]


def test_where_prices_stand_still_the_finest_step_leads_back_to_the_automatic_one() -> None:
    ladder = ladder_in(Form.ANCHORED)
    assert ladder.shown.automatic
    assert ladder.shown.step == 1

    assert steps_of(ladder, [1, 1, -1, -1, -1], plain()) == [2, 5, 2, 1, 1]
    assert ladder.settings.step is None
    assert ladder.shown.automatic


def test_a_step_too_coarse_for_a_market_is_made_finer_there_alone() -> None:
    ladder = Ladder()
    ladder.settings = LadderSettings(step=1000)

    assert ladder.picture(plain(), 11).step == 10
    assert ladder.settings.step == 1000


def test_the_book_is_wanted_only_where_it_is_needed() -> None:
    ladder = Ladder()
    assert not ladder.wants_book
    for settings in (
        LadderSettings(step=2),
        LadderSettings(Form.ANCHORED),
        LadderSettings(traded=True),
    ):
        ladder.settings = settings
        assert ladder.wants_book
    ladder.settings = LadderSettings(Form.SIDE_BY_SIDE)
    assert not ladder.wants_book
    ladder.picture(plain(), 11)
    ladder.move(1)
    assert ladder.wants_book


@pytest.mark.parametrize("form", list(Form))
def test_without_the_whole_book_what_is_known_of_it_is_told_as_such(form: Form) -> None:
    ladder = Ladder()
    ladder.settings = LadderSettings(form, step=5)
    book = book_of(*PLAIN)
    view = view_of(book, instrument=TICK, book=None, bids=book.bids.top(8), asks=book.asks.top(8))

    rows = {(row.price, row.partial) for row in ladder.picture(view, 8).rows if row.size}

    # Bids down to 93 are known, and asks up to 108.
    assert rows == {
        *((Decimal(price), False) for price in (100, 95, 105)),
        *((Decimal(price), True) for price in (90, 110)),
    }


def test_another_market_takes_the_place_of_the_first() -> None:
    ladder = ladder_in(Form.ANCHORED)
    walked(ladder, [1])
    other = book_of([("5000", "1")], [("5001", "1")])

    picture = ladder.picture(
        view_of(other, instrument=Instrument("ETHUSD", tick=Decimal(1)), monotonic_ns=2), 11
    )

    assert ladder.cursor is None
    assert not marks(ladder)
    assert any(line.price == 5000 for line in picture.lines)


def test_an_empty_book_shows_nothing_and_is_no_fault() -> None:
    for form in Form:
        ladder = ladder_in(form, view_of(OrderBook(), instrument=TICK))
        ladder.move(1)
        assert ladder.cursor is None
        assert not ladder.shown.rows


def test_the_volume_at_a_row_is_that_of_its_prices() -> None:
    traded = TradedVolume()
    for price, size in (("99", "1"), ("98", "2"), ("101", "4")):
        traded.add(Trade(Decimal(price), Decimal(size), Aggressor.SELLER))
    ladder = Ladder()
    ladder.settings = LadderSettings(step=5, traded=True)

    ladder.picture(plain(traded=traded), 11)

    def volumes() -> list[tuple[int, int]]:
        groups = [(Side.BID, 95), (Side.BID, 100), (Side.ASK, 105), (Side.ASK, 110)]
        found = [ladder.volume(side, Decimal(price)) for side, price in groups]
        assert all(exact for _, exact in found)
        return [(int(it.bought), int(it.sold)) for it, _ in found]

    assert volumes() == [(0, 3), (0, 4), (0, 4), (0, 0)]
    traded = traded.copy()
    traded.add(Trade(Decimal(97), Decimal(8), Aggressor.BUYER))
    ladder.picture(plain(traded=traded), 11)
    assert volumes() == [(8, 3), (0, 4), (0, 4), (0, 0)]
    # The same price holds less where the steps are finer.
    ladder.settings = LadderSettings(step=2, traded=True)
    ladder.picture(plain(traded=traded), 11)
    assert ladder.volume(Side.BID, Decimal(100))[0].sold == 4
    ladder.settings = LadderSettings(step=1, traded=True)
    ladder.picture(plain(traded=traded), 11)
    assert ladder.volume(Side.BID, Decimal(100))[0].sold == 0
