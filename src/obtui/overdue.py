"""When a connection is given up by the clock alone: what is overdue, in words."""

from __future__ import annotations

from collections.abc import Callable

from obtui.feeds.base import Feed

SNAPSHOT_SECONDS = 20.0
"""How long a connection may go without a book before another one is tried."""
CROSSED_SECONDS = 1.0
"""Grace of a crossed book: it is called crossed at once, and fetched anew after this."""
STALE_RECONNECT = 2.0
"""Silence, in multiples of the venue's stale time, after which the connection is given up."""


def overdue(
    feed: Feed, *, silence: float, bookless: float, crossed: float, top: Callable[[], str]
) -> str:
    """Why the connection is to be given up by now, or nothing.

    Seconds without a word from the venue, connected without a book, and with a crossed one; 0 for
    what is not. `top` tells the best prices of a crossed book.
    """
    if silence > feed.stale_seconds * STALE_RECONNECT:
        return f"no word from the venue for {silence:.0f} s"
    if bookless > SNAPSHOT_SECONDS:
        reason = f"no book within {SNAPSHOT_SECONDS:.0f} s of connecting"
        if feed.unknown_is_silent:
            reason += f": {feed.name} may have no {feed.symbol}, and would not say so"
        return reason
    if crossed > CROSSED_SECONDS:
        return f"crossed for {CROSSED_SECONDS:.0f} s: {top()}"
    return ""
