"""The state of the book and of the recording: told in words, at every width."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from obtui import figures
from obtui.app import ObtuiApp
from obtui.feeds.gemini_v1 import GeminiV1Feed
from obtui.market import BookState, Instrument
from obtui.view import MarketView
from obtui.widgets.bars import StatusLine, TopBar
from obtui.widgets.ladder_panel import LadderPanel
from screen_support import (
    EVERY,
    EXTREMES,
    SIZES,
    FakeRecording,
    FedMarket,
    assert_whole,
    crossed,
    each_size,
    lines,
    offline,
    plain_book,
    rows,
    shown,
    stale,
    styles,
    syncing,
    verified,
)
from support import wire

STATES: list[tuple[Callable[[FedMarket], None], str]] = [
    (offline, "OFFLINE  connection refused · retry in 4 s · try --venue gemini-v1"),
    (syncing, "SYNCING  waiting for the book"),
    (verified, "VERIFIED  update ids follow without a gap"),
    (stale, "STALE 31 s  no word for 30 s"),
    (crossed, "CROSSED  bid 101.00 at or above ask 101.00"),
]


async def test_each_state_says_its_word_and_why() -> None:
    feds = [FedMarket() for _ in STATES]
    app = feds[0].app()

    async with shown(app) as pilot:
        async for size in each_size(pilot, EXTREMES):
            for fed, (happen, word) in zip(feds, STATES, strict=True):
                happen(fed)
                app._watched[0].market, app._clock = fed.market, fed.clock
                app.refresh_now()
                top = lines(app, TopBar)[0]

                assert top.rstrip() == figures.fit(f" gemini BTCUSD  {word}", size[0])
                assert top.split()[2] == word.split(maxsplit=1)[0]


async def test_the_state_is_on_top_however_long_the_name_is() -> None:
    app = FedMarket().app()
    names = itertools.product(["gemini", "gemini-v1"], ["BTCUSD", "A" * 40], ["", "USD", "Q" * 40])

    async with shown(app, SIZES[0]):
        bar = app.query_one(TopBar)
        for (venue, symbol, quote), state in itertools.product(names, BookState):
            word = "STALE 1234 s" if state is BookState.STALE else state.value
            view = MarketView(
                venue=venue,
                instrument=Instrument(symbol, quote=quote),
                state=state,
                age_seconds=1234.0,
            )
            for bar.behind in (None, 0, 1_234_567):
                bar.show(view)
                strip = bar.render_line(0)

                assert f"  {word} " in strip.text
                assert strip.text.startswith(f" {venue} {symbol[:20]}")
                assert strip.cell_length == SIZES[0][0]


def on_screen(app: ObtuiApp) -> str:
    """All that stands on it, each line without the blanks around it."""
    return "\n".join(text.strip() for kind in EVERY for text in lines(app, kind))


LONG = "api.gemini.com:443 through the proxy proxy.example.org:3128: no answer within 10 s"

WIDTHS = [(60, 16), (80, 24), (100, 30), (120, 40)]


async def test_a_venue_that_was_never_reached_leaves_advice_at_every_width() -> None:
    fed = FedMarket()
    app = fed.app()

    async with shown(app) as pilot:
        async for _ in each_size(pilot, WIDTHS):
            for reason in ("127.0.0.1:1: connection refused", LONG, "word " * 40):
                fed.disconnect(reason, retry=4.0)
                app.refresh_now()
                texts = on_screen(app).splitlines()

                assert "try --venue gemini-v1" in texts, reason
                assert "retry in 4 s" in texts, reason
                assert_whole(app)


async def test_a_long_reason_is_wrapped_where_there_is_no_book() -> None:
    fed = FedMarket()
    fed.disconnect(LONG)
    app = fed.app()

    async with shown(app) as pilot:
        async for _ in each_size(pilot, WIDTHS):
            texts = lines(app, LadderPanel)
            below = [text.strip() for text in texts[(len(texts) - 1) // 2 + 1 :]]

            assert not below[0]
            assert " ".join(below).strip().startswith(f"{LONG} retry in")


async def test_a_book_that_is_old_is_not_written_over_with_advice() -> None:
    fed = FedMarket()
    fed.book(*plain_book(40))
    fed.disconnect(LONG)
    app = fed.app()

    async with shown(app, SIZES[1]):
        texts = lines(app, LadderPanel)

    # All but the names of the columns and the spread's line.
    assert len(rows(texts)) == len(texts) - 2


async def test_a_venue_without_a_check_is_called_unverified() -> None:
    class Unchecked(GeminiV1Feed):
        check = ""

    fed = FedMarket(Unchecked("BTCUSD"))
    fed.connect()
    fed.text(wire.v1_initial(0, [("99", "1")], [("101", "1")]))
    app = fed.app()

    async with shown(app):
        top = lines(app, TopBar)[0]

    assert " UNVERIFIED  the venue gives no way to find a lost message" in top


async def test_the_recording_is_told_at_the_foot() -> None:
    fed = FedMarket()
    fed.book(*plain_book(3))
    recording = FakeRecording(active=True, text="REC 12 lines · 3.1 kB · books.jsonl")
    app = fed.app(recording)

    async with shown(app):
        status = app.query_one(StatusLine)
        text = status.render_line(0).text
        red = status.get_component_rich_style("status--recording")
        painted = styles(status, 0)

    assert text.rstrip() == " REC 12 lines · 3.1 kB · books.jsonl"
    assert painted == {red}


async def test_a_recording_that_stopped_is_told_whole_before_any_other_trouble() -> None:
    fed = FedMarket()
    fed.book(*plain_book(3))
    fed.gap()
    words = "RECORDING STOPPED · disk full: no space (books.jsonl)"
    app = fed.app(FakeRecording(failed=True, text=words))

    async with shown(app) as pilot:
        async for _ in each_size(pilot, EXTREMES):
            status = app.query_one(StatusLine)
            loud = status.get_component_rich_style("status--failed")

            assert status.render_line(0).text.startswith(f" {words}")
            assert loud in styles(status, 0)
