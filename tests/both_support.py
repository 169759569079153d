"""An app whose screen is written twice: by Textual, and by the canvas. An emulator holds each."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from pathlib import Path

import pyte
from rich.color import ColorSystem
from rich.segment import Segment
from textual._compositor import CompositorUpdate
from textual.screen import Screen
from textual.widget import Widget

import obtui
from obtui.app import ObtuiApp
from obtui.thin.seam import Thin

SETTLED = 30
"""Refreshes after which nothing is due any more."""


class Emulator:
    """A terminal of some size, and how much it was sent."""

    def __init__(self, width: int, height: int) -> None:
        self.screen = pyte.Screen(width, height)
        self._stream = pyte.Stream(self.screen)
        self.sent = 0

    def feed(self, text: str) -> None:
        self.sent += len(text.encode())
        self._stream.feed(text)

    def resize(self, width: int, height: int) -> None:
        self.screen.resize(height, width)

    def cells(self) -> list[list[pyte.screens.Char]]:
        rows = range(self.screen.lines)
        return [[self.screen.buffer[y][x] for x in range(self.screen.columns)] for y in rows]


class BothApp(ObtuiApp):
    """Everything that Textual would write goes to `textual`, and through the canvas to `thin`; what
    takes the shorter way goes to `thin` alone, until it is checked."""

    CSS_PATH = str(Path(obtui.__file__).with_name("obtui.tcss"))
    TOOLTIP_DELAY = 0.0
    _records = False
    short = 0
    """Lines that took the shorter way."""

    def record(self, chance: random.Random | None = None, *, short: bool = True) -> None:
        """From now on; with `chance`, replies come when they like, and budgets are small. Not
        `short`: all goes through the compositor."""
        width, height = self.size
        self.textual, self.thin = Emulator(width, height), Emulator(width, height)
        self._now = 0
        self._chance = chance
        self._way = Thin(self.thin.feed, lambda: None, lambda: self._now)
        self._records, self._listens = True, short
        self.refresh(layout=True)

    def _display(self, screen: Screen[object], renderable: object) -> None:
        if self._records and isinstance(renderable, CompositorUpdate):
            self._both(renderable)
        super()._display(screen, renderable)

    def _both(self, update: CompositorUpdate) -> None:
        width, height = self.size
        for emulator in (self.textual, self.thin):
            if (emulator.screen.columns, emulator.screen.lines) != (width, height):
                emulator.resize(width, height)
        self.textual.feed(update.render_segments(self.console).replace("\n", "\r\n"))
        self._now += 30_000_000
        colours = self.console._color_system or ColorSystem.TRUECOLOR
        assert self._way.show(update, (width, height), colours, (0, 0), sync=False)
        self._reply_or_not()

    def show_lines(self, widget: Widget, lines: Mapping[int, list[Segment]]) -> bool:
        shown = self._records and super().show_lines(widget, lines)
        self.short += len(lines) * shown
        return shown

    def flush_lines(self) -> None:
        if self._records:
            self._now += 30_000_000
            super().flush_lines()
            self._reply_or_not()

    def _reply_or_not(self) -> None:
        if self._chance is None or self._chance.random() < 0.6:
            self.reply()

    def reply(self) -> None:
        """The terminal says that it has shown what it was sent."""
        self._now += 10_000_000
        self._way.acknowledged()

    def catch_up(self, most: int = 1_000) -> None:
        """Until nothing is due."""
        while self._way.traffic.waits and most:
            self.reply()
            most -= 1
        assert not self._way.traffic.waits

    async def check(self) -> None:
        """Both show the same in each cell, as soon as Textual has shown all that it has to."""
        found = self._difference()
        for _ in range(SETTLED):
            if not found:
                return
            await self.wait_for_refresh()
            await asyncio.sleep(0)
            found = self._difference()
        assert not found, found

    def _difference(self) -> tuple[object, ...]:
        self.catch_up()
        if self.short:
            stack = self._background_screens
            whole: object = self.screen._compositor.render_update(full=True, screen_stack=stack)
            assert isinstance(whole, CompositorUpdate)
            self.textual.feed(whole.render_segments(self.console).replace("\n", "\r\n"))
        both = zip(self.thin.cells(), self.textual.cells(), strict=True)
        for y, (ours, theirs) in enumerate(both):
            for x, (our, their) in enumerate(zip(ours, theirs, strict=True)):
                if our != their:
                    return x, y, our, their
        return ()
