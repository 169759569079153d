"""What keys do to panels and ladder, what is remembered, and what alerts do."""

from __future__ import annotations

from decimal import Decimal

import pytest
from textual.widgets import Input

from obtui import remembered
from obtui.alerts import parse
from obtui.app import ObtuiApp
from obtui.ladder.rows import Form, LadderSettings, Unit
from obtui.layouts import LAYOUTS
from obtui.looks import Look
from obtui.watched import Watched
from obtui.widgets.events_panel import EventsPanel
from obtui.widgets.ladder_panel import LadderPanel
from obtui.widgets.sweep_panel import SweepPanel
from screen_support import FakeRecording, FedMarket, StillSource, lines, plain_book, shown, until

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

    async with shown(app, WIDE, toasts=True):
        assert told(app) == ["only 16 colours"]


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
        await until(pilot, lambda: len(bells) == 1, "the bell")
        fed.gap()
        await until(pilot, lambda: len(bells) == 2, "the bell")
        app.refresh_now()
        await pilot.pause()

        assert "price > 100.2 · bid 100.50" in told(app)[0]
        assert "no longer trusted" in told(app)[1]
        events = lines(app, EventsPanel)
        assert sum("alert" in line for line in events) == 2
        assert any("resync" in line for line in events)
