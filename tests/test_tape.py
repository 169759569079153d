"""The recent trades."""

from __future__ import annotations

import random
from decimal import Decimal

from obtui.market import Aggressor, Day, Trade
from obtui.tape import Print, Tape


def trades(*prices: int) -> list[Trade]:
    return [Trade(Decimal(price), Decimal(1), Aggressor.BUYER) for price in prices]


def shown(tape: Tape, count: int) -> list[int]:
    return [int(one.trade.price) for one in tape.latest(count)]


def test_the_newest_trade_is_first_also_among_those_of_one_frame() -> None:
    tape = Tape()

    tape.add(trades(1, 2), received_ns=10)
    tape.add(trades(3), received_ns=20)

    assert shown(tape, 10) == [3, 2, 1]
    assert tape.latest(1) == (Print(trades(3)[0], 20),)
    assert tape.latest(0) == ()


def test_it_is_bounded_but_counts_all() -> None:
    tape = Tape(limit=3)

    for price in range(10):
        tape.add(trades(price), received_ns=price)

    assert shown(tape, 10) == [9, 8, 7]
    assert tape.total == 10


def test_what_was_handed_out_does_not_change() -> None:
    tape = Tape()
    tape.add(trades(1), received_ns=1)

    before = tape.latest(5)
    tape.add(trades(2), received_ns=2)

    assert [one.trade.price for one in before] == [1]


def dated(second: int, *, history: bool, price: int = 5) -> Trade:
    moment = second * 1_000_000_000
    return Trade(Decimal(price), Decimal(2), Aggressor.BUYER, moment, second, history)


def test_history_stands_at_its_own_time_and_known_trades_are_not_told_twice() -> None:
    tape = Tape()
    tape.add([dated(1, history=True), dated(2, history=True)], received_ns=10**12)
    tape.add([dated(3, history=False)], received_ns=10**12)

    tape.add([dated(second, history=True) for second in (2, 3, 4)], received_ns=2 * 10**12)

    assert [entry.trade.trade_id for entry in tape.latest(10)] == [4, 3, 2, 1]
    assert [entry.received_ns // 10**9 for entry in tape.latest(10)] == [4, 1000, 2, 1]
    assert tape.total == 4


def test_what_the_trades_come_to_leaves_history_out() -> None:
    tape = Tape()
    tape.add([dated(1, history=True, price=900)], received_ns=0)
    assert tape.since_start() is None

    tape.add(
        [dated(second, history=False, price=price) for second, price in ((2, 5), (3, 9), (4, 7))], 0
    )

    assert tape.since_start() == Day(
        last=Decimal(7),
        change=Decimal(2),
        high=Decimal(9),
        low=Decimal(5),
        volume=Decimal(6),
        bought=Decimal(6),
        sold=Decimal(),
    )


def test_what_was_bought_and_sold_leaves_auctions_out() -> None:
    tape = Tape()
    sides = [Aggressor.BUYER, Aggressor.SELLER, Aggressor.NONE, Aggressor.SELLER]

    tape.add([Trade(Decimal(5), Decimal(1 + n), side) for n, side in enumerate(sides)], 0)

    since = tape.since_start()
    assert since is not None
    assert (since.volume, since.bought, since.sold) == (Decimal(10), Decimal(1), Decimal(6))


def test_the_extremes_are_of_all_trades_since_they_were_last_asked_for() -> None:
    chance = random.Random(3)
    tape = Tape(limit=10)
    assert tape.take_extremes() is None

    for _ in range(50):
        heard = [
            Trade(
                Decimal(chance.randrange(1, 500)),
                Decimal(chance.randrange(1, 100)),
                Aggressor.BUYER,
                ts_event=1,
                history=chance.random() < 0.1,
            )
            for _ in range(chance.randrange(200))
        ]
        for at in range(0, len(heard), 7):
            tape.add(heard[at : at + 7], 0)
        known = [trade for trade in heard if not trade.history]

        found = tape.take_extremes()

        assert (found is None) == (not known)
        if found is not None:
            assert found.highest is max(known, key=lambda trade: trade.price)
            assert found.lowest is min(known, key=lambda trade: trade.price)
            assert found.largest is max(known, key=lambda trade: trade.size)
        assert tape.take_extremes() is None


def test_the_high_and_the_low_are_of_all_trades() -> None:
    chance = random.Random(4)
    prices = [chance.randrange(100, 900) for _ in range(300)]
    tape = Tape()

    for at, price in enumerate(prices, 1):
        tape.add(trades(price), 0)
        since = tape.since_start()
        assert since is not None
        assert since.high == max(prices[:at])
        assert since.low == min(prices[:at])
    assert tape.heard == 300
