"""Binance's and Bitstamp's messages, decoded and applied by a session.

    pytest tests/bench/test_binance_bitstamp.py --benchmark-only --no-cov

A row is `MESSAGES` messages of its kind; the ratios in brackets hold for one. Binance's changes are
of one level near the touch of a book of 5,000 a side, as in `test_apply`; Bitstamp's messages are
whole books of 100 a side. The splice is one reply of 5,000 levels a side and 30 changes before it.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from obtui.feeds.base import Feed
from obtui.feeds.binance import BinanceFeed
from obtui.feeds.bitstamp import BitstampFeed
from obtui.frame import Frame
from obtui.session import Session
from support import binance_wire, bitstamp_wire
from support.frames import connect, rest, text

LEVELS = 5_000
MESSAGES = 100
WAITING = 30

Levels = list[tuple[str, str]]


def levels(count: int) -> tuple[Levels, Levels]:
    bids = [(f"{60000 - step * 0.5:.8f}", "1.25000000") for step in range(count)]
    asks = [(f"{60001 + step * 0.5:.8f}", "1.25000000") for step in range(count)]
    return bids, asks


def diffs() -> list[Frame]:
    """Of one level each, there and back, the first with id 1."""
    chance = random.Random(1)
    made = []
    for number in range(1, MESSAGES + 1):
        step = int(chance.expovariate(0.1)) * 0.5
        size = chance.choice(("0.00000000", "0.53000000", "1.25000000"))
        if chance.random() < 0.5:
            data = binance_wire.diff(number, number, [(f"{60000 - step:.8f}", size)])
        else:
            data = binance_wire.diff(number, number, [], [(f"{60001 + step:.8f}", size)])
        made.append(text(data))
    return made


def reply() -> Frame:
    return rest("", 200, binance_wire.book(0, *levels(LEVELS)))


def measure(
    benchmark: BenchmarkFixture, feed: Feed, before: list[Frame], frames: list[Frame], rounds: int
) -> None:
    """Rounds of `frames`, each in a session that has taken those before, which are not timed."""

    def make() -> Callable[[], None]:
        session = Session(feed)
        for frame in (connect(), *before):
            session.receive(frame)

        def run() -> None:
            for frame in frames:
                session.receive(frame)
            assert not session.trouble

        return run

    benchmark.pedantic(  # type: ignore[no-untyped-call]
        lambda run: run(), setup=lambda: ((make(),), {}), rounds=rounds, warmup_rounds=1
    )


@pytest.mark.benchmark(group="100 messages")
def test_binance_changes(benchmark: BenchmarkFixture) -> None:
    first, *others = diffs()

    measure(benchmark, BinanceFeed("BTCUSDT"), [first, reply()], others, 50)


@pytest.mark.benchmark(group="100 messages")
def test_binance_best_prices(benchmark: BenchmarkFixture) -> None:
    tickers = [text(binance_wire.ticker(nth)) for nth in range(MESSAGES)]

    measure(benchmark, BinanceFeed("BTCUSDT"), [], tickers, 50)


@pytest.mark.benchmark(group="100 messages")
def test_binance_trades(benchmark: BenchmarkFixture) -> None:
    measure(benchmark, BinanceFeed("BTCUSDT"), [], [text(binance_wire.trade())] * MESSAGES, 50)


@pytest.mark.benchmark(group="100 messages")
def test_bitstamp_books(benchmark: BenchmarkFixture) -> None:
    books = [
        text(bitstamp_wire.book(*levels(100), bitstamp_wire.TIME + nth)) for nth in range(MESSAGES)
    ]

    measure(benchmark, BitstampFeed("BTCUSD"), [], books, 20)


@pytest.mark.benchmark(group="one whole book")
def test_the_splice_of_binance(benchmark: BenchmarkFixture) -> None:
    measure(benchmark, BinanceFeed("BTCUSDT"), diffs()[:WAITING], [reply()], 20)
