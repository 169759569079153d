"""Tardis' incremental rows: rebuilt by Tardis' own rule they are the books that were live."""

from __future__ import annotations

from decimal import Decimal

import pytest
from export_doubles import (
    SYMBOL,
    VENUE_NS,
    Walk,
    drop,
    end,
    exported,
    gap,
    header,
    walk,
)
from tardis_reader import books_of, rows_of

from obtui.frame import Frame
from support import frames, wire
from support.books import Levels
from support.captures import books_of_current, books_of_v1, incoming

HEADER = b"exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount\n"
BIDS = [("98.00", "2"), ("99.00", "1.50")]
ASKS = [("102", "2"), ("101.10", "0.00000001")]


def us(seconds: float) -> int:
    return frames.wall(seconds) // 1000


def whole(u: int, seconds: float) -> Frame:
    return frames.text(wire.depth(u, BIDS, ASKS, ts=VENUE_NS), seconds)


def told(*recorded: Frame) -> list[dict[str, str]]:
    return rows_of(exported(recorded, "csv-l2"))


def expected(walk_: Walk) -> list[tuple[int, Levels | None]]:
    """The last of what was told in each microsecond."""
    last: dict[int, Levels | None] = {}
    for received_ns, book in walk_.books:
        last[received_ns // 1000] = book
    return list(last.items())


def test_a_book_and_a_change_in_the_venues_own_digits_asks_first() -> None:
    change = wire.depth(120, [("99.00", "0.00000000")], [("101.10", "3.0")], after=100, ts=VENUE_NS)

    data = exported(
        [header(), frames.connect(), whole(100, 1.0000019), frames.text(change, 2)], "csv-l2"
    )

    venue = VENUE_NS // 1000
    assert (
        data
        == HEADER
        + (
            f"gemini,BTCUSD,{venue},{us(1) + 1},true,ask,101.10,0.00000001\n"
            f"gemini,BTCUSD,{venue},{us(1) + 1},true,ask,102,2\n"
            f"gemini,BTCUSD,{venue},{us(1) + 1},true,bid,99.00,1.50\n"
            f"gemini,BTCUSD,{venue},{us(1) + 1},true,bid,98.00,2\n"
            f"gemini,BTCUSD,{venue},{us(2)},false,ask,101.10,3.0\n"
            f"gemini,BTCUSD,{venue},{us(2)},false,bid,99.00,0.00000000\n"
        ).encode()
    )


def test_without_a_venues_time_it_is_ours() -> None:
    first = wire.v1_initial(0, [("99", "1")], [("101", "1")])
    later = wire.v1_update(1, wire.change("bid", "98", "1"), ms=1_547_759_967_559)

    rows = rows_of(
        exported(
            [frames.connect(), frames.text(first, 1), frames.text(later, 2)],
            "csv-l2",
            venue="gemini-v1",
        )
    )

    assert [(row["exchange"], row["timestamp"], row["local_timestamp"]) for row in rows] == [
        ("gemini-v1", str(us(1)), str(us(1))),
        ("gemini-v1", str(us(1)), str(us(1))),
        ("gemini-v1", "1547759967559000", str(us(2))),
    ]


@pytest.mark.parametrize(
    "lost",
    [
        pytest.param([frames.disconnect(3), frames.connect(4)], id="disconnect"),
        pytest.param([drop(3), frames.connect(4)], id="drop"),
        pytest.param([end(3), header(3.5), frames.connect(4)], id="next run"),
        pytest.param([gap(3, "SYNCING", lost=True), frames.connect(4)], id="given up"),
        pytest.param([frames.text(b"{", 3), frames.connect(4)], id="garbled"),
    ],
)
def test_after_a_loss_of_trust_the_next_rows_are_the_new_book(lost: list[Frame]) -> None:
    change = wire.depth(120, [("97", "1")], after=100)
    ignored = frames.text(wire.depth(130, [("96", "1")], after=120), 3)

    rows = told(
        frames.connect(),
        whole(100, 1),
        frames.text(change, 2),
        *lost[:-1],
        ignored,
        lost[-1],
        whole(500, 5),
    )

    assert [row["is_snapshot"] for row in rows] == ["true"] * 4 + ["false"] + ["true"] * 4
    assert {row["local_timestamp"] for row in rows[5:]} == {str(us(5))}
    assert [row["amount"] for row in rows[5:]] == ["0.00000001", "2", "1.50", "2"]


def test_a_stale_book_that_comes_to_life_again_is_told_whole() -> None:
    change = wire.depth(120, [("97", "1")], after=100, ts=VENUE_NS)

    rows = told(
        frames.connect(),
        whole(100, 1),
        gap(40, "STALE", lost=False),
        frames.text(wire.ack("ping"), 41),
        frames.text(change, 42),
    )

    # Trust comes back with the reply to our ping, which has no time of the venue's.
    assert len(rows) == 4 + 4 + 1
    assert {(row["is_snapshot"], row["timestamp"]) for row in rows[4:8]} == {("true", str(us(41)))}
    assert (rows[8]["is_snapshot"], rows[8]["timestamp"]) == ("false", str(VENUE_NS // 1000))
    assert ("bid", "97", "1") in [(row["side"], row["price"], row["amount"]) for row in rows[4:]]


def test_a_crossed_book_is_not_told_and_what_it_becomes_is() -> None:
    crossing = wire.depth(110, [("101.10", "5")], after=100)
    mended = wire.depth(120, [("101.10", "0")], [("103", "1")], after=110)

    rows = told(frames.connect(), whole(100, 1), frames.text(crossing, 2), frames.text(mended, 3))

    assert {row["local_timestamp"] for row in rows} == {str(us(1)), str(us(3))}
    assert [row["price"] for row in rows[4:]] == ["101.10", "102", "103", "99.00", "98.00"]


def test_a_book_right_after_a_book_removes_what_a_reader_would_keep() -> None:
    # Tardis' rule discards a book only where a snapshot row follows one that is none.
    smaller = wire.depth(500, BIDS[:1], ASKS[:1])

    rows = told(
        frames.connect(),
        whole(100, 1),
        frames.disconnect(2),
        frames.connect(3),
        frames.text(smaller, 4),
    )

    cells = [(row["is_snapshot"], row["side"], row["price"], row["amount"]) for row in rows[4:]]
    assert cells == [
        ("true", "ask", "101.10", "0"),
        ("true", "ask", "102", "2"),
        ("true", "bid", "99.00", "0"),
        ("true", "bid", "98.00", "2"),
    ]


def test_an_empty_book_empties_a_readers() -> None:
    change = wire.depth(120, [("97", "1")], after=100)
    empty = wire.depth(500)

    rows = told(
        frames.connect(),
        whole(100, 1),
        frames.text(change, 2),
        frames.disconnect(3),
        frames.connect(4),
        frames.text(empty, 5),
    )

    assert list(books_of(rows))[-1] == (us(5), ({}, {}))


def test_a_level_that_is_gone_is_not_removed_again() -> None:
    gone = wire.depth(120, [("99.00", "0"), ("98.00", "0")], after=100)

    rows = told(
        frames.connect(),
        whole(100, 1),
        frames.text(gone, 2),
        frames.disconnect(3),
        frames.connect(4),
        frames.text(wire.depth(500), 5),
    )

    removed = [(row["side"], row["price"]) for row in rows if row["local_timestamp"] == str(us(5))]
    assert removed == [("ask", "101.10"), ("ask", "102")]


def test_nothing_but_the_header_where_there_is_no_trusted_book() -> None:
    assert exported([header(), frames.connect(), end(1)], "csv-l2") == HEADER


@pytest.mark.parametrize("seed", range(12))
def test_rebuilt_by_tardis_rule_it_is_the_book_at_every_moment(seed: int) -> None:
    recorded = walk(seed)

    rows = rows_of(exported(recorded.frames, "csv-l2"))

    rebuilt = dict(books_of(rows))
    previous: Levels = ({}, {})
    checked = 0
    for local, book in expected(recorded):
        if book is None:
            continue
        # A message that changed nothing has no row.
        previous = rebuilt.get(local, previous)
        assert previous == book, f"seed {seed}, at {local}"
        checked += 1
    assert checked > 50
    assert rebuilt.keys() <= {local for local, _ in expected(recorded)}


@pytest.mark.parametrize("seed", range(3))
def test_each_snapshot_alone_is_a_whole_book_too(seed: int) -> None:
    # A reader who discards its book at every message of snapshot rows must not be misled either.
    recorded = walk(seed)
    rows = rows_of(exported(recorded.frames, "csv-l2"))
    books = dict(expected(recorded))

    by_time: dict[int, Levels] = {}
    mixed = set()
    for row in rows:
        local = int(row["local_timestamp"])
        if row["is_snapshot"] == "false":
            mixed.add(local)
            continue
        side = by_time.setdefault(local, ({}, {}))[row["side"] == "ask"]
        if Decimal(row["amount"]):
            side[Decimal(row["price"])] = Decimal(row["amount"])

    alone = [local for local in by_time if local not in mixed and books[local] is not None]
    assert len(alone) > 5
    for local in alone:
        assert by_time[local] == books[local], f"seed {seed}, at {local}"


@pytest.mark.parametrize(
    ("name", "symbol", "venue"),
    [
        ("current-btcusd-31s", "btcusd", "gemini"),
        ("current-ethusd-31s", "ethusd", "gemini"),
        ("v1-btcusd-31s", "btcusd", "gemini-v1"),
    ],
)
def test_a_real_capture_is_rebuilt(name: str, symbol: str, venue: str) -> None:
    texts = incoming(name)
    books = (
        books_of_v1(texts)
        if venue == "gemini-v1"
        else [book for _, book in books_of_current(texts, symbol)]
    )
    recorded = [frames.connect()]
    recorded += [frames.text(data.encode(), 1 + at * 1e-3) for at, data in enumerate(texts)]

    rows = rows_of(exported(recorded, "csv-l2", venue=venue, symbol=symbol))

    rebuilt = [book for _, book in books_of(rows)]
    assert {row["symbol"] for row in rows} == {symbol.upper()}
    assert rebuilt == books
    assert symbol.upper() != SYMBOL or len(rebuilt) == 200
