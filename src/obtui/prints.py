"""Time and sales: the prints of trades that belong together, and which of them are large."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_FLOOR, Decimal
from itertools import groupby
from typing import NamedTuple

from obtui import metrics
from obtui.market import Aggressor
from obtui.tape import Print

ENOUGH = 5
"""Lines from which on it is told what is usual."""
LARGE = 10
"""A large line is at least so many times the median ..."""
RARE = 20
"""... and among the largest of so many: where most prints are tiny, ten times that is nothing."""


class PrintLine(NamedTuple):
    """Consecutive prints of one aggressor at one price."""

    received_ns: int
    """When the newest of them came; of history, its own time."""
    aggressor: Aggressor
    price: Decimal
    size: Decimal
    """Of all of them, in base currency."""
    times: int
    """How many they are, at least 1."""
    price_places: int
    """The fewest decimals that show the price exactly."""
    size_places: int
    """And the size."""


class Usual(NamedTuple):
    """What sizes are usual: in base currency, rounded down to two digits, to be told."""

    median: Decimal
    """At least half of the lines have this size."""
    large: Decimal
    """What is called large begins here."""


def lines(prints: Iterable[Print]) -> list[PrintLine]:
    """In the order given, which is newest first. History is no continuation of what we heard."""
    found = []
    for (aggressor, price, _), group in groupby(prints, _kind):
        first, *others = group
        size = sum([it.trade.size for it in others], first.trade.size)
        found.append(_line(first.received_ns, aggressor, price, size, 1 + len(others)))
    return found


def _line(
    received_ns: int, aggressor: Aggressor, price: Decimal, size: Decimal, times: int
) -> PrintLine:
    places = metrics.decimals([price]), metrics.decimals([size])
    return PrintLine(received_ns, aggressor, price, size, times, *places)


def continued(
    found: Sequence[PrintLine], before: Sequence[Print], prints: Sequence[Print]
) -> list[PrintLine]:
    """`lines(prints)`, where `found` are the lines of `before`. Mostly some prints are new and some
    old ones are gone: then only these are looked at."""
    fresh = next((at for at, it in enumerate(prints) if before and it is before[0]), len(prints))
    kept = len(prints) - fresh
    if not kept or prints[fresh:] != before[:kept]:
        return lines(prints)
    older = list(found)
    gone = len(before) - kept
    while gone > 0:
        gone -= older.pop().times
    if gone < 0:  # of the last line some are left
        older += lines(prints[gone:])
    newer = lines(prints[:fresh])
    if newer and _kind(prints[fresh - 1]) == _kind(prints[fresh]):
        last, first = newer.pop(), older.pop(0)
        size, times = last.size + first.size, last.times + first.times
        newer.append(_line(last.received_ns, last.aggressor, last.price, size, times))
    return newer + older


def usual(found: Sequence[PrintLine]) -> Usual | None:
    """Of these lines; None where they are too few to tell."""
    if len(found) < ENOUGH:
        return None
    # As floats they are in order several times sooner.
    sizes = sorted([line.size for line in found], key=float)
    median = sizes[len(sizes) // 2]
    rare = sizes[-max(1, len(sizes) // RARE)]
    return Usual(_short(median), _short(max(LARGE * median, rare)))


def at_least(found: Iterable[PrintLine], least: Decimal) -> list[PrintLine]:
    """The lines of this size and more; 0: all."""
    return [line for line in found if line.size >= least]


def _kind(entry: Print) -> tuple[Aggressor, Decimal, bool]:
    trade = entry.trade
    return trade.aggressor, trade.price, trade.history


def _short(size: Decimal) -> Decimal:
    if not size:
        return size
    return size.quantize(Decimal(1).scaleb(size.adjusted() - 1), ROUND_FLOOR).normalize()
