"""Gemini's current API: what its documented frames mean, and what is not one of them."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from obtui.feeds.base import FeedError, Malformed, SequenceGap, SymbolRefused, VenueError
from obtui.feeds.gemini import MOST_EARLY, GeminiDecoder, GeminiFeed
from obtui.market import Aggressor, BookDelta, BookSnapshot, Heartbeat, Trade
from support import wire


def synced(last: int = 100) -> GeminiDecoder:
    """A decoder that has seen the whole book with this id."""
    decoder = GeminiDecoder("BTCUSD")
    decoder.decode(wire.depth(last, [("99", "1")], [("101", "1")]))
    return decoder


def test_the_first_depth_frame_is_the_whole_book() -> None:
    frame = wire.depth(5, [("7.487000", "140.40000")], [("7.503000", "142.60000")], ts=17)

    (event,) = GeminiDecoder("btcusd").decode(frame)

    assert event == BookSnapshot(
        [(Decimal("7.487"), Decimal("140.4"))], [(Decimal("7.503"), Decimal("142.6"))], 17, 5
    )
    assert str(event.bids[0][0]) == "7.487000"  # the venue's own digits


def test_an_empty_book_is_a_book() -> None:
    assert GeminiDecoder("btcusd").decode(wire.depth(5)) == (
        BookSnapshot([], [], 1_789_456_740_173_524_809, 5),
    )


def test_the_next_frame_changes_levels() -> None:
    frame = wire.depth(110, [("98", "0.000")], [("101", "2"), ("102", "3")], after=100, ts=18)

    assert synced(100).decode(frame) == (
        BookDelta(
            [(Decimal(98), Decimal(0))],
            [(Decimal(101), Decimal(2)), (Decimal(102), Decimal(3))],
            18,
            110,
        ),
    )


@pytest.mark.parametrize(("first", "last"), [(90, 99), (90, 100), (100, 100), (1, 2)])
def test_an_old_frame_is_dropped_and_the_chain_goes_on(first: int, last: int) -> None:
    decoder = synced(100)

    assert decoder.decode(wire.depth(last, [("98", "1")], after=first)) == ()
    assert len(decoder.decode(wire.depth(110, [("98", "1")], after=100))) == 1


@pytest.mark.parametrize(("first", "last"), [(100, 101), (99, 101), (1, 999), (100, 10**15)])
def test_a_frame_that_overlaps_applies(first: int, last: int) -> None:
    decoder = synced(100)

    (event,) = decoder.decode(wire.depth(last, [("98", "1")], after=first))

    assert isinstance(event, BookDelta)
    with pytest.raises(SequenceGap):
        decoder.decode(wire.depth(last + 2, after=last + 1))


@pytest.mark.parametrize(("first", "last"), [(101, 101), (101, 102), (500, 900)])
def test_a_frame_beyond_the_last_id_is_a_gap_also_by_one(first: int, last: int) -> None:
    with pytest.raises(SequenceGap, match=f"100 is followed by {first}"):
        synced(100).decode(wire.depth(last, [("98", "1")], after=first))


def test_a_delta_of_an_earlier_subscription_is_not_taken_for_the_book() -> None:
    decoder = GeminiDecoder("btcusd")

    assert decoder.decode(wire.depth(100, [("98", "1")], after=90)) == ()
    assert decoder.decode(wire.depth(110, [("98", "2")], after=100)) == ()
    (event,) = decoder.decode(wire.depth(120, [("98", "3")]))
    assert isinstance(event, BookSnapshot)


def test_many_changes_and_no_book_before_them_are_a_gap() -> None:
    decoder = GeminiDecoder("btcusd")
    frames = [wire.depth(101 + n, [("98", "1")], after=100 + n) for n in range(MOST_EARLY + 1)]

    for frame in frames[:-1]:
        assert decoder.decode(frame) == ()
        decoder.decode(wire.trade())
        decoder.decode(wire.depth(900, [("98", "1")], symbol="ethusd", after=800))

    with pytest.raises(SequenceGap, match=f"^{MOST_EARLY + 1} changes came, and no book before"):
        decoder.decode(frames[-1])


def test_as_many_changes_before_the_book_as_may_be_do_no_harm() -> None:
    decoder = GeminiDecoder("btcusd")
    for number in range(MOST_EARLY):
        decoder.decode(wire.depth(101 + number, [("98", "1")], after=100 + number))

    (snapshot,) = decoder.decode(wire.depth(200, [("98", "3")]))
    (delta,) = decoder.decode(wire.depth(201, [("98", "4")], after=200))

    assert isinstance(snapshot, BookSnapshot)
    assert isinstance(delta, BookDelta)


@pytest.mark.parametrize(
    ("buyer_made", "aggressor"), [(True, Aggressor.SELLER), (False, Aggressor.BUYER)]
)
def test_a_trade_is_told_by_its_keys_and_by_who_took(
    buyer_made: bool, aggressor: Aggressor
) -> None:
    frame = wire.trade("62145.38000", "0.0162522200", buyer_made=buyer_made, trade_id=2840141014190)

    assert synced().decode(frame) == (
        Trade(
            Decimal("62145.38"),
            Decimal("0.01625222"),
            aggressor,
            1_783_981_140_085_684_200,
            2840141014190,
        ),
    )


def test_trades_need_no_book() -> None:
    (event,) = GeminiDecoder("btcusd").decode(wire.trade())

    assert isinstance(event, Trade)


@pytest.mark.parametrize(
    "frame",
    [
        wire.depth(200, [("98", "1")], symbol="ethusd"),
        wire.depth(900, [("98", "1")], symbol="ethusd", after=800),
        wire.depth(900, [("98", "1")], symbol="btcusdt", after=800),
        wire.trade(symbol="ethusd"),
        wire.book_ticker(300, symbol="ethusd"),
        b'{"e":"contractStatus","E":1789456740173,"s":"btcusd","mark":"1"}',
        b'{"lastUpdateId":5,"symbol":"btcusd","bids":[["1","1"]],"asks":[]}',
        b'{"some":"thing","new":[1,2,{"a":null}]}',
        b"{}",
    ],
)
def test_other_products_and_streams_are_passed_over(frame: bytes) -> None:
    decoder = synced(100)

    assert decoder.decode(frame) == ()
    assert len(decoder.decode(wire.depth(110, after=100))) == 1


@pytest.mark.parametrize("request_id", ["1", 1, "md", 999, "ping"])
def test_an_acknowledgement_may_carry_any_id(request_id: str | int) -> None:
    assert GeminiDecoder("btcusd").decode(wire.ack(request_id)) == (Heartbeat(),)


def test_an_acknowledgement_may_carry_a_result() -> None:
    frame = b'{"id":"time","status":200,"result":{"serverTime":1790732602153}}'

    assert GeminiDecoder("btcusd").decode(frame) == (Heartbeat(),)


def test_the_reply_to_our_ping_is_life_even_where_it_is_refused() -> None:
    ping = json.loads(GeminiFeed("BTCUSD").ping())

    refused = wire.refusal(-1003, "too many requests", request=ping["id"], status=429)

    assert ping["method"] == "ping"
    assert synced().decode(wire.ack(ping["id"])) == (Heartbeat(),)
    assert synced().decode(refused) == (Heartbeat(),)


def test_the_venues_invalid_stream_name_refuses_the_symbol() -> None:
    with pytest.raises(SymbolRefused, match=r"gemini has no symbol NOSUCH .*nosuch@depth@100ms"):
        GeminiDecoder("nosuch").decode(wire.UNKNOWN_STREAM)


@pytest.mark.parametrize(
    "frame",
    [
        wire.refusal(-1013, "Invalid parameters"),
        wire.refusal(-1020, "Unsupported method"),
        wire.refusal(-1003, "Too many requests", status=429),
        wire.refusal(-1000, "Internal error", status=500),
        wire.ack("1", status=503),
    ],
)
def test_other_errors_of_the_venue_do_not(frame: bytes) -> None:
    with pytest.raises(VenueError, match=r"gemini answered \d+: -?\d+"):
        GeminiDecoder("btcusd").decode(frame)


@pytest.mark.parametrize("missing", ["U", "u", "b", "a"])
def test_a_depth_frame_without_a_key_is_malformed(missing: str) -> None:
    message = json.loads(wire.depth(110, [("98", "1")], after=100))
    del message[missing]

    with pytest.raises(Malformed):
        synced(100).decode(wire.encode(message))


@pytest.mark.parametrize("missing", ["p", "q", "m"])
def test_a_trade_without_a_key_is_malformed(missing: str) -> None:
    message = json.loads(wire.trade())
    del message[missing]

    with pytest.raises(Malformed):
        synced().decode(wire.encode(message))


def test_a_malformed_frame_leaves_the_chain_where_it_was() -> None:
    decoder = synced(100)

    with pytest.raises(FeedError):
        decoder.decode(wire.depth(110, [("98", "-1")], after=100))

    (event,) = decoder.decode(wire.depth(110, [("98", "1")], after=100))
    assert isinstance(event, BookDelta)


@pytest.mark.parametrize("spelled", ["BTCUSD", "btcusd", "BTC-USD", "btc/usd", "Btc_Usd"])
def test_the_feed_resolves_a_symbol_and_subscribes_in_lower_case(spelled: str) -> None:
    feed = GeminiFeed(spelled)

    assert feed.symbol == "BTCUSD"
    assert feed.url == "wss://ws.gemini.com/?snapshot=-1"
    assert feed.instrument_path == "/v1/symbols/details/btcusd"
    assert [json.loads(text) for text in feed.subscriptions()] == [
        {
            "id": "1",
            "method": "subscribe",
            "params": ["btcusd@depth@100ms", "btcusd@bookTicker", "btcusd@trade"],
        }
    ]


def test_each_connection_has_a_decoder_of_its_own() -> None:
    feed = GeminiFeed("BTCUSD")
    feed.decoder().decode(wire.depth(100))

    (event,) = feed.decoder().decode(wire.depth(50))

    assert isinstance(event, BookSnapshot)
