"""Bytes that Coinbase and Kraken should never send, through a whole session: it loses the book or
holds one that can be shown, and nothing else is raised.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from obtui.feeds import FEEDS
from obtui.feeds.base import LARGEST, LATEST, SMALLEST, Decoder, FeedError, Malformed
from obtui.market import BookDelta
from obtui.session import Session
from support import coinbase_wire, kraken_wire
from support.frames import connect, text
from support.wire import encode


class Protocol(NamedTuple):
    """A venue, and a short stream of every kind of its frames."""

    venue: str
    symbol: str
    frames: list[bytes]


_book = kraken_wire.Book(10)
KRAKEN = Protocol(
    "kraken",
    "BTC/USD",
    [
        kraken_wire.status(),
        kraken_wire.instrument(),
        kraken_wire.subscribed(10),
        _book.snapshot(kraken_wire.BIDS, kraken_wire.ASKS),
        _book.update([("99.5", "0"), ("97.0", "2")], [("101.0", "3")]),
        kraken_wire.HEARTBEAT,
        kraken_wire.trades(kraken_wire.trade()),
        _book.update([("96.5", "0.00000001")]),
        kraken_wire.refused("Already subscribed", symbol="ETH/USD"),
    ],
)
INFERRED = Protocol("kraken", "BTC/USD", KRAKEN.frames[2:])
COINBASE = Protocol(
    "coinbase",
    "BTC-USD",
    [
        coinbase_wire.book(0, [("99.5", "1"), ("98", "2")], [("101", "1")], kind="snapshot"),
        coinbase_wire.subscriptions(1),
        coinbase_wire.book(2, [("99.5", "0")], [("101", "3")]),
        coinbase_wire.trades(3, coinbase_wire.trade(), coinbase_wire.trade("SELL")),
        coinbase_wire.heartbeat(4),
        coinbase_wire.book(5, [("97", "5")], symbol="ETH-USD"),
        coinbase_wire.book(6, [("97", "5")]),
    ],
)
PROTOCOLS = [KRAKEN, INFERRED, COINBASE]
protocols = st.sampled_from(PROTOCOLS)


def play(protocol: Protocol, frames: list[bytes]) -> Session:
    """A session that is sent these; what it holds and tells is sane after each."""
    session = Session(FEEDS[protocol.venue](protocol.symbol))
    session.receive(connect())
    for frame in frames:
        outcome = session.receive(text(frame))
        session.book.check()
        for side in (session.book.bids, session.book.asks):
            assert all(SMALLEST <= price <= LARGEST for price in side.prices)
            assert all(SMALLEST <= size <= LARGEST for size in side.sizes.values())
        for trade in outcome.trades:
            assert SMALLEST <= trade.price <= LARGEST
            assert 0 <= trade.size <= LARGEST
            assert trade.ts_event is None or 0 <= trade.ts_event <= LATEST
        assert session.reason.isprintable()
    return session


def fresh(protocol: Protocol) -> Decoder:
    return FEEDS[protocol.venue](protocol.symbol).decoder()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_streams_themselves_are_right(protocol: Protocol) -> None:
    session = play(protocol, protocol.frames)

    assert session.trusted
    assert session.book.bids.best() is not None


@given(protocols, st.data())
@settings(max_examples=200)
def test_truncated_frames(protocol: Protocol, data: st.DataObject) -> None:
    frames = list(protocol.frames)
    nth = data.draw(st.integers(0, len(frames) - 1))
    frames[nth] = frames[nth][: data.draw(st.integers(0, len(frames[nth]) - 1))]

    session = play(protocol, frames)

    assert not session.trusted


@given(protocols, st.data())
@settings(max_examples=300)
def test_garbled_frames(protocol: Protocol, data: st.DataObject) -> None:
    frames = list(protocol.frames)
    nth = data.draw(st.integers(0, len(frames) - 1))
    frame = bytearray(frames[nth])
    places = st.tuples(st.integers(0, len(frame) - 1), st.integers(0, 255))
    for place, byte in data.draw(st.lists(places, max_size=4)):
        frame[place] = byte
    frames[nth] = bytes(frame)

    play(protocol, frames)


@given(protocols, st.data())
@settings(max_examples=200)
def test_frames_reordered_repeated_and_lost(protocol: Protocol, data: st.DataObject) -> None:
    play(protocol, data.draw(st.lists(st.sampled_from(protocol.frames), max_size=14)))


numbers = st.sampled_from(
    ["NaN", "sNaN", "Infinity", "-1", "-0", "0x10", "1e18", "1.1e18", "1e-18", "9e-19", "1E+999999"]
)
words = st.sampled_from(["book", "trade", "snapshot", "update", "BTC/USD", "BTC-USD", "bid", "buy"])
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | numbers | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


def places(message: Any) -> list[tuple[Any, Any]]:  # noqa: ANN401 - any JSON
    """Every value in a message, by what holds it and its key there."""
    keys: Iterable[Any] = ()
    if isinstance(message, dict):
        keys = message.keys()
    elif isinstance(message, list):
        keys = range(len(message))
    found = [(message, key) for key in keys]
    return found + [deep for holder, key in found for deep in places(holder[key])]


@given(protocols, st.data())
@settings(max_examples=200)
def test_values_of_another_type(protocol: Protocol, data: st.DataObject) -> None:
    frames = list(protocol.frames)
    nth = data.draw(st.integers(0, len(frames) - 1))
    message = json.loads(frames[nth])
    holder, key = data.draw(st.sampled_from(places(message)))
    holder[key] = data.draw(junk)
    frames[nth] = encode(message)

    play(protocol, frames)


KEYS = ["channel", "type", "data", "method", "req_id", "success", "error", "symbol", "result"]
KEYS += ["sequence_num", "timestamp", "events", "message", "reason"]


@given(protocols, st.dictionaries(st.sampled_from(KEYS), junk) | junk)
@settings(max_examples=100)
def test_any_json(protocol: Protocol, message: object) -> None:
    play(protocol, [encode(message)])
    play(protocol, [*protocol.frames[:4], encode(message)])


@given(protocols, st.binary(max_size=60))
@settings(max_examples=150)
@example(KRAKEN, b"")
@example(COINBASE, b"\xef\xbb\xbf{}")
def test_any_bytes(protocol: Protocol, frame: bytes) -> None:
    play(protocol, [frame])


@given(protocols, st.text(max_size=30) | junk.map(json.dumps))
@settings(max_examples=150)
def test_what_no_decoder_saved(protocol: Protocol, saved: str) -> None:
    decoder = fresh(protocol)
    try:
        decoder.load(saved)
    except Malformed:
        return
    for frame in protocol.frames:
        try:
            decoder.decode(frame)
        except FeedError:
            return


DEEP = [b"[" * 100_000, b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", b'{"a":' * 100_000]


@pytest.mark.parametrize("protocol", [KRAKEN, COINBASE], ids=["kraken", "coinbase"])
@pytest.mark.parametrize("frame", [*DEEP, b"", b" ", b"null", b"[]", b'"text"', b"1", b"\xff\xfe"])
def test_what_is_no_message_at_all_is_malformed(protocol: Protocol, frame: bytes) -> None:
    with pytest.raises(Malformed):
        fresh(protocol).decode(frame)


NO_MARKET_HAS = ["NaN", "sNaN", "Infinity", "-1", "1.1e18", "1e-19", "1E+999999", "true", "null"]
PRICES = [
    pytest.param(KRAKEN, 4, b'"price":97.0', b'"price":%s', id="kraken"),
    pytest.param(COINBASE, 6, b'"price_level":"97"', b'"price_level":"%s"', id="coinbase"),
]
SIZES = [
    pytest.param(KRAKEN, 4, b'"price":97.0,"qty":2', b'"price":97.0,"qty":%s', id="kraken"),
    pytest.param(COINBASE, 6, b'"new_quantity":"5"', b'"new_quantity":"%s"', id="coinbase"),
]


def changed(protocol: Protocol, nth: int, was: bytes, becomes: bytes) -> Sequence[object]:
    """What a frame of the stream is decoded to with another text in it."""
    decoder = fresh(protocol)
    for frame in protocol.frames[:nth]:
        decoder.decode(frame)
    assert was in protocol.frames[nth]
    return decoder.decode(protocol.frames[nth].replace(was, becomes))


@pytest.mark.parametrize(("protocol", "nth", "was", "becomes"), PRICES)
@pytest.mark.parametrize("number", [*NO_MARKET_HAS, "0", "-0.0"])
def test_a_price_that_no_market_has_is_malformed(
    protocol: Protocol, nth: int, was: bytes, becomes: bytes, number: str
) -> None:
    with pytest.raises(Malformed):
        changed(protocol, nth, was, becomes % number.encode())


@pytest.mark.parametrize(("protocol", "nth", "was", "becomes"), SIZES)
@pytest.mark.parametrize("number", NO_MARKET_HAS)
def test_a_size_that_no_market_has_is_malformed(
    protocol: Protocol, nth: int, was: bytes, becomes: bytes, number: str
) -> None:
    with pytest.raises(Malformed):
        changed(protocol, nth, was, becomes % number.encode())


@pytest.mark.parametrize(("protocol", "nth", "was", "becomes"), SIZES)
@pytest.mark.parametrize("number", ["0", "-0.0", "0.00000000", "0E-999"])
def test_zero_removes_however_it_is_spelled(
    protocol: Protocol, nth: int, was: bytes, becomes: bytes, number: str
) -> None:
    (event,) = changed(protocol, nth, was, becomes % number.encode())

    assert isinstance(event, BookDelta)
    assert not event.bids[-1][1]
