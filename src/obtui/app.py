"""The Textual app: what the keys do.

They act on the market that is shown; recording, marking and leaving on all.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import partial
from typing import ClassVar

from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.screen import Screen

from obtui import alerts, keymap
from obtui.consolidated import same_asset
from obtui.painted import PaintedApp
from obtui.seams import Marked
from obtui.watched import Watched
from obtui.widgets.consolidated_screen import ConsolidatedScreen
from obtui.widgets.help_screen import HelpScreen
from obtui.widgets.market_palette import MarketCommands, Markets
from obtui.widgets.market_tabs import MarketTabs
from obtui.widgets.note_screen import NoteScreen
from obtui.widgets.overview_screen import OverviewScreen
from obtui.widgets.palette import Palette

HINT_SECONDS = 10.0
"""For so long it is said that the terminal is limited."""
NO_KEY = "no_key"
"""Sent by none: an action without keys would keep those that it has here."""
MOST_ALERTS = 2
"""Alerts in one notification: the log has them all."""
MOST_TOLD = 4
"""Files that were saved, in one notification."""


class ObtuiApp(PaintedApp):
    """One market on screen, and others a key away."""

    replays: ClassVar[bool] = False
    """Whether what is shown is a recording."""
    COMMANDS = {MarketCommands}  # noqa: RUF012 - Textual's form
    markets: Markets | None = None
    """What opens further markets, where there is something that does."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", "Quit", id="quit", tooltip="A recording is closed whole"),
        Binding("ctrl+c", "quit", show=False, priority=True),
        Binding("space", "freeze", "Freeze", id="freeze", tooltip="Feed and recording go on"),
        Binding("r", "record", "Record", id="record", tooltip="Start or stop recording books"),
        Binding("m", "mark", "Mark", show=False, id="mark"),
        Binding("o", "overview", "All", id="overview", tooltip="All markets, a row each"),
        Binding("a", "consolidated", show=False, id="consolidated"),
        Binding("n", "cycle(1)", show=False, id="next"),
        Binding("N", "cycle(-1)", show=False, id="previous"),
        *[Binding(str(number), f"market({number - 1})", show=False) for number in range(1, 10)],
        Binding("question_mark", "help", "Help", id="help"),
        Binding("f12", "diagnostics", show=False, id="diagnostics"),
        Binding("ctrl+p", "command_palette", "palette", show=False, priority=True, id="palette"),
        Binding("ctrl+z", "suspend", show=False, priority=True, id="suspend"),
    ]

    def on_mount(self) -> None:
        """What was chosen before it opened."""
        look, usual = self._look, keymap.defaults()
        own = {action: keys for action, keys in look.keys.items() if keys != usual[action]}
        # Ctrl+C has a binding of its own, before all others: given here it would lose that.
        told = {name: [it for it in keys if it != keymap.LEAVES] for name, keys in own.items()}
        self.set_keymap({action: ",".join(keys) or NO_KEY for action, keys in told.items()})
        if look.hint:
            self.say(look.hint, HINT_SECONDS)

    def _before_frame(self, now: int) -> None:
        super()._before_frame(now)
        told: list[str] = []
        for watched in self._watched if self._look.alerts else ():
            view = watched.look(alerts.NEAR, now, prints=0, extremes=True)
            found = self._alerts.check(view)
            for line in found:
                watched.market.note("alert", line, self._wall_clock())
            told += found
        if told:
            self.bell()
            self.clear_notifications()  # one at a time: they lie over the book
            words = _in_short(told, MOST_ALERTS)
            self.notify(words, title="alert", severity="warning", timeout=5, markup=False)

    def open_palette(self, text: str = "") -> None:
        """With this text typed already."""
        if not isinstance(self.screen, CommandPalette):
            markets = "" if self.markets is None else ", a market, venue:market"
            self.push_screen(Palette(text, placeholder=f"a command{markets}"))

    def action_command_palette(self) -> None:
        """All that can be done, and opened."""
        self.open_palette()

    def action_change_theme(self) -> None:
        """Choose the colours."""
        self.open_palette("theme ")

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:  # noqa: ARG002 - the caller's form
        """What the palette offers."""
        yield SystemCommand("Theme", "Choose the colours", self.action_change_theme)
        yield SystemCommand("Freeze", "Stop the view; the feed goes on", self.action_freeze)
        yield SystemCommand("Record", "Start or stop recording book lines", self.action_record)
        yield SystemCommand("Mark", "Mark this moment in the capture", self.action_mark)
        if self._several:
            yield SystemCommand("Overview", "All markets, a row each", self.action_overview)
            yield SystemCommand("One ladder", "All venues of this asset", self.action_consolidated)
        yield SystemCommand("Help", "Keys, and what the words mean", self.action_help)
        yield SystemCommand("Quit", "Close recordings and leave", self.action_quit)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - the caller's form
        """Whether a key does anything here; one that does not is not told at the foot either."""
        if action in {"overview", "consolidated", "cycle", "market"}:
            return self._several
        over = self._overview is not None or self._consolidated is not None
        return not (action == "freeze" and over)

    def action_market(self, index: int) -> None:
        """Show this market, from 0, if there is one."""
        if index < len(self._watched):
            self._index = index
            for screen in (self._overview, self._consolidated):
                if screen is not None:
                    screen.dismiss(None)
            self.refresh_now()

    @property
    def shown(self) -> Watched:
        """The market on screen."""
        return self._shown

    @property
    def watched(self) -> Sequence[Watched]:
        """All markets, in the order of their tabs."""
        return tuple(self._watched)

    def show_market(self, watched: Watched) -> bool:
        """Show this market, one more if it is new; whether it is."""
        new = watched not in self._watched
        if new:
            self._watched.append(watched)
            self._start(watched)
            self._tell_several()
        self.action_market(self._watched.index(watched))
        return new

    def leave_market(self, watched: Watched, instead: Watched) -> None:
        """Leave one of several; where it was on screen, another is shown."""
        watched.source.stop()
        shown = self._shown if self._shown is not watched else instead
        self._watched.remove(watched)
        self._alerts.leave(watched.look(0, self._clock(), prints=0))
        self._index = self._watched.index(shown) if shown in self._watched else 0
        self._tell_several()
        self.refresh_now()

    def _tell_several(self) -> None:
        self.market_screen.tabs.display = self._several
        self.refresh_bindings()

    def action_cycle(self, step: int) -> None:
        """Show the next market, or the one before."""
        self.action_market((self._index + step) % len(self._watched))

    def action_overview(self) -> None:
        """All markets, a row each; Enter shows the chosen one."""
        if self._overview is None:
            views = self._look_at_all()
            self.push_screen(OverviewScreen(views, self._index), self._chosen)
            self._went_round = 0

    def action_consolidated(self) -> None:
        """All venues of the shown asset in one ladder."""
        views = self._look_at_all()
        shown = views[self._index]
        if sum(same_asset(shown, view) for view in views) < 2:
            symbol = shown.instrument.symbol
            self.notify(f"no other venue of {symbol} is watched here", markup=False)
        elif self._consolidated is None:
            if self._overview is not None:
                self._overview.dismiss(None)
            self.push_screen(ConsolidatedScreen(), lambda _: self.refresh_now())
            self.call_after_refresh(self.refresh_now)

    def _chosen(self, index: int | None) -> None:
        self.action_market(self._index if index is None else index)

    def on_market_tabs_chosen(self, event: MarketTabs.Chosen) -> None:
        """A click on a tab."""
        self.action_market(event.index)

    def action_freeze(self) -> None:
        """Stop the view of this market where it is, or let it go on; feed and recording never
        stop."""
        if not self._shown.frozen:
            # More than what is shown: the terminal may grow while the view stands still.
            self._shown.view = self._look_at_shown(whole=True)
        self._shown.frozen = not self._shown.frozen
        self._paint()

    def action_record(self) -> None:
        """Start or stop recording book lines, of all markets."""
        before = len(self._recording.saved)
        fault = self._recording.toggle()
        saved = self._recording.saved[before:]
        if self._several and self._recording.active and not fault:
            self.notify(f"recording all {len(self._watched)} markets", markup=False)
        if self._several and saved:
            self.notify(_in_short(saved), title="stopped recording all markets", markup=False)
        elif saved:
            self.notify(saved[0], markup=False)
        if fault:
            self.notify(fault, severity="error", markup=False)
        self.refresh_now()

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

    def action_choose_layout(self, name: str) -> None:
        """One of the layouts that have a name."""
        self.market_screen.choose_layout(name)

    def action_diagnostics(self) -> None:
        """Tell what goes to the terminal, or not."""
        self.diagnoses = not self.diagnoses
        self.refresh_now()

    def action_help(self) -> None:
        """Keys, and what the words mean."""
        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self._look.keys, replay=self.replays))

    async def action_quit(self) -> None:
        """Leave; who started the app closes the recordings."""
        self._stop_sources()
        self.exit()

    def action_suspend(self) -> None:
        """Hand the terminal back to the shell, unless that would tear a recording's stream."""
        if self._recording.active:
            key = self.market_screen.key_of("record")
            self.notify(
                f"not suspended: a recording is being written ({key} stops it)", markup=False
            )
        elif os.getsid(os.getppid()) != os.getsid(0):
            self.notify("not suspended: there is no shell here to bring it back", markup=False)
        else:
            self.action_suspend_process()


def _in_short(lines: Sequence[str], most: int = MOST_TOLD) -> str:
    """Some lines, and how many more there are."""
    more = len(lines) - most
    return "\n".join([*lines[:most], *([f"and {more} more"] if more > 0 else [])])
