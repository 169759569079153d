"""What is told of the level under the cursor, against plain fractions over the whole side."""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction

import pytest

from obtui.book import OrderBook
from obtui.ladder import grouping, readout, rows
from obtui.ladder.readout import Cursor, Readout
from obtui.market import Aggressor, Side, Trade
from obtui.traded import TradedVolume
from support.random_books import SHAPES, TICKS, random_book, real_books


def assert_right(
    book: OrderBook, cursor: Cursor, tick: Decimal, step: Decimal | None, read: Readout
) -> None:
    bids, asks = sorted(book.bids.sizes, reverse=True), sorted(book.asks.sizes)
    sides = [
        side
        for side, on in (
            (Side.BID, bids and cursor.price <= bids[0]),
            (Side.ASK, asks and cursor.price >= asks[0]),
        )
        if on
    ]
    if cursor.side in sides:
        sides = [cursor.side]
    assert read.side is (sides[0] if sides else None)
    price = cursor.price
    if step is not None and read.side is not None:
        price = grouping.group_of(read.side, cursor.price, step)
    assert read.price == price
    if bids and asks:
        mid = (Fraction(bids[0]) + Fraction(asks[0])) / 2
        assert read.ticks is not None
        assert read.bps is not None
        away = Fraction(price) - mid
        assert float(read.ticks) == pytest.approx(float(away / Fraction(tick)))
        assert read.bps == pytest.approx(float(away / mid * 10_000))
    else:
        assert (read.ticks, read.bps) == (None, None)
    held = book.bids.sizes if read.side is Side.BID else book.asks.sizes
    taken = [
        it for it in held if read.side and (it >= price if read.side is Side.BID else it <= price)
    ]
    size = sum((Fraction(held[it]) for it in taken), Fraction())
    worth = sum((Fraction(held[it]) * Fraction(it) for it in taken), Fraction())
    assert (Fraction(read.size), Fraction(read.notional)) == (size, worth)
    if size:
        assert float(read.average or 0) == pytest.approx(float(worth / size), rel=1e-15)
    else:
        assert read.average is None


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("seed", range(2))
def test_it_is_the_way_from_the_mid(seed: int, shape: str) -> None:
    chance = random.Random(f"{seed} {shape}")
    tick = chance.choice(TICKS)
    book = random_book(chance, shape, tick)
    prices = [*book.bids.prices[-20:], *book.asks.prices[:20], tick * 4000]

    for price in prices:
        for side in Side:
            for step in (None, tick * 5):
                cursor = Cursor(price + chance.choice([0, 0, 1]) * tick, side)
                read = readout.read(book.bids, book.asks, cursor, tick=tick, step=step)

                assert_right(book, cursor, tick, step, read)


def test_so_it_is_on_real_books() -> None:
    tick = Decimal("0.01")
    for book in real_books("current-btcusd-31s"):
        for price in (book.bids.prices[-30], book.asks.prices[30]):
            cursor = Cursor(price, Side.BID)
            read = readout.read(book.bids, book.asks, cursor, tick=tick)

            assert_right(book, cursor, tick, None, read)


def test_the_row_that_is_shown_says_the_same() -> None:
    book = random_book(random.Random(1), "plain", Decimal(1))
    view = rows.build(grouping.each(book.bids.top(9)), grouping.each(book.asks.top(9)))

    for side, row in ((Side.BID, view.bids[6]), (Side.ASK, view.asks[6])):
        cursor = Cursor(row.price, side)
        told = readout.read(book.bids, book.asks, cursor, tick=Decimal(1), row=row)
        assert told == readout.read(book.bids, book.asks, cursor, tick=Decimal(1))


def test_beyond_the_known_depth_there_may_be_more() -> None:
    book = random_book(random.Random(1), "thin", Decimal(1))
    last = book.asks.prices[-1]

    def partial(price: Decimal, *, limited: bool) -> bool:
        cursor = Cursor(price, Side.ASK)
        read = readout.read(book.bids, book.asks, cursor, tick=Decimal(1), limited=limited)
        return read.partial

    assert not partial(last, limited=True)
    assert partial(last + 1, limited=True)
    assert not partial(last + 1, limited=False)


@pytest.mark.parametrize(
    ("side", "step", "bought", "sold"),
    [
        (Side.BID, None, 2, 32),
        (Side.BID, "1", 2 + 4, 32 + 64),
        (Side.ASK, None, 2, 32),
        (Side.ASK, "1", 1 + 2, 16 + 32),
    ],
)
def test_what_traded_is_that_of_the_group(
    side: Side, step: str | None, bought: int, sold: int
) -> None:
    traded = TradedVolume()
    prices = [Decimal(text) for text in ("99.5", "100", "100.5")]
    for aggressor, sizes in ((Aggressor.BUYER, (1, 2, 4)), (Aggressor.SELLER, (16, 32, 64))):
        for price, size in zip(prices, sizes, strict=True):
            traded.add(Trade(price, Decimal(size), aggressor))
    # The price is on one side alone.
    book = OrderBook()
    edge = [(Decimal(200 if side is Side.BID else 50), Decimal(1))]
    (book.bids if side is Side.BID else book.asks).replace(edge)

    read = readout.read(
        book.bids,
        book.asks,
        Cursor(Decimal(100), side),
        tick=Decimal("0.5"),
        step=Decimal(step) if step else None,
        traded=traded,
    )

    assert [int(it) for it in read.volume] == [bought, sold, 0]
    assert read.exact
