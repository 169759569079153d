"""Every widget's lines: whole at every size, whatever the venue sends."""

from __future__ import annotations

import pytest

from obtui.widgets.bars import TopBar
from screen_support import (
    EVERY,
    EXTREMES,
    FedMarket,
    assert_whole,
    crossed,
    each_size,
    lines,
    offline,
    plain_book,
    shown,
    stale,
    syncing,
    verified,
)
from support import wire


async def test_no_line_is_wider_or_narrower_than_its_widget() -> None:
    fed = FedMarket()
    fed.book(*plain_book(100))
    fed.text(wire.trade("100.5", "0.12345678"))
    app = fed.app()

    async with shown(app) as pilot:
        async for _ in each_size(pilot):
            assert_whole(app)


HOSTILE = [
    "\x1b[2J\x1b]0;owned\x07\x1b[31m",
    "[red]markup[/red] [link=http://x]",
    "\u202eevil\u200b\x00\x9b31m",
    "wide 漢字漢字漢字 " * 30,
    "combining e\u0301\u0301\u0301" * 40,
    "a\r\nb\tc",
]


async def test_what_the_venue_says_cannot_draw() -> None:
    fed = FedMarket()
    fed.book(*plain_book(20))
    app = fed.app()

    async with shown(app) as pilot:
        async for _ in each_size(pilot, EXTREMES):
            for reason in HOSTILE:
                fed.disconnect(reason)
                app.refresh_now()
                assert_whole(app)


FORTY_DIGITS = [
    ("100.0000000000000000000000000000000000000001", "1"),
    ("123456789012345678.1234567890123456789012", "99999999999999999.123456789"),
    ("100", "0.000000000000000001000000000000000000"),
    ("2E-18", "1E+18"),
    ("1E+18", "1E-18"),
]


async def test_numbers_of_forty_digits_do_no_harm() -> None:
    fed = FedMarket()
    app = fed.app()

    async with shown(app) as pilot:
        async for _ in each_size(pilot, EXTREMES):
            for price, size in FORTY_DIGITS:
                fed.book([("1e-18", "1")], [(price, size)])
                fed.text(wire.trade(price, size))
                app.refresh_now()
                assert " VERIFIED " in lines(app, TopBar)[0]
                assert_whole(app)


async def test_without_colours_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    fed = FedMarket()
    app = fed.app()

    async with shown(app) as pilot:
        async for _ in each_size(pilot, EXTREMES):
            for happen in (syncing, verified, stale, crossed, offline):
                happen(fed)
                fed.text(wire.trade())
                app.refresh_now()
                for kind in EVERY:
                    widget = app.query_one(kind)
                    for y in range(widget.size.height):
                        assert all(part.style is not None for part in widget.render_line(y)), kind
        await pilot.press("question_mark")
        await pilot.pause()
        await pilot.press("escape")

        assert app.theme == "obtui-mono"
