"""The note of a mark: one line to type, over the screen. It knows no recording."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from obtui.widgets.dimmed import Over

LONGEST_NOTE = 200
"""Characters."""


class NoteScreen(ModalScreen[str | None], Over):
    """Gives the note, which may be empty, or None when it was left by Esc."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel"),
    ]

    def compose(self) -> ComposeResult:
        """One line, and what the keys do."""
        with Vertical():
            yield Static("Mark this moment in the capture")
            yield Input(placeholder="a note, or none", max_length=LONGEST_NOTE, id="note")
            yield Static("Enter marks · Esc cancels")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        self.dismiss(event.value.strip())
