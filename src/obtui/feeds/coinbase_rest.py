"""Coinbase's REST interface for Advanced Trade: products and book, without a key.

Source: Coinbase Advanced Trade API: `/api/v3/brokerage/market/products`, `.../products/{id}` and
`.../product_book`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

import msgspec

from obtui.feeds.base import Malformed, SymbolRefused, VenueError, VenueFeed, check_levels
from obtui.feeds.told import currency, day_of, rest_json, step, utc_ns
from obtui.market import BookSnapshot, Day, Instrument

MARKET = "/api/v3/brokerage/market"


class Product(msgspec.Struct):
    """A product. Every figure is text, and empty text where there is none."""

    product_id: str = ""
    """`BTC-USD`: base and quote."""
    price_increment: str | None = None
    """The price tick. (`base_increment` is the step of the size.)"""
    quote_increment: str | None = None
    """The price tick, in older replies."""
    status: str = ""
    """`online`, or why not."""
    trading_disabled: bool = False
    product_type: str = ""
    """`SPOT`, `FUTURE`, ..."""
    price: str | None = None
    price_percentage_change_24h: str | None = None
    volume_24h: str | None = None
    """In base currency."""


class Products(msgspec.Struct):
    """The reply to `/market/products`."""

    products: list[Product]


class Level(msgspec.Struct):
    """A level of a book."""

    price: Decimal
    size: Decimal


class Pricebook(msgspec.Struct):
    """A book, best first; it has no sequence number."""

    bids: list[Level]
    asks: list[Level]
    time: str = ""


class ProductBook(msgspec.Struct):
    """The reply to `/market/product_book`."""

    pricebook: Pricebook


class Refusal(msgspec.Struct):
    """What another status than 200 comes with."""

    error: str = ""
    """`NOT_FOUND`, `INVALID_ARGUMENT`, ..."""
    error_details: str = ""
    message: str = ""


class CoinbaseRest(VenueFeed):
    """What Coinbase's REST interface says of a product, and how it is spelled: `BTC-USD`."""

    rest_url: ClassVar[str] = "https://api.coinbase.com"
    instruments_path: ClassVar[str] = f"{MARKET}/products?product_type=SPOT"

    @classmethod
    def respell(cls, symbol: str) -> str:
        """With the venue's separator."""
        return symbol.upper().replace("/", "-").replace("_", "-")

    @classmethod
    def instruments(cls, body: str) -> list[Instrument]:
        """All spot products."""
        made = (
            _instrument(product)
            for product in rest_json(body, Products).products
            if product.product_type in {"SPOT", ""}
        )
        return [instrument for instrument in made if instrument is not None]

    @classmethod
    def spell(cls, base: str, quote: str) -> str:
        """`BTC-USD`."""
        return f"{base}-{quote}"

    @property
    def instrument_path(self) -> str:
        """Where REST describes the product."""
        return f"{MARKET}/products/{self._symbol}"

    @property
    def day_path(self) -> str:
        """The list of products, of which only ours: price, change and volume of 24 hours."""
        return f"{MARKET}/products?product_ids={self._symbol}"

    def book_path(self, depth: int) -> str:
        """Any depth."""
        return f"{MARKET}/product_book?product_id={self._symbol}&limit={depth}"

    def instrument(self, status: int, body: str) -> Instrument | None:
        """What the product's reply says; raises `SymbolRefused` for an unknown one."""
        if status != 200:
            self._refuse_unknown(body)
            return None
        try:
            instrument = _instrument(rest_json(body, Product))
        except Malformed:
            return None
        return instrument if instrument and instrument.symbol == self._symbol else None

    def day(self, body: str) -> Day | None:
        """What the product's reply says of 24 hours; the venue tells no high and low."""
        try:
            products = rest_json(body, Products).products
        except Malformed:
            return None
        product = next((one for one in products if one.product_id == self._symbol), Product())
        last, percent = _number(product.price), _number(product.price_percentage_change_24h)
        before = None
        if last is not None and percent is not None and -100 < percent < 10**9:
            # The price of then is not told: it follows from the change in percent.
            before = last / (1 + percent / 100)
            tick = _tick(product)
            if tick is not None:
                before = (before / tick).to_integral_value() * tick
        return day_of(last, before, None, None, _number(product.volume_24h))

    def book(self, status: int, body: str) -> BookSnapshot:
        """What the book's reply says."""
        if status != 200:
            self._refuse_unknown(body)
            raise VenueError(f"coinbase answered {status}")
        reply = rest_json(body, ProductBook).pricebook
        bids = [(level.price, level.size) for level in reply.bids]
        asks = [(level.price, level.size) for level in reply.asks]
        check_levels(bids)
        check_levels(asks)
        return BookSnapshot(bids, asks, utc_ns(reply.time))

    def _refuse_unknown(self, body: str) -> None:
        try:
            refusal = rest_json(body, Refusal)
        except Malformed:
            return
        text = f"{refusal.error_details} {refusal.message}".lower()
        if refusal.error == "NOT_FOUND" or (
            refusal.error == "INVALID_ARGUMENT" and "product" in text
        ):
            raise SymbolRefused(
                f"coinbase has no symbol {self._symbol} ({refusal.message or refusal.error})"
            )


def _instrument(product: Product) -> Instrument | None:
    name = product.product_id.upper()
    base, _, quote = (currency(part) for part in name.partition("-"))
    if not base or not quote:
        return None
    status = "disabled" if product.trading_disabled else product.status
    return Instrument(name, base, quote, _tick(product), status)


def _tick(product: Product) -> Decimal | None:
    return step(_number(product.price_increment) or _number(product.quote_increment))


def _number(text: str | None) -> Decimal | None:
    """The finite number that a text is, or None."""
    try:
        number = Decimal(text or "")
    except ArithmeticError:
        return None
    return number if number.is_finite() else None
