"""What Binance's REST replies say: instruments, the last day, a book."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from obtui.feeds.base import Malformed, SymbolRefused, VenueError
from obtui.feeds.binance import BinanceFeed, BinanceUsFeed
from obtui.market import BookSnapshot, Day, Instrument
from support import binance_wire as wire

BTCUSDT = Instrument("BTCUSDT", "BTC", "USDT", Decimal("0.01"), "TRADING")
DAY = {
    "symbol": "BTCUSDT",
    "priceChange": "-94.99999800",
    "priceChangePercent": "-95.960",
    "openPrice": "99.00000000",
    "lastPrice": "4.00000200",
    "highPrice": "100.00000000",
    "lowPrice": "0.10000000",
    "volume": "8913.30000000",
    "quoteVolume": "15.30000000",
}


def test_both_markets_have_their_own_hosts() -> None:
    assert (BinanceFeed.name, BinanceFeed.rest_url) == ("binance", "https://api.binance.com")
    assert (BinanceUsFeed.name, BinanceUsFeed.rest_url) == ("binance-us", "https://api.binance.us")
    assert BinanceFeed.spell("BTC", "USDT") == "BTCUSDT"


def test_an_instrument_has_currencies_tick_and_status() -> None:
    feed = BinanceFeed("btcusdt")

    instrument = feed.instrument(200, wire.info([wire.symbol()]))

    assert feed.instrument_path == "/api/v3/exchangeInfo?symbol=BTCUSDT"
    assert instrument == BTCUSDT
    assert str(instrument and instrument.tick) == "0.01"


def test_the_list_is_of_what_can_be_traded_spot() -> None:
    body = wire.info(
        [
            wire.symbol(),
            wire.symbol("ETHBTC", "ETH", "BTC", tick="0.00001000", status="BREAK"),
            wire.symbol("GONEUSDT", "GONE", spot=False),
            wire.symbol("\x1b[2JUSDT", "\x1b[2J"),
        ]
    )

    assert BinanceFeed.instruments(body) == [
        BTCUSDT,
        Instrument("ETHBTC", "ETH", "BTC", Decimal("0.00001"), "BREAK"),
    ]


def test_a_list_of_thousands_is_read() -> None:
    body = wire.info([wire.symbol(f"C{nth}USDT", f"C{nth}") for nth in range(3_000)])

    assert len(BinanceFeed.instruments(body)) == 3_000


@pytest.mark.parametrize(
    ("tick", "read"),
    [
        ("10.00000000", "10"),
        ("1.00000000", "1"),
        ("0.00000001", "0.00000001"),
        ("0.00000000", None),
        ("NaN", None),
        (None, None),
    ],
)
def test_a_padded_tick_is_itself_and_none_where_it_is_none(tick: object, read: str | None) -> None:
    instrument = BinanceFeed("BTCUSDT").instrument(200, wire.info([wire.symbol(tick=tick)]))

    assert instrument is not None
    assert (None if instrument.tick is None else f"{instrument.tick:f}") == read


@pytest.mark.parametrize(
    "body", ["", "[]", "{}", '{"symbols":null}', '{"symbols":[{}]}', "[" * 9999]
)
def test_a_list_that_is_none_is_malformed(body: str) -> None:
    with pytest.raises(Malformed):
        BinanceFeed.instruments(body)


@pytest.mark.parametrize("code", [-1121, -1100])
def test_the_venues_own_answer_refuses_an_unknown_symbol(code: int) -> None:
    body = json.dumps({"code": code, "msg": "Illegal characters found in parameter 'symbol'"})

    with pytest.raises(SymbolRefused, match=r"^binance has no symbol NOSUCH "):
        BinanceFeed("nosuch").instrument(400, body)
    with pytest.raises(SymbolRefused, match=r"^binance-us has no symbol NOSUCH "):
        BinanceUsFeed("nosuch").book(400, body)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (451, wire.RESTRICTED),
        (429, '{"code":-1003,"msg":"Too many requests"}'),
        (400, '{"code":-1100,"msg":"Illegal characters found in parameter \'limit\'"}'),
        (400, "<html>Invalid symbol.</html>"),
        (404, ""),
        (200, "<html>"),
        (200, "[]"),
        (200, '{"symbols":[]}'),
        (200, wire.info([wire.symbol("ETHUSDT")])),
    ],
)
def test_any_other_failure_says_nothing(status: int, body: str) -> None:
    assert BinanceFeed("BTCUSDT").instrument(status, body) is None


def test_the_day_is_a_rolling_one() -> None:
    feed = BinanceFeed("BTCUSDT")

    assert feed.day_path == "/api/v3/ticker/24hr?symbol=BTCUSDT"
    assert feed.day(json.dumps(DAY)) == Day(
        last=Decimal("4.000002"),
        change=Decimal("-94.999998"),
        high=Decimal(100),
        low=Decimal("0.1"),
        volume=Decimal("8913.3"),
    )


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"lastPrice":[]}', '{"lastPrice":"NaN"}'])
def test_a_day_that_is_none_says_nothing(body: str) -> None:
    assert BinanceFeed("BTCUSDT").day(body) is None


@pytest.mark.parametrize(("depth", "limit"), [(1, 1), (40, 40), (9_000, 5_000), (0, 1)])
def test_the_depth_of_a_book_is_asked_for(depth: int, limit: int) -> None:
    path = BinanceUsFeed("BTCUSD").book_path(depth)

    assert path == f"/api/v3/depth?symbol=BTCUSD&limit={limit}"


def test_a_book_is_its_levels() -> None:
    body = wire.book(7, [("99", "1")], [("101", "2.50")])

    assert BinanceFeed("BTCUSDT").book(200, body) == BookSnapshot(
        [(Decimal(99), Decimal(1))], [(Decimal(101), Decimal("2.5"))]
    )


def test_a_place_that_is_not_served_is_told() -> None:
    with pytest.raises(VenueError, match=r"^binance does not serve this place"):
        BinanceFeed("BTCUSDT").book(451, wire.RESTRICTED)
    with pytest.raises(VenueError, match=r"^binance-us does not serve this place \(HTTP 451\)$"):
        BinanceUsFeed("BTCUSDT").book(451, wire.RESTRICTED)
