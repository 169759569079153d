"""`obtui venues`: what can be watched, and what of it can be verified."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Sequence

import msgspec

from obtui import printed
from obtui.feeds import FEEDS
from obtui.feeds.base import VenueFeed

WIDTH = 79
"""Of the table, whose last column is wrapped."""
NARROWEST = 20


class Venue(msgspec.Struct):
    """One venue in the JSON; null is what it does not have."""

    venue: str
    default: bool
    example: str
    """How it spells BTC in USD."""
    check: str | None
    """What a lost message is found by."""
    book_from: str
    top_from: str | None
    """The stream of its own best bid and offer that the book is held against."""
    rest_url: str


def run(arguments: argparse.Namespace, default: str) -> int:
    """`default`: what `--venue` is where it is not given. Returns the exit code."""
    venues = [_venue(feed, default) for feed in FEEDS.values()]
    if arguments.json:
        lines = ",\n ".join(msgspec.json.encode(venue).decode() for venue in venues)
        return printed.put(f"[{lines}]")
    return printed.put(_table(venues) + "\n\n* where none is named")


def _venue(feed: type[VenueFeed], default: str) -> Venue:
    return Venue(
        venue=feed.name,
        default=feed.name == default,
        example=feed.spell("BTC", "USD"),
        check=feed.check or None,
        book_from=feed.book_from,
        top_from=feed.top_from or None,
        rest_url=feed.rest_url,
    )


def _table(venues: Sequence[Venue]) -> str:
    rows = [("venue", "BTC-USD", "book from", "top against", "")]
    rows += [
        (
            venue.venue + (" *" if venue.default else ""),
            venue.example,
            venue.book_from,
            venue.top_from or "-",
            "",
        )
        for venue in venues
    ]
    left = max(map(len, printed.table(rows).splitlines())) + 2
    checks = ["a lost message is found by", *(venue.check or "nothing" for venue in venues)]
    lines = []
    for row, check in zip(printed.table(rows).splitlines(), checks, strict=True):
        first, *others = textwrap.wrap(check, max(NARROWEST, WIDTH - left))
        lines += [f"{row:<{left}}{first}", *(" " * left + other for other in others)]
    return "\n".join(lines)
