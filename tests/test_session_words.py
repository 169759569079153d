"""What a venue says of a symbol, its tick and its time, and what is shown of its words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

import pytest

from obtui.effects import NOTHING, Refuse
from obtui.feeds import FEEDS
from obtui.feeds.gemini import GeminiFeed
from obtui.feeds.gemini_v1 import GeminiV1Feed
from obtui.market import BookState, Instrument
from obtui.session import Session
from session_support import (
    ASKS,
    BIDS,
    DETAILS,
    live,
    state_of,
)
from support import wire
from support.frames import connect, disconnect, rest, text, wall


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


@pytest.mark.parametrize("venue", ["gemini", "gemini-v1"])
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

    assert session.applied.lag_ns == 45_000_000


def test_lag_is_not_made_up_where_the_venue_sent_no_time() -> None:
    session = Session(GeminiV1Feed("BTCUSD"))
    session.receive(connect())

    session.receive(text(wire.v1_initial(0, BIDS, ASKS)))

    assert session.trusted
    assert session.applied.lag_ns is None


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
