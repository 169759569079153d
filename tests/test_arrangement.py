"""Where panels stand: nothing overlaps, all is covered, the most wanted have room first."""

from __future__ import annotations

import itertools
import os
import random

import pytest

from obtui.arrangement import LADDER, LADDER_WIDTH, NEEDS, Box, arrange
from obtui.layouts import DEFAULT, LAYOUTS, Layout, after, known

PANELS = list(NEEDS)
BODIES = [(60, 13), (80, 21), (120, 36), (200, 56), (250, 76)]
"""What a terminal of 60x16 to 250x80 leaves to the body."""


def check(boxes: dict[str, Box], width: int, height: int) -> None:
    """Each cell belongs to exactly one."""
    cells = [
        (x, y)
        for box in boxes.values()
        for x in range(box.x, box.x + box.width)
        for y in range(box.y, box.y + box.height)
    ]
    assert len(cells) == len(set(cells)) == width * height
    assert set(cells) == set(itertools.product(range(width), range(height)))


@pytest.mark.parametrize("size", BODIES)
@pytest.mark.parametrize("name", list(LAYOUTS))
def test_every_layout_covers_every_body(name: str, size: tuple[int, int]) -> None:
    layout = LAYOUTS[name]

    boxes = arrange(*size, layout.shown, first=layout.first)

    check(boxes, *size)
    assert boxes[LADDER].width >= LADDER_WIDTH
    assert layout.shown[0] in boxes


def test_any_panels_in_any_body_have_what_they_need() -> None:
    seed = int(os.environ.get("SEED", random.SystemRandom().randrange(10**9)))
    print(f"SEED={seed}")
    chance = random.Random(seed)

    for _ in range(300):
        width, height = chance.randrange(1, 251), chance.randrange(1, 81)
        shown = chance.sample(PANELS, chance.randrange(len(PANELS) + 1))
        first = chance.choice([LADDER, *shown])

        boxes = arrange(width, height, shown, first=first)

        check(boxes, width, height)
        for name, box in boxes.items():
            assert name == LADDER or (name in shown and box.height >= NEEDS[name].least)
            assert len(boxes) == 1 or box.width >= 26


def test_the_most_wanted_has_room_first() -> None:
    wanted = arrange(60, 8, ("events", "heat"))
    other = arrange(60, 8, ("heat", "events"))

    assert "events" in wanted
    assert "heat" not in wanted
    assert "heat" in other
    assert "events" not in other


def test_a_maximised_panel_has_everything() -> None:
    assert arrange(80, 21, ("stats", "heat"), alone="heat") == {"heat": Box(0, 0, 80, 21)}


def test_no_room_is_no_box() -> None:
    assert arrange(0, 10, ("stats",)) == arrange(10, 0, ("stats",)) == {}


def test_the_ladder_has_the_body_where_nothing_stands_beside_it() -> None:
    for size, shown in (((57, 13), ("stats",)), ((60, 13), ()), ((60, 2), ("heat",))):
        assert arrange(*size, shown) == {LADDER: Box(0, 0, *size)}


def test_a_key_shows_before_all_others_and_hides() -> None:
    layout = LAYOUTS[DEFAULT].toggle("heat")

    assert layout.shown == ("heat", "stats", "trades")
    assert layout.name == ""
    assert layout.toggle("heat") == LAYOUTS[DEFAULT]
    assert layout.toggle("heat").name == DEFAULT


def test_a_hidden_panel_is_not_maximised() -> None:
    alone = LAYOUTS["map"].maximise("heat")

    assert alone.alone == "heat"
    assert alone.maximise("heat") == LAYOUTS["map"]
    assert alone.toggle("heat").alone == ""
    assert alone.toggle("stats").alone == ""


def test_layouts_go_round() -> None:
    names = [DEFAULT]
    for _ in LAYOUTS:
        names.append(after(names[-1]))

    assert set(names) == set(LAYOUTS)
    assert names[-1] == DEFAULT
    assert after("") == next(iter(LAYOUTS))


def test_what_is_remembered_of_another_version_is_left_out() -> None:
    assert known(["heat", "gone", "heat", "stats", 7]) == ("heat", "stats")
    assert known("heat") == known(None) == ()
    assert Layout(known(["heat"])).name == ""
