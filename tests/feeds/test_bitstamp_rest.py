"""What Bitstamp's REST replies say: instruments, the last day, a book."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from obtui.feeds.base import Malformed, SymbolRefused, VenueError
from obtui.feeds.bitstamp import BitstampFeed
from obtui.market import BookSnapshot, Day, Instrument
from support import bitstamp_wire as wire

LIST = wire.pairs(
    wire.pair("BTC/USD"),
    wire.pair("USDC/USDT", "Disabled", 5),
    {"name": "BTC/USD-PERP", "url_symbol": "btcusd-perp", "trading": "Enabled"},
)
BTCUSD = Instrument("BTCUSD", "BTC", "USD", status="Enabled")
TICKER = {"timestamp": "1789455809", "open": "78237", "high": "79588", "low": "77191"}
TICKER |= {"last": "77265", "volume": "108.78361", "open_24": "77700"}
TICKER |= {"percent_change_24": "-0.56", "pair": "BTC/USD"}


def test_the_list_is_of_spot_and_its_decimals_are_no_tick() -> None:
    assert BitstampFeed.instruments(LIST) == [
        BTCUSD,
        Instrument("USDCUSDT", "USDC", "USDT", status="Disabled"),
    ]
    assert BitstampFeed.spell("BTC", "USD") == "BTCUSD"


@pytest.mark.parametrize("body", ["", "{}", "[1]", '[{"name":1}]', "[" * 9999])
def test_a_list_that_is_none_is_malformed(body: str) -> None:
    with pytest.raises(Malformed):
        BitstampFeed.instruments(body)


def test_the_instrument_is_on_the_list_or_there_is_none() -> None:
    assert BitstampFeed("btc/usd").instrument(200, LIST) == BTCUSD
    assert BitstampFeed("btcusd").instrument_path == BitstampFeed.instruments_path
    with pytest.raises(SymbolRefused, match=r"^bitstamp has no symbol NOSUCH$"):
        BitstampFeed("nosuch").instrument(200, LIST)


@pytest.mark.parametrize(
    ("status", "body"), [(200, "[]"), (200, "<html>"), (200, "{}"), (404, ""), (403, LIST)]
)
def test_without_a_list_nothing_is_refused(status: int, body: str) -> None:
    assert BitstampFeed("nosuch").instrument(status, body) is None


def test_a_currency_that_is_no_name_is_not_shown() -> None:
    body = wire.pairs({"name": "\x1b[2J/US D", "url_symbol": "btcusd"})

    assert BitstampFeed("btcusd").instrument(200, body) == Instrument("BTCUSD")


def test_the_day_is_a_rolling_one_not_that_of_the_calendar() -> None:
    feed = BitstampFeed("BTCUSD")

    assert feed.day_path == "/api/v2/ticker/btcusd/"
    assert feed.day(json.dumps(TICKER)) == Day(
        last=Decimal(77265),
        change=Decimal(-435),
        high=Decimal(79588),
        low=Decimal(77191),
        volume=Decimal("108.78361"),
    )


@pytest.mark.parametrize("body", [json.dumps([TICKER, TICKER]), "", "{}", '{"last":"NaN"}'])
def test_a_day_that_is_none_says_nothing(body: str) -> None:
    assert BitstampFeed("nosuch").day(body) is None


def test_a_book_is_its_levels_and_its_time() -> None:
    feed = BitstampFeed("BTCUSD")
    body = wire.rest_book([("99.50", "1.25")], [("101", "2")])

    assert feed.book_path(40) == "/api/v2/order_book/btcusd/?group=1"
    assert feed.book(200, body) == BookSnapshot(
        [(Decimal("99.5"), Decimal("1.25"))], [(Decimal(101), Decimal(2))], wire.TIME * 1_000
    )


@pytest.mark.parametrize(
    ("status", "said"),
    [(404, r"bitstamp has no book of NOSUCH \(HTTP 404\)"), (503, "bitstamp answered HTTP 503")],
)
def test_a_book_that_is_not_given_is_told(status: int, said: str) -> None:
    with pytest.raises(VenueError, match=f"^{said}$"):
        BitstampFeed("nosuch").book(status, "<html>")


@pytest.mark.parametrize("body", ["", "[]", '{"bids":[],"asks":[]}', wire.rest_book([], [], "x")])
def test_a_reply_that_is_no_book_is_malformed(body: str) -> None:
    with pytest.raises(Malformed):
        BitstampFeed("BTCUSD").book(200, body)
