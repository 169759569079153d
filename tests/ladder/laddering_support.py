"""A ladder over a plain market: where its cursor is, and what is marked."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from obtui.ladder.laddering import Ladder
from obtui.ladder.rows import Form, LadderSettings
from obtui.market import Instrument, Side
from obtui.view import MarketView
from panel_support import book_of, view_of

PLAIN = [(str(100 - n), "1") for n in range(30)], [(str(101 + n), "2") for n in range(30)]
TICK = Instrument("BTCUSD", "BTC", "USD", tick=Decimal(1))


def plain(**told: object) -> MarketView:
    return msgspec.structs.replace(view_of(book_of(*PLAIN), instrument=TICK), **told)


def ladder_in(form: Form, view: MarketView | None = None, height: int = 11) -> Ladder:
    made = Ladder()
    made.settings = LadderSettings(form)
    made.picture(view or plain(), height)
    return made


def pointed(ladder: Ladder) -> tuple[int, Side]:
    assert ladder.cursor is not None
    return int(ladder.cursor.price), ladder.cursor.side


def walked(ladder: Ladder, steps: Sequence[int], view: MarketView | None = None) -> list[int]:
    """The cursor's price after each move."""
    prices = []
    for step in steps:
        ladder.move(step)
        ladder.picture(view or plain(), 11)
        prices.append(pointed(ladder)[0])
    return prices


def marks(ladder: Ladder) -> dict[str, str]:
    found = {}
    for line in ladder.shown.lines:
        for side in Side:
            price = line.price_of(side)
            mark = None if price is None else ladder.mark(side, price)
            if mark is not None:
                what = "grew" if mark.grew else "traded" if mark.traded else "pulled"
                found[f"{side.value} {price}"] = what
    return found
