"""Asks for a time of the recording to go to: one line to type, over the screen."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from obtui.widgets.dimmed import Over


class TimeScreen(ModalScreen[str | None], Over):
    """Gives what was typed, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Cancel")]

    def compose(self) -> ComposeResult:
        """One line, and what the keys do."""
        with Vertical():
            yield Static("Go to a time (UTC), or so many seconds on (+90) or back (-90)")
            yield Input(placeholder="12:01:30 or 2026-03-31 12:01:30")
            yield Static("Enter goes there · Esc cancels")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        self.dismiss(event.value)
