"""Books and pictures for charts, and a screen that holds one chart and nothing else."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import TypeVar
from unittest import mock

from rich.style import Style
from textual.app import App, ComposeResult

import obtui
from obtui import themes
from obtui.book import OrderBook
from obtui.charts.past import LEVELS, Sample
from obtui.market import Aggressor, BookSnapshot, BookState, Instrument, Trade
from obtui.tape import Print
from obtui.view import MarketView
from obtui.widgets.panel import Panel
from screen_support import SettledPilot, _at_once
from support import captures
from support.books import Levels, set_level
from support.frames import at, wall

KINDS = ("usual", "empty", "bids only", "asks only", "locked", "deep", "one level each")
"""Books that a chart must draw."""
AGGRESSORS = tuple(Aggressor)
P = TypeVar("P", bound=Panel)


def book_of(bids: dict[Decimal, Decimal], asks: dict[Decimal, Decimal]) -> OrderBook:
    book = OrderBook()
    book.apply_snapshot(BookSnapshot(list(bids.items()), list(asks.items())))
    return book


def random_book(
    chance: random.Random, kind: str = "usual", tick: str = "0.01", around: int = 100_000
) -> OrderBook:
    """A book of a kind; its middle is about `around` ticks."""
    count = {"deep": 4000, "one level each": 1, "empty": 0}.get(kind, chance.randrange(2, 400))
    away = chance.choice([1, 3, 40])
    middle = around + chance.randrange(-20, 20)
    sides: list[dict[Decimal, Decimal]] = []
    for sign in (-1, 1):
        ticks = middle + sign * chance.randrange(1, 30)
        side = {}
        for _ in range(count):
            if ticks > 0:
                size = Decimal(chance.randrange(1, 10 ** chance.randrange(1, 10))).scaleb(-6)
                side[ticks * Decimal(tick)] = size
            ticks += sign * chance.randrange(1, away + 1)
        sides.append(side)
    bids, asks = sides
    if kind == "locked":
        asks[max(bids)] = Decimal("0.25")
    if kind == "bids only":
        asks = {}
    if kind == "asks only":
        bids = {}
    return book_of(bids, asks)


def real_book() -> OrderBook:
    """The last of a real capture; skips the test where it is not there."""
    sides: Levels = ({}, {})
    for frame in map(json.loads, captures.incoming("current-btcusd-31s")):
        if frame.get("e") == "depthUpdate":
            for side, key in zip(sides, "ba", strict=True):
                for price, size in frame[key]:
                    set_level(side, price, size)
    return book_of(*sides)


def prints_of(trades: Sequence[tuple[str, str, Aggressor]]) -> tuple[Print, ...]:
    """As a tape tells them: newest first; `trades` are oldest first."""
    return tuple(
        [Print(Trade(Decimal(price), Decimal(size), who), 0) for price, size, who in trades[::-1]]
    )


def looked(
    book: OrderBook | None,
    seconds: float = 0.0,
    *,
    live: bool = True,
    prints: Sequence[Print] = (),
    trades: int = 0,
    tick: str | None = "0.01",
    past: tuple[Sample, ...] = (),
    limited: bool = False,
    version: int = 0,
) -> MarketView:
    """A picture of a market with that book."""
    return MarketView(
        venue="gemini",
        instrument=Instrument("BTCUSD", tick=Decimal(tick) if tick else None),
        state=BookState.VERIFIED if live else BookState.SYNCING,
        book=book,
        bids=book.bids.top(LEVELS) if book is not None else (),
        asks=book.asks.top(LEVELS) if book is not None else (),
        bid_levels=len(book.bids) if book is not None else 0,
        ask_levels=len(book.asks) if book is not None else 0,
        received_ns=wall(seconds),
        monotonic_ns=at(seconds),
        prints=tuple(prints),
        trades=trades,
        price_decimals=2,
        past=past,
        limited=limited,
        version=version,
    )


class ChartApp(App[None]):
    """One panel that fills the screen."""

    CSS_PATH = str(Path(obtui.__file__).with_name("obtui.tcss"))

    def __init__(self, panel: Panel, theme: str = "obtui") -> None:
        self.panel = panel
        super().__init__()
        for it in themes.THEMES:
            self.register_theme(it)
        self.theme = theme

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return themes.DEFAULTS

    def compose(self) -> ComposeResult:
        yield self.panel


@asynccontextmanager
async def charted(panel: Panel, size: tuple[int, int]) -> AsyncIterator[SettledPilot]:
    """The panel on a screen of that size."""
    app = ChartApp(panel)
    with mock.patch("textual.app.wait_for_idle", _at_once):
        async with app.run_test(size=size):
            pilot = SettledPilot(app)
            await pilot.pause()
            yield pilot


def texts(panel: Panel) -> list[str]:
    """What stands on each line of a panel that is on screen."""
    return [panel.render_line(y).text for y in range(panel.size.height)]


def unmounted(panel: P) -> P:
    """The panel, to be painted without a screen."""
    panel.part = lambda name: Style(meta={"part": name})  # type: ignore[method-assign]
    return panel


def painted(panel: Panel, width: int, height: int) -> list[str]:
    """The lines of an unmounted panel; every segment has a style."""
    lines = panel.paint(width, height)
    assert all(segment.style is not None for line in lines for segment in line)
    return ["".join(segment.text for segment in line) for line in lines]
