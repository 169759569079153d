"""All markets at once, a row each; one may be chosen to be looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Footer

from obtui.view import MarketView
from obtui.widgets.bars import StatusLine
from obtui.widgets.overview_panel import OverviewPanel


class OverviewScreen(Screen[int | None]):
    """Gives the market that was chosen, from 0, or None; the app's own keys go on working."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open"),
        Binding("escape,o", "dismiss(None)", "Back", key_display="o"),
        Binding("up,N", "move(-1)", show=False),
        Binding("down,n", "move(1)", show=False),
        Binding("home", "move(-1000)", show=False),
        Binding("end", "move(1000)", show=False),
    ]

    def __init__(self, views: Sequence[MarketView], current: int) -> None:
        super().__init__()
        self._panel = OverviewPanel(id="overview")
        self._panel.views = views
        self._panel.chosen = current
        self.status = StatusLine(id="overview-status")

    def compose(self) -> ComposeResult:
        """Rows, the recording, keys."""
        yield self._panel
        yield self.status
        yield Footer()

    def show_all(self, views: Sequence[MarketView]) -> None:
        """Paint these from now on."""
        self._panel.show_all(views)

    def action_move(self, rows: int) -> None:
        """Choose another row."""
        self._panel.choose(self._panel.chosen + rows)

    def action_open(self) -> None:
        """Look at the chosen market."""
        self.dismiss(self._panel.chosen)

    def on_overview_panel_opened(self, event: OverviewPanel.Opened) -> None:
        """A click."""
        self.dismiss(event.index)
