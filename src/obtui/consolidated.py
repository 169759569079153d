"""One ladder of several venues' books of the same asset: each level with the venues that hold it.

Nothing here is a book that could be checked: it is made of books that are, and what cannot be
trusted is left out and named. USD is not USDT, and a perpetual is not its currency: such markets
are no members. Two protocols of one venue tell one market: it is counted once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from obtui.market import Instrument, Level
from obtui.spelling import letters
from obtui.view import MarketView


class VenueLevel(NamedTuple):
    """A price, with what all venues together have there."""

    price: Decimal
    size: Decimal
    cumulative: Decimal
    """Size from the best level down to this one."""
    sizes: tuple[Decimal, ...]
    """What each member has there, in their order; 0 for none."""


class Member(NamedTuple):
    """A market of the asset that is shown."""

    venue: str
    left_out: str
    """Why its levels are not in, in a few words; empty where they are."""


class Consolidated(NamedTuple):
    """The levels of all members that are in, best first."""

    asset: str
    """Its two currencies, or what is known of them."""
    members: tuple[Member, ...]
    others: int
    """Markets of other assets among those that were asked for."""
    bids: tuple[VenueLevel, ...]
    asks: tuple[VenueLevel, ...]

    @property
    def crossed(self) -> bool:
        """Whether one venue's best bid is at or above another's best ask.

        No fault of a book: two venues are two markets, and whoever is quick enough trades it away.
        """
        return bool(self.bids and self.asks and self.bids[0].price >= self.asks[0].price)

    def venues(self, level: VenueLevel) -> str:
        """The names of those that hold a level."""
        held = zip(self.members, level.sizes, strict=True)
        return ", ".join(member.venue for member, size in held if size)


def same_asset(one: MarketView, other: MarketView) -> bool:
    """Whether both trade the same two currencies; by the symbol where those are not known."""
    return same_currencies(one.instrument, other.instrument)


def same_currencies(left: Instrument, right: Instrument) -> bool:
    """The same of two instruments."""
    if left.contract != right.contract:
        return False
    if left.base and left.quote and right.base and right.quote:
        return (left.base, left.quote) == (right.base, right.quote)
    return letters(left.symbol) == letters(right.symbol)


def combine(shown: MarketView, views: Sequence[MarketView], depth: int) -> Consolidated:
    """The best `depth` levels a side of all `views` that trade what `shown` trades.

    Each view must hold the best `depth` levels of its book: then every level here is whole.
    """
    same = [view for view in views if same_asset(shown, view)]
    members: list[Member] = []
    bids: list[Iterable[Level]] = []
    asks: list[Iterable[Level]] = []
    taken: dict[str, str] = {}
    for view in same:
        left_out = "" if view.live else view.state.value
        if not left_out and view.house in taken:
            left_out = f"the market of {taken[view.house]}"
        if not left_out and view.house:
            taken[view.house] = view.venue
        members.append(Member(view.venue, left_out))
        bids.append(() if left_out else view.bids)
        asks.append(() if left_out else view.asks)
    return Consolidated(
        _asset(shown),
        tuple(members),
        len(views) - len(same),
        _side(bids, depth, highest_first=True),
        _side(asks, depth, highest_first=False),
    )


def _asset(view: MarketView) -> str:
    it = view.instrument
    pair = f"{it.base}/{it.quote}" if it.base and it.quote else it.symbol
    return f"{pair} {it.contract}".rstrip()


def _side(
    sides: Sequence[Iterable[Level]], depth: int, *, highest_first: bool
) -> tuple[VenueLevel, ...]:
    found: dict[Decimal, list[Decimal]] = {}
    for member, levels in enumerate(sides):
        for level in levels:
            found.setdefault(level.price, [Decimal()] * len(sides))[member] += level.size
    total = Decimal()
    combined = []
    for price in sorted(found, reverse=highest_first)[:depth]:
        size = sum(found[price], Decimal())
        total += size
        combined.append(VenueLevel(price, size, total, tuple(found[price])))
    return tuple(combined)
