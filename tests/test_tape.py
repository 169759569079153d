"""The recent trades."""

from __future__ import annotations

from decimal import Decimal

from obtui.market import Aggressor, Trade
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
