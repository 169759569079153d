"""The ladder in its three forms, as lines: every figure exact, nothing cut, at every size."""

from __future__ import annotations

import random
import re
from decimal import Decimal
from typing import TypeVar

import msgspec
import pytest
from textual import events

from obtui.ladder.laddering import Ladder
from obtui.ladder.rows import Bars, Form, LadderSettings, Unit
from obtui.market import Aggressor, BookState, Instrument, Trade
from obtui.traded import TradedVolume
from obtui.view import MarketView
from obtui.widgets.ladder_panel import LadderPanel
from panel_support import alone, book_of, painted, texts, view_of
from support.frames import WALL_NS
from support.random_books import SHAPES, random_book

TICK = Instrument("BTCUSD", "BTC", "USD", tick=Decimal("0.01"))
SIZES = [(0, 0), (1, 1), (2, 3), (12, 5), (26, 4), (32, 12), (52, 20), (80, 21), (200, 70)]
FORMS = list(Form)
Wheel = TypeVar("Wheel", bound=events.MouseEvent)


def panel_with(settings: LadderSettings) -> LadderPanel:
    panel = LadderPanel(id="ladder")
    panel.settings = settings
    return panel


def view_with(seed: int = 1, shape: str = "plain") -> MarketView:
    return view_of(random_book(random.Random(seed), shape, Decimal("0.01")), instrument=TICK)


def small(**told: object) -> MarketView:
    bids = [("99.98", "1.5"), ("99.97", "2"), ("99.90", "0.25"), ("99.5", "40")]
    asks = [("100.02", "3"), ("100.04", "0.5"), ("100.11", "8"), ("100.40", "1.125")]
    return msgspec.structs.replace(view_of(book_of(bids, asks), instrument=TICK), **told)


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


def painted_at(panel: LadderPanel, size: tuple[int, int]) -> list[str]:
    """Its lines in another size than it has."""
    lines = panel.paint(*size)
    return ["".join(segment.text for segment in line) for line in lines]


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
async def test_the_cursors_line_tells_the_way_to_it(form: Form) -> None:
    traded = TradedVolume()
    traded.add(Trade(Decimal("99.97"), Decimal(7), Aggressor.SELLER))
    panel = panel_with(LadderSettings(form, step=1))
    async with alone(panel, (150, 30), small(traded=traded)):
        panel.move_cursor(1)
        panel.move_cursor(1)
        said = texts(panel)[-1]
        panel.clear_cursor()
        cleared = texts(panel)[-1]

    # (1.5 x 99.98 + 2 x 99.97) / 3.5; the mid is 100.
    assert said.strip() == (
        "+ 99.97 · -3 ticks · -3.00 bps from mid · 3.5 BTC to here · average 99.9743"
        " · 349.91 USD · bought 0, sold 7"
    )
    assert "ticks" not in cleared


async def test_where_it_is_narrow_the_cursor_has_two_lines() -> None:
    panel = panel_with(LadderSettings())
    async with alone(panel, (32, 12), small(limited=True)):
        panel.move_cursor(-1)
        found = texts(panel)[-2:]

    assert found == [" - 100.02 +2t +2.00bp", " 3 BTC · avg 100.02 · 300.06 USD"]


async def test_beyond_the_known_depth_the_average_is_a_bound() -> None:
    # What is not known lies beyond: it makes a sale cheaper, and a purchase dearer.
    for step, moves, cost in (
        (20, [1, 1], "≥43.75 BTC to here · average ≤99.5403"),
        (50, [-1], "≥12.625 BTC to here · average ≥100.1116"),
    ):
        panel = panel_with(LadderSettings(step=step))
        async with alone(panel, (150, 30), small(limited=True)):
            for move in moves:
                panel.move_cursor(move)
            assert cost in texts(panel)[-1]


@pytest.mark.parametrize("form", FORMS)
async def test_a_click_puts_the_cursor_on_the_line_and_the_wheel_moves_it(form: Form) -> None:
    panel = panel_with(LadderSettings(form, step=1))
    async with alone(panel, (80, 30), small()):
        y = next(n for n, text in enumerate(texts(panel)) if "99.97" in text)
        panel.on_click(click(panel, 20, y))
        assert texts(panel)[-2].startswith(" + 99.97 · -3 ticks")

        panel.on_mouse_scroll_down(wheel(events.MouseScrollDown, panel))
        below = texts(panel)[-2]
        panel.on_mouse_scroll_up(wheel(events.MouseScrollUp, panel))
        assert texts(panel)[-2].startswith(" + 99.97 · -3 ticks")
        assert below.startswith(" + 99.96" if form is Form.ANCHORED else " + 99.90")
        # Neither on the names nor on the spread is there a price.
        spread = next(n for n, text in enumerate(texts(panel)) if "spread" in text)
        for line in (0, spread):
            panel.on_click(click(panel, 20, line))
            assert texts(panel)[-2].startswith(" + 99.97 · -3 ticks")


def click(panel: LadderPanel, x: int, y: int) -> events.Click:
    return events.Click(panel, x, y, 0, 0, 1, False, False, False)


def wheel(kind: type[Wheel], panel: LadderPanel) -> Wheel:
    return kind(panel, 5, 5, 0, 1, 0, False, False, False)


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
