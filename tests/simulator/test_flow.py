from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import msgspec
import pytest

from obtui.market import Side
from obtui.simulator.flow import BookEvent, OrderFlow, Reason
from obtui.simulator.markets import BTCUSD, ETHUSD, MarketParameters
from obtui.simulator.queues import Order, QueueSide

CAPTURES = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "gemini"


class Figures(msgspec.Struct):
    """What a stretch of market looks like in 100 ms batches."""

    frames_per_second: float
    changes_per_frame: float
    removals: float
    trades_per_second: float
    spread: float
    levels: tuple[int, int]
    median_sizes: tuple[float, float]
    bid_distances: tuple[float, float]
    """Of the bids 100 and 1000 levels from the best."""


def simulated(market: MarketParameters, seed: int, seconds: int) -> Figures:
    flow = OrderFlow(market, seed)
    tick, lot = 10.0**-market.price_decimals, 10.0**-market.size_decimals
    frames, trades = [], 0
    spreads = []
    for tenth in range(1, 10 * seconds + 1):
        events = flow.advance(tenth / 10)
        trades += sum(event.reason is Reason.TRADE for event in events)
        if changes := {(event.side, event.price): event.remaining for event in events}:
            frames.append(list(changes.values()))
            spreads.append((flow.asks.best - flow.bids.best) * tick)
    bids, asks = flow.bids.levels(), flow.asks.levels()
    return figures(
        frames=frames,
        trades=trades,
        spreads=spreads,
        seconds=seconds,
        bids=[(price * tick, lots * lot) for price, lots in bids],
        asks=[(price * tick, lots * lot) for price, lots in asks],
    )


def captured(name: str) -> Figures:
    path = CAPTURES / name
    if not path.exists():
        pytest.skip(f"no real market data at {path}")
    bids: dict[float, float] = {}
    asks: dict[float, float] = {}
    frames: list[list[int]] = []
    spreads: list[float] = []
    trades, times = 0, []
    for when, frame in received(path):
        trades += frame.t is not None
        if frame.e != "depthUpdate":
            continue
        times.append(when)
        for side, changes in ((bids, frame.b), (asks, frame.a)):
            for price, size in changes:
                side[float(price)] = float(size)
                if not float(size):
                    del side[float(price)]
        if len(times) > 1:
            frames.append([float(size) > 0 for _, size in frame.b + frame.a])
            spreads.append(min(asks) - max(bids))
    seconds = (times[-1] - times[0]) / 1e9
    return figures(
        frames=frames,
        trades=trades,
        spreads=spreads,
        seconds=seconds,
        bids=sorted(bids.items(), reverse=True),
        asks=sorted(asks.items()),
    )


class Received(msgspec.Struct):
    e: str = ""
    t: int | None = None
    b: list[tuple[str, str]] = []
    a: list[tuple[str, str]] = []


def received(path: Path) -> Iterator[tuple[int, Received]]:
    with gzip.open(path) as lines:
        for line in lines:
            record = json.loads(line)
            if record["dir"] == "in":
                yield record["ts"], msgspec.json.decode(record["data"], type=Received)


def figures(
    *,
    frames: list[list[int]],
    trades: int,
    spreads: list[float],
    seconds: float,
    bids: list[tuple[float, float]],
    asks: list[tuple[float, float]],
) -> Figures:
    changes = [remaining for frame in frames for remaining in frame]
    mid = (bids[0][0] + asks[0][0]) / 2
    return Figures(
        frames_per_second=len(frames) / seconds,
        changes_per_frame=len(changes) / len(frames),
        removals=sum(not remaining for remaining in changes) / len(changes),
        trades_per_second=trades / seconds,
        spread=median(spreads),
        levels=(len(bids), len(asks)),
        median_sizes=(median(size for _, size in bids), median(size for _, size in asks)),
        bid_distances=(mid - bids[100][0], mid - bids[1000][0]),
    )


def without_times(events: list[BookEvent]) -> list[tuple[Side, int, int, int, Reason]]:
    return [(e.side, e.price, e.remaining, e.delta, e.reason) for e in events]


@pytest.fixture(scope="module", params=[1, 5])
def model(request: pytest.FixtureRequest) -> Figures:
    return simulated(BTCUSD, request.param, 600)


def test_the_model_looks_as_its_docstring_says(model: Figures) -> None:
    assert 8 < model.frames_per_second < 9.5
    assert 7.5 < model.changes_per_frame < 10.5
    assert 0.54 < model.removals < 0.6
    assert 0.4 < model.trades_per_second < 1.3
    assert 4.5 < model.spread < 8
    assert 3_900 < model.levels[0] < 4_300
    assert 2_550 < model.levels[1] < 2_950
    assert 0.012 < model.median_sizes[0] < 0.03
    assert 0.005 < model.median_sizes[1] < 0.014
    assert 250 < model.bid_distances[0] < 700
    assert 4_500 < model.bid_distances[1] < 6_600


def test_the_model_is_near_the_real_market(model: Figures) -> None:
    real = captured("current-btcusd-31s.jsonl.gz")

    assert 1 < model.frames_per_second / real.frames_per_second < 1.5
    assert 0.7 < model.changes_per_frame / real.changes_per_frame < 1.2
    assert abs(model.removals - real.removals) < 0.05
    assert 0.7 < model.trades_per_second / real.trades_per_second < 2.2
    assert 0.7 < model.spread / real.spread < 1.3
    assert all(0.8 < a / b < 1.2 for a, b in zip(model.levels, real.levels, strict=True))
    assert all(0.5 < a / b < 2 for a, b in zip(model.median_sizes, real.median_sizes, strict=True))
    assert all(
        0.4 < a / b < 1.5 for a, b in zip(model.bid_distances, real.bid_distances, strict=True)
    )


def test_the_second_market_is_near_its_real_one_too() -> None:
    real = captured("current-ethusd-31s.jsonl.gz")

    model = simulated(ETHUSD, 1, 600)

    assert 0.9 < model.frames_per_second / real.frames_per_second < 1.5
    assert abs(model.removals - real.removals) < 0.08
    assert 0.5 < model.spread / real.spread < 1.5
    assert 0.75 < model.levels[0] / real.levels[0] < 1.25
    assert 0.75 < model.levels[1] / real.levels[1] < 1.3


def test_flow_comes_in_bursts() -> None:
    flow = OrderFlow(BTCUSD, 4)

    counts = [len(flow.advance(second)) for second in range(1, 301)]

    mean = sum(counts) / len(counts)
    variance = sum((count - mean) ** 2 for count in counts) / len(counts)
    assert variance > 10 * mean  # of a Poisson process without bursts they are equal


@pytest.mark.parametrize("market", [BTCUSD, ETHUSD], ids=lambda market: market.symbol)
def test_an_hour_neither_drains_nor_floods_nor_crosses_the_book(market: MarketParameters) -> None:
    flow = OrderFlow(market, 11)
    first = len(flow.bids), len(flow.asks)
    widest = 0

    for minute in range(1, 61):
        flow.advance(minute * 60)
        spread = flow.asks.best - flow.bids.best
        assert spread > 0
        widest = max(widest, spread)

    flow.bids.check()
    flow.asks.check()
    assert widest < market.anchor * 100 * 0.002
    assert flow.bids.prices[0] >= 1
    assert all(
        0.9 < len(side) / count < 1.1
        for side, count in zip((flow.bids, flow.asks), first, strict=True)
    )


def test_every_event_says_what_the_book_then_is() -> None:
    flow = OrderFlow(BTCUSD, 2)
    books = {Side.BID: dict(flow.bids.levels()), Side.ASK: dict(flow.asks.levels())}
    last = 0.0

    for event in flow.advance(120):
        book = books[event.side]
        assert book.get(event.price, 0) + event.delta == event.remaining >= 0
        assert event.time >= last
        assert (event.delta > 0) is (event.reason is Reason.PLACE)
        last = event.time
        book[event.price] = event.remaining
        if not event.remaining:
            del book[event.price]
        assert event.reason is not Reason.PLACE or max(books[Side.BID]) < min(books[Side.ASK])

    assert books[Side.BID] == dict(flow.bids.levels())
    assert books[Side.ASK] == dict(flow.asks.levels())


def test_the_same_seed_gives_the_same_events_however_time_is_cut() -> None:
    whole = OrderFlow(BTCUSD, 7).advance(30)

    flow = OrderFlow(BTCUSD, 7)
    cut = [event for step in range(1, 1501) for event in flow.advance(step * 0.02)]

    assert without_times(cut) == without_times(whole)
    assert without_times(OrderFlow(BTCUSD, 8).advance(30)) != without_times(whole)


def test_speed_makes_the_same_events_come_sooner() -> None:
    plain = OrderFlow(BTCUSD, 7).advance(40)

    fast = OrderFlow(BTCUSD, 7, speed=4).advance(10)

    assert without_times(fast) == without_times(plain)
    assert fast[-1].time == pytest.approx(plain[-1].time / 4)


def test_a_limit_stops_the_flow_short_and_loses_nothing() -> None:
    whole = OrderFlow(BTCUSD, 7).advance(30)
    flow = OrderFlow(BTCUSD, 7)

    pieces: list[BookEvent] = []
    while flow.time < 30:
        piece = flow.advance(30, limit=100)
        assert len(piece) <= 100 + 12  # one market order takes up to 12 levels
        pieces += piece

    assert without_times(pieces) == without_times(whole)


def test_texts_of_prices_and_sizes() -> None:
    assert BTCUSD.price_text(7_740_150) == "77401.50"
    assert BTCUSD.price_text(1) == "0.01"
    assert BTCUSD.size_text(2_000_000) == "0.02"
    assert BTCUSD.size_text(100_000_000_00) == "100"
    assert BTCUSD.size_text(0) == "0"
    assert BTCUSD.size_text(-1) == "-0.00000001"


def test_orders_at_a_price_are_filled_in_turn() -> None:
    side = QueueSide(Side.ASK)
    first, second = Order(Side.ASK, 10, 5), Order(Side.ASK, 10, 7)
    side.add(first)
    side.add(second)

    left = side.take(10, 6)

    assert (left, first.lots, second.lots) == (6, 0, 6)
    side.check()
    assert side.cancel(second) == 0
    assert len(side) == 0
