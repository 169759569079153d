"""A session's state: what a book needs to be trusted, and what a loss costs."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

import pytest

from obtui.effects import BOOK, NOTHING, Send
from obtui.feeds.base import Decoder
from obtui.feeds.gemini import GeminiFeed
from obtui.feeds.gemini_v1 import GeminiV1Feed
from obtui.market import BookState, Instrument
from obtui.session import Session
from session_support import (
    ASKS,
    BIDS,
    SNAPSHOT,
    assert_given_up,
    changed,
    live,
    state_of,
)
from support import wire
from support.books import levels_of
from support.frames import at, connect, disconnect, text


def test_before_anything_it_is_connecting_and_time_asks_nothing_of_it() -> None:
    session = Session(GeminiFeed("BTCUSD"))

    assert session.tick(at(1_000)) == NOTHING
    assert (session.state, session.reason) == (BookState.SYNCING, "connecting")
    assert session.instrument == Instrument("BTCUSD")
    assert not session.trusted


def test_connecting_subscribes_and_waits_for_the_book() -> None:
    session = Session(GeminiFeed("BTCUSD"))

    outcome = session.receive(connect())

    assert outcome.effects == tuple(Send(line) for line in GeminiFeed("BTCUSD").subscriptions())
    assert (session.state, session.reason) == (BookState.SYNCING, "waiting for the book")
    assert session.connections == 1


def test_the_book_verifies_and_changes_keep_it_so() -> None:
    session = Session(GeminiFeed("BTCUSD"))
    session.receive(connect())
    session.receive(text(wire.ack()))
    assert state_of(session) is BookState.SYNCING

    taken = session.receive(text(SNAPSHOT))
    after = session.receive(text(changed(110, 100)))

    assert taken == BOOK
    assert after is BOOK
    assert (session.state, session.reason, session.trouble) == (BookState.VERIFIED, "", "")
    assert levels_of(session.book) == (
        {Decimal(99): Decimal(1), Decimal(98): Decimal(2), Decimal(97): Decimal(1)},
        {Decimal(101): Decimal(1), Decimal(102): Decimal(2)},
    )


def test_a_venue_without_a_check_is_never_verified() -> None:
    class Unchecked(GeminiFeed):
        check: ClassVar[str] = ""

    session = Session(Unchecked("BTCUSD"))
    session.receive(connect())

    session.receive(text(SNAPSHOT))

    assert state_of(session) is BookState.UNVERIFIED
    assert session.trusted


def test_a_trade_and_a_repeated_frame_are_no_book_message() -> None:
    session = live()

    trade = session.receive(text(wire.trade()))
    repeated = session.receive(text(wire.depth(100, [("99", "9")], after=90)))

    assert (trade.book, len(trade.trades)) == (False, 1)
    assert session.applied.last_trade == trade.trades[0]
    assert repeated == NOTHING
    assert session.book.bids.sizes[Decimal(99)] == 1


def test_a_v1_frame_may_be_trade_and_change_at_once() -> None:
    session = Session(GeminiV1Feed("BTCUSD"))
    session.receive(connect())
    session.receive(text(wire.v1_initial(0, BIDS, ASKS)))

    outcome = session.receive(
        text(
            wire.v1_update(
                1, wire.v1_trade("101", "1", "ask"), wire.change("ask", "101", "0", "trade")
            )
        )
    )

    assert (outcome.book, len(outcome.trades), outcome.effects) == (True, 1, ())
    assert session.book.asks.prices == [Decimal(102)]


LOSSES: list[tuple[bytes, str]] = [
    (changed(120, 110), "gap in update ids: 100 is followed by 110"),
    (b"{garbled", "undecodable frame"),
    (wire.depth(110, [("98", "NaN")], after=100), "not a number"),
    (wire.refusal(-1000, "internal", status=500), "gemini answered 500"),
]


@pytest.mark.parametrize(("frame", "reason"), LOSSES)
def test_a_loss_costs_one_reconnect_and_the_rest_of_the_connection_is_ignored(
    frame: bytes, reason: str
) -> None:
    session = live()
    before = levels_of(session.book)

    lost = session.receive(text(frame, 1))
    after = [
        session.receive(text(changed(110, 100), 1)),
        session.receive(text(SNAPSHOT, 1)),
        session.receive(text(frame, 1)),
        session.tick(at(5)),
        session.tick(at(500)),
    ]

    assert_given_up(session, lost, resyncs=1)
    assert reason in session.reason
    assert session.trouble == session.reason
    assert after == [NOTHING] * 5
    assert session.resyncs == 1
    assert levels_of(session.book) == before  # kept, to be shown dimmed


def test_the_close_that_follows_a_loss_is_not_a_second_one() -> None:
    session = live()
    session.receive(text(b"{garbled", 1))

    session.receive(disconnect(1.1, "undecodable", retry=0.9))

    assert session.resyncs == 1
    assert (session.state, session.reason) == (BookState.OFFLINE, "undecodable")


def test_a_new_connection_inherits_no_level_and_no_sequence() -> None:
    session = live()
    session.receive(disconnect(1))

    session.receive(connect(2, connection=2))
    assert state_of(session) is BookState.SYNCING
    assert session.receive(text(changed(110, 100), 2, connection=2)) == NOTHING
    assert not session.trusted
    session.receive(text(wire.depth(7, [("50", "1")], [("51", "1")]), 2, connection=2))

    assert state_of(session) is BookState.VERIFIED
    assert levels_of(session.book) == ({Decimal(50): Decimal(1)}, {Decimal(51): Decimal(1)})
    assert session.resyncs == 1


def test_a_closed_socket_is_offline_until_the_next_try() -> None:
    session = live()

    outcome = session.receive(disconnect(3, "closed by the venue (1001)", retry=2.5))

    assert outcome == NOTHING
    assert (session.state, session.reason) == (BookState.OFFLINE, "closed by the venue (1001)")
    assert session.retry_ns == at(5.5)
    assert session.resyncs == 1
    assert session.receive(text(changed(110, 100), 4)) == NOTHING
    assert session.tick(at(60)) == NOTHING


def test_connections_that_never_had_a_book_cost_no_resync() -> None:
    session = Session(GeminiFeed("BTCUSD"))

    for second in range(5):
        session.receive(connect(second))
        session.receive(disconnect(second + 0.5))

    assert session.resyncs == 0
    assert session.connections == 5


def test_each_loss_counts_once() -> None:
    session = live()

    for second in range(1, 4):
        session.receive(text(b"{", second))
        session.receive(disconnect(second))
        session.receive(connect(second))
        session.receive(text(SNAPSHOT, second))

    assert session.resyncs == 3


def test_a_decoder_is_made_for_each_connection() -> None:
    made: list[Decoder] = []

    class Counting(GeminiFeed):
        def decoder(self) -> Decoder:
            made.append(super().decoder())
            return made[-1]

    session = Session(Counting("BTCUSD"))

    session.receive(connect())
    session.receive(disconnect(1))
    session.receive(connect(2))

    assert len(made) == 2
