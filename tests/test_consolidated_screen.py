"""The ladder of several venues on the screen."""

from __future__ import annotations

from typing import ClassVar

import pytest

from obtui.app import ObtuiApp
from obtui.feeds.base import Feed
from obtui.feeds.gemini import GeminiFeed
from obtui.feeds.gemini_v1 import GeminiV1Feed
from obtui.looks import Look
from obtui.watched import Watched
from obtui.widgets.consolidated_panel import ConsolidatedPanel
from obtui.widgets.consolidated_screen import ConsolidatedScreen
from screen_support import FakeRecording, FedMarket, StillSource, shown, until
from support import wire


class OtherFeed(GeminiV1Feed):
    """The same protocol in another house."""

    name: ClassVar[str] = "elsewhere"
    house: ClassVar[str] = ""


class TwoVenues:
    """The same asset on two venues, and another asset on one of them."""

    def __init__(self) -> None:
        feeds: list[Feed] = [GeminiFeed("BTCUSD"), OtherFeed("BTCUSD"), GeminiFeed("ETHUSD")]
        self.feds = [FedMarket(feed) for feed in feeds]
        self.feds[0].book([("99.00", "1"), ("98.00", "2")], [("101.00", "1")])
        self.feds[1].connect()
        self.feds[1].text(wire.v1_initial(0, [("99", "3")], [("100", "4")]))
        self.feds[2].book([("9.00", "1")], [("9.50", "2")])
        self.app = ObtuiApp(
            [Watched(fed.market, StillSource()) for fed in self.feds],
            FakeRecording(),
            Look(fps=60),
            clock=self.feds[0].clock,
            driver_class=None,
        )

    def texts(self) -> list[str]:
        panel = self.app.screen.query_one(ConsolidatedPanel)
        lines = [panel.render_line(y).text.split() for y in range(panel.size.height)]
        return [" ".join(line) for line in lines if line]


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (120, 40), (250, 80)])
async def test_levels_of_both_stand_in_one_ladder(size: tuple[int, int]) -> None:
    two = TwoVenues()
    async with shown(two.app, size) as pilot:
        await pilot.press("a")
        await until(pilot, lambda: len(two.app.screen_stack) == 2, "it opened")
        await pilot.pause()

        texts = two.texts()

    assert texts[0] == "BTCUSD: G gemini E elsewhere 1 of other assets not in"
    levels = [text for text in texts if text[0] in "+-"]
    assert [text.split()[:5] for text in levels] == [
        ["-", "101", "1", "G·", "5"],
        ["-", "100", "4", "·E", "4"],
        ["+", "99", "4", "GE", "4"],
        ["+", "98", "2", "G·", "6"],
    ]
    whose = "GE bid, E offer" if size[0] < 120 else "gemini, elsewhere bid, elsewhere offer"
    assert texts[3] == f"best spread 1 · 100.50 bps · {whose}"


async def test_it_follows_names_a_crossing_and_leaves_out_what_is_lost() -> None:
    two = TwoVenues()
    async with shown(two.app, (120, 24)) as pilot:
        await pilot.press("a")
        await until(pilot, lambda: len(two.app.screen_stack) == 2, "it opened")
        two.feds[0].change([("100.50", "7")])
        await until(pilot, lambda: any("CROSSED" in text for text in two.texts()), "the crossing")
        crossed = two.texts()
        two.feds[0].gap()
        await until(pilot, lambda: "SYNCING" in two.texts()[0], "the loss")
        left = two.texts()
        await pilot.press("a")
        await until(pilot, lambda: len(two.app.screen_stack) == 1, "it closed")

    line = next(text for text in crossed if "CROSSED" in text)
    assert line.startswith("CROSSED BETWEEN VENUES by 0.5 · gemini bid, elsewhere offer")
    assert [text.split()[1] for text in left if text[0] in "+-"] == ["100", "99"]


async def test_an_asset_on_one_venue_alone_is_told() -> None:
    two = TwoVenues()
    async with shown(two.app, (80, 24)) as pilot:
        await pilot.press("3", "a")
        await pilot.pause()

        assert not any(isinstance(it, ConsolidatedScreen) for it in two.app.screen_stack)
        told = [notice.message for notice in two.app._notifications]

    assert told == ["no other venue of ETHUSD is watched here"]
