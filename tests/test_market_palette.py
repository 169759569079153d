"""What the palette finds by which letters, and what becomes of it when it is chosen."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest
from textual import events
from textual.widgets import Input

from obtui.config import MOST_MARKETS
from obtui.feeds.kraken import KrakenFeed
from obtui.layouts import LAYOUTS
from obtui.market import Instrument
from obtui.seams import Unavailable
from obtui.session import Session
from obtui.shared import Market
from obtui.watched import Watched
from palette_support import LISTED, Desk, look_for, names, prompts
from screen_support import FedMarket, StillSource, shown, until


async def test_it_offers_little_before_anything_is_typed() -> None:
    desk = Desk()

    async with desk.shown() as pilot:
        await look_for(pilot, desk.app, "", "Market")
        offered = names(desk.app)

    assert offered[:4] == ["Market", "Venue", "Layout", "Theme"]
    assert {"Freeze", "Record", "Mark", "Help", "Quit"} <= set(offered)
    assert len(offered) < 15
    assert desk.venues.asked == []


FOUND = [
    ("btcusd", ["gemini BTCUSD"]),
    ("btc", ["gemini BTCUSD", "gemini BTCUSDT", "gemini BTCEUR", "gemini ETHBTC"]),
    ("BTC/EUR", ["gemini BTCEUR"]),
    ("kraken:eth", ["kraken ETHUSD", "kraken ETHBTC"]),
    ("kraken eth", ["kraken ETHUSD", "kraken ETHBTC"]),
    ("KRAKEN: eth", ["kraken ETHUSD", "kraken ETHBTC"]),
    ("kraken:", ["kraken BTCUSD", "kraken ETHUSD"]),
    ("kraken", ["Venue kraken", "kraken BTCUSD", "kraken ETHUSD"]),
    ("freeze", ["Freeze"]),
    ("rec", ["Record"]),
    ("mark", ["Mark"]),
    ("layout map", ["Layout map"]),
    ("layout", ["Layout book", "Layout tape", "Layout map", "Layout all"]),
    ("obtui-light", ["Theme obtui-light"]),
    ("light", ["Theme obtui-light"]),
    (
        "theme",
        [
            *("Theme obtui", "Theme obtui-colour-blind", "Theme obtui-mono"),
            *("Theme obtui-light", "Theme ansi-dark"),
        ],
    ),
    ("venue", ["Venue gemini", "Venue kraken", "Venue binance"]),
]
"""What is typed, and what comes first."""


async def test_what_is_typed_finds_what_is_meant() -> None:
    desk = Desk()

    async with desk.shown() as pilot:
        await look_for(pilot, desk.app, "", "Market")
        line = desk.app.screen.query_one(Input)
        for typed, first in FOUND:
            line.value = typed
            await until(
                pilot,
                lambda first=first: names(desk.app)[: len(first)] == first,  # type: ignore[misc]
                f"{typed}: {first}",
            )


async def test_what_is_said_of_a_market_is_no_markup() -> None:
    desk = Desk()

    async with desk.shown() as pilot:
        await look_for(pilot, desk.app, "[b]x", "gemini [b]XUSD")
        found = prompts(desk.app)[0]
        desk.app.screen.query_one(Input).value = "btcusd"
        await until(pilot, lambda: names(desk.app)[:1] == ["gemini BTCUSD"], "the other")
        watched = prompts(desk.app)[0]

    assert found == "gemini [b]XUSD\n[b]X/USD · tick 0.01 · [red]"
    assert watched == "gemini BTCUSD\nBTC/USD · tick 0.01 · open · watched"


async def test_a_market_that_is_chosen_is_opened_and_shown() -> None:
    desk = Desk()

    async with desk.shown() as pilot:
        await look_for(pilot, desk.app, "kraken:ethusd", "kraken ETHUSD")
        await pilot.press("enter")
        await until(pilot, lambda: len(desk.app.watched) == 2, "it is watched")

        assert desk.venues.opened == [("kraken", "ETHUSD")]
        assert desk.app.shown is desk.app.watched[1]
        assert desk.app.market_screen.tabs.display


async def test_each_that_is_opened_has_a_thread_of_its_own() -> None:
    desk = Desk()
    sources = [StillSource() for _ in range(MOST_MARKETS - 1)]

    async with desk.shown() as pilot:
        for source in sources:
            desk.app.show_market(Watched(Market(Session(KrakenFeed("X/USD"))), source))
        await until(pilot, lambda: all(it.running.is_set() for it in sources), "all run")
        await pilot.press("q")

    assert all(it.stopped.is_set() for it in sources)


async def test_layouts_and_themes_are_chosen_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk()
    chosen: list[str] = []
    monkeypatch.setattr(desk.app, "action_choose_layout", chosen.append)

    async with desk.shown() as pilot:
        for layout in LAYOUTS:
            await look_for(pilot, desk.app, f"layout {layout}", f"Layout {layout}")
            await pilot.press("enter")
        await look_for(pilot, desk.app, "blind", "Theme obtui-colour-blind")
        await pilot.press("enter")
        await until(pilot, lambda: desk.app.theme == "obtui-colour-blind", "the theme")

    assert chosen == list(LAYOUTS)


@pytest.mark.parametrize(("first", "typed"), [("Venue", "venue "), ("Theme", "theme ")])
async def test_a_shelf_is_opened_where_it_stands(first: str, typed: str) -> None:
    desk = Desk()

    async with desk.shown() as pilot:
        await look_for(pilot, desk.app, "", "Market")
        await pilot.press(*["down"] * names(desk.app).index(first), "enter")
        await until(pilot, lambda: all(it.startswith(first) for it in names(desk.app)), typed)

        assert len(names(desk.app)) >= 3
        await pilot.press("escape")
        assert len(desk.app.screen_stack) == 1


async def test_a_list_that_is_not_here_yet_is_said_to_be_asked_for() -> None:
    answered = threading.Event()

    def slow(venue: str) -> Sequence[Instrument]:
        assert answered.wait(20)
        return LISTED

    desk = Desk(slow)
    try:
        async with desk.shown() as pilot:
            waiting = await look_for(
                pilot, desk.app, "kraken:btc", "asking kraken for its markets …"
            )
            await pilot.press(*"usd")
            await until(pilot, lambda: names(desk.app) == waiting, "still")
            answered.set()
            # What was typed is looked for again, without a key.
            await until(pilot, lambda: names(desk.app)[:1] == ["kraken BTCUSD"], "the list")
    finally:
        answered.set()

    assert len(waiting) == 1
    assert desk.venues.asked == ["kraken"]


async def test_why_a_list_cannot_be_had_is_said_and_it_is_asked_for_again() -> None:
    answers: list[Sequence[Instrument]] = [[], LISTED]

    def answer(venue: str) -> Sequence[Instrument]:
        if found := answers.pop(0):
            return found
        raise Unavailable("no list came from [there]")

    desk = Desk(answer)
    async with desk.shown() as pilot:
        await look_for(pilot, desk.app, "kraken:eth", "kraken's markets are not known")
        told = prompts(desk.app)
        await pilot.press("enter")
        await until(pilot, lambda: names(desk.app)[:1] == ["kraken ETHUSD"], "asked again")

    assert told == [
        "kraken's markets are not known\nno list came from [there]: Enter asks again",
        "kraken ETH\nOpen it as it is typed",
    ]


async def test_without_a_list_a_market_is_opened_as_it_is_typed() -> None:
    def answer(venue: str) -> Sequence[Instrument]:
        raise Unavailable("no list came")

    desk = Desk(answer)
    async with desk.shown() as pilot:
        await look_for(pilot, desk.app, "kraken:eth/usd", "kraken's markets are not known")
        await pilot.press("down", "enter")
        await until(pilot, lambda: len(desk.venues.opened) == 1, "it is opened")

    assert desk.venues.opened == [("kraken", "ETH/USD")]


async def test_a_recording_that_is_replayed_has_no_other_market() -> None:
    app = FedMarket().app()

    async with shown(app, (100, 40)) as pilot:
        await look_for(pilot, app, "", "Layout")
        offered = names(app)
        await pilot.press("escape")
        app.open_palette("obtui")
        await until(pilot, lambda: names(app)[:1] == ["Theme obtui"], "themes")
        found = names(app)

    assert not {"Market", "Venue"} & set(offered)
    assert not [it for it in found if it.startswith(("Venue", "gemini"))]


async def test_without_colours_there_are_no_themes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    desk = Desk()

    async with desk.shown() as pilot:
        await look_for(pilot, desk.app, "layout map", "Layout map")
        desk.app.screen.query_one(Input).value = "the"
        await until(pilot, lambda: names(desk.app) != ["Layout map"], "another list")

        assert not [it for it in names(desk.app) if it.startswith("Theme")]


@pytest.mark.parametrize("text", ["", "kraken:btc"])
async def test_the_program_may_be_left_while_it_opens(text: str) -> None:
    desk = Desk()

    async with desk.shown():
        desk.app.open_palette(text)
        desk.app.post_message(events.Key("ctrl+c", None))

    assert desk.app.return_code == 0
