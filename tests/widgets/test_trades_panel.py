"""The panel of prints."""

from __future__ import annotations

import random
import re
from decimal import Decimal
from unittest import mock

import msgspec
import pytest
from rich.segment import Segment

from obtui import figures, prints
from obtui.market import Aggressor, Instrument, Trade
from obtui.tape import Print, Tape
from obtui.view import MarketView
from obtui.widgets.trades_panel import PRINTS_WANTED, SIGNS, TradesPanel
from panel_support import alone, painted, texts
from support.frames import WALL_NS
from support.trades import binance_trades

BUYER, SELLER = Aggressor.BUYER, Aggressor.SELLER
SECOND = 1_000_000_000
LINE = re.compile(r"([ ◆])(\d\d:)?(\d\d:\d\d) ([▲▼·]) +([\d.]+) +(<?[\d.]+)(?: +×(\d+))?(?: |$)")


def view_of(*told: tuple[str, str, Aggressor], symbol: str = "BTCUSD") -> MarketView:
    """Of trades, oldest first, one each second."""
    tape = Tape()
    for second, (price, size, aggressor) in enumerate(told):
        trade = Trade(Decimal(price), Decimal(size), aggressor)
        tape.add([trade], WALL_NS + second * SECOND)
    return MarketView(
        venue="gemini",
        instrument=Instrument(symbol),
        price_decimals=2,
        prints=tape.latest(PRINTS_WANTED),
        trades=tape.total,
    )


WIDTHS = (30, 29, 28, 25, 24, 21, 20, 16, 15, 14, 10, 8)
SOME = (
    ("100.5", "2", SELLER),
    ("101", "0.125", BUYER),
    ("101", "0.5", BUYER),
    ("100.7", "0.5", Aggressor.NONE),
    ("101", "1", SELLER),
    ("101", "30", BUYER),
)


async def test_prints_are_lines_by_aggressor_and_price() -> None:
    lines = await painted(TradesPanel(), (34, 8), view_of(*SOME))

    # The told wall clock starts at 22:13:20 UTC.
    assert lines == [
        " prints · 6                   UTC",
        "◆22:13:25 ▲ 101.00  30",
        " 22:13:24 ▼ 101.00   1",
        " 22:13:23 · 100.70   0.5",
        " 22:13:22 ▲ 101.00   0.625 ×2",
        " 22:13:20 ▼ 100.50   2",
        "",
        "",
    ]


async def test_what_matters_less_gives_way_first() -> None:
    newest = [(await painted(TradesPanel(), (width, 5), view_of(*SOME)))[4] for width in WIDTHS]

    assert [line.rstrip() for line in newest] == [
        " 22:13:22 ▲ 101.00   0.625 ×2",
        " 22:13:22 ▲ 101.00  0.625 ×2",
        " 13:22 ▲ 101.00  0.625 ×2",
        " 13:22 ▲ 101.00  0.625 ×2",
        " 13:22 ▲ 101.00  0.625",
        " ▲ 101.00  0.625",
        " ▲ 101.00  0.625",
        " ▲ 101.00  0.625",
        " ▲ 101.00 0.625",
        " ▲ 101.00 0.6…",
        " ▲ 101.00",
        " ▲ 101.…",
    ]


async def test_what_is_large_has_a_style_of_its_own_and_a_bar_is_a_share_of_the_largest() -> None:
    panel = TradesPanel()
    async with alone(panel, (80, 8), view_of(*SOME)):
        large, next_one, *_ = (list(panel.render_line(y)) for y in range(1, 6))
        style = panel.part("trades--large")

        def styles(line: list[Segment]) -> set[str]:
            return {segment.text.strip() for segment in line if segment.style == style}

        assert styles(large) == {"◆", "30"}
        assert styles(next_one) == {""}
        full = panel.part("trades--buyer-bar")
        assert sum(len(it.text) for it in large if it.style == full) == 40
        part = panel.part("trades--seller-bar")
        cells = [it.text for it in next_one if it.style == part]
        assert [*cells, next_one[-2].text] == [" ", "▍"]  # a thirtieth of 320 eighths: 8 and 3


async def test_without_prints_it_says_so() -> None:
    assert await painted(TradesPanel(), (30, 3), MarketView()) == [" no prints yet", "", ""]


async def test_the_filter_goes_round_and_its_title_tells_it() -> None:
    panel = TradesPanel()
    async with alone(panel, (34, 8), view_of(*SOME)):
        seen = []
        for _ in range(4):
            panel.next_filter()
            lines = texts(panel)
            seen.append((int(panel.filter), lines[0].split("  ")[0], sum(map(bool, lines[1:]))))

    assert seen == [
        (1, " prints · 6 · ≥ 1", 3),
        (30, " prints · 6 · ≥ 30", 1),
        (0, " prints · 6", 5),
        (1, " prints · 6 · ≥ 1", 3),
    ]


async def test_a_filter_of_ones_own_is_of_whole_lines() -> None:
    panel = TradesPanel()
    panel.filter = Decimal("0.6")
    async with alone(panel, (34, 8), view_of(*SOME)):
        assert [line.split()[3] for line in texts(panel)[1:5]] == ["30", "1", "0.625", "2"]

        panel.filter = Decimal("0.6250")
        assert texts(panel)[0].split() == ["prints", "·", "6", "·", "≥", "0.625", "UTC"]
        assert "0.625" in texts(panel)[4 - 1]
        panel.filter = Decimal(31)
        assert texts(panel)[:3] == [
            " prints · 6 · ≥ 31            UTC",
            " none of the last 6 is as large",
            "",
        ]
        panel.next_filter()
        assert panel.filter == 0


async def test_of_too_few_lines_there_is_no_filter() -> None:
    panel = TradesPanel()
    async with alone(panel, (34, 8), view_of(*SOME[:4])):
        panel.next_filter()

        assert panel.filter == 0
        assert not any("◆" in line for line in texts(panel))


async def test_what_is_too_small_to_be_seen_is_told_as_such() -> None:
    told = (("61000", "2", BUYER), ("61000.25", "0.00001", BUYER))

    assert (await painted(TradesPanel(), (26, 3), view_of(*told)))[1:] == [
        " 13:21 ▲ 61000.25 <0.0001",
        " 13:20 ▲ 61000.00  2",
    ]


async def test_another_market_is_not_filtered_by_the_last_ones_size() -> None:
    panel = TradesPanel()
    panel.filter = Decimal("0.6")
    async with alone(panel, (34, 8), view_of(*SOME)):
        panel.show(view_of(*SOME, SOME[0]))
        assert panel.filter == Decimal("0.6")

        panel.show(view_of(*SOME[:2], symbol="DOGEUSD"))

        assert panel.filter == 0
        assert len([line for line in texts(panel) if line]) == 3


def market_of(trades: list[Print]) -> MarketView:
    return MarketView(
        venue="x", price_decimals=2, prints=tuple(trades[:PRINTS_WANTED]), trades=len(trades)
    )


def as_shown(size: Decimal, places: int) -> str:
    text = f"{size:.{places}f}"
    if size and not text.strip("0."):
        return f"<{Decimal(1).scaleb(-places):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@pytest.mark.parametrize("width", [26, 28, 30, 31, 33, 34, 38, 50, 64, 200])
async def test_at_every_width_a_real_captures_figures_are_whole(width: int) -> None:
    entries = [Print(trade, trade.ts_event or 0) for trade, _ in reversed(binance_trades()[:4_000])]
    view = market_of(entries)
    expected = prints.lines(view.prints)
    usual = prints.usual(expected)
    assert usual is not None

    lines = await painted(TradesPanel(), (width, 40), view)

    places = 8 if width >= 34 else 4
    for text, line in zip(lines[1:], expected, strict=False):
        found = LINE.match(text)
        assert found is not None, text
        large, hour, minute, sign, price, size, times = found.groups()
        assert (large == "◆") == (line.size >= usual.large)
        assert (hour or "") + minute == figures.clock(line.received_ns)[0 if hour else 3 :]
        assert (hour is not None) == (width >= 31)
        assert (sign, price) == (SIGNS[line.aggressor], f"{line.price:.2f}")
        assert size == as_shown(line.size, places)
        if width >= 28:
            assert int(times or 1) == line.times


@pytest.mark.parametrize("seed", range(3))
async def test_no_size_breaks_it(seed: int) -> None:
    chance = random.Random(seed)
    told = [
        (
            str(Decimal(chance.randint(1, 10**12)).scaleb(-chance.randint(0, 12))),
            str(Decimal(chance.randint(0, 10**15)).scaleb(-chance.randint(0, 15))),
            chance.choice(list(Aggressor)),
        )
        for _ in range(30)
    ]
    panel = TradesPanel()
    async with alone(panel, (60, 16), view_of(*told)):
        for width in (0, 1, 2, 7, 8, 15, 26, 40, 90):
            for height in (0, 1, 2, 70):
                lines = panel.paint(width, height)
                assert len(lines) <= max(1, height), f"seed {seed}"
                for line in lines:
                    # A size that does not fit is not cut without a word.
                    text = "".join(segment.text for segment in line)
                    assert len(text) <= max(width, 3), f"seed {seed}: {width} {text!r}"


async def test_it_is_painted_anew_only_where_what_it_shows_is_new(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    panel = TradesPanel()
    counted = mock.Mock(wraps=prints.lines)
    monkeypatch.setattr(prints, "lines", counted)
    painted = mock.Mock(wraps=panel.paint)
    monkeypatch.setattr(panel, "paint", painted)
    view = view_of(*SOME)
    async with alone(panel, (40, 8), view):
        counted.reset_mock()
        painted.reset_mock()
        for same in (view, view_of(*SOME), msgspec.structs.replace(view, messages=99)):
            panel.show(same)
            assert panel.view is same
        assert (counted.call_count, painted.call_count) == (0, 0)

        panel.show(msgspec.structs.replace(view, price_decimals=3))
        assert (counted.call_count, painted.call_count) == (0, 1)
        assert "101.000" in texts(panel)[1]
        panel.show(msgspec.structs.replace(view, trades=7))
        assert (counted.call_count, painted.call_count) == (0, 2)
        assert texts(panel)[0].startswith(" prints · 7 ")
        panel.show(view_of(*SOME, SOME[0]))
        assert (counted.call_count, painted.call_count) == (1, 3)


async def test_after_a_seek_it_is_told_from_when_on_prints_are_counted() -> None:
    panel = TradesPanel()
    view = view_of(*SOME)
    async with alone(panel, (34, 8), view):
        panel.show(msgspec.structs.replace(view, since_ns=WALL_NS))

        assert texts(panel)[0] == " prints · 6 since 22:13:20    UTC"
