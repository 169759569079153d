"""Coinbase's REST interface for Advanced Trade: what its replies say."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from obtui.feeds.base import Malformed, SymbolRefused, VenueError
from obtui.feeds.coinbase import CoinbaseFeed
from obtui.market import BookSnapshot, Day, Instrument

PRODUCT = {
    "product_id": "BTC-USD",
    "price": "68923.67",
    "price_percentage_change_24h": "-0.28560028286595",
    "volume_24h": "11005.02587005",
    "base_increment": "0.00000001",
    "quote_increment": "0.01",
    "status": "online",
    "trading_disabled": False,
    "product_type": "SPOT",
    "mid_market_price": "",
    "fcm_trading_session_details": None,
    "price_increment": "0.01",
}
BITCOIN = Instrument("BTC-USD", "BTC", "USD", Decimal("0.01"), "online")
MARKET = "/api/v3/brokerage/market"


def products(*listed: object) -> str:
    return json.dumps({"products": listed, "num_products": len(listed)})


def refusal(error: str, message: str) -> str:
    return json.dumps({"error": error, "error_details": message, "message": message})


def test_the_list_is_of_spot_products() -> None:
    others = (
        PRODUCT | {"product_id": "BIT-28NOV-CDE", "product_type": "FUTURE"},
        PRODUCT | {"product_id": "BTC-PERP", "product_type": "FUTURE"},
        PRODUCT | {"product_id": "\x1b[2J-USD"},
        PRODUCT | {"product_id": "BTCUSD"},
        {"product_id": "00-USDC", "price_increment": "", "quote_increment": "0.0001"},
        PRODUCT | {"product_id": "A-EUR", "trading_disabled": True, "price_increment": "NaN"},
        PRODUCT | {"product_id": "B-EUR", "price_increment": "x", "quote_increment": "0"},
    )

    assert CoinbaseFeed.instruments(products(PRODUCT, *others)) == [
        BITCOIN,
        Instrument("00-USDC", "00", "USDC", Decimal("0.0001")),
        Instrument("A-EUR", "A", "EUR", Decimal("0.01"), "disabled"),
        Instrument("B-EUR", "B", "EUR", None, "online"),
    ]


@pytest.mark.parametrize("body", ["", "<html>", "{}", '{"products":[1]}'])
def test_what_is_no_list_is_malformed(body: str) -> None:
    with pytest.raises(Malformed):
        CoinbaseFeed.instruments(body)


def test_rest_is_asked_for_one_product() -> None:
    feed = CoinbaseFeed("btc/usd")

    assert feed.rest_url == "https://api.coinbase.com"
    assert feed.instruments_path == f"{MARKET}/products?product_type=SPOT"
    assert feed.instrument_path == f"{MARKET}/products/BTC-USD"
    assert feed.book_path(50) == f"{MARKET}/product_book?product_id=BTC-USD&limit=50"
    assert feed.spell("BTC", "USD") == "BTC-USD"
    # A session tells a reply by its path.
    assert feed.day_path != feed.instrument_path


def test_the_instrument() -> None:
    assert CoinbaseFeed("BTC-USD").instrument(200, json.dumps(PRODUCT)) == BITCOIN


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, refusal("NOT_FOUND", "valid product_id is required")),
        (404, '{"error":"NOT_FOUND"}'),
        (400, refusal("INVALID_ARGUMENT", "valid product_id is required")),
    ],
)
def test_the_venues_own_answer_refuses_an_unknown_symbol(status: int, body: str) -> None:
    with pytest.raises(SymbolRefused, match=r"coinbase has no symbol NO-SUCH \("):
        CoinbaseFeed("no-such").instrument(status, body)
    with pytest.raises(SymbolRefused):
        CoinbaseFeed("no-such").book(status, body)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, ""),
        (404, "<html>not found</html>"),
        (400, refusal("INVALID_ARGUMENT", "limit is too large")),
        (429, refusal("RESOURCE_EXHAUSTED", "rate limit of product endpoints exceeded")),
        (500, refusal("INTERNAL", "product")),
        (200, "{}"),
        (200, "[]"),
        (200, json.dumps(PRODUCT | {"product_id": "ETH-USD"})),
        (200, json.dumps(PRODUCT | {"product_id": None})),
    ],
)
def test_any_other_reply_says_nothing(status: int, body: str) -> None:
    assert CoinbaseFeed("BTC-USD").instrument(status, body) is None


def test_the_day_and_its_change_by_the_percentage() -> None:
    other = PRODUCT | {"product_id": "BTC-EUR", "price": "1"}

    # 68923.67 / (1 - 0.0028560028286595) = 69121.08 to the tick.
    assert CoinbaseFeed("BTC-USD").day(products(other, PRODUCT)) == Day(
        last=Decimal("68923.67"),
        change=Decimal("68923.67") - Decimal("69121.08"),
        volume=Decimal("11005.02587005"),
    )


@pytest.mark.parametrize("percent", ["", "NaN", "-100", "-1e9", "1e30", "x", None])
def test_a_percentage_that_is_none_tells_no_change(percent: str | None) -> None:
    product = PRODUCT | {"price_percentage_change_24h": percent}

    day = CoinbaseFeed("BTC-USD").day(products(product))

    assert day == Day(Decimal("68923.67"), None, volume=Decimal("11005.02587005"))


@pytest.mark.parametrize(
    "body",
    ["", "[]", products(), products(PRODUCT | {"price": ""}), products(PRODUCT | {"price": "-1"})],
)
def test_a_product_without_a_price_tells_no_day(body: str) -> None:
    assert CoinbaseFeed("BTC-USD").day(body) is None


def test_the_book() -> None:
    pricebook = {
        "product_id": "BTC-USD",
        "bids": [{"price": "68923.66", "size": "0.17189468"}],
        "asks": [{"price": "68923.67", "size": "0.16987193"}, {"price": "68926", "size": "0.058"}],
        "time": "2026-04-07T00:28:59.662782Z",
    }
    body = json.dumps({"pricebook": pricebook, "last": "68923.665", "spread_bps": "0.001"})

    assert CoinbaseFeed("BTC-USD").book(200, body) == BookSnapshot(
        [(Decimal("68923.66"), Decimal("0.17189468"))],
        [(Decimal("68923.67"), Decimal("0.16987193")), (Decimal(68926), Decimal("0.058"))],
        1_775_521_739_662_782_000,
    )


@pytest.mark.parametrize(
    "body",
    ["", "{}", '{"pricebook":{"bids":[],"asks":[{"price":"NaN","size":"1"}]}}', '{"pricebook":{}}'],
)
def test_what_is_no_book_is_malformed(body: str) -> None:
    with pytest.raises(Malformed):
        CoinbaseFeed("BTC-USD").book(200, body)


def test_a_venue_that_gives_no_book_says_so() -> None:
    with pytest.raises(VenueError, match="coinbase answered 503"):
        CoinbaseFeed("BTC-USD").book(503, "<html>")
