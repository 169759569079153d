"""Volume at each price."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

import pytest

from obtui import traded
from obtui.market import Aggressor, Trade
from obtui.tape import Tape
from obtui.traded import TradedVolume, Volume
from support.trades import binance_trades

EVERYTHING = (Decimal("-Infinity"), Decimal("Infinity"))


def trade(price: int | Decimal, size: int = 1, aggressor: Aggressor = Aggressor.BUYER) -> Trade:
    return Trade(Decimal(price), Decimal(size), aggressor)


def check(volume: TradedVolume) -> None:
    """Everything that must hold of the blocks."""
    blocks = volume._blocks
    floors = [Decimal("-Infinity"), *volume._separators]
    ceilings = [*volume._separators, Decimal("Infinity")]
    assert len(blocks) == len(floors)
    for block, floor, ceiling in zip(blocks, floors, ceilings, strict=True):
        assert block.prices == sorted({*block.bought, *block.sold, *block.neither})
        assert all(floor <= price < ceiling for price in block.prices)
        assert len(block.prices) <= traded.BLOCK
        assert block.prices or len(blocks) == 1
    assert volume._prices == sum(len(block.prices) for block in blocks) <= volume._limit


class Naive:
    """All trades, and which prices are known."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.sums: dict[Decimal, list[Decimal]] = {}
        self.below: list[Decimal] = []
        self.above: list[Decimal] = []

    def add(self, one: Trade) -> None:
        sums = self.sums.setdefault(one.price, [Decimal(), Decimal(), Decimal()])
        sums[list(Aggressor).index(one.aggressor)] += one.size
        if len(self.sums) > self.limit:
            far = max(sorted(self.sums), key=lambda price: abs(price - one.price))
            del self.sums[far]
            (self.below if far < one.price else self.above).append(far)

    def between(self, lowest: Decimal, highest: Decimal) -> tuple[Volume, bool]:
        found = [sums for price, sums in self.sums.items() if lowest <= price <= highest]
        whole = lowest > highest or not any(
            side and lowest <= max(side) and highest >= min(side)
            for side in (self.below, self.above)
        )
        return Volume(*(sum((sums[n] for sums in found), Decimal()) for n in range(3))), whole


def ranges(chance: random.Random, low: int, high: int) -> Sequence[tuple[Decimal, Decimal]]:
    """Single prices, groups, wide ones, inverted ones and everything."""
    one = Decimal(chance.randint(low, high)) / 2
    group = chance.choice([1, 5, 20, 200])
    ends = Decimal(chance.randint(low, high)), Decimal(chance.randint(low, high))
    return [(one, one), (one, one + group), ends, EVERYTHING]


def test_it_is_told_by_aggressor() -> None:
    volume = TradedVolume()
    for size, aggressor in enumerate(Aggressor, 1):
        volume.add(trade(10, size, aggressor))
        volume.add(trade(11, 10 * size, aggressor))

    found, whole = volume.between(Decimal(10), Decimal(10))

    assert (found, whole) == (Volume(Decimal(1), Decimal(2), Decimal(3)), True)
    assert found.total == 6
    assert volume.between(Decimal(10), Decimal(11))[0].total == 66
    assert volume.between(Decimal("10.1"), Decimal("10.9")) == (Volume(), True)
    assert volume.between(Decimal(11), Decimal(10)) == (Volume(), True)


def test_of_nothing_there_is_nothing() -> None:
    assert TradedVolume().copy().between(*EVERYTHING) == (Volume(), True)


@pytest.mark.parametrize("seed", range(12))
def test_it_agrees_with_the_naive_way(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(seed)
    monkeypatch.setattr(traded, "BLOCK", chance.choice([2, 5, 16]))
    limit = chance.choice([1, 2, 7, 60, 1000])
    volume, naive = TradedVolume(limit), Naive(limit)
    middle, spread = 500, chance.choice([3, 20, 100])
    copies = []
    for _ in range(700):
        middle += chance.randint(-3, 3)
        if chance.random() < 0.01:
            middle += chance.randint(-150, 150)
        price = Decimal(middle + chance.randint(-spread, spread)) / chance.choice([1, 1, 2])
        one = trade(price, chance.randint(1, 9), chance.choice(list(Aggressor)))
        volume.add(one)
        naive.add(one)
        check(volume)
        for asked in ranges(chance, middle - 300, middle + 300):
            assert volume.between(*asked) == naive.between(*asked), f"seed {seed}"
        if chance.random() < 0.1:
            copy = volume.copy()
            several = ranges(chance, middle - 100, middle + 100)
            copies.append((copy, several, [copy.between(*each) for each in several]))
            assert copies[-1][2] == [naive.between(*each) for each in several], f"seed {seed}"

    for copy, several, before in copies:
        check(copy)
        assert [copy.between(*each) for each in several] == before, f"seed {seed}"


def test_a_copy_and_its_original_go_their_own_ways() -> None:
    volume = TradedVolume()
    volume.add(trade(10))
    copy = volume.copy()

    copy.add(trade(10, 5))
    volume.add(trade(10, 7))
    volume.add(trade(11, 100))

    assert copy.between(*EVERYTHING)[0].total == 6
    assert volume.between(*EVERYTHING)[0].total == 108


def test_what_is_farthest_from_the_last_trade_is_forgotten_and_told() -> None:
    volume = TradedVolume(limit=3)
    for price in (10, 20, 30, 32):
        volume.add(trade(price))

    assert volume.between(Decimal(11), Decimal(99)) == (Volume(Decimal(3)), True)
    assert volume.between(Decimal(10), Decimal(10)) == (Volume(), False)
    assert volume.between(Decimal(0), Decimal(9)) == (Volume(), True)

    volume.add(trade(10))  # now 32 is the farthest; what 10 had before stays forgotten

    assert volume.between(Decimal(10), Decimal(10)) == (Volume(Decimal(1)), False)
    assert volume.between(Decimal(31), Decimal(40)) == (Volume(), False)
    assert volume.between(Decimal(20), Decimal(30)) == (Volume(Decimal(2)), True)


def test_it_stays_bounded() -> None:
    volume = TradedVolume()
    for price in range(traded.LIMIT + 3_000):
        volume.add(trade(price))

    check(volume)
    found, whole = volume.between(*EVERYTHING)
    assert found == Volume(Decimal(traded.LIMIT))
    assert not whole
    assert volume.between(Decimal(3_000), Decimal(10**9)) == (Volume(Decimal(traded.LIMIT)), True)


def test_a_wide_range_sums_blocks_and_a_copy_keeps_the_sums_of_those_that_stay() -> None:
    volume = TradedVolume()
    for price in range(5 * traded.BLOCK):
        volume.add(trade(price))
    before = volume.copy()
    before.between(*EVERYTHING)

    volume.add(trade(5 * traded.BLOCK - 1))
    after = volume.copy()

    shared = [one is other for one, other in zip(before._blocks, after._blocks, strict=True)]
    assert shared == [True] * (len(shared) - 1) + [False]
    assert all(block.total is not None for block in after._blocks[1:-1])
    assert after.between(*EVERYTHING)[0].bought == 5 * traded.BLOCK + 1


def test_the_tape_counts_what_is_no_history() -> None:
    tape = Tape()
    tape.add([trade(10), Trade(Decimal(10), Decimal(5), Aggressor.SELLER, 1, 1, True)], 0)

    first = tape.traded()

    assert first.between(*EVERYTHING) == (Volume(Decimal(1)), True)
    assert tape.traded() is first
    tape.add([trade(10, 2)], 0)
    assert first.between(*EVERYTHING)[0].total == 1
    assert tape.traded().between(*EVERYTHING)[0].total == 3


def test_a_real_captures_trades_are_counted_as_the_venue_wrote_them() -> None:
    volume = TradedVolume()
    prices: dict[tuple[Decimal, bool], Decimal] = defaultdict(Decimal)
    groups: dict[tuple[int, bool], Decimal] = defaultdict(Decimal)
    trades = binance_trades()
    assert len(trades) == 9_757

    for one, said in trades:
        volume.add(one)
        price, size, sold = Decimal(said["p"]), Decimal(said["q"]), said["m"]
        prices[price, sold] += size
        groups[int(price) // 10, sold] += size
    copy = volume.copy()

    check(volume)
    for price in {price for price, _ in prices}:
        found = copy.between(price, price)
        assert found == (Volume(prices[price, False], prices[price, True]), True)
    for group in {group for group, _ in groups}:
        found = copy.between(Decimal(10 * group), 10 * group + Decimal("9.99"))
        assert found == (Volume(groups[group, False], groups[group, True]), True)
    assert copy.between(*EVERYTHING)[0].total == sum(prices.values())
