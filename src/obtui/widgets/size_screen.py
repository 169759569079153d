"""Asks for a size to sweep: one line to type, over the screen. It knows no book."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from obtui import typed
from obtui.widgets.dimmed import Over

KEYS = "Enter shows it · Esc cancels"


class SizeScreen(ModalScreen[Decimal | None], Over):
    """Gives a size > 0, or None when it was left by Esc; what is no size is said, and it stays."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Cancel")]

    def __init__(self, base: str) -> None:
        """`base` currency, which the size is in; empty where it is not known."""
        super().__init__()
        self._base = base

    def compose(self) -> ComposeResult:
        """One line, and what the keys do."""
        unit = f" in {self._base}" if self._base else ""
        with Vertical():
            yield Static(f"What does it cost to buy or sell so much at once{unit}?", markup=False)
            yield Input(placeholder="2.5", max_length=typed.LONGEST, id="size")
            yield Static(KEYS, id="size-words", markup=False)

    def on_input_changed(self) -> None:
        """What was wrong is being mended."""
        self._say(KEYS, wrong=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        try:
            self.dismiss(typed.positive(event.value))
        except ValueError as error:
            self._say(str(error), wrong=True)

    def _say(self, words: str, *, wrong: bool) -> None:
        line = self.query_one("#size-words", Static)
        line.update(words)
        line.set_class(wrong, "-wrong")
