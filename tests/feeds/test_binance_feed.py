"""Binance's frames: what each means, and what is an error."""

from __future__ import annotations

from decimal import Decimal

import pytest

from obtui.feeds.base import Fetch, Malformed, SequenceGap, SymbolRefused, VenueError
from obtui.feeds.binance import PING, BinanceDecoder, BinanceFeed, BinanceUsFeed
from obtui.market import Aggressor, BookDelta, BookSnapshot, Heartbeat, Level, TopOfBook, Trade
from support import binance_wire as wire
from support.wire import encode

PATH = "/api/v3/depth?symbol=BTCUSDT&limit=5000"
BOOK = wire.book(100, [("99", "1")], [("101", "2")])


def fresh() -> BinanceDecoder:
    return BinanceDecoder("binance", "BTCUSDT", PATH)


def synced() -> BinanceDecoder:
    """Spliced: the book of id 100, and one change up to 110 on it."""
    decoder = fresh()
    decoder.decode(wire.diff(101, 110))
    decoder.reply(PATH, 200, BOOK)
    return decoder


def test_the_address_subscribes_to_book_best_prices_and_trades() -> None:
    streams = "btcusdt@depth@100ms/btcusdt@bookTicker/btcusdt@trade"

    assert BinanceFeed("BTCUSDT").url == f"wss://stream.binance.com:9443/stream?streams={streams}"
    assert BinanceUsFeed("btc-usdt").url == f"wss://stream.binance.us:9443/stream?streams={streams}"
    assert BinanceFeed("BTCUSDT").subscriptions() == (PING,)
    assert BinanceFeed("BTCUSDT").ping() == PING == '{"method":"LIST_SUBSCRIPTIONS","id":1}'


@pytest.mark.parametrize("spelled", ["BTCUSDT", "btcusdt", "BTC-USDT", "btc/usdt", "BTC_USDT"])
def test_case_and_separators_do_not_matter(spelled: str) -> None:
    assert BinanceFeed(spelled).symbol == "BTCUSDT"


def test_a_symbol_cannot_add_to_the_address() -> None:
    feed = BinanceFeed("x&y=é?#")

    assert feed.book_path(10) == "/api/v3/depth?symbol=X%26Y%3D%C3%89%3F%23&limit=10"
    assert "streams=x%26y%3D%C3%A9%3F%23@depth@100ms/" in feed.url


def test_a_change_carries_absolute_sizes_its_last_id_and_the_time_in_ns() -> None:
    frame = wire.diff(111, 113, [("98", "0.00000000")], [("101.5", "1.60000000")])

    assert synced().decode(frame) == (
        BookDelta(
            [(Decimal(98), Decimal(0))],
            [(Decimal("101.5"), Decimal("1.6"))],
            1_723_161_255_208_000_000,
            113,
        ),
    )


@pytest.mark.parametrize(
    ("buyer_made", "aggressor"), [(True, Aggressor.SELLER), (False, Aggressor.BUYER)]
)
def test_the_aggressor_is_not_the_maker(buyer_made: bool, aggressor: Aggressor) -> None:
    frame = wire.trade("61837.63", "0.02", buyer_made=buyer_made)

    assert fresh().decode(frame) == (
        Trade(
            Decimal("61837.63"), Decimal("0.02"), aggressor, 1_723_161_255_342_000_000, 3735683259
        ),
    )


def test_order_ids_of_a_trade_are_no_book() -> None:
    data = {"e": "trade", "E": 5, "s": "BTCUSD", "t": 7, "p": "100", "q": "2", "T": 4, "m": True}

    (event,) = fresh().decode(wire.stream("trade", data | {"a": 50, "b": 88, "M": True}))

    assert event == Trade(Decimal(100), Decimal(2), Aggressor.SELLER, 4_000_000, 7)


def test_best_prices_carry_their_id() -> None:
    (event,) = fresh().decode(wire.ticker(42, ("99", "1.5"), ("101", "2")))

    assert event == TopOfBook(
        Level(Decimal(99), Decimal("1.5")), Level(Decimal(101), Decimal(2)), 42
    )


def test_an_empty_side_has_no_best_price() -> None:
    zero = ("0.00000000", "0.00000000")

    assert fresh().decode(wire.ticker(42, zero, zero)) == (TopOfBook(None, None, 42),)


@pytest.mark.parametrize(
    "frame",
    [
        wire.diff(1, 2, symbol="ethusdt"),
        wire.ticker(1, symbol="ethusdt"),
        wire.stream("depth", {"e": "depthUpdate"}),
        wire.stream("depth20@100ms", {"lastUpdateId": 160, "bids": [], "asks": []}),
        wire.stream("aggTrade", {"e": "aggTrade", "a": 1}),
        encode({"stream": "!something", "data": []}),
        encode({"e": "somethingNew"}),
        b"{}",
    ],
)
def test_what_is_of_another_stream_is_passed_over(frame: bytes) -> None:
    assert list(fresh().decode(frame)) == []
    assert list(synced().decode(frame)) == []


def test_the_reply_to_our_request_is_life() -> None:
    assert synced().decode(wire.listed()) == (Heartbeat(),)
    assert synced().decode(encode({"result": None, "id": 7})) == (Heartbeat(),)


@pytest.mark.parametrize(
    "answer",
    [
        {"error": {"code": 2, "msg": "Invalid request: unknown variant"}, "id": 1},
        {"code": 2, "msg": "Invalid request: unknown variant", "id": 1},
    ],
)
def test_a_refused_ping_is_life_too(answer: object) -> None:
    assert synced().decode(encode(answer)) == (Heartbeat(),)


@pytest.mark.parametrize(
    "answer",
    [
        {"code": 3, "msg": "Invalid JSON: expected value at line 1 column 1"},
        {"error": {"code": 3, "msg": "Invalid JSON: expected value at line 1 column 1"}},
        {"error": {"code": 3, "msg": "Invalid JSON: expected value"}, "id": None},
        {"code": 0, "msg": "Invalid JSON: not ours", "id": 9},
    ],
)
def test_any_other_error_is_told(answer: object) -> None:
    with pytest.raises(VenueError, match=r"binance answered: \d Invalid JSON"):
        synced().decode(encode(answer))


@pytest.mark.parametrize("frame", [wire.SHUTDOWN, b'{"e":"serverShutdown","E":1770123456789}'])
def test_the_servers_shutdown_is_an_error(frame: bytes) -> None:
    with pytest.raises(VenueError, match="about to close"):
        synced().decode(frame)


@pytest.mark.parametrize(
    "frame",
    [
        wire.stream("depth@100ms", None),
        wire.stream("depth@100ms", {"e": "depthUpdate", "U": 1, "u": 2, "b": [], "a": []}),
        wire.stream("depth@100ms", {"E": 1, "U": 1, "b": [], "a": []}),
        wire.stream("depth@100ms", {"E": 1, "U": -1, "u": 2, "b": [], "a": []}),
        wire.stream("depth@100ms", {"E": 1, "U": 1, "u": 2, "b": [["1"]], "a": []}),
        wire.diff(111, 112, [("0", "1")]),
        wire.diff(111, 112, asks=[("NaN", "1")]),
        wire.stream("bookTicker", {"u": 1, "b": "1", "B": "1", "a": "2"}),
        wire.ticker(111, ("NaN", "1")),
        wire.ticker(111, ("1", "NaN")),
        wire.ticker(111, ("0", "1")),
        wire.stream("trade", {"t": 1, "p": "1", "q": "1", "T": 1}),
        wire.trade("-1"),
        wire.trade("1", "Infinity"),
        b'{"stream":"btcusdt@trade"}',
    ],
)
def test_what_is_not_the_protocol_is_malformed(frame: bytes) -> None:
    with pytest.raises(Malformed):
        synced().decode(frame)


def test_an_unknown_symbol_is_refused_by_rests_book() -> None:
    with pytest.raises(
        SymbolRefused, match=r"binance-us has no symbol NOSUCH \(Invalid symbol\.\)"
    ):
        BinanceUsFeed("nosuch").decoder().reply("", 400, wire.INVALID_SYMBOL)


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (0, "the venue's REST interface did not answer", "book comes over REST: the venue's REST"),
        (429, '{"code":-1003,"msg":"Too much request weight used"}', "too many requests .*: Too"),
        (418, '{"code":-1003,"msg":"banned until 1"}', r"refuses this address .*418\): banned"),
        (451, wire.RESTRICTED, r"does not serve this place \(HTTP 451\), binance-us serves the US"),
        (503, "<html>", "REST answered HTTP 503 to the book"),
        (400, '{"code":-1102,"msg":"Mandatory parameter"}', "HTTP 400 to the book: Mandatory"),
    ],
)
def test_a_book_that_rest_does_not_give_is_an_error_with_its_reason(
    status: int, body: str, said: str
) -> None:
    with pytest.raises(VenueError, match=f"^binance.*{said}"):
        fresh().reply(PATH, status, body)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html>",
        "[]",
        "{}",
        '{"lastUpdateId":1,"bids":[]}',
        '{"lastUpdateId":-1,"bids":[],"asks":[]}',
        '{"lastUpdateId":null,"bids":[],"asks":[]}',
        wire.book(1, [("NaN", "1")]),
        wire.book(1, [], [("1", "-1")]),
        '{"lastUpdateId":1,"bids":' + "[" * 100_000,
    ],
)
def test_a_reply_that_is_no_book_is_malformed(body: str) -> None:
    with pytest.raises(Malformed):
        fresh().reply(PATH, 200, body)


def test_where_there_is_a_book_no_reply_matters() -> None:
    decoder = synced()

    assert list(decoder.reply(PATH, 200, wire.book(500))) == []
    assert list(decoder.reply(PATH, 429, "")) == []
    assert list(decoder.reply("", 200, "<html>")) == []
    (event,) = decoder.decode(wire.diff(111, 112))
    assert isinstance(event, BookDelta)


def test_another_paths_reply_is_not_the_book() -> None:
    decoder = fresh()

    assert list(decoder.reply("/api/v3/ping", 200, "{}")) == []
    assert decoder.decode(wire.diff(101, 110)) == (Fetch(PATH),)


@pytest.mark.parametrize("first", [112, 10**12, 110, 105])
def test_a_change_that_does_not_follow_is_a_gap(first: int) -> None:
    with pytest.raises(SequenceGap, match=f"110 is followed by {first}"):
        synced().decode(wire.diff(first, first + 10))


def test_an_old_change_is_passed_over() -> None:
    decoder = synced()

    assert list(decoder.decode(wire.diff(101, 110, [("98", "1")]))) == []
    assert list(decoder.decode(wire.diff(90, 95, [("98", "1")]))) == []
    (event,) = decoder.decode(wire.diff(111, 111))
    assert isinstance(event, BookDelta)


def test_what_is_saved_goes_on_where_it_was() -> None:
    decoder = fresh()
    decoder.load(synced().save())

    with pytest.raises(SequenceGap):
        decoder.decode(wire.diff(112, 113))


def test_what_is_saved_holds_the_changes_that_wait() -> None:
    waiting = fresh()
    waiting.decode(wire.diff(99, 105, [("98", "3.50")]))
    waiting.decode(wire.diff(106, 110, [], [("101", "0")]))
    decoder = fresh()
    decoder.load(waiting.save())

    snapshot, *deltas = decoder.reply(PATH, 200, BOOK)

    assert snapshot == BookSnapshot([(Decimal(99), Decimal(1))], [(Decimal(101), Decimal(2))])
    assert [delta.update_id for delta in deltas if isinstance(delta, BookDelta)] == [105, 110]


@pytest.mark.parametrize("saved", ["", "{", "[1]", '{"last":"x"}', '{"waiting":[{}]}'])
def test_what_is_no_state_is_malformed(saved: str) -> None:
    with pytest.raises(Malformed):
        fresh().load(saved)
