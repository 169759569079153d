"""The log of events: exact lines at several sizes."""

from __future__ import annotations

import pytest

from obtui.book import OrderBook
from obtui.log import EventLog
from obtui.market import BookState
from obtui.widgets.events_panel import KINDS, EventsPanel
from panel_support import alone, painted, texts, view_of
from support.frames import WALL_NS

SECOND = 1_000_000_000
HAPPENED = [
    ("connected", "waiting for the book"),
    ("verified", ""),
    ("mark", "look here"),
    ("resync", "gap: expected 1764527605191349, got 1764527605191355"),
    ("alert", "gemini BTCUSD · price > 65000 · bid 65000.01"),
]


def log_of(happened: list[tuple[str, str]]) -> EventLog:
    log = EventLog()
    for minute, (kind, text) in enumerate(happened):
        log.add(WALL_NS + minute * 61 * SECOND, kind, text)
    return log


VIEW = view_of(OrderBook(), log=log_of(HAPPENED).lines)


async def test_the_newest_is_on_top_with_its_time_and_kind() -> None:
    assert await painted(EventsPanel(), (64, 7), VIEW) == [
        " events · 5                                                 UTC",
        " 22:17:24 alert      gemini BTCUSD · price > 65000 · bid 65000.…",
        " 22:16:23 resync     gap: expected 1764527605191349, got 176452…",
        " 22:15:22 mark       look here",
        " 22:14:21 verified",
        " 22:13:20 connected  waiting for the book",
        "",
    ]


async def test_where_it_is_narrow_seconds_and_columns_give_way() -> None:
    assert await painted(EventsPanel(), (26, 4), VIEW) == [
        " events · 5           UTC",
        " 22:17 alert gemini BTCUS…",
        " 22:16 resync gap: expect…",
        " 22:15 mark look here",
    ]


async def test_before_anything_happened_it_says_so() -> None:
    assert await painted(EventsPanel(), (30, 2), view_of(OrderBook())) == [" no events yet", ""]


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (12, 5), (26, 4), (200, 70)])
async def test_every_size_is_painted(size: tuple[int, int]) -> None:
    log = log_of([*HAPPENED, *((state.value.lower(), "why") for state in BookState)] * 9)

    async with alone(EventsPanel(), size, view_of(OrderBook(), log=log.lines)) as app:
        assert len(texts(app.panel)) == size[1]


def test_every_state_has_its_style_and_what_is_lost_is_broken() -> None:
    trusted = {state.value.lower() for state in BookState if state.trusted}

    assert {kind for kind, part in KINDS.items() if part == "trusted"} == trusted
    lost = {"stale", "crossed", "offline", "resync", "drop"}
    assert not lost & set(KINDS)


async def test_what_stands_still_is_not_painted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with alone(EventsPanel(), (60, 10), VIEW) as app:
        dirty: list[object] = []
        monkeypatch.setattr(app.panel, "refresh", lambda *regions, **_: dirty.extend(regions))

        app.panel.show(view_of(OrderBook(), log=VIEW.log))

        assert not dirty
