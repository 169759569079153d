"""The cost of sweeping a size: exact lines, and every number against a plain computation."""

from __future__ import annotations

import json
import random
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate

import pytest

from obtui.book import OrderBook
from obtui.market import BookState
from obtui.view import MarketView
from obtui.widgets.sweep_panel import SweepPanel
from panel_support import alone, book_of, painted, texts, view_of
from support.captures import incoming

Levels = list[tuple[Decimal, Decimal]]
"""Best first."""

BOOK = book_of(
    [("99", "1"), ("98", "2"), ("95", "4")],
    [("101", "0.5"), ("102", "1.5"), ("110", "10")],
)


def panel_for(size: str | None) -> SweepPanel:
    panel = SweepPanel()
    panel.amount = None if size is None else Decimal(size)
    return panel


async def test_a_row_for_each_side_where_that_fits() -> None:
    # (101 x 0.5 + 102 x 1.5 + 110 x 2) / 4 = 105.875; (99 + 98 x 2 + 95) / 4 = 97.5.
    assert await painted(panel_for("4"), (64, 4), view_of(BOOK)) == [
        " sweep · 4 BTC                                          mid 100",
        "         average        slip   worst       value  levels",
        " buy       105.9  587.50 bps     110  423.50 USD       3",
        " sell       97.5  250.00 bps      95  390.00 USD       3",
    ]


async def test_a_column_for_each_side_where_rows_do_not_fit() -> None:
    assert await painted(panel_for("4"), (28, 7), view_of(BOOK)) == [
        " sweep · 4 BTC      mid 100",
        "               buy      sell",
        " average     105.9      97.5",
        " slip    587.5 bps 250.0 bps",
        " worst         110        95",
        " value      423.50    390.00",
        " levels          3         3",
    ]


async def test_two_lines_where_it_is_low() -> None:
    assert await painted(panel_for("1"), (26, 3), view_of(BOOK)) == [
        " sweep · 1 BTC    mid 100",
        " buy  101.5 · 150.00 bps",
        " sell 99.0 · 100.00 bps",
    ]


async def test_where_the_known_levels_end_it_is_said_and_the_rest_is_no_better() -> None:
    assert await painted(panel_for("10"), (66, 5), view_of(BOOK, limited=True)) == [
        " sweep · 10 BTC                                           mid 100",
        " sell: not enough: only 7 BTC known",
        "         average          slip   worst         value  levels",
        " buy       108.4    835.00 bps     110  1,083.50 USD       3",
        " sell      ≤96.5   ≥357.14 bps     ≤95   ≥675.00 USD      ≥3",
    ]


async def test_a_book_that_is_known_whole_has_no_more() -> None:
    lines = await painted(panel_for("1,000".replace(",", "")), (66, 6), view_of(BOOK))

    assert lines[1:3] == [
        " buy: not enough: only 12 BTC in the book",
        " sell: not enough: only 7 BTC in the book",
    ]


async def test_of_an_empty_side_nothing_can_be_had() -> None:
    lines = await painted(panel_for("1"), (64, 5), view_of(book_of([], [("101", "5")])))

    assert lines == [
        " sweep · 1 BTC",
        " sell: not enough: only 0 BTC in the book",
        "         average  slip   worst       value  levels",
        " buy       101.0     -     101  101.00 USD       1",
        " sell          -     -       -           -       -",
    ]


async def test_other_sizes_where_there_is_room() -> None:
    lines = await painted(panel_for("2"), (64, 14), view_of(BOOK))

    assert lines[4:] == [
        "",
        "     size     buy          slip    sell          slip",
        "  0.2 BTC   101.0    100.00 bps    99.0    100.00 bps",
        "  0.4 BTC   101.0    100.00 bps    99.0    100.00 bps",
        "    1 BTC   101.5    150.00 bps    99.0    100.00 bps",
        "    2 BTC   101.8    175.00 bps    98.5    150.00 bps",
        "    4 BTC   105.9    587.50 bps    97.5    250.00 bps",
        "   10 BTC   108.4    835.00 bps   ≤96.5   ≥357.14 bps",
        "   20 BTC  ≥108.6   ≥862.50 bps   ≤96.5   ≥357.14 bps",
        "   40 BTC  ≥108.6   ≥862.50 bps   ≤96.5   ≥357.14 bps",
    ]


async def test_without_a_size_it_says_how_one_is_given() -> None:
    assert await painted(SweepPanel(), (30, 2), view_of(BOOK)) == [
        " sweep cost",
        " $ asks for a size",
    ]


async def test_without_the_whole_book_nothing_is_guessed() -> None:
    assert await painted(panel_for("1"), (34, 2), view_of(BOOK, book=None)) == [
        " sweep · 1 BTC            mid 100",
        " waiting for the whole book",
    ]


async def test_a_size_that_is_typed_is_painted_at_once_also_while_the_view_stands_still() -> None:
    async with alone(SweepPanel(), (64, 4), view_of(BOOK)) as app:
        assert isinstance(app.panel, SweepPanel)

        app.panel.amount = Decimal("0.5")

        assert texts(app.panel)[2].split()[:2] == ["buy", "101.0"]


async def test_a_book_that_is_not_live_is_painted_as_one() -> None:
    async with alone(panel_for("9"), (64, 14), view_of(BOOK, BookState.STALE)) as app:
        panel = app.panel
        stale, label = panel.part("sweep--stale"), panel.part("sweep--label")
        used = {
            segment.style
            for y in range(1, 14)
            for segment in panel.render_line(y)
            if segment.text.strip()
        }

        assert used == {stale, label}


def swept(levels: Levels, size: Decimal) -> tuple[Fraction, ...]:
    """Filled, paid, and last price, in fractions."""
    filled = paid = worst = Fraction()
    for price, held in levels:
        take = min(Fraction(held), Fraction(size) - filled)
        if take > 0:
            filled, paid, worst = filled + take, paid + take * Fraction(price), Fraction(price)
    return filled, paid, worst


def checked(
    line: str, levels: list[tuple[Decimal, Decimal]], size: Decimal, view: MarketView
) -> None:
    """The row of a side is what a plain sweep of these levels gives."""
    filled, paid, worst = swept(levels, size)
    words = line.replace(",", "").split()[1:]
    if not filled:
        assert words == ["-"] * 5
        return
    whole = filled == Fraction(size)
    assert all((word[0] in "≥≤") is not whole for word in words if word not in {"bps", "USD", "-"})
    figures = [word.lstrip("≥≤") for word in words if word not in {"bps", "USD"}]
    average, slip, last, value, count = figures
    places = view.price_decimals
    at_most = Fraction(1, (2 if whole else 1) * 10 ** (places + 1))
    assert abs(Fraction(average) - paid / filled) <= at_most
    if not whole:
        beyond = Fraction(average) - paid / filled
        assert beyond >= 0 if words[0][0] == "≤" else beyond <= 0
    assert Fraction(last) == worst
    assert abs(Fraction(value) - paid) <= Fraction(1, 200 if whole else 100)
    assert whole or Fraction(value) <= paid
    before = accumulate((held for _, held in levels), initial=Decimal())
    assert int(count) == sum(1 for held, _ in zip(before, levels, strict=False) if held < size)
    if view.bids and view.asks:
        mid = Fraction(view.bids[0].price + view.asks[0].price) / 2
        bps = abs(paid / filled - mid) / mid * 10_000
        assert abs(abs(float(slip)) - float(bps)) <= (0.0051 if whole else 0.0101)
    else:
        assert slip == "-"


def check(lines: list[str], book: OrderBook, size: Decimal, view: MarketView) -> None:
    sides = {
        "buy": sorted(book.asks.sizes.items()),
        "sell": sorted(book.bids.sizes.items(), reverse=True),
    }
    for name, levels in sides.items():
        line = next(line for line in lines if line.split()[:1] == [name])
        checked(line, levels, size, view)
        short = any(line.startswith(f" {name}: not enough") for line in lines)
        assert short == (sum(held for _, held in levels) < size)


def random_book(chance: random.Random) -> OrderBook:
    """Empty and one-sided, locked, shallow and deep ones among them."""
    depths = [chance.choice((0, 1, 5, 60, 2000)) for _ in range(2)]
    start = chance.randrange(50_000, 60_000)
    apart = chance.choice((0, 1, 37))
    sides = [
        [
            (f"{Decimal(first + step * at).scaleb(-2)}", f"{chance.randrange(1, 10**6)}e-5")
            for at in range(depth)
        ]
        for depth, first, step in zip(depths, (start, start + apart), (-1, 1), strict=True)
    ]
    return book_of(*sides)


async def test_every_number_of_random_books_is_that_of_a_plain_sweep() -> None:
    seed = 17
    print(f"seed {seed}")
    chance = random.Random(seed)
    async with alone(panel_for("1"), (110, 6)) as app:
        assert isinstance(app.panel, SweepPanel)
        for _ in range(25):
            book = random_book(chance)
            view = view_of(book, limited=chance.random() < 0.5)
            app.panel.amount = Decimal(f"{chance.choice((0.001, 1, 7.5, 200, 30000))}")

            app.panel.show(view)

            check(texts(app.panel), book, app.panel.amount, view)


async def test_every_number_of_a_real_book_is_that_of_a_plain_sweep() -> None:
    frames = [json.loads(frame) for frame in incoming("current-btcusd-31s")]
    book = OrderBook()
    async with alone(panel_for("1"), (110, 6)) as app:
        assert isinstance(app.panel, SweepPanel)
        for at, frame in enumerate(frames):
            for side, key in ((book.bids, "b"), (book.asks, "a")):
                changes = frame.get(key, ()) if frame.get("e") == "depthUpdate" else ()
                side.apply((Decimal(price), Decimal(size)) for price, size in changes)
            if at not in {0, len(frames) - 1}:
                continue
            view = view_of(book.copy())
            for size in ("0.01", "55.5", "1000000"):
                app.panel.amount = Decimal(size)

                app.panel.show(view)

                check(texts(app.panel), book, Decimal(size), view)


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (9, 9), (26, 4), (44, 30), (200, 70)])
async def test_every_size_is_painted(size: tuple[int, int]) -> None:
    for book in (BOOK, book_of([], [])):
        async with alone(panel_for("123456789.123"), size, view_of(book)) as app:
            assert len(texts(app.panel)) == size[1]


async def test_an_unchanged_book_is_swept_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async with alone(panel_for("3"), (64, 14), view_of(BOOK)) as app:
        monkeypatch.setattr("obtui.widgets.sweep_panel.sweep", None)  # it would not be callable

        app.panel.show(view_of(BOOK, messages=2))


async def test_the_worst_price_is_told_with_all_its_digits() -> None:
    book = book_of([("99", "1"), ("98.125", "2")], [("101", "1"), ("102.0625", "2")])

    lines = await painted(panel_for("2"), (64, 4), view_of(book, price_decimals=1))

    assert "102.0625" in lines[2].split()
    assert "98.125" in lines[3].split()


async def test_what_is_not_nothing_does_not_look_like_it() -> None:
    book = book_of([("0.00000712", "150000")], [("0.00000713", "120000")])
    lines = await painted(panel_for("1000"), (70, 4), view_of(book))
    tick = book_of([("83287.00", "1")], [("83287.01", "1")])

    assert lines[2].split()[-3:-1] == ["0.00713", "USD"]
    assert " 0.0006 bps " in (await painted(panel_for("1"), (70, 4), view_of(tick)))[2]


async def test_a_book_that_is_not_live_has_no_mid_in_its_title() -> None:
    lines = await painted(panel_for("1"), (40, 4), view_of(BOOK, BookState.SYNCING))

    assert lines[0].split() == ["sweep", "·", "1", "BTC", BookState.SYNCING.value]


async def test_a_size_is_forgotten_with_its_market() -> None:
    panel = panel_for("4")
    async with alone(panel, (64, 4), view_of(BOOK)):
        panel.show(view_of(BOOK, messages=2))
        assert texts(panel)[0].startswith(" sweep · 4 BTC")
        panel.show(view_of(BOOK, venue="kraken"))
        assert panel.amount is None
