"""Several markets on one screen: tabs, overview, keys, and one that fails beside the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from textual.widgets._footer import FooterKey

from obtui.app import ObtuiApp
from obtui.feeds.base import Feed
from obtui.feeds.coinbase import CoinbaseFeed
from obtui.feeds.kraken import KrakenFeed
from obtui.looks import Look
from obtui.session import Session
from obtui.shared import Market
from obtui.watched import Watched
from obtui.widgets.market_tabs import MarketTabs
from screen_support import FakeRecording, FedMarket, StillSource, lines, shown, until
from several_support import BTC, ETH, SOL, Several
from support import wire


@pytest.fixture
def several() -> Several:
    return Several()


async def test_every_market_has_a_tab_with_its_touch(several: Several) -> None:
    async with shown(several.app, (120, 30)):
        assert several.tabs() == (
            "[1 ● gemini BTCUSD 100.0/100.5] 2 ● gemini ETHUSD 200.0/200.5 "
            " 3 ● gemini SOLUSD 300.0/300.5"
        )


async def test_tabs_say_as_much_as_fits(several: Several) -> None:
    told_at = {
        90: "[1 ● BTCUSD 100.0/100.5] 2 ● ETHUSD 200.0/200.5  3 ● SOLUSD 300.0/300.5",
        70: "[1 ● BTCUSD 49.88 bps] 2 ● ETHUSD 24.97 bps  3 ● SOLUSD 16.65 bps",
        60: "[1 ● gemini BTCUSD] 2 ● gemini ETHUSD  3 ● gemini SOLUSD",
        40: "[1 ● BTCUSD] 2 ● ETHUSD  3 ● SOLUSD",
        30: " [1 ● BTCUSD] 2 ● ETHUSD     ›",
        10: " [1 ● BTCU",
    }

    async with shown(several.app, (120, 20)) as pilot:
        for width, told in told_at.items():
            await pilot.resize_terminal(width, 20)
            await until(pilot, lambda told=told: several.tabs() == told, told)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("feeds", "told"),
    [
        ([KrakenFeed("BTC/USD"), CoinbaseFeed("BTC-USD")], "[1 ○ kraken] 2 ○ coinbase"),
        (
            [KrakenFeed("BTC/USD"), CoinbaseFeed("BTC-USD"), KrakenFeed("ETH/USD")],
            "[1 ○ kraken BTC/USD]        ›",
        ),
        ([KrakenFeed("BTC/USD"), CoinbaseFeed("ETH-USD")], "[1 ○ BTC/USD] 2 ○ ETH-USD"),
    ],
    ids=["venues", "neither", "symbols"],
)
async def test_a_short_name_tells_markets_apart(feeds: Sequence[Feed], told: str) -> None:
    watched = [Watched(Market(Session(feed)), StillSource()) for feed in feeds]
    app = ObtuiApp(watched, FakeRecording(), Look(fps=60), driver_class=None)

    async with shown(app, (30, 20)):
        assert lines(app, MarketTabs)[0].strip() == told


async def test_where_tabs_do_not_fit_the_current_one_is_among_them(several: Several) -> None:
    async with shown(several.app, (30, 20)) as pilot:
        await pilot.press("3")

        assert several.tabs() == "‹ 2 ● ETHUSD [3 ● SOLUSD]"

        await pilot.press("N")
        assert several.tabs() == "‹[2 ● ETHUSD] 3 ● SOLUSD"

        await pilot.press("1")
        assert several.tabs() == " [1 ● BTCUSD] 2 ● ETHUSD     ›"


async def test_one_market_has_no_tabs_and_no_overview() -> None:
    fed = FedMarket()
    app = fed.app()

    async with shown(app) as pilot:
        await pilot.press("o", "n", "2")

        assert not app.query_one(MarketTabs).display
        assert len(app.screen_stack) == 1


async def test_keys_switch_the_market(several: Several) -> None:
    switches = {"3": SOL, "n": ETH, "nnn": BTC, "N": SOL, "2N": BTC, "9": BTC, "31": BTC}

    async with shown(several.app, (120, 30)) as pilot:
        for keys, current in switches.items():
            await pilot.press("1", *keys)

            assert several.best_bid() == f"{current + 1}00.0"
            assert f"[{current + 1} ●" in several.tabs()
            assert ["BTCUSD", "ETHUSD", "SOLUSD"][current] in several.top()


async def test_a_click_on_a_tab_shows_its_market(several: Several) -> None:
    async with shown(several.app, (120, 30)) as pilot:
        at = several.tabs().index("SOLUSD")
        await pilot.click(MarketTabs, offset=(at, 0))
        await until(pilot, lambda: several.best_bid() == "300.0", "the third")

        await pilot.click(MarketTabs, offset=(len(several.tabs()) + 3, 0))
        assert several.best_bid() == "300.0"


async def test_only_the_shown_market_is_looked_at_each_frame(
    several: Several, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def counting(number: int) -> Callable[..., object]:
        look = several.watched[number].look

        def looked(*arguments: object, **more: object) -> object:
            seen.append(number)
            return look(*arguments, **more)  # type: ignore[arg-type]

        return looked

    async with shown(several.app, (120, 30)) as pilot:
        for number, watched in enumerate(several.watched):
            monkeypatch.setattr(watched, "look", counting(number))
        for size in range(1, 6):
            for fed in several.feds:
                fed.change(bids=[("50", str(size))])
            before = seen.count(BTC)
            await until(pilot, lambda before=before: seen.count(BTC) > before, "a frame")  # type: ignore[misc]

        # The told clock stands still: no round is due.
        assert set(seen) == {BTC}

        for fed in several.feds:
            fed.pass_time(0.4)
        await until(pilot, lambda: {ETH, SOL} <= set(seen), "a round")


async def test_freezing_is_each_markets_own(several: Several) -> None:
    async with shown(several.app, (120, 30)) as pilot:
        await pilot.press("space")
        several.feds[BTC].change(bids=[("100.25", "9")])
        several.feds[ETH].change(bids=[("200.25", "9")])

        await pilot.press("2")
        assert several.best_bid() == "200.25"
        assert "FROZEN" not in several.top()

        await pilot.press("1")
        assert several.best_bid().rstrip("0") == "100."
        assert "FROZEN · 1 message behind" in several.top()

        await pilot.press("space")
        assert several.best_bid() == "100.25"


async def test_r_tells_that_it_acts_on_all() -> None:
    recording = FakeRecording()
    several = Several(recording=recording)

    async with shown(several.app, (120, 30)) as pilot:
        await pilot.press("r")
        recording.saves = "saved 1 book lines to /a"
        await pilot.press("r")
        told = [(it.title, it.message) for it in several.app._notifications]

    assert told == [
        ("", "recording all 3 markets"),
        ("stopped recording all markets", "saved 1 book lines to /a"),
    ]


async def test_a_market_that_cannot_be_had_is_only_its_own_tabs_trouble(several: Several) -> None:
    async with shown(several.app, (120, 30)) as pilot:
        several.feds[ETH].disconnect("connection refused")
        several.feds[SOL].gap()
        several.app.refresh_now()
        await pilot.pause()

        assert "2 ╳ gemini ETHUSD OFFLINE" in several.tabs()
        assert "3 ○ gemini SOLUSD SYNCING" in several.tabs()
        assert "VERIFIED" in several.top()

        await pilot.press("n")
        assert "OFFLINE  connection refused · retry in 7 s" in several.top()


class Failing(StillSource):
    """A feed with a defect."""

    def run(self, is_cancelled: Callable[[], bool]) -> None:
        raise ZeroDivisionError("a [bad] sum")


async def test_a_defect_of_one_feed_ends_its_market_alone(several: Several) -> None:
    several.watched[ETH].source = Failing()

    async with shown(several.app, (160, 30)) as pilot:
        await until(pilot, lambda: bool(several.watched[ETH].fault), "the defect")
        await pilot.press("2")
        several.feds[BTC].change(bids=[("100.25", "9")])

        assert "OFFLINE  ended by a defect of obtui: ZeroDivisionError: a [bad] sum (test_seve" in (
            several.top()
        )
        assert several.app.return_code is None
        await pilot.press("1")
        assert several.best_bid() == "100.25"
        await pilot.press("q")

    assert several.app.return_code == 0


async def test_a_round_that_is_due_while_the_screen_is_taken_down_is_left_out(
    several: Several,
) -> None:
    async with shown(several.app):
        pass

    several.app.refresh_now()
    assert not several.app.is_running


async def test_it_leaves_when_the_last_market_is_refused(several: Several) -> None:
    async with shown(several.app, (120, 30)) as pilot:
        for number in (SOL, BTC):
            several.feds[number].connect()
            several.feds[number].text(wire.UNKNOWN_STREAM)
        several.app.refresh_now()
        await pilot.pause()
        early = several.app.return_code

        several.feds[ETH].connect()
        several.feds[ETH].text(wire.UNKNOWN_STREAM)
        await until(pilot, lambda: several.app.return_code is not None, "it left")

    assert early is None
    assert several.app.return_code == 2
    assert all(source.stopped.is_set() for source in several.sources)


async def test_a_thread_for_each_of_many_feeds() -> None:
    several = Several([f"A{number}USD" for number in range(32)])

    async with shown(several.app, (80, 24)) as pilot:
        await until(
            pilot, lambda: all(it.running.is_set() for it in several.sources), "all of them run"
        )


async def test_the_footer_tells_of_the_overview_and_fits(several: Several) -> None:
    async with shown(several.app, (60, 16)) as pilot:
        await until(pilot, lambda: len(several.app.query(FooterKey)) == 7, "the keys")
        await pilot.pause()
        keys = several.app.query(FooterKey)

        assert [key.key_display for key in keys][:6] == ["l", "q", "space", "r", "o", "?"]
        assert max(key.region.right for key in keys) <= 60
