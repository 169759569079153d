"""What the screen of a replay says: where it is, how it is played, and what it cannot show."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from obtui.looks import Look
from obtui.recording.reader import open_recording
from obtui.replay import Player
from obtui.replay_app import ReplayApp
from obtui.track import Track
from obtui.widgets.time_screen import TimeScreen
from replay_screen import DAY, Replayed, made_market, minute, replayed
from screen_support import shown
from support import recordings, wire
from support.frames import WALL_NS


async def test_at_the_end_it_says_so(tmp_path: Path) -> None:
    async with replayed(tmp_path, second=None) as replay:
        await replay.comes(lambda: replay.player.view().ended, "the end")

        assert " end " in replay.top
        assert " 100% " in replay.line


async def test_a_recording_that_is_removed_is_told_and_its_book_is_not_trusted(
    tmp_path: Path,
) -> None:
    async with replayed(tmp_path, size=(80, 24)) as replay:
        assert "VERIFIED" in replay.top
        (tmp_path / "a.jsonl").unlink()

        await replay.press("<")
        await replay.comes(lambda: " broken off" in replay.top, "it says so on top")

        assert "SYNCING" in replay.top
        assert "REPLAY " in replay.top
        fault = f"cannot read {tmp_path / 'a.jsonl'}: there is no such file; check its name"
        # Too long for the line at the foot: said in a toast, too, once.
        await replay.comes(lambda: replay.toasts() == fault, "the whole of it")
        assert replay.foot.removesuffix("…") in fault
        assert replay.second == 30


@pytest.mark.parametrize("keys", ["<", ">", ",", "{", "}", "g"])
async def test_in_a_pipe_each_key_that_seeks_says_why_not(tmp_path: Path, keys: str) -> None:
    end, start = os.pipe()
    os.write(start, recordings.lines(minute()[:20]))
    market = made_market()
    player = Player(
        Track(open_recording(["-"], stdin=end)), market, made_market, speed=float("inf")
    )
    app = ReplayApp(market, player, Look(fps=60), driver_class=None)
    async with shown(app, (80, 24)) as pilot:
        replay = Replayed(pilot, app, player)
        await replay.at(17)

        await replay.press(keys)

        await replay.comes(lambda: "a pipe cannot be gone back or on in" in replay.foot, "it says")
        assert "…" not in replay.foot
        assert not isinstance(app.screen, TimeScreen)
        assert replay.second == 17
    os.close(start)
    os.close(end)


async def test_before_the_first_frame_it_says_when_the_recording_begins(tmp_path: Path) -> None:
    path = recordings.put(tmp_path / "a.jsonl", recordings.lines(minute()))
    player = Player(Track(open_recording([path])), made_market(), made_market)
    player.toggle_pause()
    app = ReplayApp(made_market(), player, driver_class=None)
    async with shown(app, (120, 30)) as pilot:
        replay = Replayed(pilot, app, player)

        assert f"REPLAY {DAY:%Y-%m-%d %H:%M:%S}.000 paused" in replay.top
        assert " 0% " in replay.line


async def test_what_is_skipped_is_told(tmp_path: Path) -> None:
    frames = minute()[:10]
    frames.append(recordings.message(wire.depth(9, [("1", "9")], after=8), 3600))
    async with replayed(tmp_path, frames, second=7) as replay:
        await replay.press("space")
        await replay.at(3600)

        assert replay.foot.startswith("skipped 59m53s with nothing in it")


@pytest.mark.parametrize("size", [(60, 16), (79, 24)])
async def test_a_narrow_top_line_has_the_time_and_the_pace(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with replayed(tmp_path, size=size) as replay:
        assert (
            f"REPLAY {datetime.fromtimestamp(WALL_NS // 10**9 + 30, UTC):%H:%M:%S}.000 paused"
            in (replay.top)
        )


@pytest.mark.parametrize("size", [(80, 24), (120, 30), (200, 60)])
async def test_the_top_line_always_says_replay_and_the_recordings_time(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with replayed(tmp_path, size=size) as replay:
        for keys, second in (("", 30), ("}", 40), ("{", 20), (".", 21), ("<", 11), (",", 10)):
            await replay.press(*keys)
            await replay.at(second)
            moment = datetime.fromtimestamp(WALL_NS // 10**9 + second, UTC)

            assert f"REPLAY {moment:%Y-%m-%d %H:%M:%S}.000 " in replay.top
        await replay.press("question_mark")
        assert "REPLAY" in replay.top
