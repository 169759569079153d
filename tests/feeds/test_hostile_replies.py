"""Frames and REST replies as no venue should send them, and in no order that it should: nothing
but a `FeedError` is raised, and a book that is trusted is a true one.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from obtui.feeds.base import LARGEST, SMALLEST, FeedError, VenueFeed
from obtui.feeds.binance import BinanceFeed
from obtui.feeds.bitstamp import BitstampFeed
from obtui.frame import Frame
from obtui.session import Session
from support import binance_wire, bitstamp_wire
from support.binance_exchange import Exchange
from support.books import levels_of
from support.frames import connect, rest, text
from support.wire import encode

BINANCE = BinanceFeed("BTCUSDT")
BITSTAMP = BitstampFeed("BTCUSD")
BIDS, ASKS = [("99.50", "1.5"), ("98", "2")], [("101", "1"), ("102.25", "4")]

Said = bytes | tuple[int, str]
"""A frame, or a reply's status and body."""
NO_PAGE = (404, "<html>")
BINANCE_SAYS: list[Said] = [
    binance_wire.listed(),
    binance_wire.diff(95, 99, [("97", "5")]),
    binance_wire.ticker(99),
    (200, binance_wire.book(98, BIDS, ASKS)),
    binance_wire.diff(100, 110, [("99.50", "0")], [("101", "3")]),
    binance_wire.trade(),
    (400, binance_wire.INVALID_SYMBOL),
    binance_wire.diff(111, 111, [("97", "0")]),
    binance_wire.SHUTDOWN,
]
BITSTAMP_SAYS: list[Said] = [
    bitstamp_wire.subscribed(),
    (200, bitstamp_wire.rest_book(BIDS, ASKS)),
    bitstamp_wire.book(BIDS, ASKS, bitstamp_wire.TIME + 1),
    bitstamp_wire.trade(),
    bitstamp_wire.HEARTBEAT,
    bitstamp_wire.book(ASKS[:1], [], bitstamp_wire.TIME + 2),
    NO_PAGE,
    bitstamp_wire.INVALID_CHANNEL,
    bitstamp_wire.RECONNECT,
]
VENUES: list[tuple[VenueFeed, list[Said]]] = [(BINANCE, BINANCE_SAYS), (BITSTAMP, BITSTAMP_SAYS)]
venues = st.sampled_from(VENUES)
junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["NaN", "sNaN", "Infinity", "-1", "-0", "1E+999999", "1e-19", "9" * 5_000])
    | st.sampled_from([10**20, 2**63, "btcusdt@trade", "data", "bts:error", "order_book_btcusd"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


def hear(feed: VenueFeed, said: list[Said]) -> None:
    """Take all that was said, on new connections where one is given up; nothing may escape."""
    session = Session(feed)
    session.receive(connect())
    path = feed.book_path(5_000)
    for one in said:
        frame: Frame = text(one) if isinstance(one, bytes) else rest(path, *one)
        if session.receive(frame).effects and not session.trusted:
            session.receive(connect())
        session.book.check()
        for side in (session.book.bids, session.book.asks):
            assert all(SMALLEST <= price <= LARGEST for price in side.prices)
            assert all(SMALLEST <= size <= LARGEST for size in side.sizes.values())


def change(said: list[Said], index: int, data: Callable[[bytes], bytes]) -> list[Said]:
    """With one of them changed."""
    one = said[index]
    if isinstance(one, bytes):
        changed: Said = data(one)
    else:
        changed = one[0], data(one[1].encode()).decode("utf-8", "replace")
    return [*said[:index], changed, *said[index + 1 :]]


def body_of(one: Said) -> bytes:
    return one if isinstance(one, bytes) else one[1].encode()


@given(venues, st.data())
@settings(max_examples=200)
def test_truncated(venue: tuple[VenueFeed, list[Said]], data: st.DataObject) -> None:
    feed, said = venue
    index = data.draw(st.integers(0, len(said) - 1))
    end = data.draw(st.integers(0, len(body_of(said[index])) - 1))

    hear(feed, change(said, index, lambda body: body[:end]))


@given(venues, st.data())
@settings(max_examples=250)
def test_garbled(venue: tuple[VenueFeed, list[Said]], data: st.DataObject) -> None:
    feed, said = venue
    index = data.draw(st.integers(0, len(said) - 1))
    body = bytearray(body_of(said[index]))
    places = st.tuples(st.integers(0, len(body) - 1), st.integers(0, 255))
    for place, byte in data.draw(st.lists(places, max_size=4)):
        body[place] = byte

    hear(feed, change(said, index, lambda _: bytes(body)))


@given(venues, st.data())
@settings(max_examples=250)
def test_values_of_another_type(venue: tuple[VenueFeed, list[Said]], data: st.DataObject) -> None:
    feed, said = venue
    said = [one for one in said if one != NO_PAGE]
    index = data.draw(st.integers(0, len(said) - 1))
    message = target = json.loads(body_of(said[index]))
    while data.draw(st.booleans()):
        inner = [value for value in target.values() if isinstance(value, dict) and value]
        if not inner:
            break
        target = data.draw(st.sampled_from(inner))
    target[data.draw(st.sampled_from(sorted(target)))] = data.draw(junk)

    hear(feed, change(said, index, lambda _: encode(message)))


@given(venues, st.data())
@settings(max_examples=200)
def test_reordered_repeated_and_lost(
    venue: tuple[VenueFeed, list[Said]], data: st.DataObject
) -> None:
    feed, said = venue

    hear(feed, data.draw(st.lists(st.sampled_from(said), max_size=14)))


@given(venues, st.binary(max_size=60), junk)
@settings(max_examples=150)
def test_anything(venue: tuple[VenueFeed, list[Said]], frame: bytes, message: object) -> None:
    feed, said = venue

    hear(feed, [frame, encode(message), (200, frame.decode("latin-1"))])
    hear(feed, [said[1], (200, json.dumps(message)), said[2], frame])


COUNT = 9
EXCHANGE = Exchange(COUNT)


@st.composite
def histories(draw: st.DrawFn) -> list[Said]:
    """The exchange's changes, some lost, repeated or moved, and books of REST of any age between
    them."""
    said: list[Said] = list(EXCHANGE.diffs[draw(st.integers(0, 3)) :])
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(said) - 1))
        match draw(st.sampled_from(["lose", "repeat", "move"])):
            case "lose":
                del said[at]
            case "repeat":
                said.insert(draw(st.integers(0, len(said))), said[at])
            case _:
                said.insert(draw(st.integers(0, len(said) - 1)), said.pop(at))
        if not said:
            break
    for _ in range(draw(st.integers(1, 4))):
        number = draw(st.integers(0, COUNT))
        said.insert(draw(st.integers(0, len(said))), EXCHANGE.snapshot(number))
    return said


@given(histories())
@settings(max_examples=400)
def test_a_trusted_book_is_a_true_one_whatever_comes_in_whatever_order(said: list[Said]) -> None:
    session = Session(BINANCE)
    session.receive(connect())
    newest = -1

    for one in said:
        session.receive(text(one) if isinstance(one, bytes) else rest("", *one))
        if session.trusted:
            number = EXCHANGE.truth.index(levels_of(session.book))
            assert number >= newest
            newest = number


@pytest.mark.parametrize("number", range(COUNT + 1))
@pytest.mark.parametrize("at", range(1, COUNT + 1))
def test_without_a_fault_every_order_of_book_and_changes_ends_in_the_last_book(
    number: int, at: int
) -> None:
    session = Session(BINANCE)
    session.receive(connect())
    said: list[Said] = list(EXCHANGE.diffs)
    said.insert(at, EXCHANGE.snapshot(number))

    for one in said:
        session.receive(text(one) if isinstance(one, bytes) else rest("", *one))

    assert levels_of(session.book) == EXCHANGE.truth[COUNT]
    assert session.trouble == ""


@pytest.mark.parametrize("feed", [BINANCE, BITSTAMP])
@pytest.mark.parametrize(
    "inner", [b"[" * 100_000, b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 100_000, b"1" * 10_000]
)
def test_what_has_no_bottom_harms_nothing(feed: VenueFeed, inner: bytes) -> None:
    for frame in (
        inner,
        b'{"event":"data","channel":"order_book_btcusd","data":%s}' % inner,
        b'{"stream":"btcusdt@depth@100ms","data":%s}' % inner,
        b'{"stream":"x","event":"x","x":%s}' % inner,
    ):
        with contextlib.suppress(FeedError):
            feed.decoder().decode(frame)
    with contextlib.suppress(FeedError):
        feed.decoder().reply("", 200, inner.decode())
