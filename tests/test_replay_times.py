"""Going to a time that is typed."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from textual.widgets import Input

from obtui.replay_app import parse_time
from obtui.widgets.time_screen import TimeScreen
from replay_screen import DAY, replayed


def ns(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * 10**9


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("12:01:30", ns("2026-03-31T12:01:30+00:00")),
        (" 12:01 ", ns("2026-03-31T12:01:00+00:00")),
        ("12:01:30.5", ns("2026-03-31T12:01:30+00:00") + 500_000_000),
        ("2026-03-30 23:59:59", ns("2026-03-30T23:59:59+00:00")),
        ("2026-03-30T23:59:59Z", ns("2026-03-30T23:59:59+00:00")),
        ("2026-03-30 23:59:59+02:00", ns("2026-03-30T21:59:59+00:00")),
        ("12:01:30+02:00", ns("2026-03-31T10:01:30+00:00")),
        ("+90", ns("2026-03-31T06:01:30+00:00")),
        ("-0.5", ns("2026-03-31T06:00:00+00:00") - 500_000_000),
        ("", None),
        ("+", None),
        ("noon", None),
        ("12", None),
        ("24:00:01", None),
        ("12:60", None),
        ("+inf", None),
        ("-nan", None),
        ("+1e400", None),
    ],
)
def test_a_typed_time(text: str, wanted: int | None) -> None:
    assert parse_time(text, ns("2026-03-31T06:00:00+00:00")) == wanted


@pytest.mark.parametrize(
    ("text", "second"),
    [(f"{DAY.replace(second=0):%H:%M}", None), ("+5", 35), ("-12.5", 17), ("+999", 60)],
)
async def test_g_goes_to_a_time(tmp_path: Path, text: str, second: float | None) -> None:
    async with replayed(tmp_path) as replay:
        await replay.press("g")
        await replay.comes(lambda: isinstance(replay.app.screen, TimeScreen), "it asks")
        replay.app.screen.query_one(Input).value = text
        await replay.press("enter")

        await replay.at(second if second is not None else 0)
        assert not isinstance(replay.app.screen, TimeScreen)


@pytest.mark.parametrize("text", ["noon", "25:00:00", "[b]12", "+nan", "2026-13-01", "+inf"])
async def test_g_with_no_time_says_so_and_stays(tmp_path: Path, text: str) -> None:
    async with replayed(tmp_path) as replay:
        await replay.press("g")
        await replay.comes(lambda: isinstance(replay.app.screen, TimeScreen), "it asks")
        replay.app.screen.query_one(Input).value = text
        await replay.press("enter")

        await replay.comes(lambda: f"'{text}' is not a time" in replay.toasts(), "it says so")
        assert replay.second == 30


@pytest.mark.parametrize("leave", [("escape",), ("enter",)])
async def test_g_may_be_left(tmp_path: Path, leave: tuple[str, ...]) -> None:
    async with replayed(tmp_path) as replay:
        await replay.press("g", *leave)
        await replay.comes(lambda: not isinstance(replay.app.screen, TimeScreen), "it is closed")

        assert not replay.toasts()
        assert replay.second == 30
