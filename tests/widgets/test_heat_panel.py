"""The heatmap on screen."""

from __future__ import annotations

import random
from decimal import Decimal

import msgspec
import pytest

from chart_support import (
    KINDS,
    book_of,
    charted,
    looked,
    painted,
    prints_of,
    random_book,
    texts,
    unmounted,
)
from obtui.book import OrderBook
from obtui.charts.past import Past
from obtui.market import Aggressor
from obtui.view import MarketView
from obtui.widgets.heat_panel import GAP, HeatPanel


def steady(mid: str = "100.00") -> OrderBook:
    half = Decimal("0.05")
    return book_of(
        {Decimal(mid) - half - Decimal(n) / 100: Decimal(2) for n in range(40)},
        {Decimal(mid) + half + Decimal(n) / 100: Decimal(3) for n in range(40)},
    )


def past_of(seconds: int, *, gone: range = range(0)) -> Past:
    past = Past()
    for second in range(seconds):
        past.add(looked(steady(), second, live=second not in gone))
    return past


def view_of(past: Past, *, live: bool = True) -> MarketView:
    book = steady()
    return looked(book, len(past.samples), live=live, past=past.samples)


def lines(width: int, height: int, view: MarketView, *, glyphs: bool = False) -> list[str]:
    panel = unmounted(HeatPanel(id="heat"))
    panel.view, panel.glyphs = view, glyphs
    return painted(panel, width, height)


def test_prices_and_times_stand_beside_the_picture() -> None:
    found = lines(60, 24, view_of(past_of(100)))

    assert found[0].strip() == "heatmap"
    assert found[-1].endswith(" 22:14:59")
    beside = [line[51:].strip() for line in found[1:-1]]
    # The middle is told as exactly as it is, the rows as their step needs.
    assert "100.00" in beside
    prices = [Decimal(it) for it in beside if it]
    assert prices == sorted(prices, reverse=True)
    assert len(prices) >= 4


def test_times_are_below_their_columns() -> None:
    foot = lines(60, 24, view_of(past_of(100)))[-1]

    found = [(at, foot[at + 1 : at + 9]) for at in range(51) if foot[at] == "╵"]
    # The last column, the 51st, is of 22:14:59.
    assert found == [(50 - 44, "22:14:15"), (50 - 29, "22:14:30"), (50 - 14, "22:14:45")]


def test_without_colours_sides_and_sizes_are_signs() -> None:
    past = past_of(30)
    told = prints_of([("100.05", "4", Aggressor.BUYER), ("99.95", "1", Aggressor.SELLER)])
    past.add(looked(steady(), 30, prints=told, trades=2))
    found = lines(60, 24, view_of(past), glyphs=True)

    bids = [line for line in found if "+" in line]
    asks = [line for line in found if "-" in line]
    assert len(bids) == len(asks) == 1
    assert found.index(asks[0]) < found.index(bids[0])
    assert bids[0][:51] == " " * 20 + "+" * 30 + "▾"
    assert asks[0][:51] == " " * 20 + "-" * 30 + "▲"
    assert any(set(line[20:51]) <= set("·░▒▓") for line in found[1:-1])


def test_a_gap_is_marked_at_its_edges() -> None:
    found = lines(60, 10, view_of(past_of(40, gone=range(10, 20))))

    for line in found[1:-1]:
        assert [at for at in range(51) if line[at] == GAP] == [51 - 30, 51 - 21]
        assert line[51 - 29 : 51 - 21] == " " * 8


@pytest.mark.parametrize("kind", KINDS)
def test_it_can_be_any_size(kind: str) -> None:
    chance = random.Random(kind)
    past = Past()
    for second in range(12):
        past.add(looked(random_book(chance, kind), second, live=second % 5 > 0))
    for glyphs in (False, True):
        panel = unmounted(HeatPanel(id="heat"))
        panel.glyphs = glyphs
        for width in (0, 1, 2, 21, 22, 26, 60, 200):
            for height in (0, 1, 2, 3, 4, 20):
                panel.view = looked(None, 30, past=past.samples, tick=None, limited=height == 4)
                found = painted(panel, width, height)
                assert len(found) <= max(1, height)
                assert all(len(line) <= width for line in found)
                assert all(line.isprintable() for line in found)


def test_before_anything_was_seen_it_says_so() -> None:
    for past in (Past(), past_of(5, gone=range(5))):
        assert lines(40, 6, view_of(past))[1].strip() == "nothing seen yet"


async def test_it_moves_once_a_second_and_costs_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    past = past_of(60)
    panel = HeatPanel(id="heat")
    async with charted(panel, (60, 16)):
        panel.show(view_of(past))
        before = texts(panel)
        count = 0

        def counted(width: int, height: int) -> object:
            nonlocal count
            count += 1
            return real(width, height)

        real = panel.paint_body
        monkeypatch.setattr(panel, "paint_body", counted)
        for _ in range(20):
            panel.show(view_of(past))
        assert count == 0
        assert texts(panel) == before

        past.add(looked(steady("100.01"), 60))
        panel.show(view_of(past))
        assert count == 1
        panel.show(view_of(past, live=False))
        assert count == 2
        assert texts(panel)[0].split() == ["heatmap", "SYNCING"]


async def test_it_can_be_scrolled_back_and_then_stands_still() -> None:
    past = past_of(200)
    panel = HeatPanel(id="heat")
    async with charted(panel, (60, 16)):
        panel.show(view_of(past))
        now = texts(panel)

        panel.scroll_back(40)
        back = texts(panel)
        assert back[0].strip() == "heatmap · 40 s back"
        assert back[-1].endswith("22:15:59")
        past.add(looked(steady(), 200))
        panel.show(view_of(past))
        assert texts(panel)[0].strip() == "heatmap · 41 s back"
        assert texts(panel)[1:] == back[1:]

        panel.scroll_back(10_000)
        # 51 columns: the oldest 51 of 201.
        assert texts(panel)[-1].endswith("22:14:10")
        panel.scroll_back(-100)
        assert texts(panel)[0].strip() == "heatmap · 50 s back"
        panel.scroll_back(-51)
        assert texts(panel)[0].strip() == "heatmap"
        panel.scroll_back(7)
        panel.scroll_back(0)
        assert texts(panel)[-1].endswith("22:16:40")
        assert len(now) == len(back)


async def test_what_is_looked_at_may_become_too_old() -> None:
    past = past_of(60)
    panel = HeatPanel(id="heat")
    async with charted(panel, (60, 16)):
        panel.show(view_of(past))
        panel.scroll_back(5)
        later = Past()
        for second in range(100, 200):
            later.add(looked(steady(), second))
        panel.show(view_of(later))

        # The oldest that fill the picture.
        assert texts(panel)[-1].endswith("22:15:50")
        assert texts(panel)[0].strip() == "heatmap · 49 s back"


async def test_another_market_is_shown_from_its_present() -> None:
    panel = HeatPanel(id="heat")
    async with charted(panel, (60, 16)):
        panel.show(view_of(past_of(200)))
        panel.scroll_back(40)
        other = Past()
        for second in range(10):
            other.add(looked(random_book(random.Random(1), around=5_000_000), second))
        view = looked(None, past=other.samples, tick="0.5")
        panel.show(msgspec.structs.replace(view, venue="kraken"))

        assert texts(panel)[0].strip() == "heatmap"
        assert texts(panel)[-1].rstrip().endswith("22:13:29")
        middle = other.samples[-1].mid
        assert middle is not None
        assert f"{middle:.2f}" in "".join(texts(panel))
