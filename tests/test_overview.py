"""The overview: a row for each market, and one chosen to be looked at."""

from __future__ import annotations

import pytest

from obtui.widgets.bars import StatusLine
from obtui.widgets.overview_panel import OverviewPanel
from obtui.widgets.overview_screen import OverviewScreen
from screen_support import FakeRecording, shown, until
from several_support import BTC, ETH, SOL, Several
from support import wire


@pytest.fixture
def several() -> Several:
    return Several()


async def test_the_overview_has_a_row_for_each(several: Several) -> None:
    several.feds[BTC].text(wire.trade(price="100.25"))
    several.feds[ETH].disconnect("connection refused")

    async with shown(several.app, (80, 24)) as pilot:
        await pilot.press("o")
        await pilot.pause()

        assert several.overview() == [
            "    market         state         bid    ask    bps  rate    last",
            "▸ 1 gemini BTCUSD  ● VERIFIED  100.0  100.5  49.88   0/s  100.25",
            "  2 gemini ETHUSD  ╳ OFFLINE   connection refused · retry in 7 s",
            "  3 gemini SOLUSD  ● VERIFIED  300.0  300.5  16.65   0/s",
        ]


CHOICES = [
    (["end", "enter"], SOL),
    (["n", "N", "down", "enter"], ETH),
    (["end", "home", "enter"], BTC),
    (["down", "escape"], BTC),
    (["3"], SOL),
]


async def test_a_market_is_chosen_in_the_overview(several: Several) -> None:
    async with shown(several.app, (80, 24)) as pilot:
        for keys, current in CHOICES:
            await pilot.press("1", "o", *keys)
            await until(pilot, lambda: len(several.app.screen_stack) == 1, "it closed")
            await pilot.pause()

            assert several.best_bid() == f"{current + 1}00.0", keys


async def test_the_overview_follows_all_and_the_keys_go_on_working() -> None:
    recording = FakeRecording()
    several = Several(recording=recording)

    async with shown(several.app, (80, 24)) as pilot:
        await pilot.press("o", "space", "r")
        several.feds[SOL].change(bids=[("300.25", "1")])
        for fed in several.feds:
            fed.pass_time(0.4)
        await until(pilot, lambda: "300.25" in several.overview()[3], "the new bid")

        assert recording.toggles == [True]
        assert not several.watched[BTC].frozen
        status = several.app.screen.query_one(StatusLine)
        assert status.active

        await pilot.click(OverviewPanel, offset=(5, 3))
        await until(pilot, lambda: several.best_bid() == "300.25", "the third")
        assert not isinstance(several.app.screen, OverviewScreen)


@pytest.mark.parametrize("size", [(1, 1), (20, 6), (60, 16), (250, 80)])
async def test_the_overview_of_many_keeps_the_chosen_row_in_sight(size: tuple[int, int]) -> None:
    several = Several([f"A{number}USD" for number in range(32)])

    async with shown(several.app, size) as pilot:
        await pilot.press("o", "end")
        await pilot.pause()
        if size[1] > 3 and size[0] > 10:
            assert several.overview()[-1].startswith("▸")
        await pilot.press("home")
        await pilot.pause()
        if size[1] > 3:
            assert several.overview()[1].startswith("▸")
