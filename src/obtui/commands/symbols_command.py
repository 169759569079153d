"""`obtui symbols`: what a venue lists, as a table or JSON."""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Sequence
from decimal import Decimal

import msgspec

from obtui import exits, figures, instrument_lists, printed, rest, spelling
from obtui.address import with_origin
from obtui.config import Options, UsageError
from obtui.feeds import FEEDS
from obtui.feeds.base import VenueFeed
from obtui.market import Instrument
from obtui.symbols import ASK_SECONDS, describe
from obtui.text import printable

FEW = 5
"""Of so many, what the list does not tell is asked for by name; venues bear no more at once."""


class Line(msgspec.Struct):
    """One symbol in the JSON; null is what the venue did not tell."""

    symbol: str
    base: str | None
    quote: str | None
    tick: Decimal | None
    status: str | None


def run(arguments: argparse.Namespace) -> int:
    """Returns the exit code: 0 printed, 1 no list to be had or nothing in it, 2 usage."""
    try:
        # A list has no symbol of its own to be checked.
        options = Options.of(vars(arguments) | {"symbols": ["ANY"]})
    except UsageError as error:
        return exits.fail(str(error), exits.USAGE)
    venue = FEEDS[options.venue]
    origin = with_origin(venue.rest_url, options.rest_url)
    listed = _listed(venue, origin)
    if listed is None:
        return exits.fail(f"no list of symbols came from {origin}: try again later")
    found = _filtered(listed, arguments.filter)
    if not found:
        wanted = printable(arguments.filter, 40)
        return exits.fail(f"none of {venue.name}'s {len(listed)} symbols has {wanted} in it")
    if len(found) <= FEW:
        found = rest.wait_for(_described(venue, found, origin), ASK_SECONDS) or found
    return printed.put(_json(found) if arguments.json else _table(found))


def _listed(venue: type[VenueFeed], origin: str) -> list[Instrument] | None:
    """The list as it is now, or else that of some hours ago, with a word about it."""
    listed = rest.wait_for(instrument_lists.ask(venue, origin), ASK_SECONDS)
    if listed is not None:
        return listed
    kept = instrument_lists.kept(venue, origin)
    if kept is None:
        return None
    age = figures.duration(time.time() - kept.at)
    exits.say(f"obtui: no list came from {origin}: this one is {age} old\n")
    return kept.instruments


def _filtered(listed: Sequence[Instrument], text: str) -> list[Instrument]:
    """Those that have `text` in their name, by their letters alone; in order of the alphabet."""
    wanted = spelling.letters(text)
    found = [
        it
        for it in listed
        if wanted in spelling.letters(it.symbol) or wanted in spelling.letters(it.base + it.quote)
    ]
    return sorted(found, key=lambda it: it.symbol)


async def _described(
    venue: type[VenueFeed], found: Sequence[Instrument], origin: str
) -> list[Instrument]:
    """The same, with what only the venue's answer to each name tells."""

    async def told(it: Instrument) -> Instrument:
        return it if it.tick is not None else await describe(venue, it.symbol, origin) or it

    return list(await asyncio.gather(*map(told, found)))


def _table(found: Sequence[Instrument]) -> str:
    rows = [("symbol", "base", "quote", "tick", "status")]
    rows += [
        (
            printable(it.symbol, 40),
            it.base,
            it.quote,
            "" if it.tick is None else f"{it.tick.normalize():f}",
            printable(it.status, 20),
        )
        for it in found
    ]
    return printed.table(rows, right=frozenset({3}))


def _json(found: Sequence[Instrument]) -> str:
    lines = [
        Line(it.symbol, it.base or None, it.quote or None, it.tick, it.status or None)
        for it in found
    ]
    encode = msgspec.json.Encoder(decimal_format="number").encode
    return "[" + ",\n ".join(encode(line).decode() for line in lines) + "]"
