"""`obtui latency`: a venue's REST interface and its websocket, measured side by side."""

from __future__ import annotations

import argparse
import asyncio
import math
import statistics
import textwrap
from collections.abc import AsyncIterator, Sequence

import msgspec

from obtui import causes, exits, figures, latency, printed
from obtui.address import with_origin
from obtui.config import Options, UsageError
from obtui.conversation import NOT_ASKED
from obtui.feeds import FEEDS
from obtui.feeds.base import VenueFeed
from obtui.latency import Series
from obtui.symbols import UnknownSymbol, resolve
from obtui.text import printable

REST_DEPTH = 10
"""Levels a side of the book that is asked for."""
NAMES = {
    "rest_new": "REST, a new connection each time",
    "rest_kept": "REST, on a kept connection",
    "ping": "websocket, ping to pong",
    "age": "age of the feed's book messages",
}
WIDTH = 79
MINUTE_MS = 60_000


class Figures(msgspec.Struct):
    """One kind in the JSON, in milliseconds; null where nothing was measured."""

    count: int
    min: float | None
    median: float | None
    p95: float | None
    why: str


def run(arguments: argparse.Namespace) -> int:
    """Returns the exit code: 0 something was measured, 1 nothing, 2 usage or an unknown symbol."""
    try:
        options = Options.of(vars(arguments))
        asked = options.markets[0]
        venue = FEEDS[asked.venue]
        symbol = resolve(venue, asked.symbol, options.rest).symbol
    except (UsageError, UnknownSymbol) as error:
        return exits.fail(str(error), exits.USAGE)
    rest_url = None if options.rest is None else with_origin(venue.rest_url, options.rest)
    measuring = _Measuring(venue, symbol, options.url, rest_url, arguments.times)
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(
            _as_json(measuring) if arguments.json else _as_table(measuring)
        )
    finally:
        # Not asyncio.run(): that would wait for a name server that does not answer.
        loop.close()


class _Measuring:
    """All that is measured of one market, one kind after another."""

    def __init__(
        self, venue: type[VenueFeed], symbol: str, url: str, rest_url: str | None, times: int
    ) -> None:
        self.feed = venue(symbol)
        self.url = with_origin(self.feed.url, url)
        self.rest_url = rest_url
        self.times = times

    async def series(self) -> AsyncIterator[tuple[str, Series]]:
        """Each kind when it is done, in the order of `NAMES`."""
        for name, keep in (("rest_new", False), ("rest_kept", True)):
            if self.rest_url is None:
                yield name, Series(why=NOT_ASKED)
            else:
                path = self.feed.book_path(REST_DEPTH)
                yield name, await latency.over_rest(self.rest_url, path, self.times, keep=keep)
        socket = latency.SocketTimes(self.feed, self.url, self.rest_url, self.times)
        await socket.measure()
        yield "ping", socket.pings
        yield "age", socket.ages


async def _as_json(measuring: _Measuring) -> int:
    found = {name: figures_of(series) async for name, series in measuring.series()}
    whole = {
        "venue": measuring.feed.name,
        "symbol": measuring.feed.symbol,
        "rest_url": measuring.rest_url,
        "url": measuring.url,
        "asked": measuring.times,
        "milliseconds": found,
    }
    code = printed.put(msgspec.json.format(msgspec.json.encode(whole)).decode())
    return code or _code([it.count for it in found.values()])


async def _as_table(measuring: _Measuring) -> int:
    """Each row is printed when it is measured: all of them take a while."""
    feed = measuring.feed
    hosts = [causes.host(url) for url in (measuring.rest_url, measuring.url) if url is not None]
    place = " and ".join(dict.fromkeys(hosts))
    lines = [f"{feed.name} {feed.symbol} at {printable(place)}, {measuring.times} of each", ""]
    code = printed.put("\n".join([*lines, _row("milliseconds", ("n", "min", "median", "p95"))]))
    found: dict[str, Series] = {}
    async for name, series in measuring.series():
        if code:
            return code  # nobody reads on
        found[name] = series
        it = figures_of(series)
        shown = ["-" if value is None else f"{value:.1f}" for value in (it.min, it.median, it.p95)]
        lines = [_row(NAMES[name], (str(it.count), *shown))]
        if it.why:
            lines += textwrap.wrap(it.why, WIDTH - 2, initial_indent="  ", subsequent_indent="  ")
        code = printed.put("\n".join(lines))
    if not code and found["age"].milliseconds:
        code = printed.put("\n" + textwrap.fill(of_clocks(found["ping"], found["age"]), WIDTH))
    return code or _code([len(series.milliseconds) for series in found.values()])


def _row(name: str, cells: Sequence[str]) -> str:
    return f"{name:<34}{cells[0]:>6}" + "".join(f"  {cell:>9}" for cell in cells[1:])


def figures_of(series: Series) -> Figures:
    """Of one kind; all null where nothing was measured."""
    values = sorted(series.milliseconds)
    why = printable(series.why)
    if not values:
        return Figures(0, None, None, None, why)
    # The nearest rank: always a value that was measured.
    p95 = values[math.ceil(0.95 * len(values)) - 1]
    low, middle = values[0], statistics.median(values)
    return Figures(len(values), round(low, 3), round(middle, 3), round(p95, 3), why)


def of_clocks(pings: Series, ages: Series) -> str:
    """What the ages say of the two clocks, and what they cannot."""
    text = (
        "An age is from the venue's stamp by its clock to the message's coming by this one: it "
        "holds the difference of the two clocks, and the other rows do not."
    )
    if not pings.milliseconds:
        return text
    ahead = min(ages.milliseconds) - min(pings.milliseconds) / 2
    where = "ahead of" if ahead > 0 else "behind"
    much = f"{abs(ahead):.1f} ms" if abs(ahead) < MINUTE_MS else figures.milliseconds(abs(ahead))
    return (
        f"{text} If the quickest message was on its way for half a ping, this clock is "
        f"{much} {where} the venue's."
    )


def _code(counts: Sequence[int]) -> int:
    return exits.DONE if any(counts) else exits.FAILED
