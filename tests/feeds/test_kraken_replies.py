"""Kraken's v2 around the book: replies, other channels, what is saved, and what is asked for."""

from __future__ import annotations

import json

import pytest

from obtui.book import OrderBook
from obtui.feeds.base import ChecksumMismatch, Malformed, SymbolRefused, VenueError
from obtui.feeds.kraken import KrakenDecoder, KrakenFeed
from obtui.market import Heartbeat
from support import kraken_wire as wire
from support.kraken_wire import fed, synced


@pytest.mark.parametrize(
    "frame",
    [
        wire.HEARTBEAT,
        wire.status(),
        wire.status("maintenance"),
        wire.status("cancel_only"),
        wire.instrument(),
        wire.subscribed(channel="trade"),
        b'{"method":"pong","req_id":101,"time_in":"x","time_out":"y"}',
        wire.refused("Subscription limit reached", symbol=None, request=3),
    ],
)
def test_signs_of_life_change_nothing(frame: bytes) -> None:
    decoder = synced()

    assert decoder.decode(frame) == (Heartbeat(),)
    assert len(decoder.decode(wire.book("update", wire.entry(crc=1)))) == 1


@pytest.mark.parametrize(
    "frame",
    [
        wire.book("snapshot", wire.entry([("1", "1")], crc=1, symbol="ETH/USD")),
        wire.book("update", wire.entry([("1", "1")], crc=1, symbol="BTC/USDT")),
        wire.trades(wire.trade(symbol="ETH/USD")),
        wire.refused("Currency pair not supported ETH/USD", symbol="ETH/USD"),
        b'{"channel":"ticker","type":"update","data":[{"symbol":"BTC/USD","bid":1}]}',
        b'{"channel":"ohlc","type":"snapshot","data":{"new":null}}',
        b"{}",
    ],
)
def test_other_symbols_and_channels_are_passed_over(frame: bytes) -> None:
    decoder = synced()

    assert list(decoder.decode(frame)) == []
    assert len(decoder.decode(wire.book("update", wire.entry(crc=1)))) == 1


@pytest.mark.parametrize(
    "frame",
    [
        wire.UNKNOWN_SYMBOL,
        wire.refused("Currency pair not supported btc/usd", symbol="btc/usd"),
        wire.refused("Currency pair not in ISO 4217-A3 format BTC/USD"),
    ],
)
def test_the_subscriptions_error_refuses_our_own_symbol(frame: bytes) -> None:
    with pytest.raises(SymbolRefused, match=r"^kraken has no symbol BTC/USD "):
        KrakenDecoder(wire.SYMBOL).decode(frame)


@pytest.mark.parametrize(
    "frame",
    [
        wire.refused("Subscription depth not supported"),
        wire.refused("Already subscribed"),
        wire.refused("Exceeded msg rate", symbol=None),
        b'{"error":"Malformed request","method":"error","success":false}',
        b'{"method":"subscribe","success":false}',
    ],
)
def test_other_errors_of_the_venue_do_not(frame: bytes) -> None:
    with pytest.raises(VenueError, match="kraken answered: "):
        KrakenDecoder(wire.SYMBOL).decode(frame)


@pytest.mark.parametrize("told", [True, False])
def test_another_decoder_goes_on_from_what_was_saved(told: bool) -> None:
    venue, decoder, book = wire.Book(10), KrakenDecoder(wire.SYMBOL), OrderBook()
    bids = [(f"{99 - step}.5", "1") for step in range(10)]
    start = [wire.instrument()] * told
    fed(decoder, *start, wire.subscribed(10), venue.snapshot(bids, wire.ASKS), book=book)
    other = KrakenDecoder(wire.SYMBOL)
    other.load(decoder.save())

    fed(other, venue.update([("100.0", "1")]), book=book)

    assert len(book.bids) == 10
    with pytest.raises(ChecksumMismatch):
        fed(other, wire.book("update", wire.entry(crc=1)), book=book)


def test_a_decoder_without_a_book_goes_on_without_one() -> None:
    other = KrakenDecoder(wire.SYMBOL)
    other.load(KrakenDecoder(wire.SYMBOL).save())

    assert list(other.decode(wire.book("update", wire.entry(crc=1)))) == []


@pytest.mark.parametrize(
    "saved",
    [
        "",
        "[]",
        '{"depth":0,"synced":true,"precision":null}',
        '{"depth":10,"synced":true,"precision":[1]}',
        '{"depth":10,"synced":true,"precision":[-1,8]}',
    ],
)
def test_what_no_decoder_saved_is_malformed(saved: str) -> None:
    with pytest.raises(Malformed):
        KrakenDecoder(wire.SYMBOL).load(saved)


@pytest.mark.parametrize("spelled", ["BTC/USD", "btc-usd", "Btc_Usd", "XBT/USD", "xbt-usd"])
def test_the_feed_resolves_a_symbol_and_subscribes_to_all_at_once(spelled: str) -> None:
    feed = KrakenFeed(spelled)

    assert feed.symbol == "BTC/USD"
    assert feed.url == "wss://ws.kraken.com/v2"
    params = [json.loads(text) for text in feed.subscriptions()]
    assert [message["method"] for message in params] == ["subscribe"] * 3
    assert [message["params"] for message in params] == [
        {"channel": "instrument", "snapshot": True},
        {"channel": "book", "symbol": ["BTC/USD"], "depth": 1000, "snapshot": True},
        {"channel": "trade", "symbol": ["BTC/USD"], "snapshot": False},
    ]
