"""Asks for a time of the recording to go to."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label


class TimeScreen(ModalScreen[str | None]):
    """Gives what was typed, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Cancel")]

    def compose(self) -> ComposeResult:
        """One line to type in."""
        with Vertical(id="ask"):
            yield Label("Go to a time (UTC): 12:01:30, 2026-03-31 12:01:30, or +90 / -90 seconds")
            yield Input(placeholder="12:01:30")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        self.dismiss(event.value)
