"""A market in one line of plain text, for scripts and screen readers.

Fields are parted by blanks and each is named, so that a reader may look for `bid` as a person does.
A book that cannot be trusted has no figures: a script that reads them must not find any.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from obtui import figures, metrics
from obtui.market import Level
from obtui.text import printable
from obtui.view import MarketView

SECOND = 1_000_000_000
LONGEST = 400
"""Characters: a venue's reason may be long."""
NONE = "-"
OF_THE_BOOK = re.compile(r"(\b(?:bid|ask|own)(?: is)? )\d\S*(?: x \d[^\s,]*)?")
"""What a reason says of a book: of one that is crossed, or is not what the venue's is."""


def line(view: MarketView, at_ns: int) -> str:
    """How the market stood at `at_ns` (wall clock, told in whole seconds of UTC): without a
    newline, and always printable."""
    moment = datetime.fromtimestamp(at_ns // SECOND, UTC)
    head = f"{moment:%Y-%m-%dT%H:%M:%SZ} {view.venue} {view.instrument.symbol} {view.state.value}"
    return printable(f"{head} {_figures(view) if view.live else _reason(view)}", LONGEST).rstrip()


def _figures(view: MarketView) -> str:
    bid = view.bids[0] if view.bids else None
    ask = view.asks[0] if view.asks else None
    spread = figures.bps(metrics.spread_bps(bid, ask)) if bid and ask else NONE
    rate = view.rates[-1] if view.rates else 0
    places = view.price_decimals
    sides = f"bid {_level(bid, places)} ask {_level(ask, places)} spread {spread} bps"
    return f"{sides} last {_last(view)} rate {rate}/s"


def _level(level: Level | None, places: int) -> str:
    """Size at price, with every digit."""
    return f"{level.size:f}@{figures.price(level.price, places)}" if level else NONE


def _last(view: MarketView) -> str:
    """The last trade, and who took."""
    if not view.prints:
        return NONE
    trade = view.prints[0].trade
    places = max(view.price_decimals, metrics.decimals([trade.price]))
    return f"{trade.size:f}@{figures.price(trade.price, places)} {trade.aggressor.value}"


def _reason(view: MarketView) -> str:
    """Why there are no figures, itself without any, and what comes next or may be tried."""
    reason = OF_THE_BOOK.sub(r"\1…", view.reason)
    retry = f"retry in {view.retry_seconds:.0f} s" if view.retry_seconds > 0 else ""
    return " · ".join(text for text in (reason, retry, view.hint) if text)
