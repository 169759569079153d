"""Every layout at every size and in every theme: nothing overlaps, nothing essential is cut."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rich.segment import Segment
from textual.widgets._toast import Toast

from obtui import themes
from obtui.alerts import parse
from obtui.app import ObtuiApp
from obtui.layouts import LAYOUTS
from obtui.widgets.bars import StatusLine, TopBar
from obtui.widgets.ladder_panel import LadderPanel
from obtui.widgets.lines import LineWidget
from screen_support import FedMarket, assert_placed, each_size, lines, plain_book, shown, until
from support import wire

THEMES = [theme.name for theme in themes.THEMES]
SHORT = [("obtui", name) for name in LAYOUTS] + [(theme, "all") for theme in THEMES[1:]]
LONG = [(theme, name) for theme in THEMES for name in LAYOUTS if (theme, name) not in SHORT]


async def check(theme: str, layout: str) -> None:
    fed = FedMarket()
    fed.book(*plain_book(60))
    for number in range(20):
        fed.text(wire.trade("100.50", f"0.{number + 1}", trade_id=number))
    app = fed.app(theme=theme, layout=layout)

    async with shown(app) as pilot:
        async for _ in each_size(pilot):
            assert_placed(app)
            assert_essential(app)


def assert_essential(app: ObtuiApp) -> None:
    """State, best prices and their sizes stand there whole."""
    assert " VERIFIED " in lines(app, TopBar)[0]
    ladder = lines(app, LadderPanel)
    assert any(line.split()[:3] == ["-", "101.00", "2"] for line in ladder), ladder
    assert any(line.split()[:3] == ["+", "100.00", "1"] for line in ladder), ladder
    assert not any("…" in line for line in ladder)


@pytest.mark.parametrize(("theme", "layout"), SHORT)
async def test_it_fits(theme: str, layout: str) -> None:
    await check(theme, layout)


@pytest.mark.soak
@pytest.mark.parametrize(("theme", "layout"), LONG)
async def test_it_fits_in_every_theme(theme: str, layout: str) -> None:
    await check(theme, layout)


@pytest.mark.parametrize("layout", ["all", "map"])
async def test_it_fits_without_colours(monkeypatch: pytest.MonkeyPatch, layout: str) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    await check("obtui", layout)


async def test_a_panel_that_is_asked_for_has_room_before_the_others() -> None:
    fed = FedMarket()
    fed.book(*plain_book(60))
    app = fed.app(layout="all")

    async with shown(app, (60, 16)) as pilot:
        boxes = app.market_screen.body.boxes
        assert "depth" not in boxes
        await pilot.press("d")
        assert "depth" in app.market_screen.body.boxes
        await pilot.press("d")
        assert app.market_screen.body.boxes.keys() == boxes.keys()


async def test_a_panel_under_a_maximised_one_is_shown_by_its_key() -> None:
    fed = FedMarket()
    fed.book(*plain_book(60))
    app = fed.app()

    async with shown(app, (120, 40)) as pilot:
        await pilot.press("z", "p")
        assert set(app.market_screen.body.boxes) == {"ladder", "stats", "trades"}


async def test_a_wish_without_room_is_forgotten_with_what_comes_after() -> None:
    fed = FedMarket()
    fed.book(*plain_book(60))
    app = fed.app()

    async with shown(app, (50, 16)) as pilot:
        await pilot.press("h")
        await pilot.resize_terminal(120, 40)
        await pilot.press("l", "tab", "z")
        assert list(app.market_screen.body.boxes) != ["heat"]


@pytest.mark.parametrize("size", [(60, 16), (80, 24)])
async def test_what_is_said_leaves_the_essential_free(size: tuple[int, int]) -> None:
    fed = FedMarket()
    fed.book(*plain_book(60))
    alerts = tuple(parse(f"spread > {bps} bps") for bps in (1, 2, 3, 4))
    app = fed.app(alerts=alerts)

    async with shown(app, size, toasts=True) as pilot:
        app.say("only 16 colours by TERM=xterm: obtui doctor says what to do", 10)
        await until(pilot, lambda: bool(app.screen.query(Toast)), "an alert")
        await pilot.pause()

        (toast,) = app.screen.query(Toast)
        assert "and 2 more" in toast._notification.message
        ladder = app.market_screen.ladder.region
        assert toast.region.bottom <= size[1] - 2
        assert toast.region.x >= ladder.x + 22
        assert "only 16 colours" in lines(app, StatusLine)[0]


async def test_a_panel_without_room_is_told_and_shown_alone_by_a_key() -> None:
    fed = FedMarket()
    fed.book(*plain_book(60))
    app = fed.app()

    async with shown(app, (50, 16), toasts=True) as pilot:
        await pilot.press("h")
        assert list(app.market_screen.body.boxes) == ["ladder"]
        assert [it.message for it in app._notifications] == [
            "no room for the heatmap here: z shows it alone"
        ]
        await pilot.press("z")
        assert list(app.market_screen.body.boxes) == ["heat"]
        await pilot.press("z")
        assert list(app.market_screen.body.boxes) == ["ladder"]


def counting(panel: LineWidget, painted: list[str]) -> Callable[[int, int], list[list[Segment]]]:
    paint = panel.paint

    def counted(width: int, height: int) -> list[list[Segment]]:
        painted.append(str(panel.id))
        return paint(width, height)

    return counted


async def test_what_is_not_on_screen_is_not_painted(monkeypatch: pytest.MonkeyPatch) -> None:
    painted: list[str] = []
    fed = FedMarket()
    fed.book(*plain_book(60))
    app = fed.app(layout="book")

    async with shown(app, (120, 40)) as pilot:
        for panel in app.market_screen.body.children:
            assert isinstance(panel, LineWidget)
            monkeypatch.setattr(panel, "paint", counting(panel, painted))
        assert not app.market_screen.wants_book
        fed.change(bids=[("99.5", "7")])
        app.refresh_now()
        await pilot.pause()

    assert "ladder" in painted
    assert set(painted) <= {"ladder", "stats", "trades"}
