"""The app's frames: when one is painted, frozen views, themes and resizes; fed by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.driver import Driver

from obtui import themes
from obtui.app import ObtuiApp
from obtui.config import UsageError
from obtui.terminal import TerminalDriver
from obtui.widgets.bars import TopBar
from obtui.widgets.ladder_panel import LadderPanel
from obtui.widgets.stats_panel import StatsPanel
from obtui.widgets.trades_panel import TradesPanel
from screen_support import (
    SIZES,
    FedMarket,
    each_size,
    lines,
    plain_book,
    rows,
    shown,
    until,
)
from support import wire


@pytest.fixture
def fed() -> FedMarket:
    made = FedMarket()
    made.book(*plain_book(60))
    return made


def top(app: ObtuiApp) -> str:
    return lines(app, TopBar)[0]


def levels(app: ObtuiApp) -> list[tuple[str, str, str]]:
    return [row[:3] for row in rows(lines(app, LadderPanel))]


async def test_what_comes_is_shown_at_the_next_frame(fed: FedMarket) -> None:
    app = fed.app()

    async with shown(app) as pilot:
        fed.change(bids=[("100.50", "9.75")])

        await until(
            pilot,
            lambda: ("+", "100.50", "9.75") in levels(app),
            "the new best bid",
        )


async def test_ages_go_on_while_nothing_comes(fed: FedMarket) -> None:
    app = fed.app()

    async with shown(app, (120, 40)) as pilot:
        fed.pass_time(3)

        await until(
            pilot,
            lambda: any(" age    3.0 s" in line for line in lines(app, StatsPanel)),
            "the age",
        )


async def test_no_frame_is_painted_while_nothing_is_new(
    fed: FedMarket, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = fed.app()

    async with shown(app) as pilot:
        frames, paints = counted(app, monkeypatch)
        await until(pilot, lambda: frames() >= 5, "five frames were due")

        assert paints() == 0

        fed.change(bids=[("1", "1")])
        due = frames()
        await until(pilot, lambda: frames() >= due + 2, "two more were due")

        assert paints() == 1


def counted(
    app: ObtuiApp, monkeypatch: pytest.MonkeyPatch
) -> tuple[Callable[[], int], Callable[[], int]]:
    """How many frames were due, and how many were painted, from now on."""
    due: list[int] = []
    paints: list[int] = []
    show = LadderPanel.show

    def painted(panel: LadderPanel, view: object) -> None:
        paints.append(1)
        show(panel, view)  # type: ignore[arg-type]

    monkeypatch.setattr(LadderPanel, "show", painted)
    app.set_interval(1 / 60, lambda: due.append(1))
    return lambda: len(due), lambda: len(paints)


class HeldDriver(TerminalDriver):
    """A terminal that has not taken the last frame."""

    pending = 1

    def write(self, data: str) -> None:
        pass

    def flush(self) -> None:
        pass


async def test_no_frame_is_painted_while_the_terminal_has_not_taken_the_last(
    fed: FedMarket, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = fed.app()

    async with shown(app) as pilot:
        frames, paints = counted(app, monkeypatch)
        headless: Driver | None = app._driver
        app._driver = object.__new__(HeldDriver)
        try:
            fed.change(bids=[("100.50", "9")])
            due = frames()
            await until(pilot, lambda: frames() >= due + 10, "ten frames were due")
            held = paints()
        finally:
            app._driver = headless

        assert held == 0
        await until(pilot, lambda: paints() > 0, "the frame that was left out")


async def test_space_freezes_the_view_and_nothing_else(fed: FedMarket) -> None:
    app = fed.app()

    async with shown(app) as pilot:
        await pilot.press("space")
        before = lines(app, LadderPanel), lines(app, StatsPanel), lines(app, TradesPanel)
        assert "VERIFIED  FROZEN · 0 messages behind" in top(app)

        for size in range(1, 1301):
            fed.change(bids=[("100.00", str(size))])
        await until(pilot, lambda: "FROZEN · 1,300 messages behind" in top(app), "the count")

        assert (lines(app, LadderPanel), lines(app, StatsPanel), lines(app, TradesPanel)) == before
        assert fed.market.messages == 1301


async def test_the_state_on_top_stays_the_present_one_while_frozen(fed: FedMarket) -> None:
    app = fed.app()

    async with shown(app) as pilot:
        await pilot.press("space")
        fed.gap()

        await until(pilot, lambda: " SYNCING  FROZEN · 1 message behind" in top(app), "the state")

        await pilot.press("space")
        await pilot.pause()
        assert "FROZEN" not in top(app)
        assert "gap in update ids" in top(app)


async def test_a_frozen_view_keeps_its_levels_through_a_resize(fed: FedMarket) -> None:
    app = fed.app()

    async with shown(app, (120, 40)) as pilot:
        await pilot.press("space")
        fed.change(bids=[("100.50", "77")])

        async for _ in each_size(pilot, [(80, 24), (120, 40)]):
            assert ("+", "100.00", "1") in levels(app)
            assert ("+", "100.50", "77") not in levels(app)

        await pilot.press("space")
        await pilot.pause()
        assert ("+", "100.50", "77") in levels(app)


async def test_a_change_of_theme_repaints_every_line(fed: FedMarket) -> None:
    app = fed.app()
    fed.text(wire.trade())

    async with shown(app) as pilot:
        panel = app.query_one(LadderPanel)
        for theme in ("monokai", *(theme.name for theme in themes.THEMES), "nord", "ansi-dark"):
            app.theme = theme
            await pilot.pause()

            style = panel.get_component_rich_style("ladder--ask")
            strips = [panel.render_line(y) for y in range(panel.size.height // 2)]
            asks = [strip for strip in strips if strip.text.startswith("-")]
            assert {next(iter(strip)).style for strip in asks} == {style}, theme


async def test_an_unknown_theme_is_refused_by_name(fed: FedMarket) -> None:
    with pytest.raises(UsageError, match=r"no theme 'nosuch': choose one of .*obtui-colour-blind"):
        fed.app(theme="nosuch")


async def test_a_frame_that_is_due_while_the_screen_is_taken_down_is_left_out(
    fed: FedMarket,
) -> None:
    app = fed.app()

    async with shown(app):
        await app.query_one(TradesPanel).remove()
        fed.change(bids=[("1", "1")])
        app.refresh_now()

    app.refresh_now()
    assert not app.is_running


async def test_it_is_the_same_after_many_resizes(fed: FedMarket) -> None:
    app = fed.app()

    async with shown(app, (120, 40)) as pilot:
        async for _ in each_size(pilot, [(120, 40)]):
            before = lines(app, LadderPanel), lines(app, StatsPanel), lines(app, TradesPanel)

        async for size in each_size(pilot, [SIZES[0], SIZES[-1]] * 5):
            assert len(lines(app, LadderPanel)) == size[1] - 3

        async for _ in each_size(pilot, [(120, 40)]):
            after = lines(app, LadderPanel), lines(app, StatsPanel), lines(app, TradesPanel)
            assert after == before
