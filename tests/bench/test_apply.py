"""Decoding and applying one change in a deep book, beside the way of the naive crawler.

    pytest tests/bench --benchmark-only --no-cov

All start from the same book of 4,000 levels a side and take the same `MESSAGES` changes near the
touch, in the wire form of each: the time shown is that of `MESSAGES` messages, and the ratios in
brackets hold for one. The naive way keeps dicts of floats, and at every message sorts both sides,
cuts them to its limit, builds the dicts anew and copies the sorted levels. On the full book it is
right but slow; cut to 10 levels it is faster, and wrong as soon as the market moves.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from obtui.book import OrderBook
from obtui.feeds.gemini import GeminiDecoder, GeminiFeed
from obtui.feeds.gemini_v1 import GeminiV1Decoder
from obtui.market import BookDelta, BookSnapshot
from obtui.session import Session
from obtui.shared import Market
from support import wire
from support.frames import connect, text

LEVELS = 4_000
MESSAGES = 100

Change = tuple[str, str, str]
"""Side, price and absolute size."""

pytestmark = pytest.mark.benchmark(group=f"one change at {LEVELS} levels a side")


def bids_and_asks() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    bids = [(f"{60000 - index * 0.5:.2f}", "1.25000000") for index in range(LEVELS)]
    asks = [(f"{60001 + index * 0.5:.2f}", "1.25000000") for index in range(LEVELS)]
    return bids, asks


def changes(count: int) -> list[Change]:
    """Near the touch, and there and back: a level goes, comes again, or changes its size."""
    chance = random.Random(1)
    made: list[Change] = []
    for _ in range(count):
        step = int(chance.expovariate(0.1)) * 0.5
        size = chance.choice(("0", "0.53000000", "1.25000000"))
        if chance.random() < 0.5:
            made.append(("bid", f"{60000 - step:.2f}", size))
        else:
            made.append(("ask", f"{60001 + step:.2f}", size))
    return made


def current_frames(count: int) -> list[bytes]:
    bids, asks = bids_and_asks()
    frames = [wire.depth(1, bids, asks)]
    for number, (side, price, size) in enumerate(changes(count), start=2):
        here, there = [(price, size)], list[tuple[str, str]]()
        both = (here, there) if side == "bid" else (there, here)
        frames.append(wire.depth(number, *both, after=number - 1))
    return frames


def v1_frames(count: int) -> list[bytes]:
    return [
        wire.v1_initial(0, *bids_and_asks()),
        *(wire.v1_update(nth, wire.change(*one)) for nth, one in enumerate(changes(count), 1)),
    ]


def measure(
    benchmark: BenchmarkFixture, make: Callable[[], Callable[[], None]], rounds: int = 200
) -> None:
    """Rounds of `MESSAGES` messages, each from a fresh book that is not timed."""
    benchmark.pedantic(  # type: ignore[no-untyped-call]
        lambda run: run(), setup=lambda: ((make(),), {}), rounds=rounds, warmup_rounds=1
    )


def decode_and_apply(
    make_decoder: Callable[[], GeminiDecoder | GeminiV1Decoder], frames: list[bytes]
) -> Callable[[], None]:
    decoder, book = make_decoder(), OrderBook()
    (snapshot,) = decoder.decode(frames[0])
    assert isinstance(snapshot, BookSnapshot)
    book.apply_snapshot(snapshot)

    def run() -> None:
        for frame in frames[1:]:
            for event in decoder.decode(frame):
                if type(event) is BookDelta:
                    book.apply_delta(event)

    return run


def test_decode_and_apply_current(benchmark: BenchmarkFixture) -> None:
    frames = current_frames(MESSAGES)

    measure(benchmark, lambda: decode_and_apply(lambda: GeminiDecoder("btcusd"), frames))


def test_decode_and_apply_v1(benchmark: BenchmarkFixture) -> None:
    frames = v1_frames(MESSAGES)

    measure(benchmark, lambda: decode_and_apply(lambda: GeminiV1Decoder("BTCUSD"), frames))


def test_the_whole_way_through_market_apply(benchmark: BenchmarkFixture) -> None:
    frames = [text(frame) for frame in current_frames(MESSAGES)]

    def make() -> Callable[[], None]:
        market = Market(Session(GeminiFeed("BTCUSD")))
        market.apply(connect())
        market.apply(frames[0])

        def run() -> None:
            for frame in frames[1:]:
                market.apply(frame)

        return run

    measure(benchmark, make)


class NaiveBook:
    """The order book as it was first written down: right only where nothing is cut off."""

    def __init__(self, limit: int | None) -> None:
        self.limit = limit
        self.sides: dict[str, dict[float, float]] = {"bid": {}, "ask": {}}

    def take(self, message: bytes) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
        for event in json.loads(message)["events"]:
            side = self.sides[event["side"]]
            price, size = float(event["price"]), float(event["remaining"])
            if size == 0:
                side.pop(price, None)
            else:
                side[price] = size
        bids = sorted(self.sides["bid"].items(), reverse=True)[: self.limit]
        asks = sorted(self.sides["ask"].items())[: self.limit]
        self.sides = {"bid": dict(bids), "ask": dict(asks)}
        return copy.deepcopy(bids), copy.deepcopy(asks)


@pytest.mark.parametrize(
    ("limit", "rounds"),
    [pytest.param(None, 3, id="full book"), pytest.param(10, 50, id="cut to 10 levels, and wrong")],
)
def test_naive_crawler(benchmark: BenchmarkFixture, limit: int | None, rounds: int) -> None:
    frames = v1_frames(MESSAGES)

    def make() -> Callable[[], None]:
        book = NaiveBook(limit)
        book.take(frames[0])

        def run() -> None:
            for frame in frames[1:]:
                book.take(frame)

        return run

    measure(benchmark, make, rounds)
