"""What is marked from one look at a ladder to the next, and what is no change of the market."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from laddering_support import ladder_in, marks, plain

from obtui.ladder.rows import Form, LadderSettings
from obtui.market import Aggressor, BookState, Trade
from obtui.traded import TradedVolume
from obtui.view import MarketView


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
