"""The app: keys, frames, freezing, recording, resizing; fed by hand, without a terminal."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from decimal import Decimal

import pytest
from textual.command import CommandPalette
from textual.driver import Driver
from textual.pilot import Pilot
from textual.widgets._footer import FooterKey

from obtui import themes
from obtui.app import ObtuiApp
from obtui.config import UsageError
from obtui.terminal import TerminalDriver
from obtui.widgets.bars import StatusLine, TopBar
from obtui.widgets.help_screen import HelpScreen
from obtui.widgets.ladder_panel import LadderPanel
from obtui.widgets.stats_panel import StatsPanel
from obtui.widgets.trades_panel import TradesPanel
from screen_support import (
    SIZES,
    FakeRecording,
    FedMarket,
    StillSource,
    each_size,
    lines,
    plain_book,
    rows,
    shown,
    until,
)
from support import wire
from support.wait import eventually


@pytest.fixture
def fed() -> FedMarket:
    made = FedMarket()
    made.book(*plain_book(60))
    return made


def top(app: ObtuiApp) -> str:
    return lines(app, TopBar)[0]


def levels(app: ObtuiApp) -> list[tuple[str, str, str]]:
    return [row[:3] for row in rows(lines(app, LadderPanel))]


def toasts(app: ObtuiApp) -> list[str]:
    return [notification.message for notification in app._notifications]


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

        await until(pilot, lambda: " age    3.0 s" in lines(app, StatsPanel)[8], "the age")


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
    asked, show = app._market.view, LadderPanel.show

    def look(*arguments: object) -> object:
        return asked(*arguments)  # type: ignore[arg-type]

    def painted(panel: LadderPanel, view: object) -> None:
        paints.append(1)
        show(panel, view)  # type: ignore[arg-type]

    monkeypatch.setattr(app._market, "view", look)
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

        await until(pilot, lambda: " SYNCING  FROZEN · 1 messages behind" in top(app), "the state")

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


async def test_r_starts_and_stops_recording(fed: FedMarket) -> None:
    recording = FakeRecording()
    app = fed.app(recording)

    async with shown(app) as pilot:
        await pilot.press("r")
        await pilot.press("r")
        await pilot.press("r")

        assert recording.toggles == [True, False, True]


async def test_why_a_recording_cannot_start_is_said(fed: FedMarket) -> None:
    app = fed.app(FakeRecording(fault="cannot record to [x]: it is a folder; name a file in it"))

    async with shown(app) as pilot:
        await pilot.press("r")
        await pilot.pause()

        assert toasts(app) == ["cannot record to [x]: it is a folder; name a file in it"]


async def test_what_r_stopped_is_told(fed: FedMarket) -> None:
    recording = FakeRecording(saved=["saved 1 book lines to /before"])
    app = fed.app(recording)

    async with shown(app) as pilot:
        await pilot.press("r")
        told = [toasts(app)]
        for recording.saves in ("saved 7 book lines to /x/[b]a.jsonl", ""):
            await pilot.press("r")
            await pilot.press("r")
            told.append(toasts(app))

    assert told == [[], *[["saved 7 book lines to /x/[b]a.jsonl"]] * 2]


async def test_a_failed_recording_that_cannot_start_anew_is_told_with_what_it_saved(
    fed: FedMarket,
) -> None:
    recording = FakeRecording(failed=True, saves="recording stopped: disk full", fault="no folder")
    app = fed.app(recording)

    async with shown(app) as pilot:
        await pilot.press("r")
        await pilot.pause()

        assert toasts(app) == ["recording stopped: disk full", "no folder"]


@pytest.mark.parametrize("key", ["question_mark", "escape", "q"])
async def test_the_help_opens_and_closes(fed: FedMarket, key: str) -> None:
    app = fed.app()

    async with shown(app, (60, 16)) as pilot:
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen), "the help")
        fed.change(bids=[("100.50", "5")])
        # Behind it the market goes on.
        await until(pilot, lambda: "100.50" in "".join(lines(app, LadderPanel)), "the new bid")

        await pilot.press(key)
        await until(pilot, lambda: len(app.screen_stack) == 1, "the help closed")

        assert app.is_running
        assert app.return_code is None


async def test_the_palette_opens_and_offers_what_keys_do(fed: FedMarket) -> None:
    app = fed.app()

    async with shown(app) as pilot:
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette), "the palette")
        offered = {command.title for command in app.get_system_commands(app.screen)}
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1, "the palette closed")

        assert offered == {"Theme", "Freeze", "Record", "Help", "Quit"}


async def test_a_command_of_the_palette_works(fed: FedMarket) -> None:
    app = fed.app()

    async with shown(app) as pilot:
        await pilot.press("ctrl+p", *"freeze")
        await pilot.press("down", "enter")

        await until(pilot, lambda: "FROZEN" in top(app), "frozen by the palette")


@pytest.mark.parametrize("theme", [theme.name for theme in themes.THEMES] + ["nord", "ansi-dark"])
async def test_a_change_of_theme_repaints_every_line(fed: FedMarket, theme: str) -> None:
    app = fed.app()
    fed.text(wire.trade())

    async with shown(app) as pilot:
        panel = app.query_one(LadderPanel)
        app.theme = "monokai" if theme == "obtui" else theme
        await pilot.pause()
        app.theme = theme
        await pilot.pause()

        style = panel.get_component_rich_style("ladder--ask")
        strips = [panel.render_line(y) for y in range(panel.size.height // 2)]
        assert {next(iter(strip)).style for strip in strips if strip.text.startswith("-")} == {
            style
        }


async def test_an_unknown_theme_is_refused_by_name(fed: FedMarket) -> None:
    with pytest.raises(UsageError, match=r"no theme 'nosuch': choose one of .*obtui-colour-blind"):
        fed.app(theme="nosuch")


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
async def test_leaving_ends_the_feed(fed: FedMarket, key: str) -> None:
    source = StillSource()
    app = fed.app(source=source)

    async with shown(app) as pilot:
        eventually(source.running.is_set, "the feed runs in its thread")
        await pilot.press(key)

    assert source.stopped.is_set()
    assert app.return_code == 0


async def test_ctrl_c_leaves_also_while_a_help_lies_over_it(fed: FedMarket) -> None:
    app = fed.app()

    async with shown(app) as pilot:
        await pilot.press("question_mark")
        await pilot.press("ctrl+c")

    assert app.return_code == 0


async def test_a_symbol_that_the_venue_does_not_list_ends_it_with_the_usage_code(
    fed: FedMarket,
) -> None:
    source = StillSource()
    app = fed.app(source=source)

    async with shown(app) as pilot:
        source.unlisted = True
        fed.change(bids=[("1", "1")])
        await until(pilot, lambda: app.return_code is not None, "it left")

    assert app.return_code == 2


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


async def test_suspending_is_refused_while_recording(fed: FedMarket) -> None:
    app = fed.app(FakeRecording(active=True))

    async with shown(app) as pilot:
        await pilot.press("ctrl+z")
        await pilot.pause()

        assert toasts(app) == ["not suspended: a recording is being written (r stops it)"]


async def test_suspending_is_refused_where_no_shell_would_bring_it_back(
    fed: FedMarket, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = fed.app()
    suspended: list[int] = []
    monkeypatch.setattr(app, "action_suspend_process", lambda: suspended.append(1))

    async with shown(app) as pilot:
        monkeypatch.setattr(os, "getsid", lambda _: 5)
        await pilot.press("ctrl+z")
        with_shell = len(suspended), toasts(app)
        monkeypatch.setattr(os, "getsid", lambda pid: 6 if pid else 5)
        await pilot.press("ctrl+z")
        await pilot.pause()

        assert with_shell == (1, [])
        assert len(suspended) == 1
        assert toasts(app) == ["not suspended: there is no shell here to bring it back"]


@pytest.mark.parametrize("size", [SIZES[0], SIZES[2]])
async def test_the_keys_are_told_at_the_foot(fed: FedMarket, size: tuple[int, int]) -> None:
    app = fed.app()

    async with shown(app, size) as pilot:
        await until(pilot, lambda: len(app.query(FooterKey)) == 5, "the footer's keys")
        await pilot.pause()
        told = [(key.key_display, key.description) for key in app.query(FooterKey)]
        right = max(key.region.right for key in app.query(FooterKey))

    assert told[:4] == [("q", "Quit"), ("space", "Freeze"), ("r", "Record"), ("?", "Help")]
    assert told[4][1] == "palette"
    assert right <= size[0]


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


KEYS = ["space", "r", "question_mark", "escape", "ctrl+p", "down", "tab", "x", "up", "pagedown"]


def trouble(fed: FedMarket, which: int) -> None:
    match which:
        case 0:
            fed.gap()
        case 1:
            fed.connect()
        case 2:
            fed.disconnect("gone")
        case _:
            fed.pass_time(20)


async def wander(pilot: Pilot[None], fed: FedMarket, chance: random.Random, steps: int) -> None:
    """Press, resize, feed and wait at random."""
    for _ in range(steps):
        match chance.randrange(6):
            case 0:
                width, height = chance.randrange(1, 260), chance.randrange(1, 90)
                await pilot.resize_terminal(width, height)
            case 1 | 2:
                await pilot.press(chance.choice(KEYS))
            case 3:
                price = Decimal(chance.randrange(1, 30000)).scaleb(-2)
                side = {chance.choice(["bids", "asks"]): [(str(price), str(chance.randrange(3)))]}
                fed.change(**side)
            case 4:
                trouble(fed, chance.randrange(4))
            case _:
                fed.book(*plain_book(chance.randrange(80)))
        await pilot.pause()


async def walk(seed: int, steps: int) -> None:
    chance = random.Random(seed)
    fed = FedMarket()
    app = fed.app()
    try:
        async with shown(app) as pilot:
            await wander(pilot, fed, chance, steps)
            assert app.is_running
            while len(app.screen_stack) > 1:
                app.pop_screen()
            async for size in each_size(pilot):
                assert len(lines(app, LadderPanel)) == size[1] - 3
    except BaseException as error:
        error.add_note(f"seed {seed}, {steps} steps")
        raise


@pytest.mark.parametrize("seed", [1])
async def test_no_keys_resizes_or_market_crash_it(seed: int) -> None:
    await walk(seed, 30)


@pytest.mark.soak
async def test_no_keys_resizes_or_market_crash_it_for_long() -> None:
    first = int(os.environ.get("SEED", random.SystemRandom().randrange(10**9)))

    for seed in range(first, first + 40):
        await walk(seed, 500)


async def test_the_status_line_follows_the_recording(fed: FedMarket) -> None:
    recording = FakeRecording()
    app = fed.app(recording)

    async with shown(app) as pilot:
        recording.text = "REC 5 lines · 1.2 kB · x.jsonl"
        fed.change(bids=[("1", "1")])

        await until(pilot, lambda: "REC 5 lines · 1.2 kB" in lines(app, StatusLine)[0], "the words")
