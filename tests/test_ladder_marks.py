"""Marks, bars and keys of a ladder, what traded, and when it is painted."""

from __future__ import annotations

import re
from decimal import Decimal

import msgspec
import pytest

from ladder_support import FORMS, TICK, panel_with, small, view_with
from obtui.ladder.rows import Bars, Form, LadderSettings, Unit
from obtui.market import Aggressor, BookState, Trade
from obtui.traded import TradedVolume
from obtui.widgets.ladder_panel import LadderPanel
from panel_support import alone, book_of, painted, texts, view_of


@pytest.mark.parametrize("form", FORMS)
async def test_a_change_has_a_sign_that_needs_no_colour(form: Form) -> None:
    panel = panel_with(LadderSettings(form, step=1))
    view = small(traded=TradedVolume())
    async with alone(panel, (90, 60), view):
        assert view.book is not None
        book, traded = view.book.copy(), TradedVolume()
        book.bids.apply([(Decimal("99.98"), Decimal(4)), (Decimal("99.97"), Decimal(1))])
        book.asks.apply([(Decimal("100.04"), Decimal("0.25"))])
        traded.add(Trade(Decimal("100.04"), Decimal("0.25"), Aggressor.BUYER))
        now = view.monotonic_ns + 50_000_000
        after = view_of(book, instrument=TICK)
        panel.show(msgspec.structs.replace(after, traded=traded, monotonic_ns=now))
        found = "\n".join(texts(panel))

        assert re.findall(r"(\d[\d.]*) *([▴▾×])", found) in (
            [("0.25", "×"), ("4", "▴"), ("1", "▾")],
            [("4", "▴"), ("1", "▾"), ("0.25", "×")],
        )
        assert panel.fading


def bar_lengths(panel: LadderPanel, height: int) -> dict[str, int]:
    """Cells of each row's bar, by its price."""
    part = panel.part
    bars = {part("ladder--bid-bar").bgcolor, part("ladder--ask-bar").bgcolor}
    found = {}
    for y in range(height):
        strip = panel.render_line(y)
        price = re.match(r"[+-] +([\d.]+)", strip.text)
        if price:
            found[price[1]] = sum(
                len(it.text) for it in strip if it.style and it.style.bgcolor in bars
            )
    return found


async def test_bars_are_as_long_as_what_they_stand_for() -> None:
    panel = panel_with(LadderSettings(bars=Bars.LEVEL))
    async with alone(panel, (120, 16), small()):
        lengths = bar_lengths(panel, 16)
        longest = max(lengths.values())
        assert longest > 40
        for price, size in (("99.50", 40), ("100.11", 8), ("100.02", 3), ("99.98", 1.5)):
            assert lengths[price] == pytest.approx(longest * size / 40, abs=1)
        panel.next_bars()
        lengths = bar_lengths(panel, 16)
        assert lengths["99.50"] == longest
        assert lengths["100.11"] > longest / 2


async def test_a_book_that_is_not_live_is_grey_in_every_form() -> None:
    for form in FORMS:
        panel = panel_with(LadderSettings(form))
        async with alone(panel, (80, 20), small()):
            panel.move_cursor(1)
            panel.show(small(state=BookState.STALE, reason="no word for 31 s"))
            stale, warning, cursor = (
                panel.part(f"ladder--{name}") for name in ("stale", "warning", "cursor")
            )
            used = {
                segment.style
                for y in range(20)
                for segment in panel.render_line(y)
                if any(char.isalnum() for char in segment.text)
            }
            assert used == {stale, warning, cursor}
            assert any("STALE · no word for 31 s" in text for text in texts(panel))


@pytest.mark.parametrize("form", FORMS)
async def test_the_same_picture_is_not_painted_twice(
    form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = panel_with(LadderSettings(form))
    view = view_with()
    async with alone(panel, (80, 30), view):
        dirty: list[object] = []
        with monkeypatch.context() as patch:
            patch.setattr(panel, "refresh", lambda *regions, **_: dirty.extend(regions))
            panel.show(msgspec.structs.replace(view, monotonic_ns=view.monotonic_ns + 1))
        assert dirty == []


async def test_a_mark_is_painted_when_it_comes_fades_and_goes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    panel = panel_with(LadderSettings(bars=Bars.LEVEL))
    view = small()
    async with alone(panel, (80, 30), view):
        assert view.book is not None
        book = view.book.copy()
        book.bids.apply([(Decimal("99.97"), Decimal("2.5"))])
        after = view_of(book, instrument=TICK)
        dirty: list[int] = []
        told = []
        for tick in range(1, 24):
            with monkeypatch.context() as patch:
                patch.setattr(panel, "refresh", lambda *regions, **_: dirty.append(len(regions)))
                now = view.monotonic_ns + tick * 50_000_000
                panel.show(msgspec.structs.replace(after, monotonic_ns=now))
            told.append(panel.fading)
        # The row and those whose sums change; the one row when it fades; the row when it is over.
        assert dirty == [3, 1, 1]
        assert told[0]
        assert not told[-1]


async def test_keys_change_what_they_say() -> None:
    panel = panel_with(LadderSettings())
    async with alone(panel, (80, 20), small()):
        panel.next_form()
        panel.switch_unit()
        panel.switch_traded()
        panel.next_bars()
        panel.group(1)

        expected = LadderSettings(
            Form.SIDE_BY_SIDE, 2, Unit.NOTIONAL, Bars.CUMULATIVE_LOG, traded=True
        )
        assert panel.settings == expected
        for _ in range(2):
            panel.next_form()
        for _ in range(3):
            panel.next_bars()
        panel.switch_unit()
        panel.switch_traded()
        panel.group(-1)
        assert panel.settings == LadderSettings()


@pytest.mark.parametrize("form", FORMS)
async def test_it_asks_for_as_many_levels_as_it_shows(form: Form) -> None:
    panel = panel_with(LadderSettings(form))
    assert panel.depth_wanted >= 1
    async with alone(panel, (80, 30), view_with()):
        shown = (
            len({it.price for it in panel._ladder.shown.rows}) if form is not Form.ANCHORED else 0
        )

        assert panel.levels_shown * 2 >= shown
        assert panel.depth_wanted > panel.levels_shown
        if form is Form.SIDE_BY_SIDE:
            assert panel.levels_shown == 30 - 2


@pytest.mark.parametrize("form", FORMS)
async def test_grouped_a_trade_is_counted_once(form: Form) -> None:
    traded = TradedVolume()
    # Of a step that holds both best prices: bids are put below it, asks above.
    for price, size, taker in (
        ("100.06", 5, Aggressor.BUYER),
        ("100.08", 7, Aggressor.BUYER),
        ("100.02", 4, Aggressor.SELLER),
    ):
        traded.add(Trade(Decimal(price), Decimal(size), taker))
    book = book_of([("100.02", "1.5")], [("100.06", "2.5")])
    view = view_of(book, instrument=TICK, price_decimals=2, traded=traded)
    found = await painted(panel_with(LadderSettings(form, step=20, traded=True)), (130, 20), view)

    assert found[0].count("taken" if form is Form.STACKED else "bought") == 1
    said = [word for text in found[1:] if "spread" not in text for word in text.split()]
    assert (said.count("12"), said.count("4"), said.count("16")) == (1, 1, 0)
