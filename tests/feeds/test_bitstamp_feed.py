"""Bitstamp's frames: what each means, and what is an error."""

from __future__ import annotations

from decimal import Decimal

import pytest

from obtui.feeds.base import Fetch, Malformed, SymbolRefused, VenueError
from obtui.feeds.bitstamp import (
    BOOK_LEVELS,
    MOST_OLD,
    SEED_SECONDS,
    BitstampDecoder,
    BitstampFeed,
)
from obtui.market import Aggressor, BookSnapshot, Heartbeat, Trade
from support import bitstamp_wire as wire
from support.bitstamp_wire import TIME
from support.wire import encode

PATH = "/api/v2/order_book/btcusd/?group=1"
BIDS = [("99.50", "1.25")]
ASKS = [("101.00", "2")]
BOOK = BookSnapshot(
    [(Decimal("99.5"), Decimal("1.25"))], [(Decimal(101), Decimal(2))], TIME * 1_000
)


def fresh() -> BitstampDecoder:
    return BitstampDecoder("BTCUSD", PATH)


def begun() -> BitstampDecoder:
    """A decoder that has seen a book."""
    decoder = fresh()
    assert decoder.decode(wire.book(BIDS, ASKS)) == (BOOK,)
    return decoder


def test_book_and_trades_are_asked_for_in_lower_case_in_small_frames() -> None:
    feed = BitstampFeed("BTC/USD")

    assert feed.url == "wss://ws.bitstamp.net"
    assert feed.subscriptions() == (
        '{"event":"bts:subscribe","data":{"channel":"order_book_btcusd"}}',
        '{"event":"bts:subscribe","data":{"channel":"live_trades_btcusd"}}',
    )
    assert feed.ping() == '{"event":"bts:heartbeat"}'
    assert feed.check == ""


@pytest.mark.parametrize("spelled", ["BTCUSD", "btcusd", "BTC-USD", "btc/usd", "BTC_USD"])
def test_case_and_separators_do_not_matter(spelled: str) -> None:
    assert BitstampFeed(spelled).symbol == "BTCUSD"


def test_every_book_is_whole() -> None:
    decoder = begun()

    (event,) = decoder.decode(wire.book([("98", "1")], [], TIME + 1))

    assert event == BookSnapshot([(Decimal(98), Decimal(1))], [], (TIME + 1) * 1_000)


def test_the_subscription_is_followed_by_a_book_of_rest_in_a_while() -> None:
    assert fresh().decode(wire.subscribed()) == (Heartbeat(), Fetch(PATH, SEED_SECONDS))
    assert list(fresh().decode(wire.subscribed("live_trades_btcusd"))) == []


@pytest.mark.parametrize("path", [PATH, ""])
def test_rests_book_is_the_first(path: str) -> None:
    decoder = fresh()

    assert decoder.reply(path, 200, wire.rest_book(BIDS, ASKS)) == (BOOK,)
    assert list(decoder.decode(wire.book([], [], TIME - 1))) == []
    assert len(decoder.decode(wire.book([], [], TIME + 1))) == 1


def test_rests_book_is_cut_to_what_the_stream_tells() -> None:
    bids = [(str(price), "1") for price in range(1, 300)]
    asks = [(str(price), "1") for price in range(700, 400, -1)]

    (event,) = fresh().reply(PATH, 200, wire.rest_book(bids, asks))

    assert isinstance(event, BookSnapshot)
    assert [int(price) for price, _ in event.bids] == list(range(299, 299 - BOOK_LEVELS, -1))
    assert [int(price) for price, _ in event.asks] == list(range(401, 401 + BOOK_LEVELS))


def test_rests_book_is_passed_over_where_one_has_come() -> None:
    assert list(begun().reply(PATH, 200, wire.rest_book(BIDS, ASKS, TIME + 5))) == []


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        (PATH, 0, "the venue's REST interface did not answer"),
        (PATH, 404, "<html>"),
        (PATH, 429, ""),
        (PATH, 200, "<html>"),
        (PATH, 200, "[]"),
        (PATH, 200, wire.rest_book([("NaN", "1")], [])),
        ("/api/v2/other/", 200, wire.rest_book(BIDS, ASKS)),
    ],
)
def test_without_rests_book_the_streams_is_waited_for(path: str, status: int, body: str) -> None:
    decoder = fresh()

    assert list(decoder.reply(path, status, body)) == []
    assert decoder.decode(wire.book(BIDS, ASKS)) == (BOOK,)


def test_an_older_book_is_passed_over_and_one_of_the_same_time_is_not() -> None:
    decoder = begun()

    assert list(decoder.decode(wire.book([("1", "1")], [], TIME - 1))) == []
    assert len(decoder.decode(wire.book([("2", "1")], [], TIME))) == 1


def test_a_time_that_lies_ahead_does_not_freeze_the_book() -> None:
    decoder = fresh()
    decoder.decode(wire.book(BIDS, ASKS, "9" * 16))

    for nth in range(MOST_OLD):
        assert list(decoder.decode(wire.book(BIDS, ASKS, TIME + nth))) == []
    with pytest.raises(VenueError, match=f"{MOST_OLD + 1} books of bitstamp in a row are older"):
        decoder.decode(wire.book(BIDS, ASKS, TIME + MOST_OLD))


def test_older_books_now_and_then_do_no_harm() -> None:
    decoder = begun()

    for nth in range(3 * MOST_OLD):
        decoder.decode(wire.book(BIDS, ASKS, TIME - 1))
        decoder.decode(wire.book(BIDS, ASKS, TIME + nth))


@pytest.mark.parametrize(("kind", "aggressor"), [(0, Aggressor.BUYER), (1, Aggressor.SELLER)])
def test_a_trade_names_the_taker_and_is_told_by_its_texts(kind: int, aggressor: Aggressor) -> None:
    (event,) = fresh().decode(wire.trade("83946.0700", "0.12500000", kind))

    assert event == Trade(
        Decimal("83946.07"), Decimal("0.125"), aggressor, 1_790_401_277_185_000_000, 643660479
    )
    assert isinstance(event, Trade)
    assert str(event.size) == "0.12500000"


@pytest.mark.parametrize(
    "frame",
    [
        wire.book(BIDS, ASKS, symbol="ethusd"),
        wire.trade(symbol="ethusd"),
        encode({"event": "data", "channel": "diff_order_book_btcusd", "data": {}}),
        encode({"event": "order_created", "channel": "live_orders_btcusd", "data": {}}),
        encode({"event": "bts:unsubscription_succeeded", "channel": "x", "data": {}}),
        encode({"event": "something"}),
        b"{}",
    ],
)
def test_what_is_of_another_channel_is_passed_over(frame: bytes) -> None:
    assert list(fresh().decode(frame)) == []
    assert list(begun().decode(frame)) == []


def test_the_heartbeat_is_life() -> None:
    assert fresh().decode(wire.HEARTBEAT) == (Heartbeat(),)


@pytest.mark.parametrize("data", [None, "", {}])
def test_a_request_to_reconnect_is_an_error(data: object) -> None:
    frame = encode({"event": "bts:request_reconnect", "channel": "", "data": data})

    with pytest.raises(VenueError, match="about to close"):
        begun().decode(frame)


def test_a_channel_that_cannot_be_refuses_the_symbol() -> None:
    with pytest.raises(SymbolRefused, match=r"bitstamp has no symbol BTCUSD .Invalid channel"):
        fresh().decode(wire.INVALID_CHANNEL)


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (wire.error("Incorrect JSON format."), "^bitstamp answered: Incorrect JSON format.$"),
        (wire.error("Bad subscription string."), "^bitstamp answered: Bad subscription string.$"),
        (wire.error("Unauthorized", 4009), "^bitstamp answered: 4009 Unauthorized$"),
    ],
)
def test_any_other_error_is_told(frame: bytes, said: str) -> None:
    with pytest.raises(VenueError, match=said):
        fresh().decode(frame)


@pytest.mark.parametrize(
    "frame",
    [
        encode({"event": "data", "channel": "order_book_btcusd"}),
        encode({"event": "data", "channel": "order_book_btcusd", "data": None}),
        encode({"event": "data", "channel": "order_book_btcusd", "data": {"bids": [], "asks": []}}),
        wire.book(BIDS, ASKS, "-5"),
        wire.book(BIDS, ASKS, "1.5"),
        wire.book(BIDS, ASKS, ""),
        wire.book(BIDS, ASKS, "9" * 17),
        wire.book(BIDS, ASKS, "١٢"),
        wire.book([("0", "1")], ASKS),
        wire.book(BIDS, [("NaN", "1")]),
        wire.trade(kind=2),
        wire.trade("0"),
        wire.trade("1", "-1"),
        encode({"event": "trade", "channel": "live_trades_btcusd", "data": {"price": 1}}),
        encode({"event": "bts:error", "data": None}),
    ],
)
def test_what_is_not_the_protocol_is_malformed(frame: bytes) -> None:
    with pytest.raises(Malformed):
        begun().decode(frame)


def test_what_is_saved_goes_on_where_it_was() -> None:
    before = begun()
    for _ in range(MOST_OLD):
        before.decode(wire.book(BIDS, ASKS, TIME - 1))
    decoder = fresh()
    decoder.load(before.save())

    assert list(decoder.reply(PATH, 200, wire.rest_book(BIDS, ASKS))) == []
    with pytest.raises(VenueError):
        decoder.decode(wire.book(BIDS, ASKS, TIME - 1))


@pytest.mark.parametrize("saved", ["", "{}", "[1]", '["x",1]'])
def test_what_is_no_state_is_malformed(saved: str) -> None:
    with pytest.raises(Malformed):
        fresh().load(saved)
