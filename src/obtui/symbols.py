"""Symbols as people type them, resolved by what the venue lists.

    typed --> the venue's list (kept for a day, or asked) --> the one instrument that is meant
                                                          --> UnknownSymbol, with the nearest names
          --> no list to be had: cut by a table, and marked as guessed

What the list does not have is asked for by name before it is refused: a market may be younger than
the list, or of a kind that is not on it and can be watched all the same, as Gemini's perpetuals.
"""

from __future__ import annotations

from collections.abc import Sequence

from obtui import instrument_lists, rest, spelling
from obtui.address import with_origin
from obtui.feeds.base import FeedError, VenueFeed
from obtui.market import Instrument
from obtui.text import printable

ASK_SECONDS = 4.0
"""How long a venue is waited for before its market is tried without it."""


class UnknownSymbol(Exception):
    """The venue lists no such symbol, or several; one line that names the nearest."""


def resolve(venue: type[VenueFeed], typed: str, rest_url: str | None) -> Instrument:
    """What `typed` means on `venue`: `BTCUSD`, `btc-usd`, `BTC/USD`, `btc_usd` or its own spelling.

    `rest_url` replaces the origin of the venue's REST interface; empty: its own; None: REST is not
    asked. Where the venue's list cannot be had, the symbol is made by a table of currencies and
    `guessed` is set; base and quote may be empty where the list has only names. Raises
    `UnknownSymbol`. It blocks, for `ASK_SECONDS` as a rule and twice that at most, and must not
    be called in an event loop.
    """
    return resolve_all(venue, (typed,), rest_url)[0]


def resolve_all(
    venue: type[VenueFeed], typed: Sequence[str], rest_url: str | None
) -> list[Instrument]:
    """`resolve` for several of one venue, whose list is asked once; raises at the first unknown."""
    if rest_url is None:
        return [guess(venue, name) for name in typed]
    origin = with_origin(venue.rest_url, rest_url)
    kept = instrument_lists.kept(venue, origin)
    if kept is not None:
        listed = kept.instruments
    else:
        listed = rest.wait_for(instrument_lists.ask(venue, origin), ASK_SECONDS) or []
    return [_found(venue, name, listed, origin) if listed else guess(venue, name) for name in typed]


def _found(
    venue: type[VenueFeed], typed: str, listed: Sequence[Instrument], origin: str
) -> Instrument:
    found = spelling.find(listed, typed)
    if len(found) == 1:
        return found[0]
    if found:
        raise UnknownSymbol(_ambiguous(venue, typed, found))
    by_name = rest.wait_for(describe(venue, guess(venue, typed).symbol, origin), ASK_SECONDS)
    if by_name is None:
        raise UnknownSymbol(_unknown(venue, typed, listed))
    return by_name


def guess(venue: type[VenueFeed], typed: str) -> Instrument:
    """What `typed` is in the venue's spelling, by a table of currencies; as typed, in capitals,
    where it names none of them."""
    pair = spelling.cut(typed)
    if pair is None:
        return Instrument(symbol=typed.upper(), guessed=True)
    base, quote = pair
    return Instrument(symbol=venue.spell(base, quote), base=base, quote=quote, guessed=True)


async def describe(venue: type[VenueFeed], symbol: str, origin: str) -> Instrument | None:
    """What the venue's REST interface says of that one symbol; None where it says nothing."""
    feed = venue(symbol)
    reply = await rest.fetch(origin, feed.instrument_path, rest.LARGEST_LIST)
    if reply is None:
        return None
    try:
        return feed.instrument(reply.status, reply.body)
    except FeedError:
        return None


def _ambiguous(venue: type[VenueFeed], typed: str, found: Sequence[Instrument]) -> str:
    names = " or ".join(printable(it.symbol, 40) for it in found)
    return f"{printable(typed, 40)} may be {names} on {venue.name}: type it as it stands there"


def _unknown(venue: type[VenueFeed], typed: str, listed: Sequence[Instrument]) -> str:
    names = ", ".join(printable(name, 40) for name in spelling.nearest(listed, typed))
    nearest = f"the nearest {'are' if ', ' in names else 'is'} {names}"
    hint = nearest if names else f"obtui symbols --venue {venue.name} lists all"
    return f"{venue.name} has no symbol {printable(typed, 40)}: {hint}"
