"""The shortest way from pen to pen and from cell to cell, held against an emulator."""

from __future__ import annotations

import itertools

import pyte
import pytest

from obtui.thin.moves import UNKNOWN, move
from obtui.thin.pens import Pen, change, pen_of

PENS = [
    "",
    "1",
    "2",
    "1;2",
    "3;4",
    "7",
    "31",
    "97;100",
    "38;5;71",
    "48;5;233",
    "1;38;5;71;48;5;233",
    "7;38;2;1;2;3;48;2;4;5;6",
]


def drawn(text: str) -> pyte.screens.Char:
    screen = pyte.Screen(3, 1)
    pyte.Stream(screen).feed(f"{text}x")
    return screen.buffer[0][0]


@pytest.mark.parametrize(("before", "after"), list(itertools.product(PENS, PENS)))
def test_a_change_of_pen_is_right_and_no_longer_than_anew(before: str, after: str) -> None:
    told = change(before, after)
    start = f"\x1b[0;{before}m" if before else ""

    assert drawn(start + told) == drawn(f"\x1b[0;{after}m" if after else "")
    assert len(told) <= len(f"\x1b[0;{after}m")
    assert (told == "") is (before == after)


def test_a_pen_that_is_not_known_is_begun_anew() -> None:
    assert change(None, "31") == "\x1b[0;31m"
    assert change(None, "") == "\x1b[m"


def test_codes_are_read() -> None:
    assert pen_of("1;38;5;71;48;2;1;2;3;9") == Pen("38;5;71", "48;2;1;2;3", frozenset({"1", "9"}))
    assert pen_of("90;47") == Pen("90", "47")
    assert pen_of("38") == Pen("38")


def test_every_move_arrives_and_none_is_longer_than_by_address() -> None:
    cells = list(itertools.product((0, 1, 2, 7, 11), (0, 1, 3, 9, 18)))
    for before, after in itertools.product(cells, cells):
        screen = pyte.Screen(20, 12)
        screen.cursor_position(before[0] + 1, before[1] + 1)

        told = move(before, after)
        pyte.Stream(screen).feed(told)

        assert (screen.cursor.y, screen.cursor.x) == after
        assert len(told) <= len(f"\x1b[{after[0] + 1};{after[1] + 1}H")


def test_from_nowhere_it_goes_by_address() -> None:
    assert move(UNKNOWN, (0, 0)) == "\x1b[H"
    assert move(UNKNOWN, (3, 0)) == "\x1b[4H"
    assert move(UNKNOWN, (3, 4)) == "\x1b[4;5H"
