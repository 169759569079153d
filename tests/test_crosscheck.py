"""The venue's own best bid and offer against the top of the book: by ids, in price and size."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from obtui.book import OrderBook
from obtui.crosscheck import MOST_WAITING, CrossCheck
from obtui.effects import Reconnect
from obtui.feeds.base import Disagreement
from obtui.feeds.gemini import GeminiFeed
from obtui.frame import BookCheckpoint, SavedCheck
from obtui.market import BookSnapshot, BookState, Level, TopOfBook
from obtui.session import Session
from support import captures, wire
from support.frames import connect, text

BID, ASK = Level(Decimal(99), Decimal(1)), Level(Decimal(101), Decimal(2))


def book(bid: Level | None = BID, ask: Level | None = ASK) -> OrderBook:
    made = OrderBook()
    made.apply_snapshot(BookSnapshot([bid] if bid else [], [ask] if ask else []))
    return made


def test_the_newest_that_is_not_younger_than_the_book_is_held_against_it() -> None:
    check = CrossCheck()
    check.add(TopOfBook(Level(Decimal(98), Decimal(1)), ASK, 5), book())
    check.add(TopOfBook(BID, ASK, 9), book())
    check.add(TopOfBook(Level(Decimal(100), Decimal(1)), ASK, 11), book())

    check.after_book(10, book())
    check.after_book(10, book())

    assert check.agreed == 2


def test_before_the_first_there_is_nothing_to_hold_against() -> None:
    check = CrossCheck()
    check.add(TopOfBook(BID, ASK, 11), book())

    check.after_book(10, book())

    assert check.agreed == 0


@pytest.mark.parametrize(
    ("bid", "ask", "words"),
    [
        (Level(Decimal(98), Decimal(1)), ASK, "best bid is 99 x 1, the venue's own 98 x 1"),
        (Level(Decimal(99), Decimal(3)), ASK, "best bid is 99 x 1, the venue's own 99 x 3"),
        (BID, None, "best ask is 101 x 2, the venue's own none"),
    ],
)
def test_another_price_size_or_an_empty_side_is_a_disagreement(
    bid: Level, ask: Level | None, words: str
) -> None:
    check = CrossCheck()
    check.add(TopOfBook(bid, ask, 1), book())

    with pytest.raises(Disagreement, match=words):
        check.after_book(1, book())
    assert check.agreed == 0


def test_one_that_comes_after_the_first_book_is_held_against_it_once() -> None:
    check = CrossCheck()
    check.after_book(10, book())

    check.add(TopOfBook(Level(Decimal(98), Decimal(1)), ASK, 8), book())
    assert check.agreed == 0
    check.add(TopOfBook(BID, ASK, 9), book())
    check.add(TopOfBook(BID, ASK, 10), book())

    assert check.agreed == 1


def test_both_sides_empty_agree() -> None:
    check = CrossCheck()
    check.add(TopOfBook(None, None, 1), book())

    check.after_book(1, book(None, None))

    assert check.agreed == 1


def test_what_waits_is_bounded() -> None:
    check = CrossCheck()
    for update_id in range(MOST_WAITING + 5):
        check.add(TopOfBook(BID, ASK, update_id), book())

    assert len(check.save().waiting) == MOST_WAITING


def test_another_goes_on_where_one_was_saved() -> None:
    check, other = CrossCheck(), CrossCheck()
    check.add(TopOfBook(BID, ASK, 1), book())
    check.after_book(1, book())
    check.add(TopOfBook(Level(Decimal(97), Decimal(1)), ASK, 3), book())

    other.restore(msgspec.json.decode(msgspec.json.encode(check.save()), type=SavedCheck))

    other.after_book(2, book())
    assert other.agreed == 2
    with pytest.raises(Disagreement):
        other.after_book(3, book())


# In the session, with Gemini's frames


def watched() -> Session:
    session = Session(GeminiFeed("BTCUSD"))
    session.receive(connect())
    session.receive(text(wire.depth(100, [("100", "1")], [("101", "2")])))
    return session


def test_agreement_is_counted() -> None:
    session = watched()
    session.receive(text(wire.book_ticker(105)))

    session.receive(text(wire.depth(110, [("98", "1")], after=100)))

    assert session.applied.crosscheck.agreed == 1
    assert session.state is BookState.VERIFIED


def test_a_disagreement_is_one_resync_and_a_new_connection_begins_anew() -> None:
    session = watched()
    session.receive(text(wire.book_ticker(105)))

    outcome = session.receive(text(wire.depth(110, [("100", "7")], after=100)))

    assert [type(effect) for effect in outcome.effects] == [Reconnect]
    assert session.resyncs == 1
    assert "the book's best bid is 100 x 7, the venue's own 100.0 x 1" in session.trouble
    session.receive(connect(1, 2))
    session.receive(text(wire.depth(200, [("90", "1")], [("101", "2")]), 1, 2))
    assert session.state is BookState.VERIFIED


def test_the_check_goes_on_from_a_checkpoint() -> None:
    session = watched()
    session.receive(text(wire.book_ticker(105)))
    saved = msgspec.json.encode(session.checkpoint())
    other = Session(GeminiFeed("BTCUSD"))

    other.restore(msgspec.json.decode(saved, type=BookCheckpoint), 0)

    assert other.receive(text(wire.depth(110, [("100", "7")], after=100))).effects


@pytest.mark.parametrize(("symbol", "agreed"), [("btcgusdperp", 18), ("ethgusdperp", 12)])
def test_real_books_agree_with_the_venues_own_tops(symbol: str, agreed: int) -> None:
    frames = captures.incoming("current-perps-real")
    session = Session(GeminiFeed(symbol))
    session.receive(connect())

    for frame in frames:
        session.receive(text(frame.encode()))

    assert session.state is BookState.VERIFIED
    assert session.resyncs == 0
    assert session.applied.crosscheck.agreed == agreed
