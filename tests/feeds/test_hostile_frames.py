"""Bytes that no venue should send: a decoder raises its own errors and nothing else, and what it
lets through is a book that can be held and shown.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from obtui.book import OrderBook
from obtui.feeds.base import LARGEST, LATEST, SMALLEST, Decoder, FeedError, Malformed
from obtui.feeds.bybit import BybitDecoder
from obtui.feeds.gemini import GeminiDecoder
from obtui.feeds.gemini_v1 import GeminiV1Decoder
from obtui.feeds.okx import OkxDecoder
from obtui.market import BookDelta, BookSnapshot, Trade
from support import wire

CURRENT = [
    wire.depth(100, [("99.50", "1.5"), ("98", "2")], [("101", "1"), ("102.25", "4")]),
    wire.ack(),
    wire.depth(110, [("99.50", "0")], [("101", "3")], after=100),
    wire.trade(),
    wire.book_ticker(111),
    wire.depth(120, [("97", "5")], [], after=110),
    wire.UNKNOWN_STREAM,
]
V1 = [
    wire.v1_initial(0, [("99.50", "1.5"), ("98", "2")], [("101", "1"), ("102.25", "4")]),
    wire.v1_heartbeat(1),
    wire.v1_update(2, wire.change("bid", "99.50", "0"), wire.change("ask", "101", "3")),
    wire.v1_update(3, wire.v1_trade("101", "1", "ask"), wire.change("ask", "101", "2", "trade")),
    wire.v1_update(4, wire.change("bid", "97", "5")),
    wire.UNKNOWN_SYMBOL.encode(),
]
OKX = [
    b'{"event":"subscribe","arg":{"channel":"books","instId":"BTCUSD"}}',
    b'{"arg":{"channel":"books","instId":"BTCUSD"},"action":"snapshot","data":[{"ts":"15",'
    b'"asks":[["101","1","0","2"]],"bids":[["99.5","2","0","1"]],"prevSeqId":-1,"seqId":7}]}',
    b'{"arg":{"channel":"books","instId":"BTCUSD"},"action":"update","data":[{"ts":"16",'
    b'"asks":[["101","0","0","2"]],"bids":[["99","2","0","1"]],"prevSeqId":7,"seqId":9}]}',
    b'{"arg":{"channel":"trades","instId":"BTCUSD"},"data":[{"px":"101","sz":"1","side":"buy",'
    b'"tradeId":"5","ts":"17"}]}',
    b'{"event":"error","code":"60018","msg":"no"}',
]
BYBIT = [
    b'{"success":true,"ret_msg":"","op":"subscribe"}',
    b'{"topic":"orderbook.200.BTCUSD","type":"snapshot","ts":15,"cts":14,"data":{"s":"BTCUSD",'
    b'"b":[["99.5","2"]],"a":[["101","1"]],"u":7,"seq":1}}',
    b'{"topic":"orderbook.200.BTCUSD","type":"delta","ts":16,"cts":15,"data":{"s":"BTCUSD",'
    b'"b":[["99","2"]],"a":[["101","0"]],"u":8,"seq":2}}',
    b'{"topic":"publicTrade.BTCUSD","type":"snapshot","ts":17,"data":[{"T":17,"s":"BTCUSD",'
    b'"S":"Buy","v":"1","p":"101","i":"x","BT":false}]}',
    b'{"success":false,"ret_msg":"Invalid topic","op":"subscribe"}',
]
PROTOCOLS: list[tuple[Callable[[str], Decoder], list[bytes]]] = [
    (GeminiDecoder, CURRENT),
    (GeminiV1Decoder, V1),
    (OkxDecoder, OKX),
    (BybitDecoder, BYBIT),
]
protocols = st.sampled_from(PROTOCOLS)


def decode_all(decoder: Decoder, frames: list[bytes]) -> None:
    """Decode as a session does, up to the first error; what comes out must be sane."""
    book = OrderBook()
    for frame in frames:
        try:
            events = decoder.decode(frame)
        except FeedError:
            return
        for event in events:
            if isinstance(event, BookSnapshot):
                book.apply_snapshot(event)
            elif isinstance(event, BookDelta):
                book.apply_delta(event)
            elif isinstance(event, Trade):
                assert SMALLEST <= event.price <= LARGEST
                assert 0 <= event.size <= LARGEST
            ts_event = getattr(event, "ts_event", None)
            assert ts_event is None or 0 <= ts_event <= LATEST
        book.check()
        for side in (book.bids, book.asks):
            assert all(SMALLEST <= price <= LARGEST for price in side.prices)
            assert all(SMALLEST <= size <= LARGEST for size in side.sizes.values())


@given(protocols, st.data())
@settings(max_examples=300)
def test_truncated_frames(
    protocol: tuple[Callable[[str], Decoder], list[bytes]], data: st.DataObject
) -> None:
    make, frames = protocol
    cut = list(frames)
    index = data.draw(st.integers(0, len(frames) - 1))
    cut[index] = cut[index][: data.draw(st.integers(0, len(cut[index]) - 1))]

    decode_all(make("BTCUSD"), cut)


@given(protocols, st.data())
@settings(max_examples=400)
def test_garbled_frames(
    protocol: tuple[Callable[[str], Decoder], list[bytes]], data: st.DataObject
) -> None:
    make, frames = protocol
    garbled = list(frames)
    index = data.draw(st.integers(0, len(frames) - 1))
    frame = bytearray(garbled[index])
    for place, byte in data.draw(
        st.lists(st.tuples(st.integers(0, len(frame) - 1), st.integers(0, 255)), max_size=4)
    ):
        frame[place] = byte
    garbled[index] = bytes(frame)

    decode_all(make("BTCUSD"), garbled)


@given(protocols, st.data())
@settings(max_examples=200)
def test_frames_reordered_repeated_and_lost(
    protocol: tuple[Callable[[str], Decoder], list[bytes]], data: st.DataObject
) -> None:
    make, frames = protocol
    shuffled = data.draw(st.lists(st.sampled_from(frames), max_size=12))

    decode_all(make("BTCUSD"), shuffled)


NUMBERS = ["NaN", "-NaN", "sNaN", "Infinity", "-Infinity", "-1", "-0", "0x10", "one"]
NUMBERS += ["1e18", "1.0000001e18", "1e-18", "9e-19"]
NUMBERS += ["1E+999999", "1E-999999", "1E+99999999999999999999"]
numbers = st.sampled_from(NUMBERS)
junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | numbers
    | st.sampled_from(["btcusd", "depthUpdate", "update", "change", "trade", "initial", "bid"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)
KEYS = [*"eEsUubatpqmid", "status", "error", "type", "socket_sequence", "events", "result"]
KEYS += ["arg", "action", "data", "event", "topic", "ts", "success", "ret_msg", "code", "msg"]
KEYS += ["timestampms", "side", "price", "remaining", "amount", "reason", "makerSide", "tid"]


@given(protocols, st.data())
@settings(max_examples=400)
def test_values_of_another_type(
    protocol: tuple[Callable[[str], Decoder], list[bytes]], data: st.DataObject
) -> None:
    make, frames = protocol
    changed = list(frames)
    index = data.draw(st.integers(0, len(frames) - 1))
    message = json.loads(changed[index])
    target = message
    inner = message.get("events") or message.get("data")
    if inner and data.draw(st.booleans()):
        target = inner if isinstance(inner, dict) else data.draw(st.sampled_from(inner))
    target[data.draw(st.sampled_from(sorted(target)))] = data.draw(junk)
    changed[index] = wire.encode(message)

    decode_all(make("BTCUSD"), changed)


@given(protocols, st.dictionaries(st.sampled_from(KEYS), junk) | junk)
@settings(max_examples=400)
def test_any_json(protocol: tuple[Callable[[str], Decoder], list[bytes]], message: object) -> None:
    make, frames = protocol

    decode_all(make("BTCUSD"), [wire.encode(message)])
    decode_all(make("BTCUSD"), [frames[0], wire.encode(message)])


@given(protocols, st.binary(max_size=60))
@settings(max_examples=200)
@example(PROTOCOLS[0], b"")
@example(PROTOCOLS[1], b"")
@example(PROTOCOLS[0], b"\x00")
@example(PROTOCOLS[0], b"\xef\xbb\xbf{}")
def test_any_bytes(protocol: tuple[Callable[[str], Decoder], list[bytes]], frame: bytes) -> None:
    make, _ = protocol

    decode_all(make("BTCUSD"), [frame])


DEEP = [b"[" * 100_000, b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", b'{"a":' * 100_000]


@pytest.mark.parametrize("make", [make for make, _ in PROTOCOLS])
@pytest.mark.parametrize("frame", [*DEEP, b"", b" ", b"null", b"[]", b'"text"', b"1", b"\xff\xfe"])
def test_what_is_no_message_at_all_is_malformed(
    make: Callable[[str], Decoder], frame: bytes
) -> None:
    with pytest.raises(Malformed):
        make("BTCUSD").decode(frame)


def current_level(price: str, size: str) -> bytes:
    return b'{"e":"depthUpdate","E":1,"s":"btcusd","U":100,"u":110,"a":[],"b":[[%s,%s]]}' % (
        price.encode(),
        size.encode(),
    )


def v1_level(price: str, size: str) -> bytes:
    return (
        b'{"type":"update","socket_sequence":1,"events":[{"type":"change","side":"bid",'
        b'"price":%s,"remaining":%s}]}' % (price.encode(), size.encode())
    )


LEVELS = [
    pytest.param(GeminiDecoder, CURRENT[0], current_level, id="gemini"),
    pytest.param(GeminiV1Decoder, V1[0], v1_level, id="gemini-v1"),
]
NO_MARKET_HAS = ['"NaN"', '"sNaN"', '"Infinity"', '"-Infinity"', '"1E+999999"', '"1E-999999"']
NO_MARKET_HAS += ['"-1"', '"1.1e18"', '"1e-19"', "true", "null", '""', '"x"', "[]", "{}", "NaN"]


@pytest.mark.parametrize(("make", "first", "level"), LEVELS)
@pytest.mark.parametrize("number", [*NO_MARKET_HAS, '"0"', '"-0.0"'])
def test_a_price_that_no_market_has_is_malformed(
    make: Callable[[str], Decoder], first: bytes, level: Callable[[str, str], bytes], number: str
) -> None:
    decoder = make("BTCUSD")
    decoder.decode(first)

    with pytest.raises(Malformed):
        decoder.decode(level(number, '"1"'))


@pytest.mark.parametrize(("make", "first", "level"), LEVELS)
@pytest.mark.parametrize("number", NO_MARKET_HAS)
def test_a_size_that_no_market_has_is_malformed(
    make: Callable[[str], Decoder], first: bytes, level: Callable[[str, str], bytes], number: str
) -> None:
    decoder = make("BTCUSD")
    decoder.decode(first)

    with pytest.raises(Malformed):
        decoder.decode(level('"98"', number))


@pytest.mark.parametrize(("make", "first", "level"), LEVELS)
@pytest.mark.parametrize("number", ['"0"', '"0.0"', '"0.00000000"', "0", '"-0"', '"0E-999999"'])
def test_zero_removes_however_it_is_spelled(
    make: Callable[[str], Decoder], first: bytes, level: Callable[[str, str], bytes], number: str
) -> None:
    decoder = make("BTCUSD")
    decoder.decode(first)
    book = OrderBook()
    book.apply_delta(BookDelta([(Decimal(98), Decimal(2))], []))

    (event,) = decoder.decode(level('"98.000"', number))
    assert isinstance(event, BookDelta)
    book.apply_delta(event)

    assert book.bids.prices == []


@pytest.mark.parametrize("digits", [20, 4_000, 5_000])
def test_a_time_beyond_all_clocks_is_malformed(digits: int) -> None:
    time = b"1" + b"0" * digits

    with pytest.raises(Malformed):
        GeminiDecoder("btcusd").decode(CURRENT[0].replace(b"1789456740173524809", time))
    with pytest.raises(Malformed):
        GeminiV1Decoder("BTCUSD").decode(
            b'{"type":"update","socket_sequence":0,"timestampms":%s,"events":[]}' % time
        )
