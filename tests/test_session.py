"""The state of the book through everything that a venue and a network do, with a told clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import ClassVar

import pytest

from obtui.effects import BOOK, NOTHING, Outcome, Reconnect, Refuse, Send
from obtui.feeds import FEEDS
from obtui.feeds.base import Decoder
from obtui.feeds.gemini import GeminiFeed
from obtui.feeds.gemini_v1 import GeminiV1Feed
from obtui.market import BookState, Instrument
from obtui.session import Session
from support import wire
from support.books import levels_of
from support.frames import at, connect, disconnect, rest, text, wall

BIDS = [("99", "1"), ("98", "2")]
ASKS = [("101", "1"), ("102", "2")]
SNAPSHOT = wire.depth(100, BIDS, ASKS)
PING = (Send(GeminiFeed("BTCUSD").ping()),)
DETAILS = "/v1/symbols/details/btcusd"


def changed(u: int, after: int, bid: str = "97") -> bytes:
    return wire.depth(u, [(bid, "1")], after=after)


def live(seconds: float = 0.0) -> Session:
    """A session that has connected and taken its book at this time."""
    session = Session(GeminiFeed("BTCUSD"))
    session.receive(connect(seconds))
    session.receive(text(SNAPSHOT, seconds))
    assert state_of(session) is BookState.VERIFIED
    return session


def state_of(session: Session) -> BookState:
    """The state, asked anew: a type checker believes that an attribute stays what it was."""
    return session.state


def ticks(session: Session, start: float, end: float, step: float = 0.25) -> list[Outcome]:
    """Every outcome but nothing and pings, of ticking from start to end."""
    count = int((end - start) / step)
    outcomes = [session.tick(at(start + step * index)) for index in range(count + 1)]
    return [outcome for outcome in outcomes if outcome.effects not in ((), PING)]


def assert_given_up(session: Session, outcome: Outcome, *, resyncs: int) -> None:
    assert [type(effect) for effect in outcome.effects] == [Reconnect]
    assert state_of(session) is BookState.SYNCING
    assert not session.trusted
    assert session.resyncs == resyncs


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
    assert session.last_trade == trade.trades[0]
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


def test_a_symbol_is_refused_over_the_websocket() -> None:
    session = Session(GeminiFeed("nosuch"))
    session.receive(connect())

    outcome = session.receive(text(wire.UNKNOWN_STREAM))

    assert outcome.effects == (Refuse(session.refused),)
    assert session.refused.startswith("gemini has no symbol NOSUCH")
    assert (session.state, session.reason) == (BookState.OFFLINE, session.refused)
    session.receive(disconnect(1, "closed"))
    assert (session.state, session.reason) == (BookState.OFFLINE, session.refused)
    assert session.resyncs == 0


@pytest.mark.parametrize("venue", FEEDS)
@pytest.mark.parametrize("path", ["/v1/symbols/details/nosuch", "/v1/marketdata/NOSUCH"])
def test_a_symbol_is_refused_over_rest_and_by_a_refused_handshake(venue: str, path: str) -> None:
    session = Session(FEEDS[venue]("NOSUCH"))

    outcome = session.receive(rest(path, 400, wire.UNKNOWN_SYMBOL))

    assert outcome.effects == (Refuse(session.refused),)
    assert "no symbol NOSUCH" in session.refused


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, "oops"),
        (503, ""),
        (403, "<html>"),
        (429, '{"result":"error","reason":"Too Many Requests"}'),
        (200, "<html>sign in</html>"),
        (200, '{"symbol":"BTCUSD","quote_increment":"NaN"}'),
    ],
)
@pytest.mark.parametrize("path", [DETAILS, "/elsewhere"])
def test_any_other_failure_of_rest_is_harmless(path: str, status: int, body: str) -> None:
    session = live()

    outcome = session.receive(rest(path, status, body, 1))

    assert outcome == NOTHING
    assert state_of(session) is BookState.VERIFIED
    assert (session.refused, session.trouble) == ("", "")
    assert session.instrument == Instrument("BTCUSD")


def test_the_instruments_tick_is_taken() -> None:
    session = Session(GeminiFeed("BTCUSD"))
    body = '{"symbol":"BTCUSD","base_currency":"btc","quote_currency":"usd","quote_increment":0.01}'

    session.receive(rest("/elsewhere", 200, body))
    assert session.instrument.tick is None
    session.receive(rest(DETAILS, 200, body))

    assert session.instrument == Instrument("BTCUSD", "BTC", "USD", Decimal("0.01"))


def test_lag_is_our_time_less_the_venues() -> None:
    session = live()

    session.receive(text(wire.depth(110, [("97", "1")], after=100, ts=wall(1) - 45_000_000), 1))

    assert session.lag_ns == 45_000_000


def test_lag_is_not_made_up_where_the_venue_sent_no_time() -> None:
    session = Session(GeminiV1Feed("BTCUSD"))
    session.receive(connect())

    session.receive(text(wire.v1_initial(0, BIDS, ASKS)))

    assert session.trusted
    assert session.lag_ns is None


STRANGE = "\x1b[2J\x1b]0;x\x07\r\nred\u202e\u2028"


def lose_by_venue(session: Session) -> Sequence[str]:
    session.receive(text(wire.refusal(-1000, STRANGE, status=500)))
    return [session.reason, session.trouble]


def refuse_by_venue(session: Session) -> Sequence[str]:
    session.receive(text(wire.refusal(-1013, f"Invalid stream name: {STRANGE}")))
    return [session.reason, session.trouble, session.refused]


def refuse_by_rest(session: Session) -> Sequence[str]:
    body = wire.encode({"result": "error", "reason": "InvalidSymbol", "message": STRANGE})
    session.receive(rest(DETAILS, 400, body.decode()))
    return [session.reason, session.trouble, session.refused]


def close_by_venue(session: Session) -> Sequence[str]:
    session.receive(disconnect(1, STRANGE))
    return [session.reason, session.trouble]


@pytest.mark.parametrize("way", [lose_by_venue, refuse_by_venue, refuse_by_rest, close_by_venue])
def test_no_control_character_of_the_venue_reaches_the_screen(
    way: Callable[[Session], Sequence[str]],
) -> None:
    shown = way(live())

    for line in shown:
        assert line.isprintable(), line
        assert "red" in line


def test_an_endless_reason_is_cut() -> None:
    session = live()

    session.receive(text(wire.refusal(-1000, "x" * 10_000, status=500)))

    assert len(session.reason) == 200
    assert session.reason.endswith("…")


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
