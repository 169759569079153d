"""Kraken's REST interface: what its replies say, and how it spells what the websocket spells."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from obtui.feeds.base import Malformed, SymbolRefused, VenueError
from obtui.feeds.kraken import KrakenFeed
from obtui.market import BookSnapshot, Day, Instrument

XBT = {
    "altname": "XBTUSD",
    "wsname": "XBT/USD",
    "base": "XXBT",
    "quote": "ZUSD",
    "pair_decimals": 1,
    "lot_decimals": 8,
    "fees": [[0, 0.4]],
    "tick_size": "0.1",
    "status": "online",
}
UNKNOWN = '{"error":["EQuery:Unknown asset pair"]}'
BITCOIN = Instrument("BTC/USD", "BTC", "USD", Decimal("0.1"), "online")


def reply(**result: object) -> str:
    return json.dumps({"error": [], "result": result})


def test_the_list_says_the_websockets_names() -> None:
    doge = XBT | {"wsname": "XDG/XBT", "tick_size": "0.00000000100", "status": "cancel_only"}
    old = {"altname": "ADAEUR", "wsname": "ADA/EUR", "pair_decimals": 6}
    body = reply(XXBTZUSD=XBT, XXDGXXBT=doge, ADAEUR=old, XBTUSDd={"altname": "XBTUSD.d"})

    assert KrakenFeed.instruments(body) == [
        BITCOIN,
        Instrument("DOGE/BTC", "DOGE", "BTC", Decimal("1e-9"), "cancel_only"),
        Instrument("ADA/EUR", "ADA", "EUR", Decimal("0.000001")),
    ]


@pytest.mark.parametrize(
    "body",
    ["", "<html>", "[]", '{"error":["EGeneral:Temporary lockout"]}', '{"result":{"X":[]}}'],
)
def test_what_is_no_list_is_malformed(body: str) -> None:
    with pytest.raises(Malformed):
        KrakenFeed.instruments(body)


@pytest.mark.parametrize(
    ("symbol", "pair"), [("BTC/USD", "XBTUSD"), ("doge-btc", "XDGXBT"), ("ETH/USDT", "ETHUSDT")]
)
def test_rest_is_asked_by_its_own_names(symbol: str, pair: str) -> None:
    feed = KrakenFeed(symbol)

    assert feed.rest_url == "https://api.kraken.com"
    assert feed.instrument_path == f"/0/public/AssetPairs?pair={pair}"
    assert feed.day_path == f"/0/public/Ticker?pair={pair}"
    assert feed.book_path(20) == f"/0/public/Depth?pair={pair}&count=20"
    assert feed.book_path(5000) == f"/0/public/Depth?pair={pair}&count=500"


def test_a_pair_is_spelled_of_two_currencies() -> None:
    assert KrakenFeed.spell("BTC", "USD") == "BTC/USD"
    assert KrakenFeed.spell("XDG", "USDT") == "DOGE/USDT"


def test_the_instrument() -> None:
    assert KrakenFeed("XBT/USD").instrument(200, reply(XXBTZUSD=XBT)) == BITCOIN


@pytest.mark.parametrize(
    ("decimals", "tick"),
    [(1, "0.1"), (0, "1"), (18, "1e-18"), (19, None), (-1, None), (None, None)],
)
def test_without_a_tick_size_the_decimals_tell_it(decimals: int | None, tick: str | None) -> None:
    pair = {"wsname": "XBT/USD", "pair_decimals": decimals}

    instrument = KrakenFeed("BTC/USD").instrument(200, reply(XXBTZUSD=pair))

    assert instrument is not None
    assert instrument.tick == (None if tick is None else Decimal(tick))


@pytest.mark.parametrize("status", [200, 404])
def test_the_venues_own_answer_refuses_an_unknown_symbol(status: int) -> None:
    with pytest.raises(SymbolRefused, match="kraken has no symbol NO/SUCH"):
        KrakenFeed("no/such").instrument(status, UNKNOWN)
    with pytest.raises(SymbolRefused):
        KrakenFeed("no/such").book(200, UNKNOWN)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html>",
        "{}",
        "[]",
        '{"error":["EService:Unavailable"]}',
        '{"error":["EGeneral:Too many requests"],"result":{}}',
        reply(XETHZUSD=XBT | {"wsname": "ETH/USD"}),
        reply(XXBTZUSD=XBT | {"wsname": "\x1b[2J/USD"}),
        reply(XXBTZUSD=XBT | {"wsname": "XBTUSD"}),
    ],
)
def test_any_other_reply_says_nothing(body: str) -> None:
    assert KrakenFeed("BTC/USD").instrument(200, body) is None


def test_the_day_is_of_24_hours_and_todays_opening_is_left_out() -> None:
    ticker = {
        "a": ["105944.30000", "1", "1.000"],
        "b": ["105944.20000", "1", "1.000"],
        "c": ["105899.40000", "0.00009443"],
        "v": ["0.78648221", "163.28908096"],
        "p": ["105960.64756", "105904.39279"],
        "t": [35, 3276],
        "l": ["105853.50000", "104711.00000"],
        "h": ["106112.00000", "106613.10000"],
        "o": "106021.60000",
    }

    assert KrakenFeed("BTC/USDT").day(reply(XBTUSDT=ticker)) == Day(
        last=Decimal("105899.4"),
        change=None,
        high=Decimal("106613.1"),
        low=Decimal(104711),
        volume=Decimal("163.28908096"),
    )


@pytest.mark.parametrize(
    "body", ["", "{}", UNKNOWN, reply(A={}, B={}), reply(A={}), reply(A={"c": ["NaN", "1"]})]
)
def test_a_ticker_of_no_use_tells_no_day(body: str) -> None:
    assert KrakenFeed("BTC/USD").day(body) is None


def test_the_book() -> None:
    depth = {
        "asks": [["30384.10000", "2.059", 1688671659], ["30387.90000", "1.500", 1688671380]],
        "bids": [["30297.00000", "1.115", 1688671636]],
    }

    assert KrakenFeed("BTC/USD").book(200, reply(XXBTZUSD=depth)) == BookSnapshot(
        [(Decimal("30297.0"), Decimal("1.115"))],
        [(Decimal("30384.1"), Decimal("2.059")), (Decimal("30387.9"), Decimal("1.5"))],
    )


@pytest.mark.parametrize(
    "body",
    ["", "{}", reply(), reply(A={"bids": []}), reply(A={"bids": [["-1", "1", 1]], "asks": []})],
)
def test_what_is_no_book_is_malformed(body: str) -> None:
    with pytest.raises(Malformed):
        KrakenFeed("BTC/USD").book(200, body)


@pytest.mark.parametrize(
    ("status", "body"), [(520, "<html>"), (200, '{"error":["EService:Unavailable"]}')]
)
def test_a_venue_that_gives_no_book_says_why(status: int, body: str) -> None:
    with pytest.raises(VenueError, match=r"kraken answered:? (520|EService:Unavailable)"):
        KrakenFeed("BTC/USD").book(status, body)
