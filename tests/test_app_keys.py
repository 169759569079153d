"""The app's keys: recording, help, palette, leaving, suspending; fed by hand."""

from __future__ import annotations

import os

import pytest
from textual.command import CommandPalette
from textual.widgets._footer import FooterKey

from obtui.app import ObtuiApp
from obtui.widgets.bars import StatusLine, TopBar
from obtui.widgets.help_screen import HelpScreen
from obtui.widgets.ladder_panel import LadderPanel
from screen_support import (
    SIZES,
    FakeRecording,
    FedMarket,
    StillSource,
    lines,
    plain_book,
    shown,
    until,
)
from support.wait import eventually


@pytest.fixture
def fed() -> FedMarket:
    made = FedMarket()
    made.book(*plain_book(60))
    return made


def top(app: ObtuiApp) -> str:
    return lines(app, TopBar)[0]


def toasts(app: ObtuiApp) -> list[str]:
    return [notification.message for notification in app._notifications]


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
        fed.pass_time(0.3)
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

        assert offered == {"Theme", "Freeze", "Record", "Mark", "Help", "Quit"}


async def test_a_command_of_the_palette_works(fed: FedMarket) -> None:
    app = fed.app()

    async with shown(app) as pilot:
        await pilot.press("ctrl+p", *"freeze")
        await pilot.press("down", "enter")

        await until(pilot, lambda: "FROZEN" in top(app), "frozen by the palette")


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
        await until(pilot, lambda: len(app.query(FooterKey)) == 6, "the footer's keys")
        await pilot.pause()
        told = [(key.key_display, key.description) for key in app.query(FooterKey)]
        right = max(key.region.right for key in app.query(FooterKey))

    keys = [("q", "Quit"), ("space", "Freeze"), ("r", "Record"), ("?", "Help")]
    assert told[:5] == [("l", "Layout"), *keys]
    assert told[5][1] == "palette"
    assert right <= size[0]


async def test_the_status_line_follows_the_recording(fed: FedMarket) -> None:
    recording = FakeRecording()
    app = fed.app(recording)

    async with shown(app) as pilot:
        recording.text = "REC 5 lines · 1.2 kB · x.jsonl"
        fed.change(bids=[("1", "1")])

        await until(pilot, lambda: "REC 5 lines · 1.2 kB" in lines(app, StatusLine)[0], "the words")


async def test_a_palette_in_a_few_cells_ends_nothing() -> None:
    app = FedMarket().app()

    async with shown(app) as pilot:
        await pilot.press("ctrl+p")
        await pilot.pause()
        for width in (20, 6, 4, 2, 1, 80):
            await pilot.resize_terminal(width, 20)
            await pilot.pause()

        assert app.is_running
