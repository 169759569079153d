"""`obtui book`: a market's book as the venue's REST interface tells it now; a ladder, or JSON."""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

from obtui import exits, figures, metrics, printed, rest
from obtui.address import with_origin
from obtui.book import OrderBook
from obtui.config import Options, UsageError
from obtui.feeds import FEEDS
from obtui.feeds.base import FeedError, SymbolRefused, VenueFeed
from obtui.market import Instrument, Level
from obtui.recording.books import encode_book_line
from obtui.symbols import UnknownSymbol, describe, resolve
from obtui.text import printable

MOST_SIZE_PLACES = 8
SECONDS = 15.0
"""Of a book of many megabytes."""


class Shot(NamedTuple):
    """The best levels, best first, and when they came."""

    instrument: Instrument
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    received_ns: int


def run(arguments: argparse.Namespace) -> int:
    """Returns the exit code: 0 printed, 1 it could not be had, 2 usage or an unknown symbol."""
    try:
        options = Options.of(vars(arguments))
        if options.rest is None:
            raise UsageError("a book is asked over REST: give --rest-url, not --url alone")
        asked = options.markets[0]
        venue = FEEDS[asked.venue]
        instrument = resolve(venue, asked.symbol, options.rest)
        origin = with_origin(venue.rest_url, options.rest)
        shot = rest.wait_for(_shoot(venue, instrument, origin, options.depth), SECONDS)
    except (UsageError, UnknownSymbol, SymbolRefused) as error:
        return exits.fail(printable(str(error)), exits.USAGE)
    except FeedError as error:
        return exits.fail(printable(f"no book came from {origin}: {error}"))
    if shot is None:
        return exits.fail(f"no book came from {origin}: it did not answer; try again later")
    if arguments.json:
        return printed.put(_json(venue, shot))
    return printed.put(_ladder(venue, shot))


async def _shoot(
    venue: type[VenueFeed], instrument: Instrument, origin: str, depth: int
) -> Shot | None:
    """Raises `FeedError` for a reply that is no book; None where none came."""
    feed = venue(instrument.symbol)
    asking = asyncio.create_task(_describe(venue, instrument, origin))
    reply = await rest.fetch(origin, feed.book_path(depth), rest.LARGEST_BOOK)
    received_ns = time.time_ns()
    described = await asking
    if reply is None:
        return None
    book = OrderBook()
    book.apply_snapshot(feed.book(reply.status, reply.body))
    return Shot(described, book.bids.top(depth), book.asks.top(depth), received_ns)


async def _describe(venue: type[VenueFeed], it: Instrument, origin: str) -> Instrument:
    """With its quote currency and tick, where the venue's list did not tell them."""
    if it.quote and it.tick is not None:
        return it
    return await describe(venue, it.symbol, origin) or it


def _json(venue: type[VenueFeed], shot: Shot) -> str:
    """A book line, with what it is of."""
    line = encode_book_line(shot.bids, shot.asks, shot.received_ns).decode().rstrip("}\n")
    encode = msgspec.json.encode
    named = f'"venue": {encode(venue.name).decode()}, "symbol": '
    return f"{line}, {named}{encode(shot.instrument.symbol).decode()}}}"


def _ladder(venue: type[VenueFeed], shot: Shot) -> str:
    """Asks above, the best next to the spread; bids below."""
    it = shot.instrument
    pair = f"{it.base}/{it.quote}" if it.base and it.quote else "quote currency not known"
    guessed = " (guessed: the venue's list was not reached)" if it.guessed else ""
    at = datetime.fromtimestamp(shot.received_ns // 1_000_000_000, UTC)
    head = f"{venue.name} {printable(it.symbol, 40)} · {pair}{guessed} · {at:%Y-%m-%d %H:%M:%S} UTC"
    prices = [level.price for level in (*shot.asks, *shot.bids)]
    tick = () if it.tick is None else (it.tick,)
    places = metrics.decimals([*prices, *tick])
    sizes = [level.size for level in (*shot.asks, *shot.bids)]
    size_places = min(metrics.decimals(sizes), MOST_SIZE_PLACES)
    asks = _rows("-", shot.asks, places, size_places)
    bids = _rows("+", shot.bids, places, size_places)
    heads = ("", f"price {it.quote}".rstrip(), f"size {it.base}".rstrip(), "sum")
    table = printed.table([heads, *reversed(asks), *bids], right=frozenset({1, 2, 3})).splitlines()
    middle = 1 + len(asks)
    return "\n".join([head, "", *table[:middle], _spread(shot, places), *table[middle:]])


def _rows(sign: str, side: Sequence[Level], places: int, size_places: int) -> list[tuple[str, ...]]:
    return [
        (
            sign,
            figures.price(level.price, places),
            figures.size(level.size, size_places),
            figures.size(total, size_places),
        )
        for level, total in zip(side, metrics.cumulative(side), strict=True)
    ]


def _spread(shot: Shot, places: int) -> str:
    if not shot.bids or not shot.asks:
        return "   no bids" if shot.asks else "   no asks" if shot.bids else "   the book is empty"
    bid, ask = shot.bids[0], shot.asks[0]
    width = f"{metrics.spread(bid, ask):.{places}f} {shot.instrument.quote}".rstrip()
    crossed = " · CROSSED: the best bid is not below the best ask" if bid.price >= ask.price else ""
    return f"   spread {width} · {figures.bps(metrics.spread_bps(bid, ask))} bps{crossed}"
