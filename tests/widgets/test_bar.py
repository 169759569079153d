"""A bar, of colours and without them."""

from __future__ import annotations

import random

import pytest
from rich.segment import Segment
from rich.style import Style

from obtui.widgets.bar import bar_of

GROUND = Style(color="#8a8a8a", bgcolor="#121212")
COLOURED = Style(bgcolor="#005f00")
GREY = Style(bgcolor="#626262")


def text(segments: list[Segment]) -> str:
    return "".join(segment.text for segment in segments)


def test_a_coloured_one_is_blanks_and_an_eighth() -> None:
    bar = bar_of(0.53, 10, COLOURED, GROUND)

    assert bar == [
        Segment(" " * 5, COLOURED),
        Segment("▎", Style(color="#005f00", bgcolor="#121212")),
    ]


def test_a_grey_one_is_a_line() -> None:
    style = Style(color="#626262", bgcolor="#121212")

    assert bar_of(0.55, 10, GREY, GROUND) == [Segment("━━━━━", style), Segment("╸", style)]
    assert bar_of(0.5, 10, GREY, GROUND) == [Segment("━━━━━", style)]


def test_a_line_needs_no_background_at_all() -> None:
    assert text(bar_of(0.5, 4, Style(), GROUND)) == "━━"


@pytest.mark.parametrize("mirrored", [False, True])
def test_one_of_the_grounds_own_colour_is_not_to_be_seen(mirrored: bool) -> None:
    stale = Style(color="#6c6c6c", bgcolor="#121212")

    bar = bar_of(0.5, 10, stale, GROUND, mirrored=mirrored)

    assert not text(bar).strip()


def test_a_mirrored_one_stands_on_its_right_end() -> None:
    assert text(bar_of(0.55, 10, GREY, GROUND, mirrored=True)) == "    ╺━━━━━"
    coloured = bar_of(0.55, 10, COLOURED, GROUND, mirrored=True)
    assert text(coloured) == "    ▐     "
    assert coloured[-1] == Segment(" " * 5, COLOURED)


@pytest.mark.parametrize("filled", [COLOURED, GREY], ids=["coloured", "grey"])
@pytest.mark.parametrize("mirrored", [False, True])
def test_no_bar_is_longer_than_its_place(filled: Style, mirrored: bool) -> None:
    chosen = random.Random(7)
    for _ in range(300):
        width, fraction = chosen.randrange(0, 60), chosen.choice([0, 1, chosen.random()])

        cells = len(text(bar_of(fraction, width, filled, GROUND, mirrored=mirrored)))

        assert cells == width if mirrored else cells <= width
        if not mirrored:
            assert abs(cells - fraction * width) <= 1
