"""What grew and shrank: what is a change, how long its mark lives, and what is remembered."""

from __future__ import annotations

from decimal import Decimal

from changes_support import MS, Watched, told

from obtui.ladder.changes import BEFORE_NS, Changes, Mark
from obtui.market import Side


def test_what_is_seen_first_is_no_change() -> None:
    watched = Watched()

    watched.at(0, {10: 5}, {11: 5})
    watched.at(50, {10: 5}, {11: 5})

    assert (watched.bid(10), watched.ask(11), watched.bid(99)) == ("", "", "")
    assert not watched.changes.fading


def test_a_mark_is_bright_then_fades_then_is_gone() -> None:
    watched = Watched()
    watched.at(0, {10: 5}, {11: 5})

    seen = []
    for ms in (50, 449, 450, 849, 850):
        watched.at(ms, {10: 6}, {11: 4})
        seen.append((watched.bid(10), watched.ask(11), watched.changes.fading))

    assert seen == [
        ("grew 2", "pulled 2", True),
        ("grew 2", "pulled 2", True),
        ("grew 1", "pulled 1", True),
        ("grew 1", "pulled 1", True),
        ("", "", False),
    ]


def test_a_further_change_makes_it_bright_again_and_tells_the_latest() -> None:
    watched = Watched()
    watched.at(0, {10: 5})

    watched.at(50, {10: 6})
    watched.at(600, {10: 6})
    assert watched.bid(10) == "grew 1"
    watched.at(650, {10: 7})
    assert watched.bid(10) == "grew 2"
    watched.at(700, {10: 6})
    assert watched.bid(10) == "pulled 2"


def test_what_scrolls_into_view_is_no_change_and_what_comes_between_is() -> None:
    watched = Watched()
    watched.at(0, {10: 5, 8: 5}, {12: 5, 14: 5})

    watched.at(50, {10: 5, 9: 1, 8: 5, 7: 5, 6: 5}, {11: 1, 12: 5, 14: 5, 15: 5})

    assert [watched.bid(price) for price in (10, 9, 8, 7, 6)] == ["", "grew 2", "", "", ""]
    assert [watched.ask(price) for price in (11, 12, 14, 15)] == ["grew 2", "", "", ""]


def test_a_level_that_left_and_came_back_at_the_edge_is_no_change() -> None:
    watched = Watched()
    watched.at(0, {10: 5, 9: 5, 8: 5})
    watched.at(50, {11: 1, 10: 5, 9: 5})
    assert watched.bid(11) == "grew 2"

    watched.at(100, {10: 5, 9: 5, 8: 4})

    assert [watched.bid(price) for price in (11, 10, 9, 8)] == [""] * 4
    assert not watched.changes.fading


def test_a_side_of_which_nothing_was_known_is_no_change() -> None:
    watched = Watched()
    watched.at(0, {}, {11: 5})

    watched.at(50, {10: 5}, {11: 5})

    assert watched.bid(10) == ""


def test_a_price_that_is_shown_without_a_size_can_grow_and_shrink() -> None:
    watched = Watched()
    watched.at(0, {10: 0, 9: 5})
    watched.at(50, {10: 3, 9: 0})

    assert (watched.bid(10), watched.bid(9)) == ("grew 2", "pulled 2")
    assert watched.changes.mark(Side.BID, Decimal(10)) == Mark(True, False, 2)


def test_cleared_or_back_in_time_it_begins_anew() -> None:
    watched = Watched()
    watched.at(1000, {10: 9})
    watched.at(1050, {10: 5})
    watched.changes.clear()
    assert (watched.bid(10), watched.changes.fading) == ("", False)

    watched.at(1100, {10: 4})
    assert watched.bid(10) == ""
    watched.at(1150, {10: 3})
    assert watched.bid(10) == "pulled 2"
    watched.at(500, {10: 2})

    assert (watched.bid(10), watched.changes.fading) == ("", False)


def test_it_remembers_only_what_is_shown_and_lately_traded() -> None:
    watched = Watched()
    for turn in range(3_000):
        watched.sold(turn, 1)
        watched.at(1000 + turn * 10, {turn: turn, turn + 1: 5})

    levels = watched.changes._levels
    assert len(levels) == 2
    assert all(len(level._points) < 40 for level in levels.values())

    for turn in range(3_000):
        watched.sold(5000, 1)
        watched.at(100_000 + turn * 10, {5000: 5})
    (level,) = watched.changes._levels.values()
    assert len(level._points) <= BEFORE_NS // (10 * MS) + 1


def test_after_a_time_without_a_look_nothing_is_of_late() -> None:
    for away, verdict in ((1_400, "grew 2"), (1_600, "")):
        changes = Changes()
        none = lambda *_: Decimal()  # noqa: E731
        changes.update({(Side.BID, Decimal(9)): Decimal(1)}, none, 5_000 * MS)
        changes.update({(Side.BID, Decimal(9)): Decimal(2)}, none, (5_000 + away) * MS)
        assert told(changes.mark(Side.BID, Decimal(9))) == verdict
