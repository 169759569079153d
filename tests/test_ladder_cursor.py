"""The cursor of a ladder: what is told of its price, and how it is put there."""

from __future__ import annotations

from decimal import Decimal
from typing import TypeVar

import pytest
from textual import events

from ladder_support import FORMS, panel_with, small
from obtui.ladder.rows import Form, LadderSettings
from obtui.market import Aggressor, Trade
from obtui.traded import TradedVolume
from obtui.widgets.ladder_panel import LadderPanel
from panel_support import alone, texts

Wheel = TypeVar("Wheel", bound=events.MouseEvent)


@pytest.mark.parametrize("form", FORMS)
async def test_the_cursors_line_tells_the_way_to_it(form: Form) -> None:
    traded = TradedVolume()
    traded.add(Trade(Decimal("99.97"), Decimal(7), Aggressor.SELLER))
    panel = panel_with(LadderSettings(form, step=1))
    async with alone(panel, (150, 30), small(traded=traded)):
        panel.move_cursor(1)
        panel.move_cursor(1)
        said = texts(panel)[-1]
        panel.clear_cursor()
        cleared = texts(panel)[-1]

    # (1.5 x 99.98 + 2 x 99.97) / 3.5; the mid is 100.
    assert said.strip() == (
        "+ 99.97 · -3 ticks · -3.00 bps from mid · 3.5 BTC to here · average 99.9743"
        " · 349.91 USD · bought 0, sold 7"
    )
    assert "ticks" not in cleared


async def test_where_it_is_narrow_the_cursor_has_two_lines() -> None:
    panel = panel_with(LadderSettings())
    async with alone(panel, (32, 12), small(limited=True)):
        panel.move_cursor(-1)
        found = texts(panel)[-2:]

    assert found == [" - 100.02 +2t +2.00bp", " 3 BTC · avg 100.02 · 300.06 USD"]


async def test_beyond_the_known_depth_the_average_is_a_bound() -> None:
    # What is not known lies beyond: it makes a sale cheaper, and a purchase dearer.
    for step, moves, cost in (
        (20, [1, 1], "≥43.75 BTC to here · average ≤99.5403"),
        (50, [-1], "≥12.625 BTC to here · average ≥100.1116"),
    ):
        panel = panel_with(LadderSettings(step=step))
        async with alone(panel, (150, 30), small(limited=True)):
            for move in moves:
                panel.move_cursor(move)
            assert cost in texts(panel)[-1]


@pytest.mark.parametrize("form", FORMS)
async def test_a_click_puts_the_cursor_on_the_line_and_the_wheel_moves_it(form: Form) -> None:
    panel = panel_with(LadderSettings(form, step=1))
    async with alone(panel, (80, 30), small()):
        y = next(n for n, text in enumerate(texts(panel)) if "99.97" in text)
        panel.on_click(click(panel, 20, y))
        assert texts(panel)[-2].startswith(" + 99.97 · -3 ticks")

        panel.on_mouse_scroll_down(wheel(events.MouseScrollDown, panel))
        below = texts(panel)[-2]
        panel.on_mouse_scroll_up(wheel(events.MouseScrollUp, panel))
        assert texts(panel)[-2].startswith(" + 99.97 · -3 ticks")
        assert below.startswith(" + 99.96" if form is Form.ANCHORED else " + 99.90")
        # Neither on the names nor on the spread is there a price.
        spread = next(n for n, text in enumerate(texts(panel)) if "spread" in text)
        for line in (0, spread):
            panel.on_click(click(panel, 20, line))
            assert texts(panel)[-2].startswith(" + 99.97 · -3 ticks")


def click(panel: LadderPanel, x: int, y: int) -> events.Click:
    return events.Click(panel, x, y, 0, 0, 1, False, False, False)


def wheel(kind: type[Wheel], panel: LadderPanel) -> Wheel:
    return kind(panel, 5, 5, 0, 1, 0, False, False, False)
