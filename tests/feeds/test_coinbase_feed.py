"""Coinbase Advanced Trade: what its frames mean, and how a lost one shows."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from obtui.feeds.base import Malformed, SequenceGap, SymbolRefused, VenueError
from obtui.feeds.coinbase import CoinbaseDecoder, CoinbaseFeed
from obtui.market import Aggressor, BookDelta, BookSnapshot, BookState, Heartbeat, Trade
from obtui.session import Session
from support import coinbase_wire as wire
from support.frames import at, connect, text
from support.wire import encode

BIDS = [("83277.25", "0.007"), ("83275.5", "0.024")]
ASKS = [("83277.26", "1"), ("83280", "2.5")]


def synced(symbol: str = wire.SYMBOL) -> CoinbaseDecoder:
    """A decoder that has seen the book as frame 0."""
    decoder = CoinbaseDecoder(symbol)
    decoder.decode(wire.book(0, BIDS, ASKS, kind="snapshot"))
    return decoder


def test_the_snapshot_is_the_book_with_the_venues_own_digits() -> None:
    frame = wire.book(0, [("83277.250", "0.00700000")], [("83280", "2.5")], kind="snapshot")

    (event,) = CoinbaseDecoder(wire.SYMBOL).decode(frame)

    assert event == BookSnapshot(
        [(Decimal("83277.25"), Decimal("0.007"))],
        [(Decimal(83280), Decimal("2.5"))],
        wire.TIME_NS,
    )
    assert [str(number) for number in event.bids[0]] == ["83277.250", "0.00700000"]


def test_an_update_sets_absolute_sizes_by_side() -> None:
    frame = wire.book(1, [("83275.5", "0")], [("83280", "3"), ("1.0", "0.00000000")])

    assert synced().decode(frame) == [
        BookDelta(
            [(Decimal("83275.5"), Decimal(0))],
            [(Decimal(83280), Decimal(3)), (Decimal(1), Decimal(0))],
            wire.TIME_NS,
        )
    ]


def test_every_frame_of_the_connection_counts() -> None:
    decoder = synced()

    decoder.decode(wire.subscriptions(1))
    decoder.decode(wire.heartbeat(2))
    decoder.decode(wire.trades(3, wire.trade(), kind="snapshot"))
    decoder.decode(wire.book(4, [("1", "1")], symbol="ETH-USD"))
    decoder.decode(wire.frame(5, "status", {"type": "snapshot", "products": [{"id": 1}]}))
    decoder.decode(wire.frame(6, "candles", {"type": "update", "candles": []}))
    decoder.decode(wire.book(7))

    with pytest.raises(SequenceGap, match="gap in sequence_num: 7 is followed by 9"):
        decoder.decode(wire.heartbeat(9))


@pytest.mark.parametrize("number", [3, 5, 4_000, -1])
def test_a_number_that_does_not_follow_is_a_gap(number: int) -> None:
    decoder = CoinbaseDecoder(wire.SYMBOL)
    decoder.decode(wire.heartbeat(3))

    with pytest.raises(SequenceGap):
        decoder.decode(wire.book(number, BIDS, ASKS, kind="snapshot"))


def test_the_count_begins_with_the_connections_first_frame() -> None:
    decoder = CoinbaseDecoder(wire.SYMBOL)

    assert decoder.decode(wire.subscriptions(41)) == (Heartbeat(),)
    assert len(decoder.decode(wire.book(42, BIDS, ASKS, kind="snapshot"))) == 1


def test_a_frame_without_a_number_is_malformed() -> None:
    with pytest.raises(Malformed, match="without sequence_num"):
        synced().decode(b'{"channel":"heartbeats","events":[]}')


def test_an_update_before_the_book_is_passed_over_and_a_new_book_replaces_it() -> None:
    decoder = CoinbaseDecoder(wire.SYMBOL)

    assert decoder.decode(wire.book(0, BIDS)) == []
    assert isinstance(decoder.decode(wire.book(1, BIDS, kind="snapshot"))[0], BookSnapshot)
    assert isinstance(decoder.decode(wire.book(2, BIDS))[0], BookDelta)
    assert isinstance(decoder.decode(wire.book(3, BIDS, kind="snapshot"))[0], BookSnapshot)


def test_a_frame_may_tell_of_several_products() -> None:
    events = [
        {"type": kind, "product_id": product, "updates": []}
        for kind, product in (("snapshot", "ETH-USD"), ("update", "BTC-USD"), ("update", "ETH-USD"))
    ]

    assert len(synced().decode(wire.frame(1, "l2_data", *events))) == 1


def test_the_book_of_usdc_bears_the_name_of_usd() -> None:
    decoder = CoinbaseDecoder("BTC-USDC")

    assert len(decoder.decode(wire.book(0, BIDS, kind="snapshot", symbol="BTC-USD"))) == 1
    assert len(decoder.decode(wire.book(1, BIDS, symbol="BTC-USDC"))) == 1
    assert decoder.decode(wire.book(2, BIDS, symbol="BTC-USDT")) == []
    assert synced("BTC-USD").decode(wire.book(1, BIDS, symbol="BTC-USDC")) == []


@pytest.mark.parametrize(
    ("side", "aggressor"),
    [("BUY", Aggressor.SELLER), ("SELL", Aggressor.BUYER), ("UNKNOWN", Aggressor.NONE)],
)
def test_the_side_of_a_trade_is_the_makers_and_the_oldest_comes_first(
    side: str, aggressor: Aggressor
) -> None:
    newest, oldest = wire.trade(side, "9"), wire.trade(side, "8")
    frame = wire.trades(1, newest, wire.trade(symbol="ETH-USD"), oldest)

    first, second = synced().decode(frame)

    assert first == Trade(Decimal("83277.25"), Decimal("0.5"), aggressor, wire.TIME_NS, "8")
    assert isinstance(second, Trade)
    assert second.trade_id == "9"


def test_trades_of_before_we_came_are_history() -> None:
    (trade,) = synced().decode(wire.trades(1, wire.trade(), kind="snapshot"))

    assert isinstance(trade, Trade)
    assert trade.history


@pytest.mark.parametrize("frame", [wire.heartbeat(1), wire.subscriptions(1)])
def test_signs_of_life(frame: bytes) -> None:
    assert synced().decode(frame) == (Heartbeat(),)


@pytest.mark.parametrize(
    "frame",
    [
        wire.UNKNOWN_SYMBOL,
        wire.error("NOSUCH-USD is not a valid product"),
        wire.error("invalid product_id: NOSUCH-USD"),
    ],
)
def test_an_error_about_the_product_refuses_the_symbol(frame: bytes) -> None:
    with pytest.raises(SymbolRefused, match=r"^coinbase has no symbol NOSUCH-USD"):
        CoinbaseDecoder("NOSUCH-USD").decode(frame)


@pytest.mark.parametrize("message", ["authentication failure", "rate limit exceeded", ""])
def test_other_errors_of_the_venue_do_not(message: str) -> None:
    with pytest.raises(VenueError, match=f"^coinbase answered: {message}"):
        synced().decode(wire.error(message))


@pytest.mark.parametrize("key", ["side", "price_level", "new_quantity"])
def test_a_change_without_a_key_is_malformed(key: str) -> None:
    message = json.loads(wire.book(1, BIDS))
    del message["events"][0]["updates"][1][key]

    with pytest.raises(Malformed):
        synced().decode(encode(message))


@pytest.mark.parametrize(
    "frame",
    [
        wire.book(1, BIDS, kind="partial"),
        wire.book(1, BIDS).replace(b'"bid"', b'"buy"'),
        wire.trades(1, {"product_id": "BTC-USD"}),
        wire.book(1, [("0", "1")]),
        wire.book(1, [("1", "-1")]),
        wire.book(1, [("NaN", "1")]),
        wire.book(1, [], [("83280", "-1")]),
        wire.trades(1, wire.trade() | {"price": "-1"}),
    ],
)
def test_what_the_protocol_does_not_know_is_malformed(frame: bytes) -> None:
    with pytest.raises(Malformed):
        synced().decode(frame)


def test_another_decoder_goes_on_from_what_was_saved() -> None:
    other, fresh = CoinbaseDecoder(wire.SYMBOL), CoinbaseDecoder(wire.SYMBOL)
    other.load(synced().save())
    fresh.load(CoinbaseDecoder(wire.SYMBOL).save())

    assert len(other.decode(wire.book(1, BIDS))) == 1
    assert fresh.decode(wire.book(700, BIDS)) == []
    with pytest.raises(SequenceGap):
        other.decode(wire.heartbeat(3))
    with pytest.raises(Malformed):
        other.load("{}")


@pytest.mark.parametrize("spelled", ["BTC-USD", "btc-usd", "BTC/USD", "Btc_Usd"])
def test_the_feed_resolves_a_symbol_and_sends_one_message_a_channel(spelled: str) -> None:
    feed = CoinbaseFeed(spelled)

    assert feed.symbol == "BTC-USD"
    assert feed.url == "wss://advanced-trade-ws.coinbase.com"
    assert [json.loads(message) for message in feed.subscriptions()] == [
        {"type": "subscribe", "product_ids": ["BTC-USD"], "channel": "level2"},
        {"type": "subscribe", "product_ids": ["BTC-USD"], "channel": "market_trades"},
        {"type": "subscribe", "channel": "heartbeats"},
    ]


def test_missing_heartbeats_make_the_book_stale() -> None:
    session = Session(CoinbaseFeed("BTC-USD"))
    session.receive(connect())
    session.receive(text(wire.book(0, BIDS, ASKS, kind="snapshot"), 1))

    session.receive(text(wire.heartbeat(1), 8))
    states = []
    for seconds in (17.9, 18.1):
        session.tick(at(seconds))
        states.append(session.state)

    assert states == [BookState.VERIFIED, BookState.STALE]
