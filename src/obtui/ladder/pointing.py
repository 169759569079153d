"""Where a ladder's cursor goes: from what is shown to a price."""

from __future__ import annotations

from obtui.ladder.picture import Line, Picture
from obtui.ladder.readout import Cursor
from obtui.market import Side


def at(picture: Picture, line: int, side: Side) -> Cursor | None:
    """A cursor on a line, on `side` if it shows anything of that; None where it has no price."""
    if not 0 <= line < len(picture.lines):
        return None
    it = picture.lines[line]
    if it.row(side) is None and it.row(other(side)) is not None:
        side = other(side)
    price = it.price_of(side)
    return None if price is None else Cursor(price, side)


def moved(picture: Picture, cursor: Cursor | None, rows: int) -> Cursor | None:
    """So many rows down (> 0) or up, in lines that go from the highest price to the lowest.

    Where there is no cursor it is put on the best bid, or on the best ask if it moves up; None
    where nothing is shown.
    """
    places = [n for n, line in enumerate(picture.lines) if _side(line, cursor) is not None]
    if not places or not rows:
        return None
    if cursor is None:
        bids = [place for place in places if _holds(picture, place, Side.BID)]
        asks = [place for place in places if _holds(picture, place, Side.ASK)]
        best = (bids[:1] or asks[-1:]) if rows > 0 else (asks[-1:] or bids[:1])
        target = places.index(best[0]) if best else 0
    elif picture.cursor in places:
        target = places.index(picture.cursor) + rows
    else:
        # Its price is not shown: it is between those that are.
        above = sum(_above(picture.lines[place], cursor) for place in places)
        target = above + rows - (rows > 0)
    place = places[max(0, min(target, len(places) - 1))]
    return at(picture, place, _side(picture.lines[place], cursor) or Side.BID)


def moved_beside(picture: Picture, cursor: Cursor | None, rows: int) -> Cursor | None:
    """So many rows down (> 0) or up its side, the best on top; up from there is to the other."""
    if cursor is None:
        return at(picture, 0, Side.BID)
    side = cursor.side
    prices = [row.price for line in picture.lines if (row := line.row(side)) is not None]
    now = picture.cursor
    if now is None:
        bid = side is Side.BID
        better = sum(price > cursor.price if bid else price < cursor.price for price in prices)
        now = better - (rows > 0)
    target = now + rows
    if target < 0:
        return at(picture, 0, other(side))
    return at(picture, max(0, min(target, len(prices) - 1)), side)


def other(side: Side) -> Side:
    """The one against it."""
    return Side.ASK if side is Side.BID else Side.BID


def _side(line: Line, cursor: Cursor | None) -> Side | None:
    """Of which side a line is for the cursor; None where it has no price."""
    if line.bid is not None:
        return Side.BID
    if line.ask is not None:
        return Side.ASK
    if line.price is None:
        return None
    return Side.BID if cursor is None else cursor.side


def _holds(picture: Picture, place: int, side: Side) -> bool:
    row = picture.lines[place].row(side)
    return row is not None and row.size > 0


def _above(line: Line, cursor: Cursor) -> bool:
    side = _side(line, cursor)
    price = None if side is None else line.price_of(side)
    return price is not None and price > cursor.price
