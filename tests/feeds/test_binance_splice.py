"""Binance's changes and its REST book, in every order in which they can come."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest

from obtui.feeds.base import Decoded, Fetch, SequenceGap, VenueError
from obtui.feeds.binance import BinanceDecoder
from obtui.feeds.binance_splice import MOST_TRIES, MOST_WAITING, QUIET_SECONDS, REFETCH_SECONDS
from obtui.market import BookDelta, BookSnapshot, Heartbeat
from support import binance_wire as wire

PATH = "/api/v3/depth?symbol=BTCUSDT&limit=5000"
ASK = Fetch(PATH)
AGAIN = Fetch(PATH, REFETCH_SECONDS)
QUIET = Fetch(PATH, QUIET_SECONDS)


def fresh() -> BinanceDecoder:
    return BinanceDecoder("binance", "BTCUSDT", PATH)


def book(last: int) -> str:
    return wire.book(last, [("99", str(last))])


def ids(events: Sequence[Decoded]) -> list[int | None]:
    """The snapshot as its size, which is its id, and the changes as theirs."""
    told: list[int | None] = []
    for event in events:
        if isinstance(event, BookSnapshot):
            assert event.update_id is None
            told.append(int(event.bids[0][1]))
        else:
            assert isinstance(event, BookDelta)
            told.append(event.update_id)
    return told


def waiting(*ranges: tuple[int, int]) -> BinanceDecoder:
    """A decoder to which these changes have come, the first of which has asked REST."""
    decoder = fresh()
    assert decoder.decode(wire.diff(*ranges[0])) == (ASK,)
    for first, last in ranges[1:]:
        assert list(decoder.decode(wire.diff(first, last))) == []
    return decoder


def test_the_first_change_asks_rest_and_only_the_first() -> None:
    decoder = waiting((90, 95), (96, 99))

    assert decoder.decode(wire.listed()) == (Heartbeat(),)


def test_the_reply_to_our_request_asks_too_as_the_stream_is_open_then() -> None:
    decoder = fresh()

    assert decoder.decode(wire.listed()) == (Heartbeat(), ASK)
    assert decoder.decode(wire.listed()) == (Heartbeat(),)
    assert list(decoder.decode(wire.diff(1, 2))) == []


@pytest.mark.parametrize(
    ("last", "told"),
    [
        pytest.param(89, [89, 95, 100, 110], id="the first change begins where the book ends"),
        pytest.param(90, [90, 95, 100, 110], id="in the first change"),
        pytest.param(95, [95, 100, 110], id="the book ends with a change"),
        pytest.param(97, [97, 100, 110], id="in a later change"),
        pytest.param(99, [99, 100, 110], id="all but the last id of a change"),
        pytest.param(100, [100, 110], id="the book ends with a later change"),
        pytest.param(110, [110], id="the book has all"),
        pytest.param(115, [115], id="the book is ahead of the stream"),
    ],
)
def test_a_book_and_the_changes_that_are_not_in_it_come_at_once(last: int, told: list[int]) -> None:
    decoder = waiting((90, 95), (96, 100), (101, 110))

    assert ids(decoder.reply(PATH, 200, book(last))) == told
    # What comes after goes on from there; up to the book's own end it may have begun before it.
    assert ids(decoder.decode(wire.diff(111, 120))) == [120]
    with pytest.raises(SequenceGap):
        decoder.decode(wire.diff(122, 130))


def test_the_changes_are_those_that_came() -> None:
    decoder = fresh()
    decoder.decode(wire.diff(101, 105, [("98", "3.5")], [("101", "0")]))

    _, delta = decoder.reply("", 200, book(100))

    assert delta == BookDelta(
        [(Decimal(98), Decimal("3.5"))],
        [(Decimal(101), Decimal(0))],
        1_723_161_255_208_000_000,
        105,
    )


def test_only_the_first_change_after_the_book_may_begin_before_it() -> None:
    decoder = waiting((90, 95))
    assert ids(decoder.reply(PATH, 200, book(97))) == [97]

    assert ids(decoder.decode(wire.diff(96, 100))) == [100]
    with pytest.raises(SequenceGap, match="100 is followed by 99"):
        decoder.decode(wire.diff(99, 103))


def test_a_change_is_lost_between_book_and_stream() -> None:
    decoder = waiting((90, 95))
    decoder.reply(PATH, 200, book(95))

    with pytest.raises(SequenceGap, match="95 is followed by 97"):
        decoder.decode(wire.diff(97, 100))


def test_a_change_is_lost_while_the_book_is_waited_for() -> None:
    with pytest.raises(SequenceGap, match="95 is followed by 97"):
        waiting((90, 95), (97, 100))


def test_a_change_that_comes_twice_waits_once() -> None:
    decoder = waiting((90, 95), (96, 100), (90, 95), (96, 100))

    assert ids(decoder.reply(PATH, 200, book(90))) == [90, 95, 100]


def test_a_book_older_than_the_stream_is_asked_for_again_and_again_but_not_for_ever() -> None:
    decoder = waiting((90, 95))

    for _ in range(MOST_TRIES - 1):
        assert decoder.reply(PATH, 200, book(88)) == (AGAIN,)
    with pytest.raises(VenueError, match=f"{MOST_TRIES} times one before 90, the last of 88"):
        decoder.reply(PATH, 200, book(88))


def test_the_next_book_is_new_enough() -> None:
    decoder = waiting((90, 95))
    decoder.reply(PATH, 200, book(88))
    decoder.decode(wire.diff(96, 100))

    assert ids(decoder.reply(PATH, 200, book(96))) == [96, 100]


def test_no_more_changes_wait_than_can_be_of_use() -> None:
    decoder = waiting(*((nth, nth) for nth in range(1, MOST_WAITING + 1)))

    with pytest.raises(VenueError, match=f"{MOST_WAITING} changes came, and no book"):
        decoder.decode(wire.diff(MOST_WAITING + 1, MOST_WAITING + 1))


def test_a_book_before_any_change_is_spliced_by_the_first() -> None:
    decoder = fresh()
    assert decoder.reply("", 200, book(100)) == (QUIET,)

    assert ids(decoder.decode(wire.diff(98, 103))) == [100, 103]
    # The second reply is not needed any more.
    assert list(decoder.reply(PATH, 200, book(102))) == []


def test_a_book_before_any_change_that_is_too_old_is_replaced_by_the_second() -> None:
    decoder = fresh()
    decoder.decode(wire.listed())
    assert decoder.reply(PATH, 200, book(100)) == (QUIET,)

    assert list(decoder.decode(wire.diff(102, 103))) == []
    assert list(decoder.decode(wire.diff(104, 110))) == []
    assert ids(decoder.reply(PATH, 200, book(103))) == [103, 110]


def test_a_quiet_markets_book_is_shown_when_it_has_been_quiet_for_a_while() -> None:
    decoder = fresh()
    decoder.decode(wire.listed())
    assert decoder.reply(PATH, 200, book(100)) == (QUIET,)

    assert ids(decoder.reply(PATH, 200, book(100))) == [100]
    assert ids(decoder.decode(wire.diff(101, 102))) == [102]


def test_of_a_quiet_markets_books_the_newer_one_counts() -> None:
    decoder = fresh()
    decoder.reply(PATH, 200, book(100))

    assert ids(decoder.reply(PATH, 200, book(97))) == [100]
    with pytest.raises(SequenceGap):
        decoder.decode(wire.diff(98 + 4, 103))


def test_a_book_that_is_held_is_saved() -> None:
    before = fresh()
    before.reply(PATH, 200, book(100))
    decoder = fresh()
    decoder.load(before.save())

    assert ids(decoder.decode(wire.diff(101, 103))) == [100, 103]
