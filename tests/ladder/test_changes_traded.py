"""Whether what shrank was traded, however late or early the trade was told."""

from __future__ import annotations

import pytest
from changes_support import Watched

from obtui.market import Side


@pytest.mark.parametrize(
    ("size", "verdict"), [(1, "pulled 2"), (2, "traded 2"), (4, "traded 2"), (9, "traded 2")]
)
def test_half_of_what_shrank_must_have_traded(size: int, verdict: str) -> None:
    watched = Watched()
    watched.at(0, {10: 9})
    watched.sold(10, size)
    watched.at(50, {10: 5})

    assert watched.bid(10) == verdict


def test_the_trade_may_be_told_before_the_book() -> None:
    watched = Watched()
    watched.at(0, {10: 9})
    watched.sold(10, 4)
    for ms in (50, 100, 300):
        watched.at(ms, {10: 9})
    assert watched.bid(10) == ""

    watched.at(350, {10: 5})  # it may have come right after 300

    assert watched.bid(10) == "traded 2"


def test_a_trade_long_before_explains_nothing() -> None:
    watched = Watched()
    watched.at(0, {10: 9})
    watched.sold(10, 4)
    for ms in (50, 200, 350):
        watched.at(ms, {10: 9})

    watched.at(400, {10: 5})

    assert watched.bid(10) == "pulled 2"


def test_the_trade_may_be_told_after_the_book_while_the_mark_lives() -> None:
    watched = Watched()
    watched.at(0, {10: 9})
    watched.at(50, {10: 5})
    assert watched.bid(10) == "pulled 2"
    watched.sold(10, 4)

    watched.at(600, {10: 5})
    assert watched.bid(10) == "traded 1"
    watched.at(650, {10: 1})  # half of the eight

    assert watched.bid(10) == "traded 2"
    watched.at(700, {10: 0})
    assert watched.bid(10) == "pulled 2"


def test_one_trade_explains_one_shrinkage() -> None:
    watched = Watched()
    watched.at(0, {10: 9})
    watched.sold(10, 4)
    watched.at(50, {10: 5})
    watched.at(100, {10: 9})
    assert watched.bid(10) == "grew 2"

    watched.at(150, {10: 5})

    assert watched.bid(10) == "pulled 2"


def test_what_is_left_of_a_trade_explains_the_next_shrinkage() -> None:
    watched = Watched()
    watched.at(0, {10: 9})
    watched.sold(10, 8)
    watched.at(50, {10: 5})
    watched.at(100, {10: 9})

    watched.at(150, {10: 5})

    assert watched.bid(10) == "traded 2"


def test_volume_that_is_forgotten_is_no_trade_and_hides_none() -> None:
    watched = Watched()
    watched.volumes = {(Side.BID, 10): 100, (Side.BID, 9): 100}
    watched.at(0, {10: 9, 9: 9})
    watched.at(50, {10: 5, 9: 9})
    watched.volumes.clear()
    watched.at(100, {10: 5, 9: 9})
    assert (watched.bid(10), watched.bid(9)) == ("pulled 2", "")

    watched.sold(10, 4)
    watched.sold(9, 4)
    watched.at(150, {10: 5, 9: 5})

    assert (watched.bid(10), watched.bid(9)) == ("traded 2", "traded 2")


def test_sides_are_apart_at_one_price() -> None:
    watched = Watched()
    watched.at(0, {10: 9, 9: 1}, {10: 9, 11: 1})
    watched.sold(10, 4)

    watched.at(50, {10: 5, 9: 1}, {10: 5, 11: 1})

    assert (watched.bid(10), watched.ask(10)) == ("traded 2", "pulled 2")
