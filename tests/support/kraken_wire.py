"""Frames in the wire form of Kraken's v2, and its checksum computed the plain way."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from decimal import Decimal

from obtui.book import OrderBook
from obtui.feeds.kraken import KrakenDecoder
from obtui.market import BookDelta, BookSnapshot, Event
from support.books import Levels, Sizes, set_level
from support.wire import Pairs, encode

SYMBOL = "BTC/USD"
TIME = "2023-10-06T17:35:55.440295Z"
TIME_NS = 1_696_613_755_440_295_000
BIDS = [("99.5", "1.5"), ("98.0", "2")]
ASKS = [("101.0", "1"), ("102.5", "4")]
PRECISION = (1, 8)
"""Decimals of price and quantity, of Kraken's BTC/USD."""


def checksum(levels: Levels, precision: tuple[int, int] = PRECISION) -> int:
    """Of bids and asks, by the guide's own words."""
    bids, asks = levels
    best = [(price, asks[price]) for price in sorted(asks)[:10]]
    best += [(price, bids[price]) for price in sorted(bids, reverse=True)[:10]]
    text = ""
    for level in best:
        for number, decimals in zip(level, precision, strict=True):
            text += str(int(number * 10**decimals))
    return zlib.crc32(text.encode())


def entry(
    bids: Pairs = (), asks: Pairs = (), *, crc: int, symbol: str = SYMBOL, time: str = TIME
) -> str:
    """One of a book frame's `data`. Numbers are JSON numbers with the digits given."""
    sides = [
        ",".join(f'{{"price":{price},"qty":{size}}}' for price, size in side)
        for side in (bids, asks)
    ]
    return (
        f'{{"symbol":"{symbol}","bids":[{sides[0]}],"asks":[{sides[1]}],'
        f'"checksum":{crc},"timestamp":"{time}"}}'
    )


def book(kind: str, *entries: str) -> bytes:
    """A frame of the book channel: `snapshot` or `update`."""
    return f'{{"channel":"book","type":"{kind}","data":[{",".join(entries)}]}}'.encode()


def instrument(
    price: object = PRECISION[0], qty: object = PRECISION[1], symbol: str = SYMBOL
) -> bytes:
    """A frame of the instrument channel, another pair's among it."""
    other = {"symbol": "MATIC/USD", "price_precision": 4, "qty_precision": 5}
    ours = {"symbol": symbol, "status": "online", "price_precision": price, "qty_precision": qty}
    data = {"assets": [{"id": "BTC", "precision": 10}], "pairs": [other, ours]}
    return encode({"channel": "instrument", "type": "snapshot", "data": data})


def subscribed(depth: object = 1000, channel: str = "book", symbol: str = SYMBOL) -> bytes:
    """The acknowledgement of a subscription."""
    result = {"channel": channel, "depth": depth, "snapshot": True, "symbol": symbol}
    return encode({"method": "subscribe", "req_id": 2, "result": result, "success": True})


def refused(error: str, symbol: str | None = SYMBOL, request: int = 2) -> bytes:
    """The answer to a subscription that is not to be had."""
    named = {} if symbol is None else {"symbol": symbol}
    return encode(
        {"error": error, "method": "subscribe", "success": False, "req_id": request} | named
    )


def trades(*made: dict[str, object], kind: str = "update") -> bytes:
    """A frame of the trade channel."""
    return encode({"channel": "trade", "type": kind, "data": list(made)})


def trade(side: str = "buy", symbol: str = SYMBOL, trade_id: int = 7) -> dict[str, object]:
    """One trade."""
    fields = {"symbol": symbol, "side": side, "price": 5.5, "qty": 0.25, "ord_type": "market"}
    return fields | {"trade_id": trade_id, "timestamp": TIME}


HEARTBEAT = b'{"channel":"heartbeat"}'
UNKNOWN_SYMBOL = refused(f"Currency pair not supported {SYMBOL}")


def status(system: str = "online") -> bytes:
    """What the venue says of itself."""
    return encode({"channel": "status", "type": "update", "data": [{"system": system}]})


class Book:
    """A venue's book, told as frames with the right checksums."""

    def __init__(self, depth: int = 1000, symbol: str = SYMBOL) -> None:
        self.depth = depth
        self.symbol = symbol
        self.levels: Levels = ({}, {})

    def snapshot(self, bids: Pairs, asks: Pairs) -> bytes:
        """The whole book, best first; replaces what was."""
        self.levels = ({}, {})
        return book("snapshot", self._entry(bids, asks))

    def update(self, bids: Pairs = (), asks: Pairs = ()) -> bytes:
        """Changed levels."""
        return book("update", self._entry(bids, asks))

    def _entry(self, bids: Pairs, asks: Pairs) -> str:
        for sizes, side in zip(self.levels, (bids, asks), strict=True):
            for price, size in side:
                set_level(sizes, price, size)
        cut(self.levels[0], self.depth, best_is_highest=True)
        cut(self.levels[1], self.depth, best_is_highest=False)
        return entry(bids, asks, crc=checksum(self.levels), symbol=self.symbol)


def cut(sizes: Sizes, depth: int, *, best_is_highest: bool) -> None:
    """Forget what is beyond the depth."""
    for price in sorted(sizes, reverse=best_is_highest)[depth:]:
        del sizes[price]


def books_of(frames: Sequence[str], depth: int = 1000) -> list[Levels]:
    """The whole book after each book frame of a capture of one symbol."""
    levels: Levels = ({}, {})
    books = []
    for frame in frames:
        message = json.loads(frame, parse_float=Decimal, parse_int=Decimal)
        if message.get("channel") != "book":
            continue
        for one in message["data"]:
            for sizes, key in zip(levels, ("bids", "asks"), strict=True):
                for level in one[key]:
                    set_level(sizes, level["price"], level["qty"])
        cut(levels[0], depth, best_is_highest=True)
        cut(levels[1], depth, best_is_highest=False)
        books.append((dict(levels[0]), dict(levels[1])))
    return books


def fed(decoder: KrakenDecoder, *frames: bytes, book: OrderBook | None = None) -> list[Event]:
    """Decoded, applied and checked as a session does."""
    book = book or OrderBook()
    events: list[Event] = []
    for frame in frames:
        for event in decoder.decode(frame):
            if isinstance(event, BookSnapshot):
                book.apply_snapshot(event)
            elif isinstance(event, BookDelta):
                book.apply_delta(event)
            if isinstance(event, BookSnapshot | BookDelta) and event.checksum is not None:
                decoder.check(book, event.checksum)
            events.append(event)
    return events


def synced() -> KrakenDecoder:
    """A decoder that has seen instrument and book."""
    decoder = KrakenDecoder(SYMBOL)
    fed(decoder, instrument(), Book().snapshot(BIDS, ASKS))
    return decoder
