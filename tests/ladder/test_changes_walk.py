"""Changes of random books, against what a naive way says that remembers all it ever saw."""

from __future__ import annotations

import itertools
import random
from decimal import Decimal

import pytest
from changes_support import MS, told

from obtui.ladder.changes import BEFORE_NS, BRIGHT_NS, FADING_NS, Changes, Mark
from obtui.market import Side

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
