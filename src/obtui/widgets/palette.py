"""The palette: Textual's, which no keys end the program through, opened with a text or without."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable

from textual import on, work
from textual.await_complete import AwaitComplete
from textual.command import Command, CommandInput, CommandList, CommandPalette, SearchIcon
from textual.css.query import NoMatches
from textual.events import Mount
from textual.widgets import Input, OptionList

from obtui.widgets.dimmed import Over

ICON = "›"
"""Textual's own is a picture that many fonts have not, and terminals count differently."""

GATHER: Callable[[CommandPalette, str], Awaitable[None]] = inspect.unwrap(
    CommandPalette._gather_commands
)
"""What Textual does in a worker."""


class Palette(CommandPalette, Over):
    """A line to type into, and what is found by it."""

    DEFAULT_CSS = "Palette SearchIcon { color: $foreground 60%; }"

    def __init__(self, text: str = "", *, placeholder: str = "a command") -> None:
        """`text` stands there as if it had been typed."""
        super().__init__(id="--command-palette", placeholder=placeholder)
        self._text = text
        self._left = False
        """Whether something was chosen, or the palette was left: what comes after it is late."""
        self._fresh = True
        """Whether the list is that of what was typed before."""

    @on(Mount)
    def _begin(self, event: Mount) -> None:
        if self._bare:
            event.prevent_default()
            return
        self.query_one(SearchIcon).icon = ICON
        line = self.query_one(CommandInput)
        line.value = self._text
        line.action_end()

    @property
    def _bare(self) -> bool:
        """Whether nothing is here, as the user has left meanwhile: Textual would look for it, and
        end the program with a fault."""
        return not self.query(CommandList)

    @work(exclusive=True, group=CommandPalette._GATHER_COMMANDS_GROUP)
    async def _gather_commands(self, search_value: str) -> None:
        try:
            await GATHER(self, search_value)
        except NoMatches:
            if not self._bare:
                raise

    async def _watch__show_busy(self) -> None:
        if not self._bare:
            await super()._watch__show_busy()

    def look_again(self) -> None:
        """There is more to be found now: what was typed is looked for again."""
        if self._left or self._bare:
            return
        self._cancel_gather_commands()
        self._stop_no_matches_countdown()
        self._gather_commands(self.query_one(CommandInput).value.strip())

    def _refresh_command_list(
        self, command_list: CommandList, commands: list[Command], clear_current: bool
    ) -> None:
        """Where the user went to a line while more is found, that line stays chosen: Enter may be
        on its way."""
        gone_to = command_list.highlighted_option if command_list.highlighted else None
        kept = gone_to.hit.text if isinstance(gone_to, Command) and not self._fresh else None
        self._fresh = False
        super()._refresh_command_list(command_list, commands, clear_current)
        for index, option in enumerate(command_list.options):
            if kept is not None and isinstance(option, Command) and option.hit.text == kept:
                command_list.highlighted = index

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._fresh = True
        if self._left or self._bare:
            event.prevent_default()

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Once: Textual takes away whatever screen lies on top, and ends the program where there is
        none."""
        if self._left:
            return AwaitComplete()
        self._left = True
        return super().dismiss(result)

    @on(OptionList.OptionSelected)
    @on(Input.Submitted)
    def _choose(self, event: OptionList.OptionSelected | Input.Submitted) -> None:
        """A second Enter while the first is worked off would do what was chosen twice."""
        if self._left:
            event.stop()
            event.prevent_default()

    def _action_command_list(self, action: str) -> None:
        """Before its first layout, and in a terminal without room for it, the list has no lines,
        among which Textual would look for that of a page on or back."""
        commands = self.query_one(CommandList)
        lines = commands.scrollable_content_region and commands.virtual_size.height
        if lines or not action.startswith("page_"):
            super()._action_command_list(action)
