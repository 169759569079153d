"""What keys do to panels and ladder, what is remembered, and what alerts do."""

from __future__ import annotations

from decimal import Decimal

import pytest
from textual.geometry import Region
from textual.strip import Strip
from textual.widgets import Input

from obtui import remembered
from obtui.alerts import parse
from obtui.app import ObtuiApp
from obtui.feeds.kraken import KrakenFeed
from obtui.ladder.rows import Form, LadderSettings, Unit
from obtui.layouts import LAYOUTS
from obtui.looks import Look
from obtui.watched import Watched
from obtui.widgets.bars import StatusLine
from obtui.widgets.events_panel import EventsPanel
from obtui.widgets.ladder_panel import LadderPanel
from obtui.widgets.lines import LineWidget
from obtui.widgets.sweep_panel import SweepPanel
from screen_support import FakeRecording, FedMarket, StillSource, lines, plain_book, shown, until
from several_support import ETH, Several
from support import wire

WIDE = (160, 50)


@pytest.fixture
def fed() -> FedMarket:
    fed = FedMarket()
    fed.book(*plain_book(60))
    return fed


def app_of(fed: FedMarket, look: Look) -> ObtuiApp:
    watched = [Watched(fed.market, StillSource())]
    return ObtuiApp(watched, FakeRecording(), look, clock=fed.clock, driver_class=None)


def told(app: ObtuiApp) -> list[str]:
    return [it.message for it in app._notifications]


async def test_each_panel_has_a_key(fed: FedMarket) -> None:
    app = fed.app()

    async with shown(app, WIDE) as pilot:
        body = app.market_screen.body
        for key, panel in {
            "p": "trades",
            "x": "stats",
            "d": "depth",
            "h": "heat",
            "e": "events",
        }.items():
            before = panel in body.boxes
            await pilot.press(key)
            assert (panel in body.boxes) is not before
            await pilot.press(key)
            assert (panel in body.boxes) is before


async def test_layouts_go_round_by_a_key_and_by_name(fed: FedMarket) -> None:
    app = fed.app()

    async with shown(app, WIDE) as pilot:
        for name in ("tape", "map", "all", "book"):
            await pilot.press("l")
            assert app.market_screen.layout_shown == LAYOUTS[name]
        app.action_choose_layout("map")
        await pilot.pause()
        assert set(app.market_screen.body.boxes) == {"ladder", "heat", "depth"}


async def test_the_focused_panel_is_maximised_and_comes_back(fed: FedMarket) -> None:
    app = fed.app(layout="map")

    async with shown(app, WIDE) as pilot:
        await pilot.press("z")
        assert list(app.market_screen.body.boxes) == ["ladder"]
        await pilot.press("z", "tab", "z")
        assert list(app.market_screen.body.boxes) == ["heat"]
        await pilot.press("escape")
        assert set(app.market_screen.body.boxes) == {"ladder", "heat", "depth"}
        assert app.market_screen.focused is None


async def test_a_size_is_asked_for_and_swept(fed: FedMarket) -> None:
    app = fed.app()

    async with shown(app, WIDE) as pilot:
        await pilot.press("dollar_sign")
        await until(pilot, lambda: bool(app.screen.query(Input)), "the question")
        await pilot.press("3", "full_stop", "5", "enter")
        await pilot.pause()

        assert app.market_screen.sweep.amount == Decimal("3.5")
        assert "3.5" in lines(app, SweepPanel)[0]


async def test_a_size_is_forgotten_with_its_market_and_meant_for_the_one_shown() -> None:
    several = Several()

    async with shown(several.app, WIDE) as pilot:
        screen = several.app.market_screen
        await pilot.press("1", "dollar_sign", "2", "enter")
        assert screen.sweep.amount == 2
        several.app.action_choose_layout("book")
        await pilot.press("2", "dollar_sign", "3", "enter")
        await pilot.pause()
        assert screen.sweep.view.instrument.symbol == "ETHUSD"
        assert screen.sweep.amount == 3
        await pilot.press("1")
        assert screen.sweep.amount is None


async def test_a_panel_that_comes_back_shows_this_market_from_its_first_frame(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    several = Several()
    app = several.app
    painted: dict[str, list[str]] = {"stats": [], "depth": []}
    render = LineWidget.render_lines

    def seen(panel: LineWidget, crop: Region) -> list[Strip]:
        strips = render(panel, crop)
        if panel.id in painted and crop.y == 0:
            painted[panel.id].append(strips[0].text)
        return strips

    async def shows(panel: str, words: str) -> None:
        await until(pilot, lambda: bool(painted[panel]), panel)
        assert all(words in title for title in painted[panel]), painted

    async with shown(app, (200, 60)) as pilot:
        body = app.market_screen.body
        app.action_choose_layout("all")
        await until(pilot, lambda: "depth" in body.boxes, "all panels")
        app.refresh_now()
        await pilot.pause()
        monkeypatch.setattr(LineWidget, "render_lines", seen)
        for key, panel, words in (("x", "stats", "ETHUSD"), ("d", "depth", "mid 200.25")):
            await pilot.press("1", key, "2")
            painted[panel].clear()
            await pilot.press(key)
            await shows(panel, words)
        await pilot.press("d")
        several.feds[ETH].gap()
        app.refresh_now()
        painted["depth"].clear()
        await pilot.press("d")
        await shows("depth", "SYNCING")
        # Nor what a terminal that grows has room for again.
        await pilot.resize_terminal(40, 16)
        await until(pilot, lambda: "stats" not in body.boxes, "the small layout")
        await pilot.press("1")
        painted["stats"].clear()
        await pilot.resize_terminal(200, 60)
        await shows("stats", "BTCUSD")


async def test_the_ladders_keys(fed: FedMarket) -> None:
    app = fed.app()

    async with shown(app, WIDE) as pilot:
        await pilot.press("v", "v", "s", "t", "b", "right_square_bracket")
        settings = app.market_screen.ladder_settings
        assert (settings.form, settings.unit, settings.traded) == (
            Form.ANCHORED,
            Unit.NOTIONAL,
            True,
        )
        await pilot.press("v", "left_square_bracket", "down")
        assert any("from mid" in line or "ticks" in line for line in lines(app, LadderPanel)[-3:])
        await pilot.press("escape")
        assert not any("ticks" in line for line in lines(app, LadderPanel)[-3:])


async def test_the_screen_opens_as_it_was_left(fed: FedMarket) -> None:
    app = app_of(fed, Look(remembers=True))
    async with shown(app, WIDE) as pilot:
        await pilot.press("l", "l", "v", "s", "right_square_bracket")
        await until(pilot, lambda: _left() == (Form.SIDE_BY_SIDE, Unit.NOTIONAL), "it was written")

    again = app_of(fed, Look(remembers=True))
    async with shown(again, WIDE):
        assert again.market_screen.layout_shown == LAYOUTS["map"]
        chosen = LadderSettings(form=Form.SIDE_BY_SIDE, unit=Unit.NOTIONAL)
        assert again.market_screen.ladder_settings == chosen

    asked = app_of(fed, Look(remembers=True, layout="tape"))
    async with shown(asked, WIDE):
        assert asked.market_screen.layout_shown == LAYOUTS["tape"]
        assert asked.market_screen.ladder_settings.form is Form.SIDE_BY_SIDE


def _left() -> tuple[Form, Unit] | None:
    known = remembered.load()
    return (known.ladder.form, known.ladder.unit) if known is not None else None


@pytest.mark.parametrize(
    "kept", [b"", b"{", b'{"format":1}', b'{"format":99,"shown":[],"first":""}']
)
def test_what_was_kept_damaged_is_as_if_it_were_not_there(kept: bytes) -> None:
    remembered._path().parent.mkdir(parents=True, exist_ok=True)
    remembered._path().write_bytes(kept)

    assert remembered.load() is None


async def test_keys_are_those_that_were_given(fed: FedMarket) -> None:
    app = app_of(fed, Look(keys={"freeze": ("F",), "layout": (), "help": ("f1",)}))

    async with shown(app, WIDE) as pilot:
        await pilot.press("space", "l", "question_mark")
        before = app.shown.frozen, len(app.screen_stack)
        assert app.market_screen.layout_shown == LAYOUTS["book"]
        await pilot.press("F", "f1")
        assert (before, app.shown.frozen, len(app.screen_stack)) == ((False, 1), True, 2)
        await pilot.press("ctrl+c")
        await until(pilot, lambda: not app.is_running, "Ctrl+C leaves")


async def test_a_hint_is_said_when_it_opens(fed: FedMarket) -> None:
    app = app_of(fed, Look(hint="only 16 colours"))

    async with shown(app, WIDE, toasts=True) as pilot:
        await until(pilot, lambda: "only 16 colours" in lines(app, StatusLine)[0], "the hint")
        assert told(app) == []


async def test_what_goes_to_the_terminal_is_told_by_a_key(fed: FedMarket) -> None:
    app = fed.app()

    async with shown(app, WIDE) as pilot:
        assert "Textual" not in lines(app, StatusLine)[0]
        await pilot.press("f12")
        assert "written by Textual" in lines(app, StatusLine)[0]  # there is no terminal here
        await pilot.press("f12")
        assert "Textual" not in lines(app, StatusLine)[0]


async def test_an_alert_rings_is_told_and_logged(
    fed: FedMarket, monkeypatch: pytest.MonkeyPatch
) -> None:
    bells: list[int] = []
    app = fed.app(layout="all", alerts=(parse("price > 100.2"), parse("state")))
    monkeypatch.setattr(app, "bell", lambda: bells.append(1))

    async with shown(app, WIDE, toasts=True) as pilot:
        await pilot.pause(0.05)
        assert not bells
        fed.change(bids=[("100.5", "1")])
        await until(pilot, lambda: "price > 100.2 · bid 100.50" in "".join(told(app)), "it is told")
        fed.gap()
        await until(pilot, lambda: "no longer trusted" in "".join(told(app)), "it is told")
        app.refresh_now()
        await pilot.pause()

        assert len(bells) == 2
        assert len(told(app)) == 1
        events = lines(app, EventsPanel)
        assert sum("alert" in line for line in events) == 2
        assert any("resync" in line for line in events)


async def test_what_passed_between_two_looks_for_alerts_is_told(
    fed: FedMarket, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = fed.app(layout="all", alerts=(parse("price > 100.2"), parse("size > 9"), parse("state")))
    bells: list[int] = []
    monkeypatch.setattr(app, "bell", lambda: bells.append(1))

    async with shown(app, WIDE) as pilot:
        await pilot.pause(0.05)
        for size, price in (("1", "100.3"), ("10", "99.9"), *[("1", "99.9")] * 600):
            fed.text(wire.trade(price=price, size=size))
        fed.gap()
        fed.book([("100.00", "1")], [("100.10", "1")])
        await until(pilot, lambda: bool(bells), "the bell")

        log = [it.text for it in fed.market.view(1, 0).log if it.kind == "alert"]
        assert sorted(line.split(" · ", 1)[1].split(":")[0] for line in log) == [
            "price > 100.2 · bought 1 at 100.30",
            "size > 9 · bought 10 at 99.90",
            "state · the book was not trusted for a moment",
        ]


async def test_a_market_that_is_left_is_looked_at_anew_when_it_is_opened_again(
    fed: FedMarket,
) -> None:
    app = fed.app(alerts=(parse("spread > 0.1 bps"),))
    again = Watched(fed.market, StillSource())

    def told() -> int:
        return sum(it.kind == "alert" for it in fed.market.view(1, 0).log)

    async with shown(app, WIDE) as pilot:
        await until(pilot, lambda: told() == 1, "the alert")
        other = FedMarket(KrakenFeed("BTC/USD"))
        app.show_market(Watched(other.market, StillSource()))
        app.leave_market(app.watched[0], app.watched[1])
        app.show_market(again)
        await until(pilot, lambda: told() == 2, "the alert")
