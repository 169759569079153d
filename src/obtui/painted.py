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

from textual.app import App
from textual.filter import LineFilter
from textual.screen import Screen
from textual.worker import get_current_worker

from obtui import remembered, themes
from obtui.alerts import Alerts
from obtui.colourless import Colourless
from obtui.config import MOST_MARKETS
from obtui.layouts import LAYOUTS
from obtui.looks import Look
from obtui.remembered import Remembered
from obtui.seams import NOT_RECORDING, Recording
from obtui.several import SeveralApp
from obtui.terminal import TerminalDriver
from obtui.thin.words import words_of
from obtui.view import MarketView
from obtui.watched import Watched
from obtui.widgets.bars import StatusLine
from obtui.widgets.consolidated_screen import ConsolidatedScreen
from obtui.widgets.lines import LineWidget
from obtui.widgets.market_screen import MarketScreen

SECOND = 1_000_000_000
IDLE_NS = 500_000_000
"""How often ages and rates are painted while no message comes."""
ROUND_NS = 300_000_000
"""How often all markets are looked at, for tabs and overview."""
FADE_NS = 120_000_000
"""How often what fades is painted while no message comes."""
COVERED_NS = 250_000_000
"""How often the market is painted below a screen that is typed into or read."""
FROZEN_DEPTH = 200
"""Levels a side that a frozen view keeps."""
FROZEN_PRINTS = 500
"""Trades that a frozen view keeps."""
OWN_THEMES = frozenset(theme.name for theme in themes.THEMES)
SPARE_THREADS = 4
"""Beside the feeds', for what Textual does in threads."""


class PaintedApp(SeveralApp):
    """One market on screen, and a row of the others where there are any."""

    TITLE = "obtui"
    CSS_PATH = "obtui.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (92, "-wide")]  # noqa: RUF012 - Textual's form

    def __init__(
        self,
        watched: Sequence[Watched],
        recording: Recording,
        look: Look | None = None,
        *,
        clock: Callable[[], int] = time.monotonic_ns,
        wall_clock: Callable[[], int] = time.time_ns,
        driver_class: type[TerminalDriver] | None = TerminalDriver,
    ) -> None:
        """`watched` are the markets, at least one; the first is shown first."""
        look = self._look = look or Look()
        thin, bandwidth, theme = look.thin, look.bandwidth, look.theme
        super().__init__(watched, clock, driver_class=driver_class, thin=thin, bandwidth=bandwidth)
        for known in themes.THEMES:
            self.register_theme(known)
        themes.check(theme, self.available_themes, look.theme_origin)
        # Its greys are those that become bold, plain and dim.
        self.theme = themes.MONO if self.no_color else theme
        self._colourless = Colourless()
        self._recording = recording
        self._wall_clock = wall_clock
        self._alerts = Alerts(look.alerts)
        self._painted_version = -1
        self._painted_at = 0
        self._said = ""
        """What the status line says for a while, instead of the recording's words."""
        self.diagnoses = False
        """Whether it is told what goes to the terminal."""
        self._went_round = 0
        """When all markets were looked at."""
        self.market_screen = MarketScreen(
            tabs=len(watched) > 1, foot=self.foot(), on_change=self._on_change, keys=look.keys
        )

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The market's words for themes that are not obtui's own."""
        return themes.DEFAULTS

    def get_default_screen(self) -> Screen[None]:
        """The market's, on which the others lie."""
        return self.market_screen

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Under NO_COLOR ours: Textual's own let colour codes through. With our themes none: there
        is no colour of the terminal's own in them that would have to be made one of ours."""
        if self.no_color:
            return [self._colourless]
        return () if self.theme in OWN_THEMES else super().get_line_filters()

    def foot(self) -> Iterable[LineWidget]:
        """What else stands at the foot."""
        return ()

    def label(self) -> str:
        """What the top line says where the market is not live."""
        return ""

    def on_mount(self) -> None:
        """Start each feed in its thread, and the frames."""
        # The loop's own executor has too few threads for feeds that each keep one.
        threads = ThreadPoolExecutor(MOST_MARKETS + SPARE_THREADS, "worker")
        asyncio.get_running_loop().set_default_executor(threads)
        for watched in self._watched:
            self._start(watched)
        self._open_as_left()
        self._tell_colours()
        self.theme_changed_signal.subscribe(self, lambda _: self._tell_colours())
        self.app_resume_signal.subscribe(self, self._on_resume)
        self._frame()
        self.set_interval(1 / self._look.fps, self._frame)
        self.set_interval(1, self.leave_dead_input)

    def _start(self, watched: Watched) -> None:
        feed = partial(self._feed, watched)
        self.run_worker(feed, thread=True, name="feed", exit_on_error=True)

    def _on_resume(self, _app: App[object]) -> None:
        """After Ctrl+Z the terminal shows the shell: lines that did not change are due too."""
        self.repaint_terminal()
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
        watched.run(lambda: worker.is_cancelled, lambda: not self._several)

    def _frame(self) -> None:
        """One frame, if there is something new and the terminal has taken the last one."""
        if all(it.source.unlisted or (self._several and it.refused) for it in self._watched):
            self.exit(return_code=2)
            return
        now = self._clock()
        self._before_frame(now)
        if not self.take_frame():
            return
        if self._several and now - self._went_round >= ROUND_NS:
            self._go_round(now)
        self._paint_due(now)
        self.flush_lines()

    def _paint_due(self, now: int) -> None:
        """Paint what is new."""
        consolidated = self._consolidated
        shown = self._watched if consolidated is not None else [self._shown]
        version = sum(watched.market.version for watched in shown)
        idle = FADE_NS if self.market_screen.fading else IDLE_NS
        if version == self._painted_version and now - self._painted_at < idle:
            return
        covered = any(screen.is_modal for screen in self.screen_stack[-1:])  # none at the end
        if covered and now - self._painted_at < COVERED_NS:
            return  # any change of it paints all of it anew, and keys come first
        self._painted_version, self._painted_at = version, now
        if consolidated is not None:
            self._paint_consolidated(consolidated)
        elif self._overview is None:
            self._paint()

    def terminal_ready(self) -> None:
        """A frame that was due while the terminal was busy comes now, not at the next tick."""
        if self._clock() - self._painted_at >= SECOND / self._look.fps:
            self._frame()

    def first_row(self) -> int:
        """That of the best prices."""
        return self.market_screen.touch_row

    def _before_frame(self, now: int) -> None:
        """What is due also while the terminal takes no frame."""
        for watched in self._watched:
            watched.remember(now)

    def _tell_colours(self) -> None:
        """Charts of colours alone would say nothing without them."""
        self.market_screen.without_colours(self.no_color or self.theme == themes.MONO)

    def _open_as_left(self) -> None:
        """The layout that was asked for, else that of the last run."""
        known = remembered.load() if self._look.remembers else None
        if known is not None:
            self.market_screen.ladder.settings = known.ladder
        if self._look.layout:
            self.market_screen.body.shown = LAYOUTS[self._look.layout]
        elif known is not None:
            self.market_screen.body.shown = known.layout

    def _on_change(self) -> None:
        """Something was chosen that changes what is shown."""
        self.refresh_now()
        if self._look.remembers:
            screen = self.market_screen
            state = Remembered.of(screen.layout_shown, screen.ladder_settings)
            # The disk may be slow; the last one wins, as each is written whole.
            self.run_worker(partial(remembered.save, state), thread=True, group="state")

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
            self.market_screen.tabs.show_all(views, self._index)
        else:
            overview.show_all(views)
            self._tell_recording(overview.status, views[self._index])

    def _tell_recording(self, status: StatusLine, view: MarketView) -> None:
        recording = self._recording
        words = recording.words()
        if words == NOT_RECORDING:
            words += f" · {self.market_screen.key_of('record')} records"
        status.recording = self._said or words
        status.active, status.failed = recording.active, recording.failed
        status.wire = words_of(self.traffic, asked=self.diagnoses)
        status.show(view)

    def say(self, words: str, seconds: float) -> None:
        """Say something in the status line, which hides nothing, for so long."""

        def unsay() -> None:
            if self._said == words:
                self._said = ""

        self._said = words
        self.set_timer(seconds, unsay)
        self.refresh_now()

    def _look_at_shown(self, *, whole: bool = False) -> MarketView:
        """`whole`: more than is shown, as it is to stand still while what is shown may change."""
        screen = self.market_screen
        return self._shown.look(
            max(screen.levels, FROZEN_DEPTH if whole else 1),
            self._clock(),
            prints=FROZEN_PRINTS if whole else screen.prints,
            whole=whole or screen.wants_book,
        )

    def _paint(self) -> None:
        screen = self.market_screen
        if not screen.is_running:
            return  # a frame was due while the screen is being taken down
        shown = self._shown
        view = self._look_at_shown()
        if not shown.frozen:
            shown.view = view
        screen.show(shown.view)
        behind = view.messages - shown.view.messages if shown.frozen else None
        screen.show_present(view, label=self.label(), behind=behind)
        self._tell_recording(screen.status, view)
        self.flush_lines()

    def refresh_now(self) -> None:
        """Paint the present, whether or not a frame is due."""
        if self._several:
            self._go_round(self._clock())
        for screen in self.screen_stack:
            if isinstance(screen, ConsolidatedScreen):
                self._paint_consolidated(screen)
        self._paint()  # last: it sends what all of them want

    def on_resize(self) -> None:
        """A frozen view keeps its levels; a live one is asked for as many as now fit."""
        self.call_after_refresh(self._paint)
