"""The Textual app: it takes views of a market at its own frame rate, and carries keys.

It waits for nothing: the feed and the recorder have threads of their own, and a frame is left out
while the terminal has not taken the last one.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import ClassVar

from textual.app import App, ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.css.query import NoMatches
from textual.screen import Screen
from textual.widgets import Footer
from textual.worker import get_current_worker

from obtui import ladder, themes
from obtui.config import UsageError
from obtui.seams import Marked, Recording, Source
from obtui.shared import Market
from obtui.terminal import TerminalDriver
from obtui.text import printable
from obtui.view import MarketView
from obtui.widgets.bars import StatusLine, TopBar
from obtui.widgets.help_screen import HelpScreen
from obtui.widgets.ladder_panel import LadderPanel
from obtui.widgets.lines import LineWidget
from obtui.widgets.note_screen import NoteScreen
from obtui.widgets.stats_panel import StatsPanel
from obtui.widgets.trades_panel import TradesPanel

FROZEN_DEPTH = 200
"""Levels a side that a frozen view keeps."""
IDLE_NS = 500_000_000
"""How often ages and rates are painted while no message comes."""


class ObtuiApp(App[None]):
    """One market on screen."""

    TITLE = "obtui"
    CSS_PATH = "obtui.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (92, "-wide"), (160, "-vast")]  # noqa: RUF012 - Textual's form
    VERTICAL_BREAKPOINTS = [(0, "-low"), (28, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", "Quit", tooltip="A recording is closed whole"),
        Binding("ctrl+c", "quit", show=False, priority=True),
        Binding("space", "freeze", "Freeze", tooltip="Feed and recording go on"),
        Binding("r", "record", "Record", tooltip="Start or stop recording book lines"),
        Binding("m", "mark", "Mark", show=False, tooltip="Mark this moment in the capture"),
        Binding("question_mark", "help", "Help", key_display="?"),
        Binding("ctrl+z", "suspend", show=False, priority=True),
    ]

    def __init__(
        self,
        market: Market,
        source: Source,
        recording: Recording,
        *,
        fps: float = 20.0,
        theme: str = "obtui",
        clock: Callable[[], int] = time.monotonic_ns,
        wall_clock: Callable[[], int] = time.time_ns,
        driver_class: type[TerminalDriver] | None = TerminalDriver,
    ) -> None:
        super().__init__(driver_class=driver_class)
        for known in themes.THEMES:
            self.register_theme(known)
        if theme not in self.available_themes:
            names = ", ".join(sorted(self.available_themes))
            raise UsageError(f"there is no theme '{printable(theme)}': choose one of {names}")
        # Under NO_COLOR Textual's filter takes only a theme of ANSI colours without failing.
        self.theme = "ansi-dark" if self.no_color else theme
        self._market = market
        self._source = source
        self._recording = recording
        self._fps = fps
        self._clock = clock
        self._wall_clock = wall_clock
        self._view = MarketView()
        self._frozen = False
        self._painted_version = -1
        self._painted_at = 0

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The market's words for themes that are not obtui's own."""
        return themes.DEFAULTS

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:  # noqa: ARG002
        """What the palette offers."""
        yield SystemCommand("Theme", "Choose the colours", self.action_change_theme)
        yield SystemCommand("Freeze", "Stop the view; the feed goes on", self.action_freeze)
        yield SystemCommand("Record", "Start or stop recording book lines", self.action_record)
        yield SystemCommand("Help", "Keys, and what the words mean", self.action_help)
        yield SystemCommand("Quit", "Close recordings and leave", self.action_quit)

    def compose(self) -> ComposeResult:
        """Top line, ladder with its side, status, keys."""
        yield TopBar(id="top")
        with Horizontal(id="body"):
            yield LadderPanel(id="ladder")
            with Vertical(id="side"):
                yield StatsPanel(id="stats")
                yield TradesPanel(id="trades")
        yield StatusLine(id="status")
        yield from self.foot()
        yield Footer()

    def foot(self) -> Iterable[LineWidget]:
        """What else stands at the foot."""
        return ()

    def label(self) -> str:
        """What the top line says where the market is not live."""
        return ""

    def on_mount(self) -> None:
        """Start the feed in its thread, and the frames."""
        self.run_worker(self._feed, thread=True, name="feed", exit_on_error=True)
        self.app_resume_signal.subscribe(self, self._on_resume)
        self._frame()
        self.set_interval(1 / self._fps, self._frame)
        self.set_interval(1, self._look_at_terminal)

    def _look_at_terminal(self) -> None:
        if isinstance(self._driver, TerminalDriver):
            self._driver.leave_dead_input()

    def _on_resume(self, _app: App[object]) -> None:
        """After Ctrl+Z the terminal shows the shell: lines that did not change are due too."""
        self.screen.refresh(layout=True)

    def on_unmount(self) -> None:
        """However the app ends, the feed's thread ends with it."""
        self._source.stop()

    def _feed(self) -> None:
        worker = get_current_worker()
        self._source.run(lambda: worker.is_cancelled)

    def _frame(self) -> None:
        """One frame, if there is something new and the terminal has taken the last one."""
        if self._source.unlisted:
            self.exit(return_code=2)
            return
        now = self._clock()
        if isinstance(self._driver, TerminalDriver):
            if self._driver.pending:
                return
            if self._driver.take_torn():
                self.screen.refresh(layout=True)
        version = self._market.version
        if version == self._painted_version and now - self._painted_at < IDLE_NS:
            return
        self._painted_version, self._painted_at = version, now
        self._paint()

    def _paint(self, depth: int = 1) -> None:
        try:
            # Asked for on the app's own screen: a help or palette may lie over it.
            screen = self.screen_stack[0]
            panel = screen.query_one(LadderPanel)
            stats = screen.query_one(StatsPanel)
            trades = screen.query_one(TradesPanel)
            top = screen.query_one(TopBar)
            status = screen.query_one(StatusLine)
        except (IndexError, NoMatches):
            return  # a frame was due while the screen is being taken down
        bid_rows = ladder.split(panel.size.height)[1]
        view = self._market.view(max(depth, bid_rows), self._clock())
        if not self._frozen:
            self._view = view
            stats.visible_levels = bid_rows
            for widget in (panel, stats, trades):
                widget.show(view)
        top.label = self.label()
        top.behind = view.messages - self._view.messages if self._frozen else None
        top.show(view)
        recording = self._recording
        status.recording = recording.words()
        status.active, status.failed = recording.active, recording.failed
        status.show(view)

    def refresh_now(self) -> None:
        """Paint the present, whether or not a frame is due."""
        self._paint()

    def on_resize(self) -> None:
        """A frozen view keeps its levels; a live one is asked for as many as now fit."""
        self.call_after_refresh(self._paint)

    def action_freeze(self) -> None:
        """Stop the view where it is, or let it go on; feed and recording never stop."""
        if not self._frozen:
            # Deeper than what is shown: the terminal may grow while the view stands still.
            self._paint(FROZEN_DEPTH)
        self._frozen = not self._frozen
        self._paint()

    def action_record(self) -> None:
        """Start or stop recording book lines."""
        before = len(self._recording.saved)
        fault = self._recording.toggle()
        for saved in self._recording.saved[before:]:
            self.notify(saved, markup=False)
        if fault:
            self.notify(fault, severity="error", markup=False)
        self._paint()

    def action_mark(self) -> None:
        """Mark this moment in the capture, with a note if one is typed."""
        recording = self._recording
        if not (isinstance(recording, Marked) and recording.capturing):
            self.notify("not marked: no capture is being written (--capture FILE)", markup=False)
        elif not isinstance(self.screen, NoteScreen):
            # This is the moment that is meant, however long the note takes.
            self.push_screen(NoteScreen(), partial(self._mark, self._wall_clock()))

    def _mark(self, at_ns: int, note: str | None) -> None:
        if note is None or not isinstance(self._recording, Marked):
            return
        fault = self._recording.mark(note, at_ns)
        if fault:
            self.notify(f"not marked: {fault}", severity="error", markup=False)
        else:
            self.notify(f"marked: {note}" if note else "marked", markup=False)

    def action_help(self) -> None:
        """Keys, and what the words mean."""
        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen())

    async def action_quit(self) -> None:
        """Leave; who started the app closes the recordings."""
        self._source.stop()
        self.exit()

    def action_suspend(self) -> None:
        """Hand the terminal back to the shell, unless that would tear a recording's stream."""
        if self._recording.active:
            self.notify("not suspended: a recording is being written (r stops it)", markup=False)
        elif os.getsid(os.getppid()) != os.getsid(0):
            self.notify("not suspended: there is no shell here to bring it back", markup=False)
        else:
            self.action_suspend_process()

    def put_terminal_back(self, deadline: float, words: str) -> None:
        """For a signal's handler: restore the terminal by `deadline` (monotonic), say `words`."""
        if isinstance(self._driver, TerminalDriver):
            self._driver.put_back(deadline, words)
