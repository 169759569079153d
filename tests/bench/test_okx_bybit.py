"""OKX's and Bybit's messages, decoded and applied by a session.

    pytest tests/bench/test_okx_bybit.py --benchmark-only --no-cov

A row of the first group is `MESSAGES` messages of its kind; the ratios in brackets hold for one.
The changes are of one level near the touch of a book that is as deep as the venue's channel; half
the prices there are new to it, and a new level pushes the farthest out of a full side. The real
changes are all of a capture, 40 levels each on average. What one message takes is in the extra info
(`--benchmark-json`).
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from obtui.feeds import bybit, okx
from obtui.feeds.base import Feed
from obtui.feeds.bybit import BybitFeed
from obtui.feeds.okx import OkxFeed
from obtui.frame import Frame
from obtui.session import Session
from support.captures import incoming
from support.frames import connect, text
from support.wire import encode

MESSAGES = 100

Levels = list[tuple[str, str]]
MakeBook = Callable[[int, Levels, Levels], bytes]
"""Of an id and levels; that of id 0 is the whole book."""


def okx_book(sequence: int, bids: Levels, asks: Levels) -> bytes:
    data: dict[str, object] = {
        name: [[price, size, "0", "3"] for price, size in side]
        for name, side in (("asks", asks), ("bids", bids))
    }
    data |= {"ts": "1597026383085", "checksum": 0, "prevSeqId": sequence - 1, "seqId": sequence}
    arg = {"channel": "books", "instId": "BTC-USDT"}
    return encode({"arg": arg, "action": "update" if sequence else "snapshot", "data": [data]})


def okx_trade() -> bytes:
    entry = {"instId": "BTC-USDT", "tradeId": "130639474", "px": "42219.9", "sz": "0.12060306"}
    entry |= {"side": "buy", "ts": "1630048897897", "count": "3"}
    arg = {"channel": "trades", "instId": "BTC-USDT"}
    return encode({"arg": arg, "data": [entry | {"seqId": 1234}]})


def bybit_book(update_id: int, bids: Levels, asks: Levels) -> bytes:
    data = {"s": "BTCUSDT", "b": bids, "a": asks, "u": update_id, "seq": 7961638724}
    head = {"topic": f"orderbook.{bybit.DEPTH}.BTCUSDT", "ts": 1672304484978}
    kind = "delta" if update_id else "snapshot"
    return encode(head | {"type": kind, "data": data, "cts": 1672304484976})


def bybit_trade() -> bytes:
    entry = {"s": "BTCUSDT", "S": "Buy", "v": "0.001", "p": "16578.50", "L": "PlusTick"}
    rest = {"i": "20f43950-d8dd-5b31-9112-a178eb6023af", "T": 1672304486865, "BT": False}
    head = {"topic": "publicTrade.BTCUSDT", "type": "snapshot", "ts": 1672304486868}
    return encode(head | {"data": [entry | rest]})


def whole(book: MakeBook, depth: int) -> Frame:
    bids = [(f"{60000 - step * 0.5:.2f}", "1.25000000") for step in range(depth)]
    asks = [(f"{60001 + step * 0.5:.2f}", "1.25000000") for step in range(depth)]
    return text(book(0, bids, asks))


def changes(book: MakeBook) -> list[Frame]:
    """Of one level each, there and back, the first with id 1."""
    chance = random.Random(1)
    made = []
    for number in range(1, MESSAGES + 1):
        step = int(chance.expovariate(0.05)) * 0.25
        size = chance.choice(("0", "0.53000000", "1.25000000"))
        if chance.random() < 0.5:
            made.append(text(book(number, [(f"{60000 - step:.2f}", size)], [])))
        else:
            made.append(text(book(number, [], [(f"{60001 + step:.2f}", size)])))
    return made


def is_book(frame: str) -> bool:
    """Whether it is of the `books` channel, and no acknowledgement."""
    message = json.loads(frame)
    return "data" in message and message["arg"]["channel"] == "books"


def measure(
    benchmark: BenchmarkFixture, feed: Feed, before: list[Frame], frames: list[Frame]
) -> None:
    """Rounds of `frames`, each in a session that has taken those before, which are not timed."""

    def begin() -> Session:
        session = Session(feed)
        for frame in (connect(), *before):
            session.receive(frame)
        return session

    def run(session: Session) -> None:
        for frame in frames:
            session.receive(frame)
        assert not session.trouble

    # A message that is passed over costs next to nothing: none of these may be.
    rehearsal = begin()
    outcomes = [rehearsal.receive(frame) for frame in frames]
    assert all(outcome.book or outcome.trades for outcome in outcomes)

    benchmark.pedantic(  # type: ignore[no-untyped-call]
        run, setup=lambda: ((begin(),), {}), rounds=200, warmup_rounds=1
    )
    if benchmark.stats is not None:
        one = benchmark.stats.stats.median / len(frames)
        benchmark.extra_info["microseconds a message"] = round(one * 1e6, 2)


@pytest.mark.benchmark(group=f"{MESSAGES} messages")
def test_okx_changes(benchmark: BenchmarkFixture) -> None:
    measure(benchmark, OkxFeed("BTC-USDT"), [whole(okx_book, okx.DEPTH)], changes(okx_book))


@pytest.mark.benchmark(group=f"{MESSAGES} messages")
def test_okx_trades(benchmark: BenchmarkFixture) -> None:
    measure(benchmark, OkxFeed("BTC-USDT"), [], [text(okx_trade())] * MESSAGES)


@pytest.mark.benchmark(group=f"{MESSAGES} messages")
def test_bybit_changes(benchmark: BenchmarkFixture) -> None:
    measure(benchmark, BybitFeed("BTCUSDT"), [whole(bybit_book, bybit.DEPTH)], changes(bybit_book))


@pytest.mark.benchmark(group=f"{MESSAGES} messages")
def test_bybit_trades(benchmark: BenchmarkFixture) -> None:
    measure(benchmark, BybitFeed("BTCUSDT"), [], [text(bybit_trade())] * MESSAGES)


@pytest.mark.benchmark(group="one whole book")
def test_a_whole_book_of_okx(benchmark: BenchmarkFixture) -> None:
    measure(benchmark, OkxFeed("BTC-USDT"), [], [whole(okx_book, okx.DEPTH)])


@pytest.mark.benchmark(group="one whole book")
def test_a_whole_book_of_bybit(benchmark: BenchmarkFixture) -> None:
    measure(benchmark, BybitFeed("BTCUSDT"), [], [whole(bybit_book, bybit.DEPTH)])


@pytest.mark.benchmark(group="all changes of a real capture")
def test_okx_real_changes(benchmark: BenchmarkFixture) -> None:
    frames = [text(frame.encode()) for frame in incoming("books-real", "okx") if is_book(frame)]

    measure(benchmark, OkxFeed("BTC-USDT-SWAP"), frames[:1], frames[1:])
