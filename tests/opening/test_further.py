"""Markets opened on a running screen, from a real exchange on loopback, by the palette's keys."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.command import CommandList, CommandPalette
from textual.pilot import Pilot

from obtui import following
from obtui.app import ObtuiApp
from obtui.config import Options
from obtui.live import LiveFeed
from obtui.looks import Look
from obtui.market import Instrument
from obtui.opening.further import Further
from obtui.opening.live import Opening, VenueLists
from obtui.recording.group import RecordingGroup
from obtui.seams import Catalogue
from obtui.watched import Watched
from obtui.widgets.bars import TopBar
from obtui.widgets.market_tabs import MarketTabs
from screen_support import lines, shown, until
from support.exchange import RunningExchange
from support.http import closed_port
from support.several_venue import several_venue
from support.wait import eventually
from terminal_support import assert_closed_whole, book_lines

PATTERN = "{venue}-{symbol}.jsonl"
WIDE = (140, 30)


@pytest.fixture(scope="module")
def exchange() -> Iterator[RunningExchange]:
    with RunningExchange(7) as running:
        yield running


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


class Desk:
    """A screen with one market, on which others are opened."""

    def __init__(
        self, url: str, rest_url: str = "", *, catalogue: Catalogue | None = None, **more: object
    ) -> None:
        more.setdefault("symbols", ("BTCUSD",))
        self.options = Options.of({"url": url, "rest_url": rest_url, **more})
        self.urls: dict[str, str] = {}
        """Other addresses, by name."""
        followed = following.follow(self.options, following.resolve(self.options.markets, None))
        self.group = RecordingGroup({it.name: it.recording for it in followed})
        lists = catalogue or VenueLists(self.options.rest)
        self.opening = Opening(self.options, lists, self.connect, self.group)
        if self.options.record:
            following.record_all(followed)
        watched = self.opening.begin(followed)
        self.app = ObtuiApp(watched, self.group, Look(fps=60), driver_class=None)
        self.app.markets = Further(self.app, self.opening)

    def connect(self, it: following.Following) -> Watched:
        return it.connect(self.urls.get(it.name, self.options.url), self.options.rest)

    @property
    def names(self) -> list[str]:
        return [it.name for it in self.app.watched]

    def top(self) -> str:
        return lines(self.app, TopBar)[0]

    def tabs(self) -> str:
        return "".join(lines(self.app, MarketTabs))

    def offline(self) -> int:
        """Tabs that say so."""
        return self.tabs().count("╳")

    def told(self) -> list[str]:
        return [it.message for it in self.app._notifications]

    def offered(self) -> list[str]:
        """The lines of the palette, without what is said of each."""
        if not isinstance(self.app.screen, CommandPalette):
            return []
        lists = self.app.screen.query(CommandList)
        return [str(it.prompt).splitlines()[0] for shown in lists for it in shown.options]


@asynccontextmanager
async def desk_on(
    exchange: RunningExchange, **more: object
) -> AsyncIterator[tuple[Desk, Pilot[None]]]:
    desk = Desk(exchange.exchange.url, exchange.exchange.rest_url, **more)  # type: ignore[arg-type]
    try:
        async with shown(desk.app, WIDE) as pilot:
            yield desk, pilot
    finally:
        desk.group.stop()


async def look_for(pilot: Pilot[None], desk: Desk, typed: str, found: str) -> None:
    """Choose in the palette what is its first line by now."""
    desk.app.open_palette(typed)
    await until(pilot, lambda: desk.offered()[:1] == [found], found)
    await pilot.press("enter")


async def opened(pilot: Pilot[None], desk: Desk, name: str) -> None:
    await until(pilot, lambda: f" {name} " in desk.top() and "VERIFIED" in desk.top(), name)


async def test_a_market_is_opened_by_its_name_and_the_others_stay(
    exchange: RunningExchange,
) -> None:
    async with desk_on(exchange) as (desk, pilot):
        before = desk.app.query(MarketTabs).first().display
        await pilot.press("ctrl+p", *"eth")
        await until(pilot, lambda: desk.offered()[:1] == ["gemini ETHUSD"], "it is offered")
        await pilot.press("enter")
        await opened(pilot, desk, "gemini ETHUSD")
        await until(pilot, lambda: "[2 ● gemini ETHUSD" in desk.tabs(), "its tab")
        await pilot.press("1")
        await opened(pilot, desk, "gemini BTCUSD")

        assert not before
        assert desk.app.query(MarketTabs).first().display
        assert desk.names == ["gemini BTCUSD", "gemini ETHUSD"]
        assert files() == []


def files() -> list[str]:
    return sorted(path.name for path in Path().iterdir())


async def test_one_that_is_open_is_only_shown(exchange: RunningExchange) -> None:
    async with desk_on(exchange, symbols=("BTCUSD", "ETHUSD")) as (desk, pilot):
        await look_for(pilot, desk, "gemini:eth", "gemini ETHUSD")
        await opened(pilot, desk, "gemini ETHUSD")

        assert desk.names == ["gemini BTCUSD", "gemini ETHUSD"]


async def test_a_venue_opens_the_same_asset(exchange: RunningExchange) -> None:
    async with desk_on(exchange) as (desk, pilot):
        await until(pilot, lambda: "VERIFIED" in desk.top(), "a book")
        await look_for(pilot, desk, "venue kraken", "Venue kraken")
        await opened(pilot, desk, "kraken BTC/USD")
        await look_for(pilot, desk, "venue binance", "Venue binance")
        # It has Bitcoin against another currency alone: that is not the same.
        await until(pilot, lambda: desk.offered() == ["binance BTCUSDT"], "a choice")

        assert desk.told() == ["binance lists no BTC/USD: choose a market"]
        assert desk.names == ["gemini BTCUSD", "kraken BTC/USD"]


@pytest.mark.parametrize("named", [PATTERN, ""])
async def test_it_joins_a_recording_from_its_beginning(
    exchange: RunningExchange, named: str
) -> None:
    async with desk_on(exchange, record=named) as (desk, pilot):
        if not named:
            await pilot.press("r")
        desk.app.markets.open("kraken", "ETH/USD")  # type: ignore[union-attr]
        await opened(pilot, desk, "kraken ETH/USD")
        recorded = desk.opening.watched[1].market.messages
        await until(pilot, lambda: any("ETH" in name for name in files()), "its file")
        await pilot.press("r")
        told = desk.told()

    assert recorded
    assert [name[:14] for name in files()] == ["gemini-BTCUSD.", "kraken-ETH_USD"] or not named
    assert len(files()) == 2
    for name in files():
        assert len(assert_closed_whole(Path(name))) > 1
    assert any("2 markets" in it or "saved" in it for it in told)


async def test_a_file_of_the_first_alone_does_not_take_it(exchange: RunningExchange) -> None:
    async with desk_on(exchange, record="x.jsonl") as (desk, pilot):
        desk.app.markets.open("gemini", "ETHUSD")  # type: ignore[union-attr]
        await opened(pilot, desk, "gemini ETHUSD")

        assert desk.told() == [
            "gemini ETHUSD is not recorded: x.jsonl is another market's (stop recording and "
            "begin again to record all)"
        ]
        assert files() == ["x.jsonl"]


class Stale:
    """A list that still has what the venue has no more."""

    def venues(self) -> Sequence[str]:
        return ["gemini", "gemini-v1"]

    def symbols(self, venue: str) -> Sequence[Instrument]:
        return [Instrument("BTCUSD", "BTC", "USD"), Instrument("NOSUCH"), Instrument("ETHUSD")]


async def test_a_refused_symbol_is_named_and_closed_again() -> None:
    with several_venue() as venue:
        desk = Desk(venue.url, catalogue=Stale(), record=PATTERN)
        async with shown(desk.app, WIDE) as pilot:
            desk.app.markets.open("gemini-v1", "NOSUCH")  # type: ignore[union-attr]
            await until(pilot, lambda: len(desk.told()) == 1, "it is said")
            await opened(pilot, desk, "gemini BTCUSD")
            tabs = desk.app.query(MarketTabs).first().display
            going = desk.group.words()

            assert desk.told() == [
                "gemini has no symbol NOSUCH (Supplied value 'NOSUCH' is not a valid symbol): "
                "it is closed again"
            ]
            assert desk.names == ["gemini BTCUSD"]
            assert desk.opening.watched == list(desk.app.watched)
            assert not tabs
            assert "of 2" not in going
            assert desk.app.return_code is None
            await pilot.press("q")
        desk.group.stop()

    assert files() == ["gemini-BTCUSD.jsonl"]
    assert_closed_whole(Path("gemini-BTCUSD.jsonl"))


async def test_one_that_cannot_be_reached_touches_no_other() -> None:
    with several_venue() as venue:
        desk = Desk(venue.url, catalogue=Stale(), record=PATTERN)
        desk.urls["gemini-v1 BTCUSD"] = f"ws://127.0.0.1:{closed_port()}"
        async with shown(desk.app, WIDE) as pilot:
            desk.app.markets.open("gemini-v1", "BTCUSD")  # type: ignore[union-attr]
            desk.app.markets.open("gemini-v1", "ETHUSD")  # type: ignore[union-attr]
            await until(pilot, lambda: desk.offline() == 2, "both are offline")
            first = desk.opening.watched[0].market
            lines_before, before = len(book_lines(Path("gemini-BTCUSD.jsonl"))), first.messages
            await until(pilot, lambda: first.messages > before + 10, "the first goes on")
            path = Path("gemini-BTCUSD.jsonl")
            await until(pilot, lambda: len(book_lines(path)) > lines_before, "so does its file")
            await pilot.press("1")
            await opened(pilot, desk, "gemini BTCUSD")
        desk.group.stop()

    assert files() == ["gemini-BTCUSD.jsonl"]


async def test_a_defect_of_the_first_leaves_what_was_opened(
    exchange: RunningExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk_on(exchange) as (desk, pilot):
        desk.app.markets.open("kraken", "BTC/USD")  # type: ignore[union-attr]
        await opened(pilot, desk, "kraken BTC/USD")
        first, second = desk.opening.watched
        monkeypatch.setattr(first.market._session._decoder, "decode", None)
        await until(pilot, lambda: bool(first.fault), "the defect")
        before = second.market.messages
        await until(pilot, lambda: second.market.messages > before + 5, "the other goes on")

        assert first.fault.startswith("ended by a defect of obtui: TypeError")
        assert desk.app.return_code is None


async def test_leaving_stops_what_was_opened(exchange: RunningExchange) -> None:
    async with desk_on(exchange) as (desk, pilot):
        desk.app.markets.open("coinbase", "ETH-USD")  # type: ignore[union-attr]
        await opened(pilot, desk, "coinbase ETH-USD")
        sources = [it.source for it in desk.opening.watched]
        running = [it._loop is not None for it in sources if isinstance(it, LiveFeed)]
        await pilot.press("q")

    assert running == [True, True]
    assert desk.app.return_code == 0
    eventually(lambda: all(it._loop is None for it in sources if isinstance(it, LiveFeed)), "ended")


async def test_what_cannot_be_opened_is_said(exchange: RunningExchange) -> None:
    async with desk_on(exchange) as (desk, pilot):
        desk.app.markets.open("gemini", "DOGEUSD")  # type: ignore[union-attr]
        desk.app.markets.open("nowhere", "BTCUSD")  # type: ignore[union-attr]
        await until(pilot, lambda: len(desk.told()) == 2, "both")

        assert sorted(desk.told()) == [
            "gemini has no symbol DOGEUSD",
            "there is no venue 'nowhere'",
        ]
        assert desk.names == ["gemini BTCUSD"]
