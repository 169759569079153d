"""What time alone does to a session: silence, pings, crossing, and being proven."""

from __future__ import annotations

import pytest

from obtui.effects import NOTHING
from obtui.feeds import FEEDS
from obtui.feeds.gemini import GeminiFeed
from obtui.feeds.gemini_v1 import GeminiV1Feed
from obtui.market import BookState
from obtui.session import Session
from session_support import (
    ASKS,
    BIDS,
    PING,
    SNAPSHOT,
    assert_given_up,
    live,
    state_of,
    ticks,
)
from support import wire
from support.frames import at, connect, disconnect, text


@pytest.mark.parametrize(("venue", "limit"), [("gemini", 30.0), ("gemini-v1", 15.0)])
def test_silence_is_stale_at_the_venues_limit_and_a_frame_ends_it(venue: str, limit: float) -> None:
    session = Session(FEEDS[venue]("BTCUSD"))
    current = venue == "gemini"
    session.receive(connect())
    session.receive(text(SNAPSHOT if current else wire.v1_initial(0, BIDS, ASKS), 1))

    ticks(session, 1, 1 + limit)
    assert state_of(session) is BookState.VERIFIED
    assert ticks(session, 1.25 + limit, 3 + limit) == []
    assert (session.state, session.reason) == (BookState.STALE, f"no word for {limit:.0f} s")
    assert not session.trusted

    session.receive(text(wire.ack("ping") if current else wire.v1_heartbeat(1), 4 + limit))
    assert state_of(session) is BookState.VERIFIED
    assert session.resyncs == 0
    assert ticks(session, 4.25 + limit, 4 + 2 * limit) == []
    assert state_of(session) is BookState.VERIFIED


@pytest.mark.parametrize(("venue", "limit"), [("gemini", 30.0), ("gemini-v1", 15.0)])
def test_twice_that_silence_gives_the_connection_up(venue: str, limit: float) -> None:
    session = Session(FEEDS[venue]("BTCUSD"))
    session.receive(connect())
    session.receive(text(SNAPSHOT if venue == "gemini" else wire.v1_initial(0, BIDS, ASKS)))

    assert ticks(session, 0, 2 * limit) == []
    (outcome,) = ticks(session, 2 * limit + 0.25, 3 * limit)

    assert_given_up(session, outcome, resyncs=1)
    assert session.reason == f"no word from the venue for {2 * limit:.0f} s"


def test_frames_of_other_products_and_replies_are_life() -> None:
    session = live()

    for second in range(0, 300, 15):
        assert ticks(session, second, second + 15) == []
        session.receive(text(wire.ack("ping") if second % 2 else wire.book_ticker(5), second + 15))

    assert state_of(session) is BookState.VERIFIED


def test_our_ping_goes_out_every_15_s_from_the_connection_on() -> None:
    session = live(10)

    sent = []
    for quarter in range(4 * 10, 4 * 58):
        if session.tick(at(quarter / 4)).effects == PING:
            sent.append(quarter / 4)
            session.receive(text(wire.ack("ping"), quarter / 4 + 0.1))

    assert sent == [25.0, 40.0, 55.0]


def test_a_venue_with_heartbeats_is_not_pinged() -> None:
    session = Session(GeminiV1Feed("BTCUSD"))
    session.receive(connect())
    session.receive(text(wire.v1_initial(0, BIDS, ASKS)))

    for second in range(1, 100):
        session.receive(text(wire.v1_heartbeat(second), second))
        assert session.tick(at(second)) == NOTHING


def test_crossed_is_named_at_once_and_fetched_anew_after_the_grace() -> None:
    session = live()

    outcome = session.receive(text(wire.depth(110, [("101", "1")], after=100), 1))
    assert outcome.book
    assert (session.state, session.reason) == (
        BookState.CROSSED,
        "bid 101 at or above ask 101",
    )
    assert not session.trusted
    session.receive(text(wire.depth(120, [("97", "1")], after=110), 1.5))
    assert ticks(session, 1.25, 2.0) == []
    assert state_of(session) is BookState.CROSSED

    (given_up,) = ticks(session, 2.25, 9)
    assert_given_up(session, given_up, resyncs=1)
    assert session.reason == "crossed for 1 s: bid 101 at or above ask 101"


def test_a_cross_that_ends_in_time_returns_to_trust() -> None:
    session = live()
    session.receive(text(wire.depth(110, [("101", "1")], after=100), 1))

    session.receive(text(wire.depth(120, [("101", "0")], after=110), 1.5))

    assert (session.state, session.resyncs) == (BookState.VERIFIED, 0)
    assert session.trouble == "crossed: bid 101 at or above ask 101"
    assert ticks(session, 1.5, 20) == []
    # The grace of the next one is whole again.
    session.receive(text(wire.depth(130, [("101", "1")], after=120), 20))
    assert ticks(session, 20, 21) == []


def test_a_snapshot_that_is_crossed_is_not_trusted() -> None:
    session = Session(GeminiFeed("BTCUSD"))
    session.receive(connect())

    session.receive(text(wire.depth(100, [("101", "1")], [("100", "1")])))

    assert state_of(session) is BookState.CROSSED


def test_no_book_within_20_s_tries_another_connection() -> None:
    session = Session(GeminiFeed("BTCUSD"))
    session.receive(connect())
    session.receive(text(wire.ack()))
    for second in range(20):
        session.receive(text(wire.book_ticker(5), second))

    assert ticks(session, 1, 20) == []
    (outcome,) = ticks(session, 20.25, 25)

    assert_given_up(session, outcome, resyncs=0)
    assert session.reason == "no book within 20 s of connecting"


def test_what_went_wrong_is_said_until_there_has_been_a_book() -> None:
    session = Session(GeminiFeed("BTCUSD"))
    session.receive(connect())
    ticks(session, 0, 25)

    session.receive(connect(30, 2))
    before = session.reason
    session.receive(text(SNAPSHOT, 31, 2))
    session.receive(text(b"{", 32, 2))
    session.receive(connect(33, 3))

    assert before == "waiting for the book · last: no book within 20 s of connecting"
    assert session.reason == "waiting for the book"


def test_a_connection_is_proven_after_30_s_of_trust_and_not_before() -> None:
    session = live(100)

    for second in range(100, 130):
        session.receive(text(wire.ack("ping"), second))
        session.tick(at(second + 0.9))
        assert not session.proven
    session.tick(at(130))

    assert session.proven


def test_trust_that_was_broken_starts_the_30_s_anew() -> None:
    session = live()
    ticks(session, 0, 29)
    session.receive(text(wire.depth(110, [("101", "1")], after=100), 29))
    session.receive(text(wire.depth(120, [("101", "0")], after=110), 29.5))

    ticks(session, 30, 59.25)
    assert not session.proven
    session.receive(text(wire.ack("ping"), 59.25))
    ticks(session, 59.5, 59.5)
    assert session.proven


@pytest.mark.parametrize("lost", [True, False])
def test_what_was_proven_is_forgotten_with_the_connection(lost: bool) -> None:
    session = live()
    ticks(session, 0, 30)

    # The driver looks before it tells of the end, so that only the next try is at once:
    # a venue that stays down must not be hammered.
    if lost:
        session.receive(text(b"{", 30))
    proven = [session.proven]
    session.receive(disconnect(31))
    proven.append(session.proven)
    session.receive(connect(32))
    proven.append(session.proven)

    assert proven == [True, False, False]
