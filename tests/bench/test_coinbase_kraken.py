"""Kraken's and Coinbase's messages: decoded, applied, and Kraken's checked.

    pytest tests/bench/test_coinbase_kraken.py --benchmark-only --no-cov

A group's rows are `MESSAGES` changes near the touch of a deep book, as in `test_apply`; what the
checksum costs is the difference of Kraken's two rows. The largest whole book that is known is
Coinbase's, of 46,000 levels and 5 MB: it is to be taken within `LARGEST_SECONDS`.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from obtui.book import OrderBook
from obtui.feeds.base import Decoder
from obtui.feeds.coinbase import CoinbaseDecoder
from obtui.feeds.kraken import KrakenDecoder
from obtui.market import BookDelta, BookSnapshot
from support import coinbase_wire, kraken_wire

LEVELS = 1_000
MESSAGES = 100
LARGEST_LEVELS = 46_000
LARGEST_SECONDS = 0.15

Change = tuple[str, str, str]


def levels(count: int) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    bids = [(f"{60000 - step * 0.5:.1f}", "1.25000000") for step in range(count)]
    asks = [(f"{60001 + step * 0.5:.1f}", "1.25000000") for step in range(count)]
    return bids, asks


def changes() -> list[Change]:
    """Side, price and absolute size: there and back, most of it in the best 10 levels."""
    chance = random.Random(1)
    made = []
    for _ in range(MESSAGES):
        step = int(chance.expovariate(0.1)) * 0.5
        side = chance.choice(("bid", "ask"))
        price = 60000 - step if side == "bid" else 60001 + step
        made.append((side, f"{price:.1f}", chance.choice(("0", "0.53000000", "1.25000000"))))
    return made


def both(side: str, price: str, size: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    return ([(price, size)], []) if side == "bid" else ([], [(price, size)])


def kraken_frames() -> list[bytes]:
    book = kraken_wire.Book(LEVELS)
    frames = [kraken_wire.instrument(), book.snapshot(*levels(LEVELS))]
    return frames + [book.update(*both(*change)) for change in changes()]


def coinbase_frames() -> list[bytes]:
    frames = [coinbase_wire.heartbeat(0), coinbase_wire.book(1, *levels(LEVELS), kind="snapshot")]
    made = enumerate(changes(), 2)
    return frames + [coinbase_wire.book(nth, *both(*change)) for nth, change in made]


def take(decoder: Decoder, book: OrderBook, frames: list[bytes], *, check: bool) -> None:
    for frame in frames:
        for event in decoder.decode(frame):
            if isinstance(event, BookDelta):
                book.apply_delta(event)
            elif isinstance(event, BookSnapshot):
                book.apply_snapshot(event)
            else:
                continue
            if check and event.checksum is not None:
                decoder.check(book, event.checksum)


@pytest.mark.benchmark(group=f"{MESSAGES} changes at {LEVELS} levels a side")
@pytest.mark.parametrize(
    ("make", "frames", "check"),
    [
        pytest.param(lambda: KrakenDecoder("BTC/USD"), kraken_frames, True, id="kraken"),
        pytest.param(lambda: KrakenDecoder("BTC/USD"), kraken_frames, False, id="kraken unchecked"),
        pytest.param(lambda: CoinbaseDecoder("BTC-USD"), coinbase_frames, False, id="coinbase"),
    ],
)
def test_one_change(
    benchmark: BenchmarkFixture,
    make: Callable[[], Decoder],
    frames: Callable[[], list[bytes]],
    check: bool,
) -> None:
    made = frames()

    def fresh() -> tuple[tuple[Decoder, OrderBook, list[bytes]], dict[str, bool]]:
        decoder, book = make(), OrderBook()
        take(decoder, book, made[:2], check=check)
        return (decoder, book, made[2:]), {"check": check}

    benchmark.pedantic(take, setup=fresh, rounds=100, warmup_rounds=1)  # type: ignore[no-untyped-call]


@pytest.mark.benchmark(group=f"a whole book of {LARGEST_LEVELS} levels")
def test_the_largest_whole_book(benchmark: BenchmarkFixture) -> None:
    frame = coinbase_wire.book(0, *levels(LARGEST_LEVELS // 2), kind="snapshot")

    def run() -> None:
        take(CoinbaseDecoder("BTC-USD"), OrderBook(), [frame], check=False)

    benchmark.pedantic(run, rounds=20, warmup_rounds=1)  # type: ignore[no-untyped-call]

    assert benchmark.stats is None or benchmark.stats.stats.median < LARGEST_SECONDS
