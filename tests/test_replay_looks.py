"""What lies over the screen of a replay and what is said on it: nothing hides what it is, and no
words outlast what they are about."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from textual.widgets._toast import Toast

from obtui import replay_app
from obtui.looks import Look
from obtui.recording.raw import Stop, Stopped
from obtui.recording.reader import open_recording
from obtui.replay import Player
from obtui.replay_app import ReplayApp
from obtui.session import Session
from obtui.shared import Market
from obtui.track import Track
from obtui.widgets.note_screen import NoteScreen
from obtui.widgets.time_screen import TimeScreen
from replay_screen import Replayed, made_market, minute, replayed
from screen_support import SIZES, shown, until
from support import recordings


@pytest.mark.parametrize("keys", [",", ".", "<", "g", "space"])
async def test_gone_elsewhere_the_words_of_a_mark_are_gone(tmp_path: Path, keys: str) -> None:
    async with replayed(tmp_path) as replay:
        await replay.press("{")
        await replay.comes(lambda: "mark: look here" in replay.foot, "the mark's words")

        await replay.press(keys)

        await replay.comes(lambda: "mark" not in replay.foot, "they are gone")


async def test_played_on_the_words_of_a_mark_are_gone_after_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay_app, "FOUND_SECONDS", 0.05)
    async with replayed(tmp_path) as replay:
        await replay.press("{")
        await replay.at(20)
        await replay.pilot.pause(0.15)
        assert "mark: look here" in replay.foot, "it stands there"

        await replay.press("space", "{")

        await replay.comes(lambda: "mark" not in replay.foot, "they are gone")


@pytest.mark.parametrize("screen", [NoteScreen, TimeScreen])
async def test_what_lies_over_the_screen_lets_it_be_seen(
    tmp_path: Path, screen: type[NoteScreen | TimeScreen]
) -> None:
    async with replayed(tmp_path, size=(80, 60)) as replay:
        await replay.app.push_screen(screen())
        await replay.pilot.pause()

        assert replay.app.screen.styles.background.a < 1
        box = replay.app.screen.children[0]
        assert box.region.y > 1
        assert box.styles.border.top[0] == "round"


@pytest.mark.parametrize("size", SIZES)
async def test_a_toast_hides_neither_the_top_line_nor_the_foot(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with replayed(tmp_path, size=size, toasts=True) as replay:
        await replay.press("r")
        await replay.comes(lambda: bool(replay.app.screen.query(Toast)), "a toast")

        toast = replay.app.screen.query_one(Toast)
        await replay.comes(lambda: toast.region.height > 0, "it is placed")
        assert toast.region.y >= 1
        assert toast.region.bottom <= size[1] - 3
        assert size[0] - 2 <= toast.region.right <= size[0]


async def test_why_it_broke_off_stands_once(tmp_path: Path) -> None:
    async with replayed(tmp_path, size=(200, 30)) as replay:
        (tmp_path / "a.jsonl").unlink()
        await replay.press("<")
        await replay.comes(lambda: " broken off" in replay.top, "it says so on top")

        assert replay.app.export_screenshot().count("no&#160;such&#160;file") == 1
        assert "it can be read no further" in replay.top


async def test_a_frame_that_is_due_while_the_screen_is_taken_down_is_none(tmp_path: Path) -> None:
    async with replayed(tmp_path) as replay:
        app = replay.app

    assert not app.screen_stack
    app.refresh_now()


def nothing_yet() -> Market:
    session = Session(made_market()._session.feed)
    session.reason = "waiting for the first line"
    return Market(session)


class Opening:
    """A recording whose first line comes when the test says so."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.there = threading.Event()
        self.stopped = threading.Event()

    def __call__(self, stop: Stop) -> Track:
        while not self.there.wait(0.01):
            if stop():
                self.stopped.set()
                raise Stopped
        return Track(open_recording([self.path]))


@pytest.mark.parametrize("size", [(60, 16), (120, 40)])
async def test_before_there_is_a_line_it_says_that_it_waits(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    opening = Opening(recordings.put(tmp_path / "a.jsonl", recordings.lines(minute())))
    player = Player(opening, nothing_yet(), made_market)
    app = ReplayApp(nothing_yet(), player, Look(fps=60), driver_class=None)
    async with shown(app, size) as pilot:
        replay = Replayed(pilot, app, player)
        assert "REPLAY  waiting for the first line" in replay.top
        assert "1970" not in replay.top
        assert replay.line.strip() == "no line yet"
        for key in "<>{},g":
            await replay.press(key)
        await replay.comes(lambda: "there is nothing yet to go to" in replay.foot, "it says so")
        await replay.press("q")

    assert opening.stopped.wait(5)


async def test_when_the_first_line_comes_it_is_played(tmp_path: Path) -> None:
    opening = Opening(recordings.put(tmp_path / "a.jsonl", recordings.lines(minute())))
    market = nothing_yet()
    player = Player(opening, market, made_market, speed=float("inf"))
    app = ReplayApp(market, player, Look(fps=60), driver_class=None)
    async with shown(app, (120, 30)) as pilot:
        replay = Replayed(pilot, app, player)
        opening.there.set()

        await replay.comes(lambda: player.view().ended, "all is played")
        assert "BTCUSD" in replay.top
        assert " end " in replay.top


async def test_what_turns_out_to_be_no_recording_ends_it(tmp_path: Path) -> None:
    opening = Opening(recordings.put(tmp_path / "a.jsonl", b"a shopping list\n"))
    player = Player(opening, nothing_yet(), made_market)
    app = ReplayApp(nothing_yet(), player, Look(fps=60), driver_class=None)
    async with shown(app, (120, 30)) as pilot:
        opening.there.set()
        await until(pilot, lambda: app.return_code == 2, "it ends")

    assert "is not a recording" in player.view().failure
