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


def lines_for(width: int) -> int:
    """How many lines it takes, whatever is to be said."""
    return 1 if width >= WIDE else 2


def foot(read: Readout, instrument: Instrument, places: int, width: int) -> list[str]:
    """Where the price is, and what a sweep to it takes; what has no room is left out whole.

    `places` are the decimals of a price.
    """
    short = width < SHORT
    where = _where(read, places, short=short)
    what = _sweep(read, instrument, places, short=short)
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
    if short:
        return [*where, f"{ticks}t", f"{read.bps:+.2f}bp"]
    return [*where, f"{ticks} ticks", f"{read.bps:+.2f} bps from mid"]


def _sweep(read: Readout, instrument: Instrument, places: int, *, short: bool) -> list[str]:
    if read.side is None:
        said = ["in the spread" if short else "in the spread: nothing to take"]
    else:
        more = "≥" if read.partial else ""
        size = _exact(read.size, 3 if short else 8)
        said = [f"{more}{size} {instrument.base}".rstrip() + ("" if short else " to here")]
        if read.average is not None:
            # What is not known lies beyond: it makes a sale cheaper, and a purchase dearer.
            bound = ("≤" if read.side is Side.BID else "≥") if read.partial else ""
            average = figures.price(read.average, places if short else places + 2)
            said.append(f"{'avg' if short else 'average'} {bound}{average}")
        worth = f"{read.notional:,.0f}" if read.notional >= 10_000 else _exact(read.notional, 8)
        said.append(f"{more}{worth} {instrument.quote}".rstrip())
    bought, sold, neither = read.volume
    if read.volume.total:
        more = "" if read.exact else "≥"
        rest = f", in auctions {more}{_exact(neither, 8)}" if neither else ""
        said.append(f"bought {more}{_exact(bought, 8)}, sold {more}{_exact(sold, 8)}{rest}")
    return said


def _exact(value: Decimal, most: int) -> str:
    """With as many decimals as it has, but at most so many."""
    return figures.amount(value, min(most, metrics.decimals([value])))


def _joined(parts: list[str], width: int, between: str) -> str:
    """As many of them as there is room for, in their order."""
    text = figures.fit(f" {parts[0]}", width)
    for part in parts[1:]:
        if len(text) + len(between) + len(part) > width:
            break
        text += between + part
    return text
