"""The screen of a market, painted: views are taken of the market that is shown at the screen's own
frame rate, and of the others a few times a second.

It waits for nothing: feeds and recorders have threads of their own, and a frame is left out while
the terminal has not taken the last one.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from textual.app import App, ComposeResult
from textual.containers import Horizontal, Vertical
from textual.css.query import NoMatches
from textual.widgets import Footer
from textual.worker import get_current_worker

from obtui import ladder, themes
from obtui.config import UsageError
from obtui.seams import Recording
from obtui.shared import Market
from obtui.terminal import TerminalDriver
from obtui.text import printable
from obtui.view import MarketView
from obtui.watched import Watched
from obtui.widgets.bars import StatusLine, TopBar
from obtui.widgets.consolidated_screen import ConsolidatedScreen
from obtui.widgets.day_line import DayLine
from obtui.widgets.ladder_panel import LadderPanel
from obtui.widgets.lines import LineWidget
from obtui.widgets.market_tabs import MarketTabs
from obtui.widgets.overview_screen import OverviewScreen
from obtui.widgets.stats_panel import StatsPanel
from obtui.widgets.trades_panel import TradesPanel

IDLE_NS = 500_000_000
"""How often ages and rates are painted while no message comes."""
ROUND_NS = 300_000_000
"""How often all markets are looked at, for tabs and overview."""
DAY_HEIGHT = 20
"""Lines of a terminal in which one can be spared for the last day."""
SPARE_THREADS = 4
"""Beside the feeds', for what Textual does in threads."""


class PaintedApp(App[None]):
    """One market on screen, and a row of the others where there are any."""

    TITLE = "obtui"
    CSS_PATH = "obtui.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (92, "-wide"), (160, "-vast")]  # noqa: RUF012 - Textual's form
    VERTICAL_BREAKPOINTS = [(0, "-low"), (28, "-tall")]  # noqa: RUF012

    def __init__(
        self,
        watched: Sequence[Watched],
        recording: Recording,
        *,
        fps: float = 20.0,
        theme: str = "obtui",
        clock: Callable[[], int] = time.monotonic_ns,
        wall_clock: Callable[[], int] = time.time_ns,
        driver_class: type[TerminalDriver] | None = TerminalDriver,
    ) -> None:
        """`watched` are the markets, at least one; the first is shown first."""
        self._watched = watched
        self._index = 0
        super().__init__(driver_class=driver_class)
        for known in themes.THEMES:
            self.register_theme(known)
        if theme not in self.available_themes:
            names = ", ".join(sorted(self.available_themes))
            raise UsageError(f"there is no theme '{printable(theme)}': choose one of {names}")
        # Under NO_COLOR Textual's filter takes only a theme of ANSI colours without failing.
        self.theme = "ansi-dark" if self.no_color else theme
        self._recording = recording
        self._fps = fps
        self._clock = clock
        self._wall_clock = wall_clock
        self._painted_version = -1
        self._painted_at = 0
        self._went_round = 0
        """When all markets were looked at."""

    @property
    def _shown(self) -> Watched:
        """The market that keys act on."""
        return self._watched[self._index]

    @property
    def _market(self) -> Market:
        return self._shown.market

    @property
    def _several(self) -> bool:
        return len(self._watched) > 1

    @property
    def _overview(self) -> OverviewScreen | None:
        """Where it lies over the market."""
        return next((it for it in self.screen_stack if isinstance(it, OverviewScreen)), None)

    @property
    def _consolidated(self) -> ConsolidatedScreen | None:
        """Where it lies over the market."""
        return next((it for it in self.screen_stack if isinstance(it, ConsolidatedScreen)), None)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The market's words for themes that are not obtui's own."""
        return themes.DEFAULTS

    def compose(self) -> ComposeResult:
        """Top line, ladder with its side, status, keys."""
        yield TopBar(id="top")
        yield DayLine(id="day")
        if self._several:
            yield MarketTabs(id="tabs")
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
        """Start each feed in its thread, and the frames."""
        # The loop's own executor has too few threads for feeds that each keep one.
        threads = ThreadPoolExecutor(len(self._watched) + SPARE_THREADS, "worker")
        asyncio.get_running_loop().set_default_executor(threads)
        for watched in self._watched:
            feed = partial(self._feed, watched)
            self.run_worker(feed, thread=True, name="feed", exit_on_error=True)
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
        """However the app ends, the feeds' threads end with it."""
        self._stop_sources()

    def _stop_sources(self) -> None:
        for watched in self._watched:
            watched.source.stop()

    def _feed(self, watched: Watched) -> None:
        worker = get_current_worker()
        # A defect that ends the only market ends the program, with all that Python tells of it.
        run = watched.run if self._several else watched.source.run
        run(lambda: worker.is_cancelled)

    def _frame(self) -> None:
        """One frame, if there is something new and the terminal has taken the last one."""
        if all(it.source.unlisted or (self._several and it.refused) for it in self._watched):
            self.exit(return_code=2)
            return
        now = self._clock()
        if isinstance(self._driver, TerminalDriver):
            if self._driver.pending:
                return
            if self._driver.take_torn():
                self.screen.refresh(layout=True)
        if self._several and now - self._went_round >= ROUND_NS:
            self._go_round(now)
        consolidated = self._consolidated
        shown = self._watched if consolidated is not None else [self._shown]
        version = sum(watched.market.version for watched in shown)
        if version == self._painted_version and now - self._painted_at < IDLE_NS:
            return
        self._painted_version, self._painted_at = version, now
        if consolidated is not None:
            self._paint_consolidated(consolidated)
        elif self._overview is None:
            self._paint()

    def _paint_consolidated(self, screen: ConsolidatedScreen) -> None:
        now = self._clock()
        views = [watched.look(screen.depth, now, prints=1) for watched in self._watched]
        screen.show_all(views, self._index)
        self._tell_recording(screen.status, views[self._index])

    def _go_round(self, now: int) -> None:
        self._went_round = now
        views = self._look_at_all()
        overview = self._overview
        if overview is None:
            for screen in self.screen_stack[:1]:
                for tabs in screen.query(MarketTabs):
                    tabs.show_all(views, self._index)
        else:
            overview.show_all(views)
            self._tell_recording(overview.status, views[self._index])

    def _look_at_all(self) -> list[MarketView]:
        """Which is cheap: each one's best levels."""
        now = self._clock()
        return [watched.look(1, now, prints=1) for watched in self._watched]

    def _tell_recording(self, status: StatusLine, view: MarketView) -> None:
        recording = self._recording
        status.recording = recording.words()
        status.active, status.failed = recording.active, recording.failed
        status.show(view)

    def _paint(self, depth: int = 1) -> None:
        try:
            # Asked for on the app's own screen: a help or palette may lie over it.
            screen = self.screen_stack[0]
            panel = screen.query_one(LadderPanel)
            stats = screen.query_one(StatsPanel)
            trades = screen.query_one(TradesPanel)
            top = screen.query_one(TopBar)
            day = screen.query_one(DayLine)
            status = screen.query_one(StatusLine)
        except (IndexError, NoMatches):
            return  # a frame was due while the screen is being taken down
        shown = self._shown
        bid_rows = ladder.split(panel.size.height)[1]
        view = shown.look(max(depth, bid_rows), self._clock())
        if not shown.frozen:
            shown.view = view
            stats.visible_levels = bid_rows
        # Nothing is known of it before the first trade, or the venue's word.
        known = shown.view.day is not None or shown.view.since_start is not None
        day.display = known and self.size.height >= DAY_HEIGHT
        for widget in (panel, stats, trades, day):
            if widget.view is not shown.view:
                widget.show(shown.view)
        top.label = self.label()
        top.behind = view.messages - shown.view.messages if shown.frozen else None
        top.show(view)
        self._tell_recording(status, view)

    def refresh_now(self) -> None:
        """Paint the present, whether or not a frame is due."""
        self._paint()
        if self._several:
            self._go_round(self._clock())
        for screen in self.screen_stack:
            if isinstance(screen, ConsolidatedScreen):
                self._paint_consolidated(screen)

    def on_resize(self) -> None:
        """A frozen view keeps its levels; a live one is asked for as many as now fit."""
        self.call_after_refresh(self._paint)

    def put_terminal_back(self, deadline: float, words: str) -> None:
        """For a signal's handler: restore the terminal by `deadline` (monotonic), say `words`."""
        if isinstance(self._driver, TerminalDriver):
            self._driver.put_back(deadline, words)
