"""Time and sales, from prints."""

from __future__ import annotations

import random
from collections.abc import Sequence
from decimal import Decimal

import pytest

from obtui import metrics, prints
from obtui.market import Aggressor, Trade
from obtui.prints import PrintLine, Usual
from obtui.tape import Print, Tape
from support.trades import binance_trades

BUYER, SELLER = Aggressor.BUYER, Aggressor.SELLER


def entry(
    price: str, size: str, aggressor: Aggressor = BUYER, at: int = 0, *, history: bool = False
) -> Print:
    return Print(Trade(Decimal(price), Decimal(size), aggressor, at, at, history), at)


def line(
    price: str, size: str, times: int = 1, aggressor: Aggressor = BUYER, at: int = 0
) -> PrintLine:
    it = Decimal(price), Decimal(size)
    return PrintLine(at, aggressor, *it, times, *[metrics.decimals([value]) for value in it])


def sized(*sizes: str) -> list[PrintLine]:
    return [line("10", size) for size in sizes]


def naive(entries: Sequence[Print]) -> list[PrintLine]:
    """Each entry is looked at with the one after it, from the oldest on."""
    found: list[PrintLine] = []
    older: Print | None = None
    for it in reversed(entries):
        trade = it.trade
        if older is not None and (
            trade.price == older.trade.price
            and trade.aggressor is older.trade.aggressor
            and trade.history == older.trade.history
        ):
            last = found.pop()
            size, times = last.size + trade.size, last.times + 1
        else:
            size, times = trade.size, 1
        places = metrics.decimals([trade.price]), metrics.decimals([size])
        found.append(PrintLine(it.received_ns, trade.aggressor, trade.price, size, times, *places))
        older = it
    return found[::-1]


def test_consecutive_prints_of_one_aggressor_and_price_are_one_line() -> None:
    entries = [
        entry("10", "1", at=9),
        entry("10.0", "0.5", at=8),
        entry("10", "2", SELLER, at=7),
        entry("10", "4", at=6),
        entry("11", "8", at=5),
        entry("11", "16", Aggressor.NONE, at=4),
    ]

    assert prints.lines(entries) == [
        line("10", "1.5", 2, at=9),
        line("10", "2", 1, SELLER, at=7),
        line("10", "4", 1, at=6),
        line("11", "8", 1, at=5),
        line("11", "16", 1, Aggressor.NONE, at=4),
    ]
    assert prints.lines([]) == []


def test_history_keeps_its_own_time_apart_from_what_was_heard() -> None:
    tape = Tape()
    told = [Trade(Decimal(10), Decimal(1), BUYER, at, at, True) for at in (1, 2)]
    tape.add([*told, Trade(Decimal(10), Decimal(5), BUYER, 3, 3)], received_ns=100)

    assert prints.lines(tape.latest(10)) == [
        line("10", "5", at=100),
        line("10", "2", 2, at=2),
    ]


@pytest.mark.parametrize("seed", range(10))
def test_lines_that_are_continued_are_those_of_all_prints(seed: int) -> None:
    chance = random.Random(seed)
    tape = Tape(limit=40)
    known: Sequence[Print] = ()
    found: list[PrintLine] = []

    for step in range(300):
        tape.add(
            [
                Trade(
                    Decimal(chance.choice([10, 10, 11])),
                    Decimal(chance.randint(1, 99)) / 8,
                    chance.choice([BUYER, BUYER, SELLER]),
                    at,
                    at,
                    chance.random() < 0.05,
                )
                for at in range(step * 100, step * 100 + chance.choice([0, 1, 1, 3, 50]))
            ],
            received_ns=step,
        )
        if chance.random() < 0.02:
            tape = Tape(limit=40)
        now = tape.latest(chance.choice([40, 40, 40, 7]))
        found = prints.continued(found, known, now)
        known = now
        assert found == naive(now), f"seed {seed}, step {step}"


@pytest.mark.parametrize("seed", range(10))
def test_lines_agree_with_the_naive_way(seed: int) -> None:
    chance = random.Random(seed)
    entries = [
        entry(
            str(chance.choice([10, 10, 11])),
            f"{chance.randint(1, 10**6)}E-5",
            chance.choice([BUYER, BUYER, SELLER, Aggressor.NONE]),
            at=1000 - age,
            history=age > 150,
        )
        for age in range(200)
    ]

    for count in (0, 1, 2, 50, 200):
        found = prints.lines(entries[:count])
        assert found == naive(entries[:count]), f"seed {seed}"
        assert sum(it.times for it in found) == count

    least = Decimal(chance.randint(0, 20))
    expected = [it for it in naive(entries) if not it.size < least]
    assert prints.at_least(found, least) == expected, f"seed {seed}"
    assert prints.at_least(found, Decimal()) == found


def test_of_few_lines_nothing_is_usual() -> None:
    assert prints.usual(sized("1", "1", "1", "100")) is None
    assert prints.usual([]) is None
    assert prints.usual(sized("1", "1", "1", "1", "100")) == Usual(Decimal(1), Decimal(100))


@pytest.mark.parametrize(
    ("sizes", "median", "large"),
    [
        # Ten times the median, though nothing is so large.
        (["1", "2", "3", "4", "5"], "3", "30"),
        # Two of forty are the largest twentieth.
        (["1"] * 30 + ["40"] * 8 + ["50", "60"], "1", "50"),
        (["1"] * 11 + ["40"] * 7 + ["60"], "1", "60"),
        # Rounded down to two digits: at least half and at least a twentieth are still in it.
        (["0.03459"] * 4 + ["0.9876"], "0.034", "0.98"),
        (["123456"] * 5, "120000", "1200000"),
        (["0"] * 5, "0", "0"),
        (["0.00000009"] * 5, "0.00000009", "0.0000009"),
    ],
)
def test_large_is_ten_times_the_median_and_of_the_largest_twentieth(
    sizes: list[str], median: str, large: str
) -> None:
    random.Random(1).shuffle(sizes)

    assert prints.usual(sized(*sizes)) == Usual(Decimal(median), Decimal(large))


def test_what_is_usual_is_so_in_a_real_capture() -> None:
    entries = [Print(trade, trade.ts_event or 0) for trade, _ in reversed(binance_trades())]
    for start in range(0, 9_000, 750):
        part = entries[start : start + 500]
        found = prints.lines(part)
        usual = prints.usual(found)

        assert found == naive(part)
        assert usual is not None
        ordered = sorted(it.size for it in found)
        assert 2 * len(prints.at_least(found, usual.median)) >= len(found)
        large = prints.at_least(found, usual.large)
        assert 1 <= len(large) <= len(found) // 10  # of one size are many, now and then
        assert large[0].size >= 10 * ordered[len(ordered) // 2] * Decimal("0.9")
