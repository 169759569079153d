"""A screen that is fed by hand: a market with a told clock, and what stands on each line."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from unittest import mock

from rich.style import Style
from textual.geometry import Region
from textual.pilot import Pilot

from obtui.alerts import Alert
from obtui.app import ObtuiApp
from obtui.feeds.base import Feed
from obtui.feeds.gemini import GeminiFeed
from obtui.looks import Look
from obtui.session import Session
from obtui.shared import Market
from obtui.watched import Watched
from obtui.widgets.bars import StatusLine, TopBar
from obtui.widgets.ladder_panel import LadderPanel
from obtui.widgets.lines import LineWidget
from obtui.widgets.stats_panel import StatsPanel
from obtui.widgets.trades_panel import TradesPanel
from support import frames, wire

SIZES = [(60, 16), (80, 24), (120, 40), (200, 60), (250, 80)]
"""The terminals that the screen must stay usable in, smallest to largest, with common ones."""

EXTREMES = [SIZES[0], SIZES[-1]]

ROW = re.compile(r"([+-]) +(\d[\d.]*) +(<?\d[\d.]*)[▴▾×]?(?: +(<?\d[\d.]*))?")
"""A line of the ladder: sign, price, size and cumulative size."""


class StillSource:
    """A source from which nothing comes by itself."""

    def __init__(self) -> None:
        self.unlisted = False
        self.running = threading.Event()
        self.stopped = threading.Event()

    def run(self, is_cancelled: Callable[[], bool]) -> None:
        self.running.set()
        self.stopped.wait(30)

    def stop(self) -> None:
        self.stopped.set()


@dataclass
class FakeRecording:
    """A recording that only remembers."""

    active: bool = False
    failed: bool = False
    text: str = "not recording"
    fault: str = ""
    toggles: list[bool] = field(default_factory=list)
    saved: list[str] = field(default_factory=list)
    saves: str = ""
    """What each stop adds to `saved`, if anything."""

    def words(self) -> str:
        return self.text

    def toggle(self) -> str:
        if (self.active or self.failed) and self.saves:
            self.saved.append(self.saves)
        if not self.fault:
            self.active = not self.active
        self.toggles.append(self.active)
        return self.fault


class FedMarket:
    """A market that is told everything, and what time it is."""

    def __init__(self, feed: Feed | None = None) -> None:
        feed = feed or GeminiFeed("BTCUSD")
        self.market = Market(Session(feed))
        self._symbol = feed.symbol.lower()
        self.seconds = 1.0
        self._last = 1000

    def clock(self) -> int:
        return frames.at(self.seconds)

    def pass_time(self, seconds: float) -> None:
        self.seconds += seconds
        self.market.tick(frames.wall(self.seconds), self.clock())

    def connect(self) -> None:
        self.market.apply(frames.connect(self.seconds))

    def text(self, data: bytes) -> None:
        self.market.apply(frames.text(data, self.seconds))

    def book(self, bids: wire.Pairs = (), asks: wire.Pairs = ()) -> None:
        self.connect()
        self.text(wire.depth(self._last, bids, asks, symbol=self._symbol))

    def change(self, bids: wire.Pairs = (), asks: wire.Pairs = ()) -> None:
        self._last += 1
        after = self._last - 1
        self.text(wire.depth(self._last, bids, asks, after=after, symbol=self._symbol))

    def gap(self) -> None:
        self._last += 5
        after = self._last - 1
        self.text(wire.depth(self._last, [("1", "1")], after=after, symbol=self._symbol))

    def disconnect(self, reason: str, retry: float = 7.0) -> None:
        self.market.apply(frames.disconnect(self.seconds, reason, retry))

    def app(
        self,
        recording: FakeRecording | None = None,
        source: StillSource | None = None,
        *,
        fps: float = 60.0,
        theme: str = "obtui",
        layout: str = "",
        alerts: tuple[Alert, ...] = (),
    ) -> ObtuiApp:
        return ObtuiApp(
            [Watched(self.market, source or StillSource())],
            recording or FakeRecording(),
            Look(fps=fps, theme=theme, layout=layout, alerts=alerts),
            clock=self.clock,
            driver_class=None,
        )


def plain_book(levels: int) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Bids and asks around 100.5, best first, no two sizes alike."""
    bids = [(f"{100 - n / 100:.2f}", f"{1 + n / 1000:.3f}") for n in range(levels)]
    asks = [(f"{101 + n / 100:.2f}", f"{2 + n / 1000:.3f}") for n in range(levels)]
    return bids, asks


class SettledPilot(Pilot[None]):
    """A pilot that goes on when what it did is done and painted.

    Textual's own looks every 20 ms whether the process does little: on a busy machine that is never
    so, and on any it may be so while something is still to be done.
    """

    async def pause(self, delay: float | None = None) -> None:
        await self._wait_for_screen()
        if delay is not None:
            await asyncio.sleep(delay)
            return
        # What is asked for in one refresh is done after the next.
        for _ in range(2):
            await self._refreshed()
            await self._wait_for_screen()

    async def _refreshed(self) -> None:
        """After the next refresh, or the app's end."""
        assert self.app._task is not None
        refreshed = asyncio.create_task(self.app.wait_for_refresh())
        await asyncio.wait((refreshed, self.app._task), return_when=asyncio.FIRST_COMPLETED)
        refreshed.cancel()

    async def press(self, *keys: str) -> None:
        for key in keys:
            await super().press(key)
            await self.pause()


async def _at_once(_min_sleep: float = 0, _max_sleep: float = 0) -> None:
    await asyncio.sleep(0)


@asynccontextmanager
async def shown(
    app: ObtuiApp, size: tuple[int, int] = (80, 24), *, toasts: bool = False
) -> AsyncIterator[Pilot[None]]:
    """The app running without a terminal, its first whole frame painted."""
    with mock.patch("textual.app.wait_for_idle", _at_once):
        async with app.run_test(size=size, notifications=toasts):
            pilot = SettledPilot(app)
            await pilot.pause()
            yield pilot


async def each_size(
    pilot: Pilot[None], sizes: Sequence[tuple[int, int]] = SIZES
) -> AsyncIterator[tuple[int, int]]:
    """Give the running app each size in turn, settled."""
    app = pilot.app
    assert isinstance(app, ObtuiApp)
    panel = app.screen_stack[0].query_one(LadderPanel)
    for size in sizes:
        await pilot.resize_terminal(*size)
        while panel.size.height not in {size[1] - 3, size[1] - 4}:
            await pilot.pause(0.002)
        app.refresh_now()
        await pilot.pause()
        yield size


async def until(
    pilot: Pilot[None], condition: Callable[[], bool], what: str, seconds: float = 10.0
) -> None:
    """Let the app live until `condition` holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        await pilot.pause(0.005)


def lines(app: ObtuiApp, kind: type[LineWidget]) -> list[str]:
    """The text of a widget's lines, as the terminal is given them."""
    widget = app.screen_stack[0].query_one(kind)
    return [widget.render_line(y).text for y in range(widget.size.height)]


def rows(texts: Sequence[str]) -> list[tuple[str, str, str, str | None]]:
    """Sign, price, size and cumulative size of each ladder line that is a level."""
    found = [ROW.match(text) for text in texts]
    return [(m[1], m[2], m[3], m[4]) for m in found if m is not None]


def as_shown(value: Decimal, places: int) -> str:
    """A size at most `places` places long, without padding."""
    text = str(value.quantize(Decimal(1).scaleb(-places)))
    return text.rstrip("0").rstrip(".") if "." in text else text


EVERY: tuple[type[LineWidget], ...] = (TopBar, LadderPanel, StatsPanel, TradesPanel, StatusLine)
"""Every widget of the screen that paints lines."""


def assert_whole(app: ObtuiApp) -> None:
    """Every line has its widget's width, and nothing that a terminal would obey."""
    for kind in EVERY:
        widget = app.query_one(kind)
        for y in range(widget.size.height):
            strip = widget.render_line(y)
            assert strip.cell_length == widget.size.width, (kind, y)
            assert strip.text.isprintable(), (kind, y)


def assert_placed(app: ObtuiApp) -> None:
    """Each panel has its box, none overlaps another, and every line has its panel's width."""
    body = app.market_screen.body
    taken = []
    for panel in body.placed:
        box = body.boxes[str(panel.id)]
        region = panel.region.translate(-body.region.offset)
        assert region == Region(*box), panel
        taken.append(region)
        for y in range(region.height):
            strip = panel.render_line(y)
            assert strip.cell_length == region.width, (panel, y)
            assert strip.text.isprintable(), (panel, y)
    assert sum(region.area for region in taken) == body.size.area
    assert not any(one.overlaps(other) for at, one in enumerate(taken) for other in taken[at + 1 :])


def styles(app_widget: LineWidget, y: int) -> set[Style]:
    return {
        segment.style
        for segment in app_widget.render_line(y)
        if segment.style is not None and any(char.isalnum() for char in segment.text)
    }


def verified(fed: FedMarket) -> None:
    fed.book(*plain_book(20))


def syncing(fed: FedMarket) -> None:
    fed.connect()


def stale(fed: FedMarket) -> None:
    fed.book(*plain_book(20))
    fed.pass_time(31)


def crossed(fed: FedMarket) -> None:
    fed.book(*plain_book(20))
    fed.change(bids=[("101.00", "5")])


def offline(fed: FedMarket) -> None:
    fed.disconnect("connection refused", retry=4.0)
