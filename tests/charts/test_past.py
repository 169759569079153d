"""How a market stood: a sample a second, bounded, with the trades in it."""

from __future__ import annotations

import random
import sys
from collections import defaultdict
from decimal import Decimal

import msgspec
import pytest

from chart_support import AGGRESSORS, KINDS, book_of, looked, prints_of, random_book, real_book
from obtui.book import OrderBook
from obtui.charts.past import LEVELS, SAMPLES, SECOND, TRADES, Past, Sample
from obtui.market import Aggressor, Trade
from obtui.tape import Print
from obtui.view import MarketView
from support.frames import at, wall

BOOK = book_of({Decimal(100): Decimal(1)}, {Decimal(101): Decimal(2)})
SIGNS = {Aggressor.BUYER: 1, Aggressor.SELLER: -1, Aggressor.NONE: 0}


def times(past: Past) -> list[float]:
    return [(sample.monotonic_ns - at(0)) / SECOND for sample in past.samples]


def only(view: MarketView) -> Sample:
    past = Past()
    past.add(view)
    (sample,) = past.samples
    return sample


def assert_is(sample: Sample, book: OrderBook) -> None:
    """Compare with the book's own levels, sorted the plain way."""
    for side, best, size, kept, whole in (
        (book.bids, sample.bid, sample.bid_size, sample.bids, True),
        (book.asks, sample.ask, sample.ask_size, sample.asks, False),
    ):
        levels = sorted(side.sizes.items(), reverse=whole)[:LEVELS]
        assert kept.prices == [float(price) for price, _ in levels]
        assert kept.sizes == pytest.approx([float(resting) for _, resting in levels], rel=1e-7)
        assert (best, size) == (tuple(map(float, levels[0])) if levels else (None, None))
    assert sample.bids_whole == (len(book.bids) <= LEVELS)
    assert sample.asks_whole == (len(book.asks) <= LEVELS)
    if len(book.bids) and len(book.asks):
        bid, ask = max(book.bids.sizes), min(book.asks.sizes)
        assert sample.mid == pytest.approx(float((bid + ask) / 2))
        assert sample.spread == pytest.approx(float(ask - bid))
    else:
        assert sample.mid is None
        assert sample.spread is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_sample_holds_the_levels_near_the_touch(kind: str) -> None:
    chance = random.Random(kind)
    for _ in range(5):
        book = random_book(chance, kind)
        sample = only(looked(book, 3))

        assert (sample.monotonic_ns, sample.received_ns, sample.live) == (at(3), wall(3), True)
        assert_is(sample, book)


def test_a_real_book_is_sampled_at_its_best() -> None:
    book = real_book()

    sample = only(looked(book))

    assert_is(sample, book)
    assert (sample.bid, sample.ask) == (60707.59, 60713.37)
    assert not sample.bids_whole


def test_what_is_not_live_is_a_gap() -> None:
    sample = only(looked(BOOK, live=False))

    assert sample == Sample(at(0), wall(0))
    assert not sample.live


def test_it_takes_one_a_second_however_often_it_is_asked() -> None:
    past = Past()
    shown = []
    for frame in range(100):
        past.add(looked(BOOK, frame / 20))
        shown.append(past.samples)

    assert times(past) == [0, 1, 2, 3, 4]
    assert len({id(samples) for samples in shown}) == 5


def test_without_enough_levels_or_a_frame_there_is_nothing_to_keep() -> None:
    past = Past()

    past.add(msgspec.structs.replace(looked(BOOK), ask_levels=2))
    past.add(msgspec.structs.replace(looked(BOOK), received_ns=0))

    assert past.samples == ()
    assert past.due(at(0))
    past.add(looked(BOOK, 0.5))
    assert times(past) == [0.5]
    assert not past.due(at(0.9))
    assert past.due(at(1))


def test_it_is_bounded() -> None:
    past = Past()
    for second in range(SAMPLES + 100):
        past.add(looked(BOOK, second))

    assert len(past.samples) == SAMPLES
    assert times(past)[0] == 100
    past.clear()
    assert past.samples == ()


def test_a_full_one_takes_some_10_megabytes() -> None:
    chance = random.Random(1)
    past = Past()
    told = [(f"{100 + n}", "1", chance.choice(AGGRESSORS)) for n in range(200)]
    book = random_book(chance, "deep")
    past.add(looked(book))
    past.add(looked(book, 1, prints=prints_of(told), trades=200))

    sample = past.samples[-1]

    assert len(sample.trade_prices) == TRADES
    parts = sum(sys.getsizeof(part) for part in sample if not isinstance(part, bool))
    assert (sys.getsizeof(sample) + parts) * SAMPLES < 11e6


def test_going_back_forgets_what_is_after() -> None:
    past = Past()
    for second in range(10):
        past.add(looked(BOOK, second))

    past.add(looked(BOOK, 4.5))

    assert times(past) == [0, 1, 2, 3, 4.5]
    past.add(looked(BOOK, 5))
    assert times(past) == [0, 1, 2, 3, 4.5, 5]
    past.add(looked(BOOK, 0))
    assert times(past) == [0]


def test_a_time_without_a_look_is_a_gap() -> None:
    past = Past()
    for second in (0, 1, 2, 2 + 3, 600):
        past.add(looked(BOOK, second))

    assert times(past) == [0, 1, 2, 5, 6, 600]
    assert [sample.live for sample in past.samples] == [True, True, True, True, False, True]


def test_looks_that_are_rare_by_themselves_are_no_gaps() -> None:
    past = Past()
    for look in range(20):
        past.add(looked(BOOK, look * 5))

    # What is rare at once is a gap the first time.
    assert times(past) == [0, 1, *range(5, 100, 5)]


def test_trades_are_those_since_the_sample_before() -> None:
    seed = random.randrange(10**6)
    print("seed", seed)
    chance = random.Random(seed)
    past = Past()
    tape: list[tuple[str, str, Aggressor]] = [("99", "7", Aggressor.BUYER)]
    past.add(looked(BOOK, 0, prints=prints_of(tape), trades=1))
    expected: list[dict[tuple[float, int], Decimal]] = [{}]
    since: dict[tuple[float, int], Decimal] = defaultdict(Decimal)
    for frame in range(1, 200):
        for _ in range(chance.randrange(4)):
            trade = (
                str(chance.randrange(90, 96)),
                str(chance.randrange(1, 9)),
                chance.choice(AGGRESSORS),
            )
            tape.append(trade)
            since[float(trade[0]), SIGNS[trade[2]]] += Decimal(trade[1])
        past.add(looked(BOOK, frame / 10, prints=prints_of(tape[-50:]), trades=len(tape)))
        if frame % 10 == 0:
            expected.append(dict(since))
            since.clear()

    found = [
        {
            (price, sign): Decimal(size)
            for price, size, sign in zip(
                sample.trade_prices, sample.trade_sizes, sample.trade_signs, strict=True
            )
        }
        for sample in past.samples
    ]
    assert found == expected
    assert sum(map(len, found)) > 50


def test_a_gap_that_is_there_already_is_enough() -> None:
    past = Past()
    past.add(looked(BOOK, 0))
    past.add(looked(BOOK, 1, live=False))
    past.add(looked(BOOK, 60))

    assert times(past) == [0, 1, 60]


def test_history_is_no_news() -> None:
    past = Past()
    history = [Print(Trade(Decimal(99), Decimal(1), Aggressor.SELLER, 1, history=True), 1)]
    past.add(looked(BOOK, 0))
    past.add(
        looked(BOOK, 1, prints=[*prints_of([("100", "2", Aggressor.BUYER)]), *history], trades=2)
    )

    assert list(past.samples[-1].trade_sizes) == [2.0]


def test_what_is_from_before_a_jump_is_no_news() -> None:
    past = Past()
    told = prints_of([("100", "1", Aggressor.BUYER)])
    past.add(looked(BOOK, 10))
    past.add(looked(BOOK, 11, prints=told * 2, trades=2))
    past.add(looked(BOOK, 4, prints=told * 50, trades=50))
    past.add(looked(BOOK, 5, prints=told, trades=1))
    past.add(looked(BOOK, 300, prints=told * 90, trades=90))
    past.add(looked(BOOK, 301, prints=told * 91, trades=91))

    sizes = [
        (second, list(it.trade_sizes)) for second, it in zip(times(past), past.samples, strict=True)
    ]
    assert sizes == [(4, []), (5, []), (6, []), (300, []), (301, [1.0])]


def test_of_many_trades_the_largest_are_kept() -> None:
    past = Past()
    past.add(looked(BOOK, 0))
    told = [(str(1000 + n), str(1 + n), Aggressor.BUYER) for n in range(300)]

    past.add(looked(BOOK, 1, prints=prints_of(told), trades=300))

    sample = past.samples[-1]
    assert list(sample.trade_sizes) == [float(1 + n) for n in range(300 - TRADES, 300)]
    assert list(sample.trade_prices) == [float(1000 + n) for n in range(300 - TRADES, 300)]
