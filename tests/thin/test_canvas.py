"""What the canvas sends makes a terminal show what is wanted, as an emulator sees it."""

from __future__ import annotations

import os
import random

import pyte
import pytest

from obtui.thin.canvas import CONTINUED, Canvas

PENS = [
    "",
    "1",
    "7",
    "2;3",
    "4;9",
    "31",
    "38;5;71;48;5;233",
    "1;38;5;71;48;5;233",
    "48;5;17",
    "38;2;1;2;3;48;5;233",
]


class Both:
    """A canvas with the terminal that it feeds, and one that is told every cell as it comes."""

    def __init__(self, width: int, height: int) -> None:
        self.canvas = Canvas(width, height)
        self.shown = pyte.Screen(width, height)
        self.wanted = pyte.Screen(width, height)
        self._shown = pyte.Stream(self.shown)
        self._wanted = pyte.Stream(self.wanted)
        self.sent = ""
        self._cover()

    def _cover(self) -> None:
        for row in range(self.canvas.height):
            self.put(row, 0, " " * self.canvas.width, "")

    def put(self, row: int, column: int, text: str, codes: str) -> None:
        pens = self.canvas.pen(codes) * len(text)
        self.canvas.put(row, column, text, pens)
        there = f"\x1b[{row + 1};{column + 1}H\x1b[0{';' if codes else ''}{codes}m"
        self._wanted.feed(there + text.replace(CONTINUED, ""))

    def flush(self, budget: int | None = None, first: int = 0) -> str:
        self.sent = self.canvas.flush(budget, first)
        self._shown.feed(self.sent)
        return self.sent

    def change(self, *puts: tuple[int, int, str]) -> str:
        """Put texts of no pen; returns what is sent of them, which shows what is wanted."""
        for row, column, text in puts:
            self.put(row, column, text, "")
        sent = self.flush()
        self.check()
        return sent

    def check(self) -> None:
        for row in range(self.canvas.height):
            for column in range(self.canvas.width):
                shown, wanted = self.shown.buffer[row][column], self.wanted.buffer[row][column]
                assert shown == wanted, (row, column)


def blank(width: int, height: int) -> Both:
    """One whose terminal is known to show nothing yet."""
    both = Both(width, height)
    both.change()
    return both


def walk(chance: random.Random) -> None:
    both = Both(chance.randrange(2, 70), chance.randrange(1, 24))
    width, height = both.canvas.width, both.canvas.height
    for _ in range(50):
        for _ in range(chance.randrange(6)):
            row, column = chance.randrange(height), chance.randrange(width)
            length = chance.randrange(1, width - column + 1)
            text = "".join(chance.choice("ab ") for _ in range(length))
            both.put(row, column, text, chance.choice(PENS))
        if chance.random() < 0.03:
            both.canvas.forget()
        if chance.random() < 0.7:
            both.flush(chance.choice([None, None, 40]), chance.randrange(height))
    while both.canvas.dirty:
        both.flush(chance.choice([None, 1]))
    both.check()


@pytest.mark.parametrize("count", [40, pytest.param(1_000, marks=pytest.mark.soak)])
def test_any_changes_end_in_the_wanted_picture(count: int) -> None:
    first = int(os.environ.get("SEED", random.SystemRandom().randrange(10**9)))
    for seed in range(first, first + count):
        print(f"SEED={seed}")
        walk(random.Random(seed))


def test_what_is_right_is_not_sent() -> None:
    both = Both(20, 3)
    both.put(1, 4, "60939.77", "1;38;5;71")
    both.flush()

    both.put(1, 4, "60939.77", "1;38;5;71")
    assert not both.canvas.dirty
    assert both.flush() == ""

    both.put(1, 4, "60939.78", "1;38;5;71")
    assert both.flush() == "\b8"
    both.check()


def test_a_change_that_was_taken_back_is_not_sent() -> None:
    assert blank(20, 3).change((1, 4, "x"), (1, 4, " ")) == ""


def test_runs_of_one_pen_are_sent_together() -> None:
    both = blank(20, 4)

    for row in range(1, 4):
        both.put(row, 2, "a", "31")
        both.put(row, 9, "b", "32")
    sent = both.flush()

    assert sent.count("m") == 2
    both.check()


def test_a_short_gap_is_written_over() -> None:
    both = Both(20, 1)
    both.change((0, 0, "1234567"))

    assert both.change((0, 0, "9"), (0, 4, "9")).endswith("92349")


def test_after_the_last_column_the_cursor_is_placed_anew() -> None:
    assert "\x1b[2H" in blank(5, 2).change((0, 4, "x"), (1, 0, "y"))


def test_a_wide_character_is_sent_whole() -> None:
    both = Both(10, 1)

    both.change((0, 2, f"口{CONTINUED}ab"))
    both.change((0, 2, "xyab"))
    both.change((0, 1, f"口{CONTINUED}"))


def test_a_budget_is_spent_nearest_to_the_first_row_and_the_rest_comes_later() -> None:
    both = blank(20, 9)
    for row in range(9):
        both.put(row, 0, "0123456789", "")

    both.flush(60, 4)

    texts = [line.strip() for line in both.shown.display]
    assert [row for row, text in enumerate(texts) if text] == [0, 3, 4]
    both.put(8, 0, "present---", "")
    while both.canvas.dirty:
        assert both.flush(60, 4)
    both.check()


def test_what_tells_how_far_the_rest_may_be_trusted_is_sent_before_it() -> None:
    both = blank(20, 4)
    for row in range(3, -1, -1):
        both.put(row, 0, f"row {row}", "31" if row else "32")

    sent = both.flush()

    assert sent.index("row 0") < min(sent.index(f"row {row}") for row in (1, 2, 3))


def test_a_row_that_no_budget_holds_is_sent_all_the_same() -> None:
    both = blank(200, 3)
    both.put(0, 0, "top", "")
    both.put(1, 0, "x" * 200, "")
    both.put(2, 0, "y" * 200, "")

    both.flush(100, 1)

    texts = [line.strip() for line in both.shown.display]
    assert texts == ["top", "x" * 200, ""]


def test_what_nobody_asked_for_is_never_sent() -> None:
    canvas = Canvas(10, 3)

    assert canvas.flush() == ""
    canvas.put(1, 0, "x" * 10, canvas.pen("") * 10)
    canvas.forget()

    assert canvas.flush().count("x") == 10
    canvas.put(7, 0, "x", canvas.pen(""))
    assert not canvas.dirty


def test_more_pens_than_there_are_names_for() -> None:
    both = blank(4, 1)
    for number in range(40_000):
        both.canvas.pen(f"38;2;1;{number // 256};{number % 256}")
    both.put(0, 0, "ab", "38;2;1;2;3")
    both.put(0, 2, "c", "31")

    both.flush()

    both.check()
