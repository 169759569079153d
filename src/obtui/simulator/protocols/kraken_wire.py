"""Kraken's wire: the frames of its websocket API v2, and the checksum of a book.

Structs are the protocol; functions fill them from the flow's ticks and lots and return the bytes
to send. Source: Kraken's pages on the v2 channels book, trade, instrument, status and heartbeat,
its guide on the book's checksum, and captures that others published.

Numbers are JSON numbers without trailing zeros, as in the venue's own examples: its checksum is of
the padded ones, and a client that forgets the padding is to find out here.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence

import msgspec

from obtui.market import Side
from obtui.simulator.faults import HIGHEST_BID
from obtui.simulator.listing import Change, PriceLevels
from obtui.simulator.markets import MarketParameters, unpadded
from obtui.simulator.streams import rfc3339

CHECKED_LEVELS = 10
"""Levels a side in a checksum, whatever the depth."""

HEARTBEAT = b'{"channel":"heartbeat"}'

_encode = msgspec.json.Encoder().encode


class Params(msgspec.Struct):
    """`params` of a request."""

    channel: str = ""
    symbol: list[str] = []
    depth: int = 10
    snapshot: bool | None = None


class Request(msgspec.Struct):
    """What a client asks."""

    method: str
    params: Params | None = None
    req_id: int | None = None


class Result(msgspec.Struct, omit_defaults=True):
    """`result` of a request that succeeded; which keys are there depends on the channel."""

    channel: str
    depth: int | None = None
    snapshot: bool | None = None
    symbol: str | None = None


class Reply(msgspec.Struct, omit_defaults=True):
    """The answer to a request, one for each symbol."""

    method: str
    error: str | None = None
    req_id: int | None = None
    result: Result | None = None
    success: bool | None = None
    symbol: str | None = None
    """Of a refused request alone."""
    time_in: str = ""
    time_out: str = ""


class Level(msgspec.Struct):
    """A level; quantity 0 removes it."""

    price: msgspec.Raw
    qty: msgspec.Raw


class Book(msgspec.Struct, omit_defaults=True):
    """`data` of the book channel."""

    symbol: str
    bids: list[Level]
    asks: list[Level]
    checksum: int
    """Of the book after this, of as many levels as were subscribed to."""
    timestamp: str = ""
    """None in the first book."""


class Trade(msgspec.Struct):
    """One of `data` of the trade channel."""

    symbol: str
    side: str
    """The taker's: `buy` or `sell`."""
    price: msgspec.Raw
    qty: msgspec.Raw
    ord_type: str
    trade_id: int
    timestamp: str


class Pair(msgspec.Struct):
    """One of `pairs` of the instrument channel."""

    symbol: str
    base: str
    quote: str
    status: str
    price_precision: int
    qty_precision: int
    price_increment: msgspec.Raw
    qty_increment: msgspec.Raw


class BookFrame(msgspec.Struct):
    """A frame of the book channel."""

    channel: str
    type: str
    data: list[Book]


def checksum(bids: PriceLevels, asks: PriceLevels) -> int:
    """Of the best levels, best first: price and quantity, padded, without point and zeros before.

    Which is what ticks and lots are.
    """
    levels = [*asks[:CHECKED_LEVELS], *bids[:CHECKED_LEVELS]]
    return zlib.crc32("".join(f"{price}{lots}" for price, lots in levels).encode())


def book(
    market: MarketParameters,
    bids: Iterable[tuple[int, int]],
    asks: Iterable[tuple[int, int]],
    check: int,
    time_ns: int | None,
) -> bytes:
    """A snapshot where `time_ns` is None, else an update of that time."""
    bid_levels, ask_levels = (
        [
            Level(_number(market.price_text(price)), msgspec.Raw(market.size_text(lots).encode()))
            for price, lots in side
        ]
        for side in (bids, asks)
    )
    stamp = "" if time_ns is None else rfc3339(time_ns)
    kind = "snapshot" if time_ns is None else "update"
    return _encode(
        BookFrame("book", kind, [Book(market.symbol, bid_levels, ask_levels, check, stamp)])
    )


def crossed(frame: bytes) -> bytes:
    """The same book with a bid above every ask, and the old checksum."""
    decoded = msgspec.json.decode(frame, type=BookFrame)
    one = msgspec.Raw(b"1")
    decoded.data[0].bids.append(Level(msgspec.Raw(HIGHEST_BID.encode()), one))
    return _encode(decoded)


def trades(market: MarketParameters, kind: str, changes: Sequence[Change]) -> bytes:
    """A frame of trades, oldest first; `kind` is `snapshot` or `update`."""
    told = [
        Trade(
            market.symbol,
            "sell" if change.event.side is Side.BID else "buy",
            _number(market.price_text(change.event.price)),
            msgspec.Raw(market.size_text(-change.event.delta).encode()),
            "market",
            change.trade_id,
            rfc3339(change.time_ns),
        )
        for change in changes
    ]
    return _encode({"channel": "trade", "type": kind, "data": told})


def instruments(markets: Iterable[MarketParameters]) -> bytes:
    """The snapshot of the instrument channel."""
    pairs = [
        Pair(
            market.symbol,
            market.base,
            market.quote,
            "online",
            market.price_decimals,
            market.size_decimals,
            msgspec.Raw(market.price_text(1).encode()),
            msgspec.Raw(market.size_text(1).encode()),
        )
        for market in markets
    ]
    data = {"assets": [], "pairs": pairs}
    return _encode({"channel": "instrument", "type": "snapshot", "data": data})


def status(connection_id: int) -> bytes:
    """The first frame of every connection."""
    data = {
        "version": "2.0.10",
        "system": "online",
        "api_version": "v2",
        "connection_id": connection_id,
    }
    return _encode({"channel": "status", "type": "update", "data": [data]})


def reply(answer: Reply, time_ns: int) -> bytes:
    """An answer of this time."""
    answer.time_in = answer.time_out = rfc3339(time_ns)
    return _encode(answer)


def _number(text: str) -> msgspec.Raw:
    return msgspec.Raw(unpadded(text).encode())
