"""How a market stands, in a word, a sign and a colour: the same wherever many stand together."""

from __future__ import annotations

from typing import NamedTuple

from obtui import figures, metrics
from obtui.market import BookState
from obtui.view import MarketView


class Standing(NamedTuple):
    """Told by word and sign, so that it needs no colour."""

    word: str
    sign: str
    part: str
    """`trusted`, `waiting` or `broken`: what a component class ends in."""


def standing(view: MarketView) -> Standing:
    """Of the view's market."""
    if view.live:
        return Standing(view.state.value, "●", "trusted")
    if view.state is BookState.SYNCING:
        return Standing(view.state.value, "○", "waiting")
    if view.state is BookState.STALE and view.age_seconds is not None:
        return Standing(f"STALE {view.age_seconds:.0f} s", "╳", "broken")
    return Standing(view.state.value, "╳", "broken")


def spread(view: MarketView) -> str:
    """In basis points of the midpoint; nothing where it cannot be told."""
    if not (view.live and view.bids and view.asks):
        return ""
    return figures.bps(metrics.spread_bps(view.bids[0], view.asks[0]))
