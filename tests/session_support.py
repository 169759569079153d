"""What the tests of a session share."""

from __future__ import annotations

from obtui.effects import Outcome, Reconnect, Send
from obtui.feeds.gemini import GeminiFeed
from obtui.market import BookState
from obtui.session import Session
from support import wire
from support.frames import at, connect, text

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
