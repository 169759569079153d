"""What grew and shrank, and whether that was traded."""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping
from decimal import Decimal

import pytest

from obtui.ladder.changes import BEFORE_NS, BRIGHT_NS, FADING_NS, Changes, Mark
from obtui.market import Side

MS = 1_000_000
Sizes = Mapping[tuple[Side, int], int]


class Watched:
    """Changes, told in whole numbers and milliseconds."""

    def __init__(self) -> None:
        self.changes = Changes()
        self.volumes: dict[tuple[Side, int], int] = {}
        self.ms = 1000

    def at(self, ms: int, bids: Mapping[int, int], asks: Mapping[int, int] | None = None) -> None:
        self.ms = ms
        sizes = {(Side.BID, price): size for price, size in bids.items()}
        sizes |= {(Side.ASK, price): size for price, size in (asks or {}).items()}
        self.changes.update(
            {(side, Decimal(price)): Decimal(size) for (side, price), size in sizes.items()},
            lambda side, price: Decimal(self.volumes.get((side, int(price)), 0)),
            ms * MS,
        )

    def sold(self, price: int, size: int) -> None:
        key = (Side.BID, price)
        self.volumes[key] = self.volumes.get(key, 0) + size

    def bid(self, price: int) -> str:
        return told(self.changes.mark(Side.BID, Decimal(price)))

    def ask(self, price: int) -> str:
        return told(self.changes.mark(Side.ASK, Decimal(price)))


def told(mark: Mark | None) -> str:
    if mark is None:
        return ""
    return f"{'grew' if mark.grew else 'traded' if mark.traded else 'pulled'} {mark.stage}"


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


Seen = list[tuple[int, int | None, int]]
"""Of one price, each picture's time, size (None: not shown) and volume so far."""


def as_of(seen: Seen, moment: int) -> int:
    """The volume of the last picture not after `moment`, or of the first."""
    return next((volume for when, _, volume in reversed(seen) if when <= moment), seen[0][2])


def naive(seen: Seen, appeared: bool) -> str:
    """The mark after the last picture, from all that was ever seen of a price."""
    if seen[-1][1] is None:
        return ""
    gone = [index for index, (_, size, _) in enumerate(seen) if size is None]
    seen = seen[gone[-1] + 1 if gone else 0 :]
    # Marks: the first and the last picture of one, and its direction.
    marks: list[tuple[int, int, bool]] = [(0, 0, True)] if appeared else []
    for index, (before, after) in enumerate(itertools.pairwise(seen), 1):
        assert before[1] is not None
        assert after[1] is not None
        if before[1] == after[1]:
            continue
        grew = after[1] > before[1]
        if marks:
            first, last, way = marks[-1]
            if way == grew and after[0] - seen[last][0] < BRIGHT_NS + FADING_NS:
                marks[-1] = (first, index, grew)
                continue
        marks.append((index, index, grew))
    claimed = seen[0][2]
    verdict = False
    for (first, last, grew), following in itertools.zip_longest(marks, marks[1:]):
        if grew:
            continue
        over = seen[last][0] + BRIGHT_NS + FADING_NS
        lived = [entry for entry in seen[last:] if entry[0] < over]
        if following and seen[following[0]][0] < over:
            lived = seen[last : following[0] + 1]
        base = max(claimed, as_of(seen, seen[first - 1][0] - BEFORE_NS))
        shrank = (seen[first - 1][1] or 0) - (seen[last][1] or 0)
        verdict = 2 * (lived[-1][2] - base) >= shrank
        claimed = min(lived[-1][2], base + shrank)
    if not marks:
        return ""
    age = seen[-1][0] - seen[marks[-1][1]][0]
    if age >= BRIGHT_NS + FADING_NS:
        return ""
    stage = 2 if age < BRIGHT_NS else 1
    return told(Mark(marks[-1][2], verdict and not marks[-1][2], stage))


@pytest.mark.parametrize("seed", range(20))
def test_it_agrees_with_the_naive_way(seed: int) -> None:
    chance = random.Random(seed)
    changes = Changes()
    pace = chance.choice([20, 60, 400])
    history: dict[tuple[Side, int], Seen] = {}
    appeared: dict[tuple[Side, int], bool] = {}
    volumes: dict[tuple[Side, int], int] = {}
    sizes: dict[tuple[Side, int], int] = {}
    shown: dict[tuple[Side, int], int] = {}
    now = 5_000 * MS
    prices = {Side.BID: range(12), Side.ASK: range(8, 20)}
    verdicts = set()
    for _ in range(250):
        now += chance.randrange(1, pace) * MS
        for side in Side:
            for _ in range(chance.choice([0, 0, 1, 2])):
                key = (side, chance.choice(prices[side]))
                size = chance.choice([0, 0, *range(1, 9)])
                if chance.random() < 0.5:
                    volumes[key] = volumes.get(key, 0) + chance.randrange(1, 5)
                if chance.random() < 0.8:
                    sizes[key] = size
        before, shown = shown, {}
        for side, best_first in ((Side.BID, reversed(range(20))), (Side.ASK, iter(range(20)))):
            resting = [price for price in best_first if sizes.get((side, price))]
            shown |= {(side, price): sizes[side, price] for price in resting[:6]}
        for key in {*history, *shown}:
            told_before = [price for side, price in before if side is key[0]]
            if key in shown and key not in before:
                scrolled = not told_before or (
                    key[1] < min(told_before) if key[0] is Side.BID else key[1] > max(told_before)
                )
                appeared[key] = not scrolled
            seen = history.setdefault(key, [])
            seen.append((now, shown.get(key), volumes.get(key, 0)))

        changes.update(
            {(side, Decimal(price)): Decimal(size) for (side, price), size in shown.items()},
            lambda side, price: Decimal(volumes.get((side, int(price)), 0)),
            now,
        )

        expected = {key: naive(history[key], appeared.get(key, False)) for key in history}
        found = {key: told(changes.mark(key[0], Decimal(key[1]))) for key in history}
        assert found == expected, f"seed {seed}"
        assert changes.fading == any(expected.values()), f"seed {seed}"
        verdicts |= set(expected.values())
    assert verdicts >= {"", "grew 2", "grew 1", "pulled 2", "traded 2"}, f"seed {seed}"


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
