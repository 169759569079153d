"""Kraken's REST interface: instruments, book and ticker, and how it spells currencies.

Source: Kraken REST API: `/0/public/AssetPairs`, `/0/public/Depth`, `/0/public/Ticker`. Errors come
with status 200. REST says `XBT` and `XDG` where the websocket's v2 says `BTC` and `DOGE`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

import msgspec

from obtui.feeds.base import Malformed, SymbolRefused, VenueError, VenueFeed, check_levels
from obtui.feeds.told import currency, day_of, rest_json, step
from obtui.market import BookSnapshot, Day, Instrument

_OF_REST = {"XBT": "BTC", "XDG": "DOGE"}
_FOR_REST = {ours: its for its, ours in _OF_REST.items()}
DEEPEST = 500
"""Levels a side that `/0/public/Depth` gives at most."""
UNKNOWN_PAIR = "EQuery:Unknown asset pair"


class AssetPair(msgspec.Struct):
    """One of `/0/public/AssetPairs`."""

    wsname: str = ""
    """`XBT/USD`; empty where the websocket has no such pair."""
    pair_decimals: int | None = None
    tick_size: Decimal | None = None
    """The price tick; older replies have only `pair_decimals`."""
    status: str = ""
    """`online`, `cancel_only`, `post_only`, `limit_only`, `reduce_only`."""


class AssetPairs(msgspec.Struct):
    """The reply to `/0/public/AssetPairs`, by the venue's inner names of the pairs."""

    error: list[str] = []
    result: dict[str, AssetPair] = {}


class Depth(msgspec.Struct):
    """A book: price, volume and a time in seconds."""

    bids: list[tuple[Decimal, Decimal, Decimal]]
    asks: list[tuple[Decimal, Decimal, Decimal]]


class Depths(msgspec.Struct):
    """The reply to `/0/public/Depth`."""

    error: list[str] = []
    result: dict[str, Depth] = {}


class Ticker(msgspec.Struct):
    """What a pair did: today, and in the last 24 hours.

    The opening price `o` is today's, so that it says nothing of 24 hours.
    """

    c: tuple[Decimal, Decimal] | None = None
    """Last price and its volume."""
    v: tuple[Decimal, Decimal] | None = None
    """Volume: today, 24 hours. So `l`ow and `h`igh."""
    l: tuple[Decimal, Decimal] | None = None  # noqa: E741 - the venue's key
    h: tuple[Decimal, Decimal] | None = None


class Tickers(msgspec.Struct):
    """The reply to `/0/public/Ticker`."""

    error: list[str] = []
    result: dict[str, Ticker] = {}


def _currencies(name: str) -> list[str]:
    """Of a pair's name, as the websocket's v2 says them."""
    parts = name.upper().replace("-", "/").replace("_", "/").split("/")
    return [_OF_REST.get(part, part) for part in parts]


class KrakenRest(VenueFeed):
    """What Kraken's REST interface says of a symbol, and how the venue spells it: `BTC/USD`."""

    rest_url: ClassVar[str] = "https://api.kraken.com"
    instruments_path: ClassVar[str] = "/0/public/AssetPairs"

    @classmethod
    def respell(cls, symbol: str) -> str:
        """With the venue's separator."""
        return "/".join(_currencies(symbol))

    @classmethod
    def instruments(cls, body: str) -> list[Instrument]:
        """All pairs that the websocket has."""
        reply = rest_json(body, AssetPairs)
        if reply.error:
            raise Malformed(f"kraken answered: {reply.error[0]}")
        made = (_instrument(pair) for pair in reply.result.values())
        return [instrument for instrument in made if instrument is not None]

    @classmethod
    def spell(cls, base: str, quote: str) -> str:
        """`BTC/USD`."""
        return "/".join(_currencies(f"{base}/{quote}"))

    @property
    def instrument_path(self) -> str:
        """Where REST describes the instrument."""
        return f"/0/public/AssetPairs?pair={self._pair}"

    @property
    def day_path(self) -> str:
        """Last price, high, low and volume of 24 hours."""
        return f"/0/public/Ticker?pair={self._pair}"

    def book_path(self, depth: int) -> str:
        """At most 500 levels a side."""
        return f"/0/public/Depth?pair={self._pair}&count={min(depth, DEEPEST)}"

    @property
    def _pair(self) -> str:
        """As REST takes it: `XBTUSD`."""
        return "".join(_FOR_REST.get(part, part) for part in self._symbol.split("/"))

    def instrument(self, status: int, body: str) -> Instrument | None:
        """What the pair's reply says; raises `SymbolRefused` for an unknown one."""
        try:
            reply = rest_json(body, AssetPairs)
        except Malformed:
            return None
        self._refuse_unknown(reply.error)
        made = map(_instrument, reply.result.values())
        return next((it for it in made if it is not None and it.symbol == self._symbol), None)

    def day(self, body: str) -> Day | None:
        """What the ticker says of 24 hours; the change is not among it."""
        try:
            reply = rest_json(body, Tickers)
        except Malformed:
            return None
        if len(reply.result) != 1:
            return None
        (ticker,) = reply.result.values()
        last = ticker.c[0] if ticker.c else None
        high, low, volume = (both[1] if both else None for both in (ticker.h, ticker.l, ticker.v))
        return day_of(last, None, high, low, volume)

    def book(self, status: int, body: str) -> BookSnapshot:
        """What the book's reply says."""
        if status != 200:
            raise VenueError(f"kraken answered {status}")
        reply = rest_json(body, Depths)
        self._refuse_unknown(reply.error)
        if reply.error:
            raise VenueError(f"kraken answered: {reply.error[0]}")
        if len(reply.result) != 1:
            raise Malformed("not the one book that was due")
        (depth,) = reply.result.values()
        bids = [(price, volume) for price, volume, _ in depth.bids]
        asks = [(price, volume) for price, volume, _ in depth.asks]
        check_levels(bids)
        check_levels(asks)
        return BookSnapshot(bids, asks)

    def _refuse_unknown(self, errors: list[str]) -> None:
        if any(error.startswith(UNKNOWN_PAIR) for error in errors):
            raise SymbolRefused(f"kraken has no symbol {self._symbol} ({UNKNOWN_PAIR})")


def _instrument(pair: AssetPair) -> Instrument | None:
    base, _, quote = (currency(part) for part in "/".join(_currencies(pair.wsname)).partition("/"))
    if not base or not quote:
        return None
    tick = step(pair.tick_size)
    if tick is None and pair.pair_decimals is not None and 0 <= pair.pair_decimals <= 18:
        tick = Decimal(1).scaleb(-pair.pair_decimals)
    return Instrument(f"{base}/{quote}", base, quote, tick, pair.status)
