"""Bybit: update ids that rise by one, the words of its socket, and its REST replies."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from obtui.feeds.base import Malformed, SequenceGap, SymbolRefused, VenueError
from obtui.feeds.bybit import DEPTH, BybitDecoder, BybitFeed
from obtui.market import Aggressor, BookDelta, BookSnapshot, Day, Heartbeat, Instrument, Trade
from obtui.session import Session
from support.frames import connect, text
from support.wire import encode

Pairs = list[tuple[str, str]]
LISTED = {
    "symbol": "BTCUSDT",
    "baseCoin": "BTC",
    "quoteCoin": "USDT",
    "status": "Trading",
    "priceFilter": {"tickSize": "0.01"},
}


def book(
    update_id: int, bids: Pairs, asks: Pairs, *, kind: str = "delta", symbol: str = "BTCUSDT"
) -> bytes:
    """A frame of the orderbook topic."""
    data = {"s": symbol, "b": bids, "a": asks, "u": update_id, "seq": 1}
    head = {"topic": f"orderbook.{DEPTH}.{symbol}", "type": kind, "ts": 6, "cts": 5}
    return encode(head | {"data": data})


def synced() -> BybitDecoder:
    decoder = BybitDecoder("BTCUSDT")
    decoder.decode(book(10, [("99", "1")], [("101", "2")], kind="snapshot"))
    return decoder


def test_the_snapshot_is_the_book_and_a_delta_changes_it() -> None:
    decoder = BybitDecoder("BTCUSDT")

    assert decoder.decode(book(10, [("99", "1")], [], kind="snapshot")) == (
        BookSnapshot([(Decimal(99), Decimal(1))], [], 5_000_000),
    )
    assert decoder.decode(book(11, [("99", "0")], [])) == (
        BookDelta([(Decimal(99), Decimal(0))], [], 5_000_000, depth=DEPTH),
    )


@pytest.mark.parametrize("update_id", [10, 9, 12, 1])
def test_a_delta_that_does_not_follow_is_a_gap(update_id: int) -> None:
    with pytest.raises(SequenceGap, match=f"10 is followed by {update_id}"):
        synced().decode(book(update_id, [("98", "1")], []))


@pytest.mark.parametrize("update_id", [1, 5, 500])
def test_a_new_snapshot_replaces_everything_at_any_time(update_id: int) -> None:
    decoder = synced()

    (event,) = decoder.decode(book(update_id, [("98", "1")], [], kind="snapshot"))

    assert isinstance(event, BookSnapshot)
    assert decoder.decode(book(update_id + 1, [("98", "2")], []))


def test_a_delta_before_the_book_is_passed_over() -> None:
    assert BybitDecoder("BTCUSDT").decode(book(12, [("99", "1")], [])) == ()


def test_another_decoder_goes_on_after_that_id() -> None:
    other, fresh = BybitDecoder("BTCUSDT"), BybitDecoder("BTCUSDT")
    other.load(synced().save())
    fresh.load(BybitDecoder("BTCUSDT").save())

    assert other.decode(book(11, [("99", "3")], []))
    assert fresh.decode(book(11, [("99", "3")], [])) == ()


def test_levels_beyond_the_depth_are_forgotten() -> None:
    session = Session(BybitFeed("BTCUSDT"))
    session.receive(connect())
    asks = [(str(1000 + step), "1") for step in range(DEPTH)]
    session.receive(text(book(1, [("5", "1")], asks, kind="snapshot")))

    session.receive(text(book(2, [], [("999", "5")])))

    assert len(session.book.asks) == DEPTH
    assert session.book.asks.prices[-1] == 1000 + DEPTH - 2


@pytest.mark.parametrize(
    ("side", "block", "aggressor"),
    [
        ("Buy", False, Aggressor.BUYER),
        ("Sell", False, Aggressor.SELLER),
        ("Buy", True, Aggressor.NONE),
    ],
)
def test_a_trades_side_is_the_takers(side: str, block: bool, aggressor: Aggressor) -> None:
    entry = {"T": 7, "s": "BTCUSDT", "S": side, "v": "0.5", "p": "42", "i": "id", "BT": block}
    frame = {"topic": "publicTrade.BTCUSDT", "type": "snapshot", "ts": 8, "data": [entry]}

    assert BybitDecoder("BTCUSDT").decode(encode(frame)) == [
        Trade(Decimal(42), Decimal("0.5"), aggressor, 7_000_000, "id")
    ]


@pytest.mark.parametrize("frame", [book(99, [("1", "1")], [], symbol="ETHUSDT"), b"{}"])
def test_other_topics_are_passed_over(frame: bytes) -> None:
    decoder = synced()

    assert decoder.decode(frame) == ()
    assert decoder.decode(book(11, [("99", "1")], []))


def test_replies() -> None:
    decoder = BybitDecoder("BTCUSDT")
    pong = {"success": True, "ret_msg": "pong", "conn_id": "x", "op": "ping"}
    no_topic = "error:handler not found,topic:orderbook.200.BTCUSDT"

    assert decoder.decode(encode(pong)) == (Heartbeat(),)
    with pytest.raises(SymbolRefused):
        decoder.decode(encode({"success": False, "ret_msg": no_topic, "op": "subscribe"}))
    with pytest.raises(VenueError, match="too many"):
        decoder.decode(encode({"success": False, "ret_msg": "too many args", "op": "subscribe"}))


@pytest.mark.parametrize(
    "frame",
    [
        b"pong",
        book(11, [("NaN", "1")], []),
        book(11, [("99", "1")], []).replace(b'"u":11', b'"u":null'),
        book(11, [], [], kind="other"),
        b'{"topic":"publicTrade.BTCUSDT","data":[{"p":"1"}]}',
    ],
)
def test_what_the_protocol_does_not_say_is_malformed(frame: bytes) -> None:
    with pytest.raises(Malformed):
        synced().decode(frame)


def test_the_feed_asks_for_book_and_trades() -> None:
    feed = BybitFeed("btc/usdt")

    assert feed.symbol == "BTCUSDT"
    (request,) = feed.subscriptions()
    assert json.loads(request)["args"] == ["orderbook.200.BTCUSDT", "publicTrade.BTCUSDT"]
    assert json.loads(feed.ping())["op"] == "ping"


def test_rest_lists_describes_and_refuses() -> None:
    body = json.dumps({"retCode": 0, "result": {"category": "spot", "list": [LISTED]}})
    instrument = Instrument("BTCUSDT", "BTC", "USDT", Decimal("0.01"), "Trading")

    assert BybitFeed.instruments(body) == [instrument]
    assert BybitFeed("BTCUSDT").instrument(200, body) == instrument
    assert BybitFeed("BTCUSDT").instrument(503, body) is None
    assert BybitFeed("BTCUSDT").instrument(200, '{"retCode":10006}') is None
    with pytest.raises(SymbolRefused):
        BybitFeed("NOSUCH").instrument(200, '{"retCode":0,"result":{"list":[]}}')


def test_rest_tells_a_book_and_a_day() -> None:
    feed = BybitFeed("BTCUSDT")
    day = {"lastPrice": "10", "prevPrice24h": "8", "highPrice24h": "11", "lowPrice24h": "7"}
    days = {"result": {"list": [day | {"volume24h": "1000"}]}}

    said = feed.book(200, '{"retCode":0,"result":{"b":[["99","1"]],"a":[],"ts":1,"u":2}}')

    assert said.bids == [(Decimal(99), Decimal(1))]
    assert feed.day(json.dumps(days)) == Day(
        Decimal(10), Decimal(2), Decimal(11), Decimal(7), Decimal(1000)
    )
    assert feed.day("<html>") is None
    assert feed.day('{"result":{"list":[]}}') is None
    with pytest.raises(SymbolRefused):
        feed.book(200, '{"retCode":10001,"retMsg":"Not supported symbols","result":{}}')
    with pytest.raises(VenueError):
        feed.book(403, '{"retCode":10006,"retMsg":"Too many visits","result":{}}')
