"""A ladder looked at again and again: its cursor, its steps, its marks."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import msgspec
import pytest

from obtui.book import OrderBook
from obtui.ladder.laddering import Ladder
from obtui.ladder.rows import Form, LadderSettings
from obtui.market import Aggressor, BookState, Instrument, Side, Trade
from obtui.traded import TradedVolume
from obtui.view import MarketView
from panel_support import book_of, view_of
from support.random_books import SHAPES, random_book

PLAIN = [(str(100 - n), "1") for n in range(30)], [(str(101 + n), "2") for n in range(30)]
TICK = Instrument("BTCUSD", "BTC", "USD", tick=Decimal(1))


def plain(**told: object) -> MarketView:
    return msgspec.structs.replace(view_of(book_of(*PLAIN), instrument=TICK), **told)


def ladder_in(form: Form, view: MarketView | None = None, height: int = 11) -> Ladder:
    made = Ladder()
    made.settings = LadderSettings(form)
    made.picture(view or plain(), height)
    return made


def pointed(ladder: Ladder) -> tuple[int, Side]:
    assert ladder.cursor is not None
    return int(ladder.cursor.price), ladder.cursor.side


def walked(ladder: Ladder, steps: Sequence[int], view: MarketView | None = None) -> list[int]:
    """The cursor's price after each move."""
    prices = []
    for step in steps:
        ladder.move(step)
        ladder.picture(view or plain(), 11)
        prices.append(pointed(ladder)[0])
    return prices


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


def changed(view: MarketView, at_ns: int, **sizes: str) -> MarketView:
    """`b99="3"` is the bid at 99."""
    assert view.book is not None
    book = view.book.copy()
    for name, size in sizes.items():
        side = book.bids if name[0] == "b" else book.asks
        side.apply([(Decimal(name[1:]), Decimal(size))])
    return msgspec.structs.replace(
        view, book=book, bids=book.bids.top(99), asks=book.asks.top(99), monotonic_ns=at_ns
    )


def marks(ladder: Ladder) -> dict[str, str]:
    found = {}
    for line in ladder.shown.lines:
        for side in Side:
            price = line.price_of(side)
            mark = None if price is None else ladder.mark(side, price)
            if mark is not None:
                what = "grew" if mark.grew else "traded" if mark.traded else "pulled"
                found[f"{side.value} {price}"] = what
    return found


@pytest.mark.parametrize("form", list(Form))
def test_what_grew_shrank_or_was_traded_is_marked(form: Form) -> None:
    ladder = ladder_in(form)
    traded = TradedVolume()
    ladder.picture(plain(traded=traded.copy()), 11)
    traded.add(Trade(Decimal(101), Decimal(1), Aggressor.BUYER))

    view = changed(plain(traded=traded), 1_100_000_000, b99="3", b98="0.5", a101="1")
    ladder.picture(view, 11)

    assert marks(ladder) == {"bid 99": "grew", "bid 98": "pulled", "ask 101": "traded"}
    assert ladder.fading
    ladder.picture(changed(view, 3_000_000_000), 11)
    assert not marks(ladder)
    assert not ladder.fading


def test_where_prices_stand_still_a_level_that_is_gone_is_marked() -> None:
    ladder = ladder_in(Form.ANCHORED)

    ladder.picture(changed(plain(), 1_100_000_000, b100="0", a103="0"), 11)

    assert marks(ladder) == {"bid 100": "pulled", "ask 103": "pulled"}


@pytest.mark.parametrize(
    "settings",
    [
        LadderSettings(step=2),
        LadderSettings(Form.SIDE_BY_SIDE),
        LadderSettings(Form.ANCHORED),
    ],
)
def test_another_form_or_step_is_no_change_of_the_market(settings: LadderSettings) -> None:
    ladder = ladder_in(Form.STACKED)

    ladder.settings = settings
    ladder.picture(changed(plain(), 1_100_000_000, b99="3"), 11)
    assert not marks(ladder)

    ladder.picture(changed(plain(), 1_200_000_000, b99="7"), 11)
    assert list(marks(ladder).values()) == ["grew"]


def test_nothing_flashes_over_a_loss_of_trust() -> None:
    ladder = ladder_in(Form.STACKED)
    lost = changed(plain(state=BookState.SYNCING), 1_100_000_000, b99="9")

    ladder.picture(lost, 11)
    assert not marks(ladder)
    ladder.picture(changed(plain(), 1_200_000_000, b99="9"), 11)
    assert not marks(ladder)


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


def test_a_book_that_was_gained_anew_is_no_change() -> None:
    ladder = ladder_in(Form.STACKED)

    ladder.picture(changed(plain(resyncs=1), 1_100_000_000, b99="9", a101="7"), 11)
    assert not marks(ladder)
    ladder.picture(changed(plain(resyncs=1), 1_200_000_000, b99="3", a101="7"), 11)
    assert marks(ladder) == {"bid 99": "pulled"}


def test_a_change_of_a_time_in_which_nobody_looked_is_not_marked() -> None:
    ladder = ladder_in(Form.STACKED)

    ladder.picture(changed(plain(), 31_000_000_000, b99="9"), 11)
    assert not marks(ladder)
