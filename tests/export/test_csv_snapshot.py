"""Tardis' snapshot rows: the best levels at every change, against tops computed the plain way."""

from __future__ import annotations

import csv
import io

import pytest
from export_doubles import VENUE_NS, drop, end, exported, gap, header, walk

from obtui.export.base import Shape
from obtui.frame import Frame
from support import frames, wire
from support.books import Levels
from support.captures import books_of_current, incoming

SECOND = 1_000_000_000
Row = list[str]


def us(seconds: float) -> int:
    return frames.wall(seconds) // 1000


def rows_of(recorded: list[Frame], depth: int, interval_ns: int = 0) -> list[Row]:
    data = exported(recorded, "csv-snapshot", Shape(depth, interval_ns))
    return list(csv.reader(io.StringIO(data.decode())))[1:]


def book(u: int, bid: str, seconds: float, *, after: int | None = None) -> Frame:
    asks = [("101", "2")] if after is None else []
    return frames.text(wire.depth(u, [(bid, "1")], asks, after=after, ts=VENUE_NS + u), seconds)


def cells_of(levels: Levels, depth: int) -> Row:
    """The plain way: sort all, take the best."""
    bids, asks = levels
    best_bids, best_asks = sorted(bids, reverse=True)[:depth], sorted(asks)[:depth]
    cells = []
    for index in range(depth):
        for prices, sizes in ((best_asks, asks), (best_bids, bids)):
            level = prices[index : index + 1]
            cells += [f"{level[0]:f}", f"{sizes[level[0]]:f}"] if level else ["", ""]
    return cells


def same(cells: Row, plain: Row) -> bool:
    """Equal as numbers: one price may be padded differently by two messages."""
    return [cell and float(cell) for cell in cells] == [cell and float(cell) for cell in plain]


def test_the_header_is_tardis() -> None:
    data = exported([header()], "csv-snapshot", Shape(depth=2))

    assert data == (
        b"exchange,symbol,timestamp,local_timestamp,"
        b"asks[0].price,asks[0].amount,bids[0].price,bids[0].amount,"
        b"asks[1].price,asks[1].amount,bids[1].price,bids[1].amount\n"
    )


def test_a_row_in_the_venues_digits_with_empty_cells_where_there_is_no_level() -> None:
    data = wire.depth(100, [("99.00", "1.50"), ("98", "2")], [("101.10", "0.00000001")])

    rows = rows_of([header(), frames.connect(), frames.text(data, 1.5)], depth=3)

    assert len(rows) == 1
    assert rows[0][:4] == ["gemini", "BTCUSD", str(VENUE_NS // 1000), str(us(1.5))]
    assert rows[0][4:8] == ["101.10", "0.00000001", "99.00", "1.50"]
    assert rows[0][8:12] == ["", "", "98", "2"]
    assert rows[0][12:] == ["", "", "", ""]


def test_a_change_below_the_depth_makes_no_row() -> None:
    recorded = [
        frames.connect(),
        book(100, "99", 1),
        book(110, "98", 2, after=100),
        book(120, "99.5", 3, after=110),
    ]

    rows = rows_of(recorded, depth=1)

    assert [(row[3], row[6]) for row in rows] == [(str(us(1)), "99"), (str(us(3)), "99.5")]


def test_no_row_while_the_book_is_not_trusted_and_one_when_it_is_again() -> None:
    crossing = frames.text(wire.depth(110, [("102", "5")], after=100), 2)
    mended = frames.text(wire.depth(120, [("102", "0")], after=110), 3)

    rows = rows_of([frames.connect(), book(100, "99", 1), crossing, mended], depth=1)

    assert [(row[3], row[6]) for row in rows] == [(str(us(1)), "99"), (str(us(3)), "99")]


def test_an_interval_has_one_row_that_says_how_it_ended() -> None:
    recorded = [
        frames.connect(),
        book(100, "99", 0.2),
        book(110, "99.1", 0.3, after=100),
        book(120, "99.2", 0.9, after=110),
        book(130, "99.3", 2.1, after=120),
        book(140, "99.4", 2.95, after=130),
        frames.text(wire.ack("ping"), 3.0),
    ]

    rows = rows_of(recorded, depth=1, interval_ns=SECOND)

    assert [row[2:4] + row[6:7] for row in rows] == [
        [str((VENUE_NS + 120) // 1000), str(us(1)), "99.2"],
        [str((VENUE_NS + 140) // 1000), str(us(3)), "99.4"],
    ]


def test_an_interval_in_which_nothing_changed_or_that_did_not_end_has_none() -> None:
    recorded = [
        frames.connect(),
        book(100, "99", 0.2),
        book(110, "99.1", 1.3, after=100),
        book(120, "99", 1.4, after=110),
        book(130, "98", 2.4, after=120),
        book(140, "99.4", 5.4, after=130),
        frames.text(wire.ack("ping"), 5.9),
    ]

    rows = rows_of([*recorded[:2], *recorded[4:]], depth=1, interval_ns=SECOND)

    assert [(row[3], row[6]) for row in rows] == [(str(us(1)), "99")]


def test_trust_lost_within_an_interval_leaves_it_without_a_row() -> None:
    recorded = [
        frames.connect(),
        book(100, "99", 0.2),
        gap(0.8, "STALE", lost=False),
        drop(1.5),
        frames.connect(2.0),
        book(500, "97", 2.2),
        end(3.2),
    ]

    rows = rows_of(recorded, depth=1, interval_ns=SECOND)

    assert [(row[3], row[6]) for row in rows] == [(str(us(3)), "97")]


@pytest.mark.parametrize("depth", [1, 5, 200])
@pytest.mark.parametrize("seed", range(4))
def test_every_change_of_the_top_and_no_other_has_a_row(seed: int, depth: int) -> None:
    recorded = walk(seed)

    rows = rows_of(recorded.frames, depth)

    expected: list[tuple[int, Row]] = []
    last: Row | None = None
    for received_ns, levels in recorded.books:
        cells = None if levels is None else cells_of(levels, depth)
        if cells is not None and (last is None or not same(cells, last)):
            expected.append((received_ns // 1000, cells))
        last = cells
    assert [int(row[3]) for row in rows] == [local for local, _ in expected], f"seed {seed}"
    assert all(same(row[4:], cells) for row, (_, cells) in zip(rows, expected, strict=True))
    assert len(rows) > 40


@pytest.mark.parametrize("seed", range(4))
def test_on_a_grid_it_is_the_book_at_each_of_its_times(seed: int) -> None:
    recorded = walk(seed)
    interval = 500_000_000

    rows = rows_of(recorded.frames, 3, interval)

    last_ns = recorded.frames[-1].received_ns
    expected: list[tuple[int, Row]] = []
    written: Row | None = None
    start = frames.wall(0)
    for moment in range(start, last_ns + 1, interval):
        # What changed within the interval that ends now; the frame at its end is not in it.
        within = [it for it in recorded.books if moment - interval <= it[0] < moment]
        if any(levels is None for _, levels in within):
            written = None
        if not within or within[-1][1] is None:
            continue
        cells = cells_of(within[-1][1], 3)
        if written is None or not same(cells, written):
            expected.append((moment // 1000, cells))
        written = cells
    assert [int(row[3]) for row in rows] == [local for local, _ in expected], f"seed {seed}"
    assert all(same(row[4:], cells) for row, (_, cells) in zip(rows, expected, strict=True))
    assert len(rows) > 20


def test_the_rows_of_a_real_capture_are_its_tops() -> None:
    texts = incoming("current-btcusd-31s")
    recorded = [frames.connect()]
    recorded += [frames.text(data.encode(), 1 + at * 1e-3) for at, data in enumerate(texts)]

    rows = rows_of(recorded, 25)

    expected: list[Row] = []
    for _, levels in books_of_current(texts, "btcusd"):
        cells = cells_of(levels, 25)
        if not expected or not same(cells, expected[-1]):
            expected.append(cells)
    assert [row[4:] for row in rows] == expected
    assert (rows[-1][6], rows[-1][4]) == ("60707.59", "60713.37")
