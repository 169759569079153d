"""The ladder in its three forms, as lines: every figure exact, nothing cut, at every size."""

from __future__ import annotations

import re
from decimal import Decimal

import msgspec
import pytest

from ladder_support import FORMS, SIZES, TICK, painted_at, panel_with, small, view_with
from obtui.ladder.laddering import Ladder
from obtui.ladder.rows import Form, LadderSettings, Unit
from obtui.market import Aggressor, Instrument, Trade
from obtui.traded import TradedVolume
from panel_support import alone, book_of, painted, texts, view_of
from support.frames import WALL_NS
from support.random_books import SHAPES


async def test_stacked_it_has_names_where_it_is_tall() -> None:
    found = await painted(panel_with(LadderSettings()), (60, 16), small())

    assert found[0].split() == ["price", "size", "total", "notional", "bars:", "total"]
    assert [text.split()[:5] for text in found[4:13] if text] == [
        ["-", "100.40", "1.125", "12.625", "112.95"],
        ["-", "100.11", "8", "11.5", "800.88"],
        ["-", "100.04", "0.5", "3.5", "50.02"],
        ["-", "100.02", "3", "3", "300.06"],
        ["spread", "0.04", "USD", "·", "4.00"],
        ["+", "99.98", "1.5", "1.5", "149.97"],
        ["+", "99.97", "2", "3.5", "199.94"],
        ["+", "99.90", "0.25", "3.75", "24.98"],
        ["+", "99.50", "40", "43.75", "3980"],
    ]
    low = await painted(panel_with(LadderSettings()), (60, 15), small())
    assert "price" not in low[0]


async def test_after_a_seek_it_is_told_from_when_on_trades_are_counted() -> None:
    traded = TradedVolume()
    traded.add(Trade(Decimal("99.98"), Decimal(2), Aggressor.SELLER))
    for form in Form:
        panel = panel_with(LadderSettings(form=form, traded=True))
        async with alone(panel, (180, 30), small(traded=traded)):
            panel.move_cursor(1)
            lines = texts(panel)
            assert not any("since" in line for line in lines)
            assert "bought 0, sold 2" in lines[-1]

            panel.show(small(traded=traded, since_ns=WALL_NS, version=1))

            lines = texts(panel)
            assert lines[0].endswith("bars: total · traded since 22:13:20")
            assert lines[-1].endswith("bought 0, sold 2 since 22:13:20")
            panel.settings = LadderSettings(form=form)
            assert "since" not in texts(panel)[0]


async def test_grouped_it_says_by_what() -> None:
    settings = LadderSettings(step=10)
    tall = await painted(panel_with(settings), (70, 16), small())
    low = await painted(panel_with(settings), (60, 11), small())

    assert tall[0].endswith("step 0.1 · bars: total")
    assert low[5].strip() == "spread 0.04 USD · 4.00 bps · step 0.1"
    assert [text.split()[:4] for text in low if text[:1] in {"+", "-"}] == [
        ["-", "100.40", "1.125", "12.625"],
        ["-", "100.20", "8", "11.5"],
        ["-", "100.10", "3.5", "3.5"],
        ["+", "99.90", "3.75", "3.75"],
        ["+", "99.50", "40", "43.75"],
    ]


async def test_the_unit_changes_places_with_the_other() -> None:
    settings = LadderSettings(unit=Unit.NOTIONAL)
    found = await painted(panel_with(settings), (70, 16), small())

    assert found[0].split()[:4] == ["price", "notional", "total", "size"]
    assert found[7].split()[:5] == ["-", "100.02", "300.06", "300.06", "3"]
    assert found[10].split()[:5] == ["+", "99.97", "199.94", "349.91", "2"]


async def test_beside_each_other_the_prices_are_innermost() -> None:
    found = await painted(panel_with(LadderSettings(Form.SIDE_BY_SIDE)), (100, 16), small())

    assert found[1].strip() == "spread 0.04 USD · 4.00 bps"
    left, right = zip(*(text.split(" + - ") for text in found[2:6]), strict=True)
    assert [text.split()[-3:] for text in left] == [
        ["1.5", "1.5", "99.98"],
        ["3.5", "2", "99.97"],
        ["3.75", "0.25", "99.90"],
        ["43.75", "40", "99.50"],
    ]
    assert [text.split()[:3] for text in right] == [
        ["100.02", "3", "3"],
        ["100.04", "0.5", "3.5"],
        ["100.11", "8", "11.5"],
        ["100.40", "1.125", "12.625"],
    ]


async def test_sides_beside_each_other_need_room_for_both_prices() -> None:
    beside = await painted(panel_with(LadderSettings(Form.SIDE_BY_SIDE)), (28, 12), small())
    stacked = await painted(panel_with(LadderSettings(Form.SIDE_BY_SIDE)), (26, 12), small())

    assert beside[1].split() == ["1.5", "99.98+", "-100.02", "3"]
    assert [text.split()[1] for text in stacked[2:6]] == ["100.11", "100.04", "100.02", "0.04"]


async def test_at_standing_prices_bids_are_left_and_asks_right() -> None:
    settings = LadderSettings(Form.ANCHORED, step=2)
    found = await painted(panel_with(settings), (80, 15), small())

    rows = [text for text in found if re.search(r"\d\.\d\d\b", text) and "spread" not in text]
    by_price = {}
    for text in rows:
        match = re.search(r"([+±-]| )  ?([ \d]\d\d\.\d\d)\b(?=  |$)", text[34:])
        assert match is not None, text
        left, right = text[: 34 + match.start()], text[34 + match.end() :]
        by_price[match[2].strip()] = (left.split()[-1:], match[1], right.split()[:1])
    assert by_price["100.02"] == ([], "-", ["3"])
    assert by_price["100.04"] == ([], "-", ["0.5"])
    assert by_price["100.00"] == ([], " ", [])
    assert by_price["99.98"] == (["1.5"], "+", [])
    assert by_price["99.96"] == (["2"], "+", [])
    assert by_price["99.94"] == ([], "+", [])
    assert by_price["99.90"] == (["0.25"], "+", [])


async def test_prices_stand_still_while_the_market_moves() -> None:
    panel = panel_with(LadderSettings(Form.ANCHORED, step=1))
    async with alone(panel, (80, 30), small()):

        def prices() -> list[str]:
            names, _, *rows = texts(panel)
            end = names.index("price") + len("price")
            return [text[end - 6 : end] for text in rows]

        before = prices()
        risen = book_of([("100.05", "1")], [("100.07", "1")])
        panel.show(view_of(risen, instrument=TICK))
        assert prices() == before
        assert "100.07" in before

        panel.recentre()
        assert prices() != before


@pytest.mark.parametrize("form", FORMS)
async def test_it_fits_every_size_with_all_that_can_be_on(form: Form) -> None:
    traded = TradedVolume()
    panel = panel_with(LadderSettings(form, traded=True))
    async with alone(panel, (80, 24)):
        for seed, shape in enumerate(SHAPES):
            view = view_with(seed, shape)
            assert view.book is not None
            for price in (*view.book.bids.prices[-3:], *view.book.asks.prices[:3]):
                traded.add(Trade(price, Decimal(5), Aggressor.BUYER))
            panel.show(msgspec.structs.replace(view, traded=traded, monotonic_ns=seed + 1))
            for size in SIZES:
                panel.move_cursor(1)
                panel.next_bars()
                panel.group(1)
                found = painted_at(panel, size)

                assert len(found) <= size[1]
                # In fewer cells than any screen gives it, it is cut at its end.
                assert size[0] < 26 or all(len(text) <= size[0] for text in found), (size, shape)
            panel.clear_cursor()


@pytest.mark.parametrize("form", FORMS)
async def test_no_figure_is_cut_short(form: Form) -> None:
    panel = panel_with(LadderSettings(form, traded=True))
    async with alone(panel, (80, 24), view_with(7)):
        for width in (32, 52, 80, 120, 200):
            for _ in Unit:
                panel.switch_unit()
                found = painted_at(panel, (width, 30))
                said = "".join(text for text in found if "spread" not in text)

                assert "…" not in said, (width, panel.settings.unit)


@pytest.mark.parametrize(("width", "names"), [(16, 2), (30, 3), (60, 4)])
async def test_what_matters_less_gives_way_first(width: int, names: int) -> None:
    found = await painted(panel_with(LadderSettings()), (width, 16), small())

    assert found[0].split()[:4] == ["price", "size", "total", "notional"][:names] + (
        ["bars:", "total"][: max(0, 4 - names)] if "bars" in found[0] else []
    )


async def test_what_traded_stands_beside_the_level() -> None:
    traded = TradedVolume()
    traded.add(Trade(Decimal("99.98"), Decimal(7), Aggressor.SELLER))
    traded.add(Trade(Decimal("99.98"), Decimal(2), Aggressor.BUYER))
    view = small(traded=traded)

    stacked = await painted(panel_with(LadderSettings(traded=True)), (70, 16), view)
    anchored = await painted(
        panel_with(LadderSettings(Form.ANCHORED, step=1, traded=True)), (80, 16), view
    )

    assert stacked[0].split()[:4] == ["price", "size", "traded", "total"]
    assert next(text for text in stacked if "99.98" in text).split()[:5] == [
        *("+", "99.98", "1.5", "9", "1.5")
    ]
    assert stacked[0].split()[:1] == ["price"]
    assert [name in anchored[0] for name in ("sold", "bought")] == [True, True]
    row = next(text for text in anchored if "99.98" in text)
    left, right = row.split("+ ")
    assert left.split()[-2:] == ["7", "1.5"]
    assert right.split()[:2] == ["99.98", "2"]


async def test_beyond_the_known_depth_it_says_at_least() -> None:
    view = small(limited=True)
    stacked = await painted(panel_with(LadderSettings(step=20)), (70, 11), view)
    anchored = await painted(panel_with(LadderSettings(Form.ANCHORED, step=20)), (80, 11), view)

    # 99.50 is the last bid that is known: at 99.40 there may be more.
    assert next(text for text in stacked if "99.40" in text).split()[1:5] == [
        *("99.40", "≥40", "≥43.75", "≥3980")
    ]
    assert "≥" not in next(text for text in stacked if "99.80" in text)
    assert "≥0" in next(text for text in anchored if "99.20" in text)


@pytest.mark.parametrize("form", FORMS)
async def test_a_mark_has_a_cell_at_every_width(form: Form) -> None:
    panel = panel_with(LadderSettings(form))
    sides = [
        [(str(first + step * n), f"{123456 + n}.25") for n in range(9)]
        for first, step in ((100, -1), (101, 1))
    ]
    tick = Instrument("BTCUSD", "BTC", "USD", tick=Decimal(1))
    before, after = book_of(*sides), book_of(*sides)
    after.bids.apply([(Decimal(99), Decimal(654321))])
    after.asks.apply([(Decimal(102), Decimal(654321))])
    views = [
        view_of(book, instrument=tick, monotonic_ns=1_000_000_000 + at)
        for at, book in enumerate((before, after))
    ]
    async with alone(panel, (80, 12)):
        for width in range(16, 60):
            panel._ladder = Ladder()
            panel._ladder.settings = LadderSettings(form)
            for panel.view in views:
                found = painted_at(panel, (width, 12))

            assert sum(text[:width].count("▴") for text in found) == 2, width


async def test_in_a_spread_wider_than_the_rows_they_stand_and_it_says_where_the_touch_is() -> None:
    book = book_of([("90.00", "1")], [("110.00", "2")])
    panel = panel_with(LadderSettings(Form.ANCHORED, step=1))
    found = await painted(panel, (90, 12), view_of(book, instrument=TICK, price_decimals=2))

    assert " · bid 90.00 below · ask 110.00 above" in found[0]
    assert [text.strip() for text in found[1:]] == [f"{100.05 - n / 100:.2f}" for n in range(11)]
    narrow = await painted(panel, (46, 12), view_of(book, instrument=TICK, price_decimals=2))
    assert narrow[0].strip() == "spread 20 · bid 90.00 below · ask 110.00 above"
    near = await painted(
        panel_with(LadderSettings(Form.ANCHORED, step=200)),
        (90, 24),
        view_of(book, instrument=TICK, price_decimals=2),
    )
    assert not any("below" in text or "above" in text for text in near)


async def test_at_least_is_never_more_than_is_known() -> None:
    book = book_of([("99.98", "1.5"), ("99.90", "0.25009")], [("100.02", "3.4567899")])
    view = view_of(book, instrument=TICK, limited=True, price_decimals=2)
    found = await painted(panel_with(LadderSettings(step=20)), (130, 20), view)

    asks = next(text for text in found if text.startswith("-"))
    # 100.02 x 3.4567899 is 345.748...: told with two decimals, and the total with three.
    assert asks.split()[1:5] == ["100.20", "≥3.4567899", "≥3.456", "≥345.74"]


async def test_a_spread_that_is_not_none_does_not_look_like_it() -> None:
    book = book_of([("83287.00", "1")], [("83287.01", "1")])
    found = await painted(panel_with(LadderSettings()), (60, 9), view_of(book, instrument=TICK))

    assert "spread 0.01 USD · 0.0012 bps" in found[4]
