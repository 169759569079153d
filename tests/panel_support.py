"""One panel alone on a screen, with obtui's own colours, and pictures of markets to give to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from unittest import mock

from textual.app import App, ComposeResult
from textual.pilot import Pilot

import obtui
from obtui import metrics, themes
from obtui.book import OrderBook
from obtui.charts.past import Sample
from obtui.market import BookSnapshot, BookState, Instrument
from obtui.view import MarketView
from obtui.widgets.lines import LineWidget
from screen_support import SettledPilot
from support.frames import WALL_NS

SECOND = 1_000_000_000
Pairs = Iterable[tuple[str, str]]


class PanelApp(App[None]):
    """Shows it as large as the terminal."""

    CSS_PATH = Path(obtui.__file__).parent / "obtui.tcss"

    def __init__(self, panel: LineWidget, theme: str = "obtui") -> None:
        super().__init__()
        self.panel = panel
        for known in themes.THEMES:
            self.register_theme(known)
        self.theme = theme

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return themes.DEFAULTS

    def compose(self) -> ComposeResult:
        yield self.panel


async def _at_once(_min_sleep: float = 0, _max_sleep: float = 0) -> None:
    await asyncio.sleep(0)


@asynccontextmanager
async def running(app: App[None], size: tuple[int, int]) -> AsyncIterator[Pilot[None]]:
    """Without a terminal, and without Textual's own waits for an idle process."""
    with mock.patch("textual.app.wait_for_idle", _at_once):
        async with app.run_test(size=size):
            pilot = SettledPilot(app)
            await pilot.pause()
            yield pilot


@asynccontextmanager
async def alone(
    panel: LineWidget, size: tuple[int, int], view: MarketView | None = None
) -> AsyncIterator[PanelApp]:
    """It is mounted and painted."""
    async with running(PanelApp(panel), size) as pilot:
        if view is not None:
            panel.show(view)
        app = pilot.app
        assert isinstance(app, PanelApp)
        yield app


async def painted(panel: LineWidget, size: tuple[int, int], view: MarketView) -> list[str]:
    """Its lines, without the blanks at their ends."""
    async with alone(panel, size, view):
        return texts(panel)


def texts(panel: LineWidget) -> list[str]:
    """Its lines as they are now; each has exactly its width."""
    strips = [panel.render_line(y) for y in range(panel.size.height)]
    assert all(strip.cell_length == panel.size.width for strip in strips)
    assert all(strip.text.isprintable() for strip in strips)
    return [strip.text.rstrip() for strip in strips]


def book_of(bids: Pairs, asks: Pairs) -> OrderBook:
    """A book of these levels."""
    book = OrderBook()
    sides = [[(Decimal(price), Decimal(size)) for price, size in side] for side in (bids, asks)]
    book.apply_snapshot(BookSnapshot(bids=sides[0], asks=sides[1]))
    return book


def view_of(of: OrderBook, state: BookState = BookState.VERIFIED, **told: object) -> MarketView:
    """A picture of it, with all its depth."""
    prices = [*of.bids.sizes, *of.asks.sizes]
    return MarketView(
        **{
            "venue": "gemini",
            "house": "gemini",
            "instrument": Instrument("BTCUSD", "BTC", "USD"),
            "state": state,
            "reason": "",
            "bids": of.bids.top(200),
            "asks": of.asks.top(200),
            "bid_levels": len(of.bids),
            "ask_levels": len(of.asks),
            "book": of,
            "price_decimals": metrics.decimals(prices),
            "received_ns": WALL_NS,
            "monotonic_ns": SECOND,
            **told,
        }  # type: ignore[arg-type]
    )


def past_of(touches: Sequence[tuple[float, float] | None]) -> tuple[Sample, ...]:
    """A best bid and ask for each second from the first on; None: not trusted."""
    samples = []
    for second, touch in enumerate(touches, 1):
        monotonic, wall = second * SECOND, WALL_NS + second * SECOND
        if touch is None:
            samples.append(Sample(monotonic, wall))
        else:
            samples.append(Sample(monotonic, wall, live=True, bid=touch[0], ask=touch[1]))
    return tuple(samples)
