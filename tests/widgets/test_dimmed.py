"""What is seen through a screen that lies over another is what Textual would show, in less time."""

from __future__ import annotations

import random

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.renderables.background_screen import BackgroundScreen
from textual.strip import Strip

from obtui.widgets.dimmed import dimmed
from obtui.widgets.size_screen import SizeScreen
from screen_support import FedMarket, shown, until, verified

BESIDE = 14
"""Columns at the left, of a hundred, that the question leaves free."""


@pytest.mark.parametrize("alpha", [0.0, 0.3, 0.6])
@pytest.mark.parametrize("seed", range(3))
def test_colours_are_textuals(seed: int, alpha: float) -> None:
    chance = random.Random(seed)
    red, green, blue = (chance.randrange(256) for _ in range(3))
    colour = Color(red, green, blue, alpha)
    styles = [
        None,
        Style(bold=True, link="https://venue.example"),
        *[
            Style(
                color=f"color({chance.randrange(16, 256)})",
                bgcolor=chance.choice([None, f"color({chance.randrange(16, 256)})"]),
                dim=chance.random() < 0.5,
            )
            for _ in range(20)
        ],
    ]
    segments = [Segment(chance.choice(["x", "━━", "  "]), style) for style in styles * 2]

    found = dimmed(Strip(segments), colour)

    assert list(found) == list(BackgroundScreen.process_segments(segments, colour)), f"seed {seed}"


async def test_the_market_is_seen_beside_a_question() -> None:
    fed = FedMarket()
    verified(fed)
    app = fed.app()

    async with shown(app, (100, 24)) as pilot:
        await pilot.press("dollar_sign")
        await until(pilot, lambda: isinstance(app.screen, SizeScreen), "the question")
        below, over = app.screen_stack
        colour = over.styles.background
        expected = [
            Strip(BackgroundScreen.process_segments(strip, colour)).crop(0, BESIDE)
            for strip in below._compositor.render_strips()
        ]
        seen = [strip.crop(0, BESIDE) for strip in over._compositor.render_strips()]

        assert colour.a < 1
        assert any(strip.text.startswith("+ 10") for strip in seen)
        assert [list(strip.simplify()) for strip in seen] == [
            list(strip.simplify()) for strip in expected
        ]
