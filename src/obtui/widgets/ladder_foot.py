"""What is said under a ladder of the price under its cursor."""

from __future__ import annotations

from decimal import Decimal

from obtui import figures, metrics
from obtui.ladder.readout import Readout
from obtui.market import Instrument, Side
from obtui.widgets.ladder_lines import SIGNS

WIDE = 140
"""Cells in which one line is enough."""
SHORT = 50
"""Cells below which words are left out."""
BETWEEN = " · "
MUCH = 10_000
"""Of the quote currency, from which on it has no decimals."""


def lines_for(width: int) -> int:
    """How many lines it takes, whatever is to be said."""
    return 1 if width >= WIDE else 2


def foot(
    read: Readout, instrument: Instrument, places: int, width: int, since_ns: int = 0
) -> list[str]:
    """Where the price is, and what a sweep to it takes; what has no room is left out whole.

    `places` are the decimals of a price; `since_ns` is from when on trades are counted, 0: the
    start.
    """
    short = width < SHORT
    where = _where(read, places, short=short)
    what = [*_sweep(read, instrument, places, short=short), *_traded(read, since_ns)]
    if lines_for(width) == 1:
        return [_joined([*where, *what], width, BETWEEN)]
    return [_joined(where, width, " " if short else BETWEEN), _joined(what, width, BETWEEN)]


def _where(read: Readout, places: int, *, short: bool) -> list[str]:
    sign = SIGNS[read.side] if read.side else " "
    where = [f"{sign} {figures.price(read.price, places)}"]
    if read.ticks is None or read.bps is None:
        return where
    # Half a tick is where the mid is between two.
    ticks = f"{read.ticks:+,.1f}".removesuffix(".0")
    bps = figures.bps(read.bps, form="+")
    if short:
        return [*where, f"{ticks}t", f"{bps}bp"]
    return [*where, f"{ticks} ticks", f"{bps} bps from mid"]


def _sweep(read: Readout, instrument: Instrument, places: int, *, short: bool) -> list[str]:
    if read.side is None:
        said = ["in the spread" if short else "in the spread: nothing to take"]
    else:
        more = "≥" if read.partial else ""
        size = _exact(read.size, 3 if short else 8, more)
        said = [f"{size} {instrument.base}".rstrip() + ("" if short else " to here")]
        if read.average is not None:
            # What is not known lies beyond: it makes a sale cheaper, and a purchase dearer.
            bound = ("≤" if read.side is Side.BID else "≥") if read.partial else ""
            average = figures.price(read.average, places if short else places + 2, bound)
            said.append(f"{'avg' if short else 'average'} {average}")
        much = read.notional >= MUCH
        worth = figures.worth(read.notional, 0, more) if much else _exact(read.notional, 8, more)
        said.append(f"{worth} {instrument.quote}".rstrip())
    return said


def _traded(read: Readout, since_ns: int) -> list[str]:
    """What traded at the price, and from when on it is counted where that is not the start."""
    if not read.volume.total:
        return []
    bought, sold, neither = read.volume
    more = "" if read.exact else "≥"
    rest = f", in auctions {_exact(neither, 8, more)}" if neither else ""
    since = f" {figures.since(since_ns, 'start')}" if since_ns else ""
    return [f"bought {_exact(bought, 8, more)}, sold {_exact(sold, 8, more)}{rest}{since}"]


def _exact(value: Decimal, most: int, bound: str = "") -> str:
    """With as many decimals as it has, but at most so many."""
    return figures.amount(value, min(most, metrics.decimals([value])), bound)


def _joined(parts: list[str], width: int, between: str) -> str:
    """As many of them as there is room for, in their order."""
    text = figures.fit(f" {parts[0]}", width)
    for part in parts[1:]:
        if len(text) + len(between) + len(part) > width:
            break
        text += between + part
    return text
