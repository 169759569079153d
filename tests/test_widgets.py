"""The widgets' lines: exact text at every size, whatever the market or the wire holds."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from decimal import Decimal

import pytest
from rich.style import Style
from textual.geometry import Region

from obtui import figures
from obtui.app import ObtuiApp
from obtui.feeds.gemini_v1 import GeminiV1Feed
from obtui.market import BookState, Instrument
from obtui.view import MarketView
from obtui.widgets.bars import StatusLine, TopBar
from obtui.widgets.ladder_panel import LadderPanel
from obtui.widgets.lines import LineWidget
from obtui.widgets.stats_panel import StatsPanel
from obtui.widgets.trades_panel import TradesPanel
from screen_support import (
    SIZES,
    FakeRecording,
    FedMarket,
    as_shown,
    each_size,
    lines,
    plain_book,
    rows,
    shown,
)
from support import wire
from support.wire import Pairs

EVERY: tuple[type[LineWidget], ...] = (TopBar, LadderPanel, StatsPanel, TradesPanel, StatusLine)

EXTREMES = [SIZES[0], SIZES[-1]]


def random_side(chance: random.Random, count: int, *, bids: bool) -> list[tuple[str, str]]:
    """Levels, best first, prices to the cent and sizes to eight places."""
    price = Decimal("61000.00")
    levels = []
    for _ in range(count):
        price += Decimal(chance.randrange(1, 900)).scaleb(-2) * (-1 if bids else 1)
        levels.append((str(price), str(Decimal(chance.randrange(1, 10**10)).scaleb(-8))))
    return [(price, f"{Decimal(size):f}") for price, size in levels]


async def test_the_ladder_fills_every_height_with_exact_levels() -> None:
    chance = random.Random(5)
    bids = random_side(chance, 100, bids=True)
    asks = random_side(chance, 100, bids=False)
    fed = FedMarket()
    fed.book(bids, asks)
    app = fed.app()

    async with shown(app) as pilot:
        async for size in each_size(pilot):
            texts = lines(app, LadderPanel)

            # One line each for top, status and keys; the rest is the ladder's.
            assert len(texts) == size[1] - 3
            asks_shown = (len(texts) - 1) // 2
            bids_shown = len(texts) - 1 - asks_shown
            assert "spread" in texts[asks_shown]
            expected = [("-", *level) for level in reversed(asks[:asks_shown])]
            expected += [("+", *level) for level in bids[:bids_shown]]
            places = 8 if app.query_one(LadderPanel).size.width >= 60 else 4
            found = [row[:3] for row in rows(texts)]
            assert found == [(sign, price, seen(held, places)) for sign, price, held in expected]


def seen(size: str, places: int) -> str:
    """A size as the ladder writes it."""
    text = as_shown(Decimal(size), places)
    return text if Decimal(text) else f"<{Decimal(1).scaleb(-places):f}"


async def test_cumulative_sizes_run_away_from_the_spread() -> None:
    bids, asks = plain_book(100)
    fed = FedMarket()
    fed.book(bids, asks)
    app = fed.app()

    async with shown(app) as pilot:
        async for _ in each_size(pilot):
            found = rows(lines(app, LadderPanel))

            for sign, levels, side in (("-", asks, found[::-1]), ("+", bids, found)):
                sums = [row[3] for row in side if row[0] == sign]
                assert sums
                total = Decimal()
                for (_, size), shown_sum in zip(levels, sums, strict=False):
                    total += Decimal(size)
                    assert shown_sum == as_shown(total, 3)


async def test_no_line_is_wider_or_narrower_than_its_widget() -> None:
    fed = FedMarket()
    fed.book(*plain_book(100))
    fed.text(wire.trade("100.5", "0.12345678"))
    app = fed.app()

    async with shown(app) as pilot:
        async for _ in each_size(pilot):
            assert_whole(app)


def assert_whole(app: ObtuiApp) -> None:
    """Every line has its widget's width, and nothing that a terminal would obey."""
    for kind in EVERY:
        widget = app.query_one(kind)
        for y in range(widget.size.height):
            strip = widget.render_line(y)
            assert strip.cell_length == widget.size.width, (kind, y)
            assert strip.text.isprintable(), (kind, y)


async def test_the_figures_beside_the_ladder() -> None:
    fed = FedMarket()
    fed.book([("99.50", "3"), ("99", "1")], [("100.5", "1"), ("101", "4")])
    fed.pass_time(1.5)
    fed.change(bids=[("98", "5")])
    app = fed.app()

    async with shown(app, (120, 40)):
        texts = [text.rstrip() for text in lines(app, StatsPanel)]
        ladder = [text.strip() for text in lines(app, LadderPanel)]

    assert "spread 1 · 100.00 bps" in ladder
    assert texts[0] == " ask    100.5 × 1"
    assert texts[1] == " bid    99.5 × 3"
    assert texts[2] == " mid    100"
    # (99.5 x 1 + 100.5 x 3) / 4, and (9 - 5) / 14.
    assert texts[3] == " micro  100.25"
    assert texts[4].startswith(" imbal  +0.29 ")
    assert texts[4].count("●") == 1
    assert texts[5] == " rate   1 msg/s"
    assert texts[7] == " total  2 messages"
    assert texts[8] == " age    0.0 s"
    assert texts[10] == " levels 2 ask · 3 bid"


async def test_the_imbalance_is_that_of_the_visible_levels() -> None:
    fed = FedMarket()
    bids, asks = plain_book(50)
    # Far outside the view, and heavy.
    fed.book([*bids, ("1", "100000")], asks)
    app = fed.app()

    async with shown(app, (80, 24)):
        texts = lines(app, StatsPanel)

    # 21 lines: 10 rows of the visible sides are summed, the bids' eleventh is not the asks'.
    visible = 10
    bid_total = sum(Decimal(size) for _, size in bids[:visible])
    ask_total = sum(Decimal(size) for _, size in asks[:visible])
    balance = (bid_total - ask_total) / (bid_total + ask_total)
    assert texts[4].startswith(f" imbal  {balance:+.2f}")


async def test_trades_are_newest_first_and_told_by_aggressor() -> None:
    fed = FedMarket()
    fed.book(*plain_book(5))
    fed.text(wire.trade("100.50", "0.5", buyer_made=True))
    fed.pass_time(61)
    fed.connect()
    fed.text(wire.trade("101", "0.12345678", trade_id=8))
    app = fed.app()

    async with shown(app, (120, 40)):
        texts = [text.rstrip() for text in lines(app, TradesPanel)]

    # The told wall clock starts at 22:13:20 UTC.
    assert texts[0].split() == ["trades", "·", "2", "UTC"]
    assert texts[1].split() == ["22:14:22", "▲", "101.00", "0.12345678"]
    assert texts[2].split() == ["22:13:21", "▼", "100.50", "0.5"]
    assert texts[3:] == [""] * (len(texts) - 3)


async def test_trades_keep_price_and_size_whole() -> None:
    fed = FedMarket()
    fed.book(*plain_book(5))
    for number in range(100):
        fed.text(wire.trade("61000.25", f"{number}.1234", trade_id=number))
    app = fed.app()

    async with shown(app) as pilot:
        async for _ in each_size(pilot):
            texts = lines(app, TradesPanel)

            assert len(texts) > 2
            for line, number in zip(texts[1:], range(99, -1, -1), strict=False):
                assert line.split()[1:] == ["▲", "61000.25", f"{number}.1234"]


@pytest.mark.parametrize(
    ("bids", "asks", "word"),
    [
        ([("99", "1")], [], "no asks"),
        ([], [("101", "1")], "no bids"),
        ([], [], "the book is empty"),
    ],
)
async def test_an_empty_side_is_named(bids: Pairs, asks: Pairs, word: str) -> None:
    fed = FedMarket()
    fed.book(bids, asks)
    app = fed.app()

    async with shown(app) as pilot:
        async for _ in each_size(pilot, EXTREMES):
            texts = lines(app, LadderPanel)
            stats = lines(app, StatsPanel)

            assert texts[(len(texts) - 1) // 2].strip() == word
            assert len(rows(texts)) == len(bids) + len(asks)
            assert stats[2].split() == ["mid", "-"]


async def test_few_asks_sit_on_the_spread() -> None:
    fed = FedMarket()
    fed.book([("99", "1")], [("101", "1"), ("102", "1")])
    app = fed.app()

    async with shown(app, (80, 24)):
        texts = lines(app, LadderPanel)

    middle = (len(texts) - 1) // 2
    assert texts[middle - 2].startswith("- 102")
    assert texts[middle - 1].startswith("- 101")
    assert texts[middle + 1].split()[:2] == ["+", "99"]
    assert not "".join(texts[: middle - 2] + texts[middle + 2 :]).strip()


def styles(app_widget: LineWidget, y: int) -> set[Style]:
    return {
        segment.style
        for segment in app_widget.render_line(y)
        if segment.style is not None and any(char.isalnum() for char in segment.text)
    }


async def test_a_book_that_is_not_trusted_is_grey_and_says_why() -> None:
    fed = FedMarket()
    fed.book(*plain_book(20))
    fed.gap()
    app = fed.app()

    async with shown(app, (120, 40)):
        panel = app.query_one(LadderPanel)
        texts = lines(app, LadderPanel)
        middle = (len(texts) - 1) // 2
        grey = panel.get_component_rich_style("ladder--stale")
        painted = [styles(panel, y) for y in range(len(texts)) if y != middle]
        top, status = lines(app, TopBar)[0], lines(app, StatusLine)[0]

    assert all(style == {grey} for style in painted)
    assert texts[middle].strip().startswith("SYNCING · gap in update ids: 1000 is followed by 1004")
    assert " SYNCING  gap in update ids: 1000 is followed by 1004" in top
    assert status.rstrip().startswith(" not recording · r records")
    assert status.rstrip().endswith("resynced once")


async def test_a_trusted_book_is_not_grey() -> None:
    fed = FedMarket()
    fed.book(*plain_book(20))
    app = fed.app()

    async with shown(app):
        panel = app.query_one(LadderPanel)
        grey = panel.get_component_rich_style("ladder--stale")
        painted = set().union(*(styles(panel, y) for y in range(panel.size.height)))

    assert grey not in painted


def verified(fed: FedMarket) -> None:
    fed.book(*plain_book(20))


def syncing(fed: FedMarket) -> None:
    fed.connect()


def stale(fed: FedMarket) -> None:
    fed.book(*plain_book(20))
    fed.pass_time(31)


def crossed(fed: FedMarket) -> None:
    fed.book(*plain_book(20))
    fed.change(bids=[("101.00", "5")])


def offline(fed: FedMarket) -> None:
    fed.disconnect("connection refused", retry=4.0)


@pytest.mark.parametrize(
    ("happen", "word"),
    [
        (verified, "VERIFIED  update ids follow without a gap"),
        (syncing, "SYNCING  waiting for the book"),
        (stale, "STALE 31 s  no word for 30 s"),
        (crossed, "CROSSED  bid 101.00 at or above ask 101.00"),
        (offline, "OFFLINE  connection refused · retry in 4 s · try --venue gemini-v1"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
async def test_each_state_says_its_word_and_why(
    happen: Callable[[FedMarket], None], word: str
) -> None:
    fed = FedMarket()
    happen(fed)
    app = fed.app()

    async with shown(app) as pilot:
        async for size in each_size(pilot, EXTREMES):
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


@pytest.mark.parametrize("reason", ["127.0.0.1:1: connection refused", LONG, "word " * 40])
async def test_a_venue_that_was_never_reached_leaves_advice_at_every_width(reason: str) -> None:
    fed = FedMarket()
    fed.disconnect(reason, retry=4.0)
    app = fed.app()

    async with shown(app) as pilot:
        async for _ in each_size(pilot, WIDTHS):
            texts = on_screen(app).splitlines()

            assert "try --venue gemini-v1" in texts
            assert "retry in 4 s" in texts
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

    assert len(rows(texts)) == len(texts) - 1


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
        for reason in HOSTILE:
            fed.disconnect(reason)
            async for _ in each_size(pilot, EXTREMES):
                assert_whole(app)


async def test_numbers_of_forty_digits_do_no_harm() -> None:
    fed = FedMarket()
    fed.book([("1e-18", "1")], [])
    app = fed.app()

    async with shown(app) as pilot:
        for price, size in (
            ("100.0000000000000000000000000000000000000001", "1"),
            ("123456789012345678.1234567890123456789012", "99999999999999999.123456789"),
            ("100", "0.000000000000000001000000000000000000"),
            ("2E-18", "1E+18"),
            ("1E+18", "1E-18"),
        ):
            fed.change(asks=[(price, size)])
            fed.text(wire.trade(price, size))
            async for _ in each_size(pilot, EXTREMES):
                assert " VERIFIED " in lines(app, TopBar)[0]
                assert_whole(app)


async def test_a_price_that_does_not_fit_says_that_it_is_cut() -> None:
    fed = FedMarket()
    fed.book([], [("0.000000000000123456789012345678", "1")])
    app = fed.app()

    async with shown(app, (60, 16)):
        texts = lines(app, LadderPanel)

    line = next(text for text in texts if text.startswith("-"))
    assert line.rstrip() == "- 0.000000000000123456789012345…"


async def test_without_colours_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    fed = FedMarket()
    app = fed.app()

    async with shown(app) as pilot:
        for happen in (syncing, verified, stale, crossed, offline):
            happen(fed)
            fed.text(wire.trade())
            async for _ in each_size(pilot, EXTREMES):
                for kind in EVERY:
                    widget = app.query_one(kind)
                    for y in range(widget.size.height):
                        assert all(part.style is not None for part in widget.render_line(y)), kind
        await pilot.press("question_mark")
        await pilot.pause()
        await pilot.press("escape")

        assert app.theme == "ansi-dark"


async def test_a_line_that_did_not_change_is_not_sent_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fed = FedMarket()
    bids, asks = plain_book(30)
    fed.book(bids, asks)
    app = fed.app()

    async with shown(app, (80, 24)) as pilot:
        panel = app.query_one(LadderPanel)
        height = panel.size.height
        dirty: list[Region] = []
        monkeypatch.setattr(panel, "refresh", lambda *regions, **_: dirty.extend(regions))
        before = lines(app, LadderPanel)
        # The size of the third bid grows, so that from there on the sums do, too.
        fed.change(bids=[(bids[2][0], "1.5")])
        app.refresh_now()
        await pilot.pause()
        after = lines(app, LadderPanel)

        changed = [y for y in range(height) if before[y] != after[y]]
        assert {region.y for region in dirty} >= set(changed)
        middle = (height - 1) // 2
        assert all(region.height == 1 for region in dirty)
        assert min(changed) == middle + 3
        # Bars of the other side may move with the scale; the best two bids cannot change.
        assert middle not in {region.y for region in dirty}

        dirty.clear()
        fed.text(wire.ack())
        app.refresh_now()

        assert dirty == []


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


async def test_a_size_that_does_not_fit_says_that_it_is_cut() -> None:
    # A coin of many places and large sizes: cut short, its size would be another number.
    fed = FedMarket()
    fed.book([("0.0000123456", "123456789.25")], [("0.0000123457", "98765432198.5")])
    fed.text(wire.trade("0.0000123457", "98765432198.5"))
    app = fed.app()

    async with shown(app, (60, 16)):
        ask = lines(app, StatsPanel)[0].rstrip()
        trade = lines(app, TradesPanel)[1].rstrip()

    assert ask == " ask    0.0000123457 × 9876…"
    assert trade.split()[1:] == ["▲", "0.0000123457", "9876…"]
