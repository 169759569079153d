"""The same ladder by several ways, and what each sends to the terminal: for `test_output`."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import groupby, pairwise
from pathlib import Path
from typing import NamedTuple

from rich.color import Color, ColorSystem
from rich.style import Style
from rich.table import Table
from rich.text import Text
from textual.app import App, ComposeResult
from textual.widgets import DataTable, Static

import obtui
from obtui.app import ObtuiApp
from obtui.layouts import Layout
from obtui.looks import Look
from obtui.recording.formats import feed_of
from obtui.recording.reader import open_recording
from obtui.session import Session
from obtui.shared import Market
from obtui.thin.seam import ASK_BYTES, Thin
from obtui.watched import Watched
from screen_support import FakeRecording, StillSource, shown
from support.captures import DATA

SIZE = (120, 50)
FPS = 20
CAPTURE = DATA / "binance" / "spot-btcusdt-2024-08-08.jsonl.gz"
Cell = tuple[str, str]
"""A character, and the SGR codes of its pen."""
Picture = list[list[Cell]]
"""Rows of cells."""


class Cost(NamedTuple):
    """Of one way."""

    size: float
    """Bytes a frame."""
    cpu_ms: float
    """Of this process, a frame; 0 where it is not comparable."""


def moments(seconds: float) -> Iterator[Market]:
    """The market of the capture, every 1/20 s of its own time, so many seconds long."""
    recording = open_recording([str(CAPTURE)], stdin=0)
    market = Market(Session(feed_of(recording.header), recording.header.instrument))
    due = end = None
    for located in recording.frames():
        now = located.frame.monotonic_ns
        if due is None and market.view(1, now).live:
            due, end = now, now + round(seconds * 1e9)
        while due is not None and now >= due:
            yield market
            due += 1_000_000_000 // FPS
        if end is not None and now >= end:
            return
        market.apply(located.frame)


class Counting(ObtuiApp):
    """The ladder alone; what Textual would send, and what is sent, are counted, and both timed."""

    CSS_PATH = str(Path(obtui.__file__).with_name("obtui.tcss"))
    thin = True
    counts = False
    sent = 0

    def begin(self) -> None:
        """Count from here on; at once after the first whole picture."""
        self._way = Thin(self._count, lambda: None, time.monotonic_ns)
        self._listens = self.thin
        self.counts = True
        self.refresh(layout=True)

    def _count(self, text: str) -> None:
        self.sent += len(text.encode()) + ASK_BYTES

    def _display(self, screen: object, renderable: object) -> None:
        if self.counts and renderable is not None:
            if self.thin:
                colours = self.console._color_system or ColorSystem.EIGHT_BIT
                size = self.size.width, self.size.height
                self._way.show(renderable, size, colours, (0, 0), sync=False)  # type: ignore[arg-type]
                self._way.acknowledged()
            else:
                self.sent += len(renderable.render_segments(self.console).encode())  # type: ignore[attr-defined]
        super()._display(screen, renderable)  # type: ignore[arg-type]

    def flush_lines(self) -> None:
        """The terminal replies at once."""
        super().flush_lines()
        self._way.acknowledged()

    def picture(self) -> Picture:
        """What the terminal is wanted to show."""
        canvas = self._way._canvas
        return [
            [(char, canvas._codes[ord(pen) - 2]) for char, pen in zip(*row, strict=True)]
            for row in canvas._wanted
        ]


async def of_obtui(seconds: float, *, thin: bool) -> tuple[Cost, list[Picture]]:
    """Our screen, and the pictures that it showed."""
    pictures: list[Picture] = []
    cpu = 0.0
    frames = 0
    steps = moments(seconds)
    market = next(steps)
    app = Counting(
        [Watched(market, StillSource())],
        FakeRecording(),
        Look(fps=1),
        clock=lambda: 0,
        driver_class=None,
    )
    app.thin = thin
    async with shown(app, SIZE) as pilot:
        app.market_screen.body.shown = Layout(())
        await pilot.pause()
        app.begin()
        app.refresh_now()
        await pilot.pause()
        app.sent = 0
        for _ in steps:
            before = time.process_time()
            app.refresh_now()
            await pilot.pause()
            cpu += time.process_time() - before
            frames += 1
            if thin:
                pictures.append(app.picture())
    return Cost(app.sent / frames, cpu / frames * 1000), pictures


EDGES = (0, 14, 28, 42, 56, SIZE[0])
"""Where the columns of the ladder begin, about: price, size, total, value, bar."""


def rows_of(picture: Picture) -> list[list[Text]]:
    """The ladder's lines, in columns, in their colours."""
    return [[_text(row[start:end]) for start, end in pairwise(EDGES)] for row in picture[2:-2]]


def _text(cells: Sequence[Cell]) -> Text:
    parts = [
        ("".join(char for char, _ in run), _style(codes))
        for codes, run in groupby(cells, key=lambda cell: cell[1])
    ]
    return Text.assemble(*parts)


@cache
def _style(codes: str) -> Style:
    parts = codes.split(";")
    colours: dict[str, Color | None] = {"38": None, "48": None}
    for at, part in enumerate(parts):
        if part in colours and parts[at + 1 : at + 2] == ["5"]:
            colours[part] = Color.from_ansi(int(parts[at + 2]))
    return Style(color=colours["38"], bgcolor=colours["48"], bold=parts[0] == "1" or None)


class Plain(App[None]):
    """A Textual app without anything of ours; what it sends is counted."""

    counts = False
    sent = 0

    def _display(self, screen: object, renderable: object) -> None:
        if self.counts and renderable is not None:
            self.sent += len(renderable.render_segments(self.console).encode())  # type: ignore[attr-defined]
        super()._display(screen, renderable)  # type: ignore[arg-type]

    def show(self, rows: list[list[Text]]) -> None:
        """Show these."""
        raise NotImplementedError


class TableApp(Plain):
    """The same ladder as a DataTable."""

    def compose(self) -> ComposeResult:
        """One table."""
        yield DataTable(show_cursor=False)

    def on_mount(self) -> None:
        """Empty rows."""
        table = self.query_one(DataTable)
        widths = [end - start for start, end in pairwise(EDGES)]
        self.columns = [table.add_column(str(at), width=width) for at, width in enumerate(widths)]
        self.rows = [table.add_row(*[""] * 5) for _ in range(SIZE[1] - 4)]
        self.known = [[Text()] * 5 for _ in self.rows]

    def show(self, rows: list[list[Text]]) -> None:
        """Only cells that changed are updated."""
        table = self.query_one(DataTable)
        for at, row in enumerate(rows[: len(self.rows)]):
            for column, text in enumerate(row):
                if self.known[at][column] != text:
                    self.known[at][column] = text
                    table.update_cell(self.rows[at], self.columns[column], text)


class StaticApp(Plain):
    """The same ladder as a Static with a rich Table."""

    def compose(self) -> ComposeResult:
        """One text."""
        yield Static()

    def show(self, rows: list[list[Text]]) -> None:
        """A new table."""
        table = Table.grid()
        for row in rows:
            table.add_row(*row)
        self.query_one(Static).update(table)


async def of_textual(kind: type[Plain], pictures: Sequence[Picture]) -> Cost:
    """A Textual app on the same pictures."""
    app = kind()
    cpu = 0.0
    async with app.run_test(size=SIZE) as pilot:
        app.show(rows_of(pictures[0]))
        await pilot.pause()
        app.counts = True
        for picture in pictures[1:]:
            before = time.process_time()
            app.show(rows_of(picture))
            await pilot.pause()
            cpu += time.process_time() - before
    frames = len(pictures) - 1
    return Cost(app.sent / frames, cpu / frames * 1000)


def of_floor(pictures: Sequence[Picture]) -> Cost:
    """A hand-written differ: changed cells alone, by row or by pen, whichever is shorter."""
    sent = 0
    began = time.process_time()
    for old, new in pairwise(pictures):
        runs = list(_runs(old, new))
        by_pen = sorted(runs, key=lambda run: (run[3], run[0], run[1]))
        sent += min(_size(runs), _size(by_pen))
    frames = len(pictures) - 1
    return Cost(sent / frames, (time.process_time() - began) / frames * 1000)


def _runs(old: Picture, new: Picture) -> Iterator[tuple[int, int, str, str]]:
    for row, (before, after) in enumerate(zip(old, new, strict=True)):
        column = 0
        while column < len(after):
            if before[column] == after[column]:
                column += 1
                continue
            start, pen = column, after[column][1]
            while (
                column < len(after) and after[column][1] == pen and before[column] != after[column]
            ):
                column += 1
            yield row, start, "".join(char for char, _ in after[start:column]), pen


def _size(runs: Sequence[tuple[int, int, str, str]]) -> int:
    """Bytes: a move where the cursor is elsewhere, a pen where it changes, the text."""
    size, at, pen = 0, (-1, -1), None
    for row, column, text, codes in runs:
        if at != (row, column):
            if row == at[0] and column > at[1]:
                size += len(f"\x1b[{column - at[1]}C")
            else:
                size += len(f"\x1b[{row + 1};{column + 1}H")
        if codes != pen:
            size += len(f"\x1b[0;{codes}m")
            pen = codes
        size += len(text.encode())
        at = (row, column + len(text))
    return size
