"""The heatmap's picture: what each cell shows, and what stands still."""

from __future__ import annotations

import random
from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import pairwise

import pytest

from chart_support import book_of, looked, prints_of, random_book
from obtui.book import OrderBook
from obtui.charts import heat, heat_map
from obtui.charts.heat import Column, Grid
from obtui.charts.heat_map import ASK_LINE, BID_LINE, Cell, HeatMap, Mark, Picture
from obtui.charts.past import Past, Sample
from obtui.market import Aggressor
from support.frames import wall

TICK = Decimal("0.01")


def around(price: str, levels: int = 40, spread: str = "0.02") -> OrderBook:
    """A level at each tick, the sizes growing from the touch."""
    mid, half = Decimal(price), Decimal(spread) / 2
    return book_of(
        {mid - half - TICK * n: Decimal(1 + n) for n in range(levels)},
        {mid + half + TICK * n: Decimal(1 + n) for n in range(levels)},
    )


def seen(books: Sequence[OrderBook | None], start: int = 0) -> tuple[Sample, ...]:
    """A book each second; None is a second without a trusted one."""
    past = Past()
    for second, book in enumerate(books, start):
        past.add(looked(book or around("1"), second, live=book is not None))
    return past.samples


def drawn(samples: Sequence[Sample], lines: int = 20, per_line: int = 2) -> Picture:
    return HeatMap().picture(samples, lines, tick=TICK, per_line=per_line)


@pytest.mark.parametrize("per_line", [1, 2])
def test_the_touch_is_in_its_rows(per_line: int) -> None:
    chance = random.Random(per_line)
    books = [around(f"{100 + chance.randrange(-8, 8) / 100:.2f}") for _ in range(30)]
    picture = drawn(seen(books), 20, per_line)

    assert len(picture.lines) == 20
    assert {len(line) for line in picture.lines} == {30}
    for column, book in enumerate(books):
        for best, rounding, kind in (
            (max(book.bids.sizes), ROUND_FLOOR, BID_LINE),
            (min(book.asks.sizes), ROUND_CEILING, ASK_LINE),
        ):
            row = int((best / picture.step).to_integral_value(rounding)) - picture.low
            cell = picture.lines[19 - row // per_line][column]
            assert kind == (cell.lower, cell.upper)[row % per_line]
    assert sum(BID_LINE in cell[:2] for line in picture.lines for cell in line) == 30


def test_cells_are_the_intensity_of_their_rows() -> None:
    samples = seen([random_book(random.Random(3), "deep")] * 5)
    picture = drawn(samples)
    grid = Grid(float(picture.step), picture.low, 40)
    column = heat.column(samples[0], grid)
    scale = heat.intensity(column.sizes)

    expected = [scale.of(size) for size in column.sizes]
    assert column.bid is not None
    assert column.ask is not None
    expected[column.ask], expected[column.bid] = ASK_LINE, BID_LINE
    assert [
        cell for line in picture.lines[::-1] for cell in (line[0].lower, line[0].upper)
    ] == expected
    assert len(set(expected)) > 5


def test_lines_have_the_price_of_their_lower_row() -> None:
    picture = drawn(seen([around("100")] * 3))

    for line in range(20):
        price = picture.price(line)
        assert picture.line(price) == picture.line(price + picture.step) == line
        assert picture.line(price + picture.step * 2) == line - 1
    labels = heat_map.labelled(picture)
    assert len(labels) == 4
    for line, price in labels.items():
        assert price == picture.price(line)
        assert price % (picture.step * 10) == 0
    assert {low - high for high, low in pairwise(sorted(labels))} == {5}


def test_nothing_is_computed_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    computed: list[Sample] = []

    def counted(sample: Sample, grid: Grid, *, limited: bool = False) -> Column:
        computed.append(sample)
        return real(sample, grid, limited=limited)

    real = heat.column
    monkeypatch.setattr(heat, "column", counted)
    samples = seen([around("100")] * 61)
    shown = HeatMap()
    shown.picture(samples[:60], 10, tick=TICK)
    assert len(computed) == 60

    shown.picture(samples[1:61], 10, tick=TICK)
    assert computed[60:] == [samples[60]]
    shown.picture(samples[1:61], 12, tick=TICK)
    assert len(computed) == 121


def test_a_replay_that_was_sought_back_does_not_show_what_was() -> None:
    shown = HeatMap()
    first = shown.picture(seen([around("100")] * 5), 10, tick=TICK)
    again = shown.picture(seen([around("100.03")] * 5), 10, tick=TICK)

    assert again.low == first.low
    assert again.lines != first.lines


def test_what_is_kept_is_what_would_be_made() -> None:
    chance = random.Random(6)
    shown = HeatMap()
    past = Past()
    told: list[tuple[str, str, Aggressor]] = []
    for second in range(60):
        # Ten times as much after some time: what was bright is then dark.
        size = Decimal(chance.randrange(1, 100)) * (10 if second > 30 else 1)
        book = around("100")
        for level in chance.sample(book.bids.prices, 20):
            book.bids.sizes[level] = size
        told.append(("99.99", str(chance.randrange(1, 9) ** (1 + second // 30)), Aggressor.SELLER))
        past.add(looked(book, second, prints=prints_of(told), trades=len(told)))
        picture = shown.picture(past.samples[-20:], 10, tick=TICK)

        fresh = HeatMap()
        fresh.__dict__.update(shown.__dict__ | {"_kept": {}, "_of": ()})
        assert picture.lines == fresh.picture(past.samples[-20:], 10, tick=TICK).lines


def test_as_many_rows_in_other_lines_are_drawn_anew() -> None:
    samples = seen([around("100")] * 5)
    shown = HeatMap()

    half = shown.picture(samples, 10, tick=TICK, per_line=2)
    whole = shown.picture(samples, 20, tick=TICK, per_line=1)

    assert (len(half.lines), len(whole.lines)) == (10, 20)
    assert whole.lines == drawn(samples, 20, 1).lines


def test_rows_stand_still_until_the_market_leaves_the_middle() -> None:
    chance = random.Random(4)
    shown = HeatMap()
    past = Past()
    cents = 10_000
    places = []
    for second in range(600):
        cents += chance.randrange(-3, 4)
        past.add(looked(around(f"{cents / 100:.2f}"), second))
        picture = shown.picture(past.samples[-60:], 20, tick=TICK)
        line = picture.line(Decimal(cents).scaleb(-2))
        assert 2 <= line < 18
        assert picture.low % 2 == 0
        places.append((picture.step, picture.low))

    moves = sum(one != other for one, other in pairwise(places))
    assert 1 <= moves <= 12


def test_zoom_goes_by_steps_from_a_tick_to_nothing() -> None:
    samples = seen([around("100", 200)] * 3)
    shown = HeatMap()
    steps = []
    for zoom in (0, 1, 1, 1, *[1] * 20, *[-1] * 40):
        shown.zoom += zoom
        picture = shown.picture(samples, 20, tick=TICK)
        steps.append(picture.step)
        assert 0 <= picture.line(Decimal(100)) < 20
        assert picture.low >= 0

    assert min(steps) == TICK
    assert max(steps) == 2
    assert {max(pair) / min(pair) for pair in pairwise(steps)} <= {1, 2, Decimal("2.5")}


def test_a_gap_is_blank_between_its_edges() -> None:
    book = around("100")
    picture = drawn(seen([book, book, None, None, None, None, book, None, book, None]), 4)

    edge, blank = Cell(-1, -1, gap=True), Cell(-1, -1)
    for line in picture.lines:
        assert [line[at] for at in (2, 3, 4, 5, 7, 9)] == [edge, blank, blank, edge, edge, edge]
        assert all(cell not in {edge, blank} for cell in (line[0], line[1], line[6], line[8]))


def test_marks_tell_the_aggressor_and_how_much() -> None:
    chance = random.Random(5)
    past = Past()
    past.add(looked(around("100")))
    told: list[tuple[str, str, Aggressor]] = []
    for second in range(1, 40):
        side = chance.choice([Aggressor.BUYER, Aggressor.SELLER])
        price = "100.01" if side is Aggressor.BUYER else "99.99"
        told.append((price, str(second), side))
        past.add(looked(around("100"), second, prints=prints_of(told), trades=len(told)))
    # Both in one row, as much of each; and one of neither.
    told += [("99.99", "7", Aggressor.NONE)]
    past.add(looked(around("100"), 40, prints=prints_of(told), trades=len(told)))

    picture = drawn(past.samples)

    for second, (_, _, side) in enumerate(told[:-1], start=1):
        marks = [line[second].mark for line in picture.lines if line[second].mark is not None]
        large = (second >= 20) + (second >= 38)
        assert marks == [Mark(1 if side is Aggressor.BUYER else -1, large)]
    assert [line[40].mark for line in picture.lines if line[40].mark] == [Mark(0, 0)]
    assert not any(line[0].mark for line in picture.lines)


def test_two_deals_in_a_line_are_one_mark_where_more_traded() -> None:
    book = around("100")
    book.bids.sizes[Decimal("99.93")] = Decimal(1000)
    past = Past()
    past.add(looked(book))
    shown = HeatMap()
    shown.zoom = 9
    at = shown.picture(past.samples, 20, tick=TICK).line(Decimal("99.93"))
    rows = (
        [Decimal("99.92"), Decimal("99.93")]
        if at == _line("99.92")
        else [Decimal("99.93"), Decimal("99.94")]
    )
    for wall_size, other_size in (("5", "3"), ("3", "5")):
        sizes = [wall_size if price == Decimal("99.93") else other_size for price in rows]
        told = [
            (str(price), size, Aggressor.SELLER) for price, size in zip(rows, sizes, strict=True)
        ]
        again = Past()
        again.add(looked(book))
        again.add(looked(book, 1, prints=prints_of(told), trades=2))

        picture = shown.picture(again.samples, 20, tick=TICK)

        cell = picture.lines[at][1]
        assert cell.mark is not None
        assert cell.mark.sign == -1
        assert (cell.upper == 7) is (wall_size == "5")


def _line(price: str) -> int:
    """Where it is in the picture of that test."""
    shown = HeatMap()
    shown.zoom = 9
    return shown.picture(seen([around("100")]), 20, tick=TICK).line(Decimal(price))


def test_any_samples_can_be_drawn() -> None:
    books: list[OrderBook | None] = [
        None,
        book_of({}, {}),
        random_book(random.Random(1), "bids only"),
    ]
    books += [random_book(random.Random(2), "asks only"), random_book(random.Random(2), "locked")]
    for count in range(6):
        for lines in (1, 2, 30):
            picture = drawn(seen(books[:count]), lines)
            assert [len(line) for line in picture.lines] == [count] * lines
    assert drawn((), 3).lines == [[], [], []]


def told_times(received: Sequence[int]) -> list[tuple[int, int]]:
    samples = [Sample(0, wall(0) + second * 10**9) for second in received]
    return [(at, (ns - wall(0)) // 10**9) for at, ns in heat_map.times(samples)]


def test_times_are_round_and_apart() -> None:
    # The told wall clock starts at 22:13:20.
    assert told_times(range(60)) == [(10, 10), (25, 25), (40, 40), (55, 55)]
    assert told_times([5 * second for second in range(60)]) == [
        (8, 40),
        (20, 100),
        (32, 160),
        (44, 220),
        (56, 280),
    ]
    assert told_times([7] * 30) == []
    assert told_times([]) == []
