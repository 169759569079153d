"""Ladders to paint, as lines."""

from __future__ import annotations

import random
from decimal import Decimal

import msgspec

from obtui.ladder.rows import Form, LadderSettings
from obtui.market import Instrument
from obtui.view import MarketView
from obtui.widgets.ladder_panel import LadderPanel
from panel_support import book_of, view_of
from support.random_books import random_book

TICK = Instrument("BTCUSD", "BTC", "USD", tick=Decimal("0.01"))
SIZES = [(0, 0), (1, 1), (2, 3), (12, 5), (26, 4), (32, 12), (52, 20), (80, 21), (200, 70)]
FORMS = list(Form)


def panel_with(settings: LadderSettings) -> LadderPanel:
    panel = LadderPanel(id="ladder")
    panel.settings = settings
    return panel


def view_with(seed: int = 1, shape: str = "plain") -> MarketView:
    return view_of(random_book(random.Random(seed), shape, Decimal("0.01")), instrument=TICK)


def small(**told: object) -> MarketView:
    bids = [("99.98", "1.5"), ("99.97", "2"), ("99.90", "0.25"), ("99.5", "40")]
    asks = [("100.02", "3"), ("100.04", "0.5"), ("100.11", "8"), ("100.40", "1.125")]
    return msgspec.structs.replace(view_of(book_of(bids, asks), instrument=TICK), **told)


def painted_at(panel: LadderPanel, size: tuple[int, int]) -> list[str]:
    """Its lines in another size than it has."""
    lines = panel.paint(*size)
    return ["".join(segment.text for segment in line) for line in lines]
