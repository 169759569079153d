"""The statistics: exact lines at several sizes, and every number against a plain computation."""

from __future__ import annotations

import random
import statistics as plain_statistics
from decimal import Decimal
from fractions import Fraction

import msgspec
import pytest

from obtui.book import OrderBook
from obtui.market import BookState, Day
from obtui.view import MarketView
from obtui.widgets.stats_panel import StatsPanel
from panel_support import SECOND, alone, book_of, painted, past_of, texts, view_of
from support.frames import WALL_NS

BOOK = book_of([("99.50", "3"), ("99", "1"), ("98", "5")], [("100.5", "1"), ("101", "4")])
PAST = past_of([(99.95, 100.05), (99.9, 100.1), None, (99.99, 100.01), (99.5, 100.5)])
BOOK_LABELS = {"ask", "bid", "mid", "micro", "imbal", "spread", "levels"}
TRADED = Day(
    last=Decimal("100.5"), volume=Decimal("4.5"), bought=Decimal("3"), sold=Decimal("1.00")
)
VIEW = view_of(
    BOOK,
    past=PAST,
    since_start=TRADED,
    trades=1300,
    heard=1234,
    rates=(4, 0, 8),
    messages=13330,
    age_seconds=0.04,
    lag_ms=14.2,
    agreed=3449,
)


def panel() -> StatsPanel:
    stats = StatsPanel()
    stats.visible_levels = 10
    return stats


async def test_one_column_holds_all_where_there_is_room() -> None:
    assert await painted(panel(), (38, 19), VIEW) == [
        " statistics                    BTCUSD",
        " ask    100.5 × 1",
        " bid    99.5 × 3",
        " mid    100                     ▄▄ ▄▄",
        " micro  100.25",
        " imbal  +0.29 ───────●──── of best 10",
        " spread 100.00 bps              ▂▂ ▁█",
        " median 15.00 bps in 4.0 s",
        " 95 %   100.00 bps",
        " range  2.00 to 100.00 bps",
        " shape  ██ █                 █ ≥100.00",
        " volume ▲ 3 ▼ 1",
        " rate   8 msg/s",
        " 1 min  ▄ █",
        " total  13,330 messages",
        " age    0.0 s · lag 14 ms",
        " levels 2 ask · 3 bid",
        " agreed 3,449 tops of the venue's",
        "",
    ]


async def test_the_more_important_ones_stay() -> None:
    def labels(lines: list[str]) -> list[str]:
        return [line[1:8].strip() for line in lines[1:]]

    assert labels(await painted(panel(), (38, 13), VIEW)) == [
        *("ask", "bid", "mid", "micro", "imbal", "spread", "volume"),
        *("rate", "1 min", "total", "age", "levels"),
    ]
    assert labels(await painted(panel(), (28, 5), VIEW)) == ["ask", "bid", "mid", "imbal"]
    low = await painted(panel(), (28, 8), VIEW)
    assert labels(low) == ["ask", "bid", "mid", "micro", "imbal", "rate", "age"]
    assert low[6] == " rate   8 msg/s         ▄ █"


async def test_two_columns_where_it_is_wide() -> None:
    assert await painted(panel(), (64, 13), VIEW) == [
        " statistics                                              BTCUSD",
        " ask    100.5 × 1                 rate   8 msg/s",
        " bid    99.5 × 3                  1 min  ▄ █",
        " mid    100              ▄▄ ▄▄    total  13,330 messages",
        " micro  100.25                    age    0.0 s",
        " imbal  +0.29 ──────●─── of 10    lag    14 ms",
        " levels 2 ask · 3 bid             agreed 3,449 venue's tops",
        "",
        " spread 100.00 bps       ▂▂ ▁█    bought ▲ 3 BTC  75%",
        " median 15.00 bps in 4.0 s        sold   ▼ 1 BTC  25%",
        " 95 %   100.00 bps",
        " range  2.00 to 100.00 bps        net    +2 BTC",
        " shape  ███           █ ≥100.00   trades 1,234",
    ]


async def test_the_bar_between_bought_and_sold_is_their_share() -> None:
    async with alone(panel(), (64, 13), VIEW) as app:
        grounds = [
            segment.style.bgcolor
            for segment in app.panel.render_line(10)
            for _ in segment.text
            if segment.style is not None
        ][-24:-1]
        bought, sold = (app.panel.part(f"stats--{side}-bar").bgcolor for side in ("bid", "ask"))

    # Three of four, in 23 cells less one.
    assert (grounds.count(bought), grounds.count(sold)) == (16, 6)


async def test_charts_fill_what_is_left() -> None:
    lines = await painted(panel(), (80, 30), VIEW)

    assert [line for line in lines if line.strip() in {"mid · USD · 4.0 s", "spread · bps · 4.0 s"}]
    at = lines.index(" mid · USD · 4.0 s")
    assert lines[1].split() == ["book", "feed"]
    assert lines[10].split() == ["spread", "traded", "since", "the", "start"]
    assert lines[at + 1].endswith("100.00")
    assert lines[at + 2 :].count(" spread · bps · 4.0 s") == 1
    below = lines.index(" spread · bps · 4.0 s")
    assert lines[below + 1].endswith("100.00")
    assert lines[-1].endswith("2.00")

    beside = await painted(panel(), (120, 30), VIEW)
    assert any(line.split()[:1] == ["mid"] and "spread · bps" in line for line in beside)


async def test_before_anything_is_known_there_are_no_figures() -> None:
    lines = await painted(panel(), (64, 20), MarketView())

    assert lines[2:8] == [
        " ask    -                         rate   0 msg/s",
        " bid    -                         1 min",
        " mid    -                         total  0 messages",
        " micro  -                         age    -",
        " imbal  -                         lag    -",
        " levels 0 ask · 0 bid             resync 0",
    ]
    assert lines[10:14] == [
        " now    -                         bought -",
        "                                  sold   -",
        "                                  net    -",
        "                                  trades -",
    ]


async def test_a_volume_that_is_long_loses_decimals_and_not_digits() -> None:
    day = Day(volume=Decimal(1), bought=Decimal("1234567.8912"), sold=Decimal("98765432.1"))
    view = msgspec.structs.replace(VIEW, since_start=day)

    for width, words in (
        (38, "▲ 1234567.8912 ▼ 98765432.1"),
        (32, "▲ 1234567.9 ▼ 98765432.1"),
        (28, "▲ 1234568 ▼ 98765432"),
    ):
        lines = await painted(panel(), (width, 16), view)
        assert f" volume {words}" in lines


async def test_it_is_told_from_when_on_trades_are_counted_where_that_is_not_the_start() -> None:
    # The told wall clock starts at 22:13:20 UTC.
    view = msgspec.structs.replace(VIEW, since_ns=WALL_NS + SECOND)

    lines = await painted(panel(), (38, 20), view)
    at = lines.index(" volume ▲ 3 ▼ 1")
    assert lines[at - 1] == " since  22:13:21"
    for height in range(5, 20):
        lines = await painted(panel(), (28, height), view)
        assert (" volume ▲ 3 ▼ 1" not in lines) or (" since  22:13:21" in lines)
    lines = await painted(panel(), (64, 13), view)
    assert lines[8].endswith("since  22:13:21")
    assert lines[9].endswith("bought ▲ 3 BTC  75%")
    # Of the trades, those that are history are none of them.
    assert "trades 1,234" in lines[-1] + (await painted(panel(), (64, 14), view))[-1]
    lines = await painted(panel(), (80, 30), view)
    assert lines[10].split() == ["spread", "traded", "since", "22:13:21"]
    assert not any("since  " in line for line in lines)


async def test_a_figure_that_is_cut_says_so() -> None:
    day = Day(volume=Decimal(1), bought=Decimal("123456789"), sold=Decimal("98765432109"))
    view = msgspec.structs.replace(VIEW, since_start=day)

    assert " volume ▲ 123456789 ▼ 987654…" in await painted(panel(), (29, 16), view)


async def test_a_book_that_is_not_live_is_painted_as_one() -> None:
    for size in ((38, 13), (80, 30)):
        async with alone(panel(), size, view_of(BOOK, BookState.SYNCING)) as app:
            stats = app.panel
            stale = stats.part("stats--stale")
            told: set[str] = set()
            for y in range(1, stats.size.height):
                for label, figure in zip(*[iter(stats.render_line(y))] * 2, strict=False):
                    if label.text.strip() in BOOK_LABELS and figure.text.strip():
                        assert figure.style == stale
                        told.add(label.text.strip())
            assert told >= BOOK_LABELS - {"spread"}  # under a heading it is "now"


async def test_the_past_is_gone_through_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    async with alone(panel(), (120, 40), VIEW) as app:
        before = texts(app.panel)
        for name in ("spreads", "course"):
            monkeypatch.setattr(f"obtui.charts.statistics.{name}", None)  # it would not be callable

        app.panel.show(msgspec.structs.replace(VIEW, messages=13331))

        assert texts(app.panel) != before


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (9, 30), (26, 4), (60, 9), (96, 20), (200, 70)])
async def test_every_size_is_painted(size: tuple[int, int]) -> None:
    for view in (VIEW, MarketView(), view_of(book_of([], [("1e9", "1e-8")]), past=past_of([None]))):
        async with alone(panel(), size, view) as app:
            assert len(texts(app.panel)) == size[1]


def figures_of(lines: list[str]) -> dict[str, str]:
    return {line[1:8].strip(): line[8:] for line in lines[1:] if line.strip()}


def check(shown: dict[str, str], view: MarketView, book: OrderBook, visible: int) -> None:
    """What is shown of a book is what comes out of its levels, worked out in fractions."""
    bids = [(Fraction(price), Fraction(size)) for price, size in sorted(book.bids.sizes.items())]
    asks = [(Fraction(price), Fraction(size)) for price, size in sorted(book.asks.sizes.items())]
    bids.reverse()
    if not bids or not asks:
        assert all(shown[name] == "-" for name in ("mid", "micro", "imbal", "spread"))
        return
    (bid, bid_size), (ask, ask_size) = bids[0], asks[0]
    last = Fraction(1, 10 ** (view.price_decimals + 1)) * Fraction(51, 100)
    mid = (bid + ask) / 2
    assert abs(Fraction(shown["mid"].split()[0]) - mid) <= last
    micro = (bid * ask_size + ask * bid_size) / (bid_size + ask_size)
    assert abs(Fraction(shown["micro"]) - micro) <= last + Fraction(1, 10**9)
    bid_total, ask_total = (sum(size for _, size in side[:visible]) for side in (bids, asks))
    balance = float((bid_total - ask_total) / (bid_total + ask_total))
    assert float(shown["imbal"].split()[0]) == pytest.approx(balance, abs=0.0051)
    bps = float((ask - bid) / mid * 10_000)
    assert float(shown["spread"].split()[0]) == pytest.approx(bps, abs=0.0051)
    assert shown["levels"] == f"{len(asks):,} ask · {len(bids):,} bid"


async def test_every_number_of_random_markets_is_that_of_a_plain_computation() -> None:
    seed = 23
    print(f"seed {seed}")
    chance = random.Random(seed)
    async with alone(panel(), (46, 20)) as app:
        stats = app.panel
        assert isinstance(stats, StatsPanel)
        for _ in range(40):
            start, apart = chance.randrange(50_000, 60_000), chance.choice((0, 1, 37))
            sides = [
                [
                    (f"{Decimal(first + step * at).scaleb(-2)}", f"{chance.randrange(1, 10**6)}e-5")
                    for at in range(chance.choice((0, 1, 8, 60, 500)))
                ]
                for first, step in ((start, -1), (start + apart, 1))
            ]
            book = book_of(*sides)
            touches = [
                None if chance.random() < 0.1 else (100.0, 100.0 + chance.choice((0.0, 0.01, 0.3)))
                for _ in range(chance.choice((1, 40, 300)))
            ]
            view = view_of(book, past=past_of(touches))
            stats.visible_levels = chance.choice((1, 7, 40))

            stats.show(view)

            shown = figures_of(texts(stats))
            check(shown, view, book, stats.visible_levels)
            known = sorted((ask - bid) / (ask + bid) * 2e4 for bid, ask in filter(None, touches))
            if not known:
                assert "median" not in shown
                continue
            median = float(shown["median"].split()[0])
            assert median == pytest.approx(plain_statistics.median(known), abs=0.0051)
            least, most = (float(word) for word in shown["range"].split()[:3:2])
            assert (least, most) == pytest.approx((known[0], known[-1]), abs=0.0051)
            wide = float(shown["95 %"].split()[0])
            below = sum(it < wide - 0.0051 for it in known)
            assert below < 0.95 * len(known) <= sum(it <= wide + 0.0051 for it in known)


async def test_a_spread_of_a_tick_is_not_none() -> None:
    book = book_of([("83287.00", "1")], [("83287.01", "1")])
    view = view_of(book, past=past_of([(83287.0, 83287.01)] * 5))
    said = figures_of(await painted(panel(), (64, 40), view))

    assert said["now"].split()[0] == said["95 %"].split()[0] == "0.0012"
    assert said["median"].startswith("0.0012 bps in 4.0 s")
    assert said["range"].startswith("0.0012 to 0.0012 bps")
    chart = (await painted(panel(), (110, 40), view))[16:]
    assert chart[1].endswith(" 0.0012")
