"""Asking for a size to sweep."""

from __future__ import annotations

from decimal import Decimal

import pytest
from textual.app import App
from textual.widgets import Input, Static

from obtui.widgets.size_screen import KEYS, SizeScreen
from obtui.widgets.sweep_panel import SweepPanel
from panel_support import PanelApp, running


async def asked(*typed: str, key: str = "enter") -> tuple[list[Decimal | None], str]:
    """What it gave when each was typed and entered, and what stands in it if it is still there."""
    given: list[Decimal | None] = []
    app: App[None] = PanelApp(SweepPanel())
    async with running(app, (60, 16)) as pilot:
        app.push_screen(SizeScreen("BTC"), given.append)
        await pilot.pause()
        for text in typed:
            app.screen.query_one(Input).value = text
            await pilot.pause()
            await pilot.press(key)
        words = ""
        if isinstance(app.screen, SizeScreen):
            words = " | ".join(str(line.content) for line in app.screen.query(Static))
    return given, words


@pytest.mark.parametrize(("typed", "size"), [(" 1,000.5 ", "1000.5"), (".01", "0.01")])
async def test_a_size_is_given_as_it_was_typed(typed: str, size: str) -> None:
    assert await asked(typed) == ([Decimal(size)], "")


async def test_escape_gives_none() -> None:
    assert await asked("5", key="escape") == ([None], "")


async def test_what_is_no_size_is_said_and_it_stays() -> None:
    question = "What does it cost to buy or sell so much at once in BTC?"

    assert await asked("[5]") == ([], f"{question} | [5] is no number: write one like 1000.5")
    assert await asked("", "0") == ([], f"{question} | 0 is not above zero")
    assert await asked("0", "3") == ([Decimal(3)], "")


async def test_what_was_wrong_is_no_longer_said_while_it_is_mended() -> None:
    assert (await asked("0", "1", key="0"))[1].endswith(KEYS)
