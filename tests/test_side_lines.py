"""The figures and trades beside the ladder."""

from __future__ import annotations

from decimal import Decimal

from obtui.widgets.ladder_panel import LadderPanel
from obtui.widgets.stats_panel import StatsPanel
from obtui.widgets.trades_panel import TradesPanel
from screen_support import (
    FedMarket,
    each_size,
    lines,
    plain_book,
    shown,
)
from support import wire


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
    assert texts[0].split() == ["statistics", "BTCUSD"]
    assert texts[1] == " ask    100.5 × 1"
    assert texts[2] == " bid    99.5 × 3"
    assert texts[3] == " mid    100"
    # (99.5 x 1 + 100.5 x 3) / 4, and (9 - 5) / 14.
    assert texts[4] == " micro  100.25"
    assert texts[5].startswith(" imbal  +0.29 ")
    assert texts[5].count("●") == 1
    assert texts[6] == " spread 100.00 bps"
    assert texts[7] == " volume -"
    assert texts[8] == " rate   1 msg/s"
    assert texts[10] == " total  2 messages"
    assert texts[11].startswith(" age    0.0 s · lag ")
    assert texts[12] == " levels 2 ask · 3 bid"


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
    assert texts[5].startswith(f" imbal  {balance:+.2f}")


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
    assert texts[0].split() == ["prints", "·", "2", "UTC"]
    assert texts[1].split() == ["22:14:22", "▲", "101.00", "0.12345678"]
    assert texts[2].split() == ["22:13:21", "▼", "100.50", "0.5"]
    assert texts[3:] == [""] * (len(texts) - 3)


async def test_trades_keep_price_and_size_whole() -> None:
    fed = FedMarket()
    fed.book(*plain_book(5))
    for number in range(100):
        fed.text(wire.trade(f"{61000 + number}.25", f"{number}.1234", trade_id=number))
    app = fed.app()

    async with shown(app) as pilot:
        async for _ in each_size(pilot):
            texts = lines(app, TradesPanel)

            assert len(texts) > 2
            for line, number in zip(texts[1:], range(99, -1, -1), strict=False):
                words = line.removeprefix("◆").split()
                assert words[1:4] == ["▲", f"{61000 + number}.25", f"{number}.1234"]


async def test_a_size_that_does_not_fit_says_that_it_is_cut() -> None:
    # A coin of many places and large sizes: cut short, its size would be another number.
    fed = FedMarket()
    fed.book([("0.0000123456", "123456789.25")], [("0.0000123457", "98765432198.5")])
    fed.text(wire.trade("0.0000123457", "98765432198.5"))
    app = fed.app()

    async with shown(app, (60, 16)):
        ask = lines(app, StatsPanel)[1].rstrip()
        trade = lines(app, TradesPanel)[1].rstrip()

    assert ask == " ask    0.0000123457 × 9876…"
    assert trade.split()[1:] == ["▲", "0.0000123457", "98765…"]
