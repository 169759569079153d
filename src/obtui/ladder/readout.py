"""What is told of the level under a ladder's cursor."""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import NamedTuple

from obtui.book import BookSide
from obtui.ladder import grouping
from obtui.ladder.rows import Row
from obtui.market import Side
from obtui.metrics import EXACT
from obtui.traded import TradedVolume, Volume


class Cursor(NamedTuple):
    """A price that was pointed at; it stays there while the market moves."""

    price: Decimal
    side: Side
    """Which was meant, where both sides are at that price."""


class Readout(NamedTuple):
    """A price and the way to it from the mid."""

    price: Decimal
    side: Side | None
    """Whose level or group it is, or would be; None between the best prices."""
    ticks: Decimal | None
    """From the mid, below 0 under it; None where a side is empty."""
    bps: float | None
    """The same, in basis points of the mid."""
    size: Decimal
    """From the best level to here, in base currency."""
    notional: Decimal
    """Its price times size, in quote currency."""
    average: Decimal | None
    """The price of sweeping to here; None where nothing is to be swept."""
    partial: bool
    """Whether there may be more to sweep than is known."""
    volume: Volume
    """What traded here since the start."""
    exact: bool
    """Whether that is all of it."""


def side_at(bids: BookSide, asks: BookSide, cursor: Cursor) -> Side | None:
    """The side that a price is on as the market stands; None between the best prices."""
    bid, ask = bids.best(), asks.best()
    sides = []
    if bid is not None and cursor.price <= bid.price:
        sides.append(Side.BID)
    if ask is not None and cursor.price >= ask.price:
        sides.append(Side.ASK)
    if not sides:
        return None
    return cursor.side if cursor.side in sides else sides[0]


def snapped(price: Decimal, side: Side, step: Decimal | None) -> Decimal:
    """The price of the row that a price is shown in."""
    return price if step is None else grouping.group_of(side, price, step)


def read(
    bids: BookSide,
    asks: BookSide,
    cursor: Cursor,
    *,
    tick: Decimal,
    step: Decimal | None = None,
    row: Row | None = None,
    limited: bool = False,
    traded: TradedVolume | None = None,
) -> Readout:
    """What a sweep to the cursor's row takes, and where that is.

    `row` is that row where it is shown, which spares summing again; `limited` is the side's.
    """
    side = side_at(bids, asks, cursor)
    price = cursor.price if side is None else snapped(cursor.price, side, step)
    ticks = bps = None
    bid, ask = bids.best(), asks.best()
    if bid is not None and ask is not None:
        with localcontext(EXACT):
            mid = (bid.price + ask.price) / 2
            ticks, bps = (price - mid) / tick, float((price - mid) / mid * 10_000)
    size = notional = Decimal()
    partial = False
    if side is not None:
        if row is None:
            book = bids if side is Side.BID else asks
            _, size, notional, partial = grouping.total_to(book, price, limited=limited)
        else:
            size, notional, partial = row.cumulative, row.cumulative_notional, row.partial
    volume, exact = Volume(), True
    if traded is not None:
        volume, exact = traded.between(*grouping.range_of(side or cursor.side, price, step))
    average = notional / size if size else None
    return Readout(price, side, ticks, bps, size, notional, average, partial, volume, exact)
