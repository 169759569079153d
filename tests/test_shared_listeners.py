"""Whom the shared market tells: of every book message, and once of each loss of trust."""

from __future__ import annotations

from decimal import Decimal

from obtui.shared import Listeners
from shared_support import ASKS, BIDS, connected, live, tick
from support import wire
from support.books import BookLog, side_of
from support.frames import connect, disconnect, text


def test_the_listener_hears_every_applied_book_message_and_each_loss_once() -> None:
    market = connected()
    log = BookLog()
    market.listeners = Listeners(books=log)

    market.apply(text(wire.ack()))
    market.apply(text(wire.depth(100, BIDS, ASKS)))
    market.apply(text(wire.trade()))
    market.apply(text(wire.depth(100, BIDS, after=90)))  # old: dropped
    market.apply(text(wire.depth(110, [("97", "9")], after=100)))
    market.apply(text(wire.depth(999, after=998), 1))  # a gap
    market.apply(text(wire.depth(110, [("97", "9")], after=100), 1))
    market.apply(disconnect(1))
    tick(market, 5)
    market.apply(connect(6))
    assert log.calls == ["book", "book", "untrusted"]
    market.apply(text(wire.depth(7, [("50", "1")], []), 6))

    assert log.calls == ["book", "book", "untrusted", "book"]
    assert log.books[-1] == ({Decimal(50): Decimal(1)}, {})


def test_the_listener_hears_no_book_while_crossed() -> None:
    market = live()
    log = BookLog()
    market.listeners = Listeners(books=log)

    market.apply(text(wire.depth(110, [("101", "1")], after=100), 1))
    market.apply(text(wire.depth(120, [("90", "1")], after=110), 1.1))
    assert log.calls == ["untrusted"]
    market.apply(text(wire.depth(130, [("101", "0")], after=120), 1.2))

    assert log.calls == ["untrusted", "book"]
    assert log.crossed == 0


def test_the_listener_hears_of_silence_once_and_of_a_lost_connection() -> None:
    market = live()
    log = BookLog()
    market.listeners = Listeners(books=log)

    for second in range(1, 70):
        tick(market, second)
    assert log.calls == ["untrusted"]

    market = live()
    market.listeners = Listeners(books=log)
    market.apply(disconnect(1))
    assert log.calls == ["untrusted"] * 2


def test_the_listener_hears_once_that_trust_came_back_without_a_book_message() -> None:
    market = live()
    log = BookLog()
    market.listeners = Listeners(books=log)

    tick(market, 31)
    market.apply(text(wire.ack(), 32))
    heard = list(log.calls)
    market.apply(text(wire.ack(), 33))
    market.apply(text(wire.trade(), 34))

    assert heard == ["untrusted", "book"]
    assert log.calls == heard
    assert log.books == [(side_of(BIDS), side_of(ASKS))]
