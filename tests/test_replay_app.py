"""The screen of a replay, by its keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from replay_screen import replayed


async def test_space_pauses_and_goes_on(tmp_path: Path) -> None:
    async with replayed(tmp_path) as replay:
        assert " paused " in replay.top

        await replay.press("space")
        assert " ×1 " in replay.top
        assert not replay.player.view().paused

        await replay.press("space")
        assert " paused " in replay.top


async def test_full_stop_and_comma_go_a_frame_on_and_back(tmp_path: Path) -> None:
    async with replayed(tmp_path) as replay:
        await replay.press(".")
        await replay.at(31)

        await replay.press(",")
        await replay.at(30)
        await replay.press(",")
        await replay.at(29)
        assert replay.player.view().paused


async def test_angle_brackets_go_ten_seconds(tmp_path: Path) -> None:
    async with replayed(tmp_path) as replay:
        await replay.press("<")
        await replay.at(20)

        for second in (30, 40, 50, 60):
            await replay.press(">")
            await replay.at(second)


async def test_braces_go_to_marks_and_gaps_and_say_which(tmp_path: Path) -> None:
    async with replayed(tmp_path) as replay:
        await replay.press("}")
        await replay.at(40)
        assert replay.foot.startswith("gap: ")
        assert "SYNCING" in replay.top

        await replay.press("{")
        await replay.at(20)
        assert replay.foot.startswith("mark: look here")

        await replay.press("{")
        await replay.comes(lambda: "no mark or gap there" in replay.foot, "it says so")
        assert replay.second == 20


@pytest.mark.parametrize(
    ("keys", "pace"), [("+", "×2"), ("=", "×2"), ("-", "×0.5"), ("--", "×0.25"), ("+" * 9, "max")]
)
async def test_plus_and_minus_change_the_speed(tmp_path: Path, keys: str, pace: str) -> None:
    async with replayed(tmp_path, second=60) as replay:
        await replay.press(*keys)
        label = replay.app.label()

        assert "paused" in label
        replay.player.toggle_pause()
        # The last frame is passed by: what stands then is the end.
        assert pace in replay.app.label() or "end" in replay.app.label()
        assert replay.player.view().speed == float(pace[1:] if pace != "max" else "inf")


async def test_r_says_that_a_replay_is_not_recorded(tmp_path: Path) -> None:
    async with replayed(tmp_path) as replay:
        await replay.press("r")

        assert "a replay is not recorded" in replay.toasts()


async def test_q_ends_it(tmp_path: Path) -> None:
    async with replayed(tmp_path) as replay:
        await replay.press("q")

        assert replay.player._stopped
        assert not replay.app.return_code
