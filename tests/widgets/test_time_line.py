"""The time line of a replay."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from obtui.widgets.time_line import DONE, FAULT, HERE, MARK, TODO, TimeLine
from replay_screen import DAY, replayed
from support.frames import WALL_NS, wall


async def test_the_time_line_has_its_marks_and_its_share(tmp_path: Path) -> None:
    async with replayed(tmp_path) as replay:
        first, bar, last, share = replay.line.split()

        assert first == f"{DAY:%H:%M:%S}"
        assert last == f"{datetime.fromtimestamp(WALL_NS // 10**9 + 60, UTC):%H:%M:%S}"
        assert share == "50%"
        assert len(replay.line) == 120
        places = {sign: bar.index(sign) / (len(bar) - 1) for sign in (MARK, HERE, FAULT)}
        assert places == pytest.approx({MARK: 1 / 3, HERE: 1 / 2, FAULT: 2 / 3}, abs=0.01)
        assert set(bar[: bar.index(HERE)]) == {DONE, MARK}
        assert set(bar[bar.index(HERE) + 1 :]) == {TODO, FAULT}


async def test_the_time_line_follows_every_seek(tmp_path: Path) -> None:
    async with replayed(tmp_path) as replay:
        for second, share in ((0, "0%"), (15, "25%"), (60, "100%")):
            replay.player.seek(wall(second))
            await replay.at(second)

            assert replay.line.split()[-1] == share


def painted(width: int, **told: object) -> str:
    line = TimeLine()
    for name, value in told.items():
        setattr(line, name, value)
    line.part = lambda _name: None  # type: ignore[method-assign, assignment, return-value]
    return "".join(segment.text for segment in line.paint(width, 1)[0])


def test_a_time_line_without_an_end_says_so() -> None:
    assert painted(80, now_ns=WALL_NS, span=None) == f" {DAY:%H:%M:%S} · no end yet"


def test_a_narrow_time_line_is_not_broken() -> None:
    for width in range(26, 60):
        text = painted(width, now_ns=WALL_NS, span=(WALL_NS, WALL_NS), moments=[(WALL_NS, True)])
        assert len(text) <= width
        assert "0%" in text


def test_a_gap_is_not_hidden_by_a_mark() -> None:
    both = [(WALL_NS + 50, False), (WALL_NS + 50, True)]
    for moments in (both, both[::-1]):
        text = painted(80, now_ns=WALL_NS, span=(WALL_NS, WALL_NS + 100), moments=moments)
        assert FAULT in text
        assert MARK not in text
