"""The palette by itself: no keys end the program, whatever room there is for it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import ClassVar
from unittest import mock

import pytest
from textual import events
from textual.app import App
from textual.command import Command, CommandList, CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.pilot import Pilot
from textual.worker import WorkerFailed

from obtui.widgets.palette import Palette
from screen_support import SettledPilot

NAMES = ["alpha", "beta", "gamma", "delta", *(f"theme {number}" for number in range(20))]
SIZES = [(80, 24), (60, 16), (20, 3), (12, 6), (4, 2), (1, 1)]
KEYS = [
    *("down", "up", "pagedown", "pageup", "enter", "escape", "ctrl+p", "ctrl+home", "ctrl+end"),
    *("shift+end", "tab", "backspace", "home", "end", "left", "a", "t", "z", "ctrl+u", "space"),
]


class Names(Provider):
    """So many commands, each of which notes that it ran."""

    async def discover(self) -> Hits:
        for name in self.names():
            yield DiscoveryHit(name, lambda name=name: self.run(name))

    async def search(self, query: str) -> Hits:
        for name in self.names():
            if query in name:
                yield Hit(0.5, name, lambda name=name: self.run(name), text=name)

    def names(self) -> list[str]:
        assert isinstance(self.app, Paletted)
        return self.app.names

    def run(self, name: str) -> None:
        assert isinstance(self.app, Paletted)
        self.app.ran.append(name)


class Paletted(App[None]):
    """As the program opens it."""

    COMMANDS: ClassVar = {Names}
    CSS = "CommandList { min-width: 12; }"

    def __init__(self, kind: type[CommandPalette] = Palette) -> None:
        super().__init__()
        self.kind = kind
        self.names = list(NAMES)
        self.ran: list[str] = []

    def action_command_palette(self) -> None:
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(self.kind())


async def at_once(_min_sleep: float = 0, _max_sleep: float = 0) -> None:
    await asyncio.sleep(0)


@asynccontextmanager
async def opened(app: Paletted, size: tuple[int, int]) -> AsyncIterator[Pilot[None]]:
    with mock.patch("textual.app.wait_for_idle", at_once):
        async with app.run_test(size=size):
            pilot = SettledPilot(app)
            await pilot.pause()
            yield pilot


def burst(app: Paletted, *keys: str) -> None:
    """All of them at once, as a terminal hands over what was typed while the program was busy."""
    for key in keys:
        app.post_message(events.Key(key, key if len(key) == 1 else None))


class Hasty(Palette):
    """A key comes between the first commands and their layout."""

    key = ""

    def _refresh_command_list(
        self, command_list: CommandList, commands: list[Command], clear_current: bool
    ) -> None:
        super()._refresh_command_list(command_list, commands, clear_current)
        self._action_command_list(self.key)


class Unguarded(Hasty):
    """As Textual has it."""

    _action_command_list = CommandPalette._action_command_list


def hasty(kind: type[Hasty], key: str) -> Paletted:
    return Paletted(type("Hasty", (kind,), {"key": key}))


@pytest.mark.parametrize("key", ["page_down", "page_up", "last", "select"])
async def test_a_key_before_its_first_layout(key: str) -> None:
    app = hasty(Hasty, key)

    async with opened(app, (80, 24)) as pilot:
        for size in (SIZES[0], SIZES[-1]):
            await pilot.resize_terminal(*size)
            app.action_command_palette()
            await pilot.pause()
            assert app.is_running
            await pilot.press("escape")


async def test_textuals_own_is_ended_by_it() -> None:
    """Once it is not, the guard is no longer needed."""
    app = hasty(Unguarded, "page_down")

    with pytest.raises(WorkerFailed, match="KeyError"):
        async with opened(app, (80, 24)) as pilot:
            await pilot.press("ctrl+p")


@pytest.mark.parametrize("keys", [("enter", "enter"), ("enter",) * 5, ("escape", "escape")])
async def test_it_is_left_once_and_does_what_was_chosen_once(keys: tuple[str, ...]) -> None:
    app = Paletted()

    async with opened(app, (80, 24)) as pilot:
        await pilot.press("ctrl+p")
        await pilot.pause()
        burst(app, *keys)
        await pilot.pause()
        await pilot.pause()

        assert app.is_running
        assert len(app.screen_stack) == 1
        assert app.ran == (["alpha"] if "enter" in keys else [])


async def test_a_page_on_is_a_page_on() -> None:
    app = Paletted()

    async with opened(app, (80, 24)) as pilot:
        await pilot.press("ctrl+p")
        await pilot.pause()
        await pilot.press("pagedown")
        commands = app.screen.query_one(CommandList)
        first = commands.highlighted
        await pilot.press("ctrl+end")

        assert first is not None
        assert 5 < first < len(NAMES) - 1
        assert commands.highlighted == len(NAMES) - 1


async def test_a_text_stands_there_as_if_typed() -> None:
    app = Paletted()

    async with opened(app, (80, 24)) as pilot:
        app.push_screen(Palette("gam"))
        await pilot.pause()
        await pilot.pause()
        await pilot.press("m", "enter")
        await pilot.pause()

        assert app.ran == ["gamma"]


async def test_what_was_chosen_stays_so_when_there_is_more_to_be_found() -> None:
    app = Paletted()

    async with opened(app, (80, 24)) as pilot:
        await pilot.press("ctrl+p", "t", "a")
        await pilot.pause()
        palette = app.screen
        assert isinstance(palette, Palette)
        await pilot.press("down")
        app.names[:0] = ["tab", "beta nova"]
        palette.look_again()
        await pilot.pause()
        commands = palette.query_one(CommandList)
        options = [str(option.prompt) for option in commands.options]
        await pilot.press("enter")
        await pilot.pause()

        assert options[:2] == ["tab", "beta nova"]
        assert app.ran == ["delta"]
        palette.look_again()
        await pilot.pause()
        assert app.is_running


async def walk(seed: int, steps: int) -> None:
    chance = random.Random(seed)
    app = Paletted()
    try:
        async with opened(app, chance.choice(SIZES)) as pilot:
            for _ in range(steps):
                await pilot.press("ctrl+p")
                burst(app, *(chance.choice(KEYS) for _ in range(chance.randrange(8))))
                if chance.random() < 0.3:
                    app.names = chance.sample(NAMES, chance.randrange(len(NAMES)))
                    if isinstance(app.screen, Palette):
                        app.screen.look_again()
                if chance.random() < 0.3:
                    await pilot.resize_terminal(*chance.choice(SIZES))
                if chance.random() < 0.5:
                    await pilot.pause()
            assert app.is_running
    except BaseException as error:
        error.add_note(f"seed {seed}, {steps} steps")
        raise


@pytest.mark.parametrize("seed", range(3))
async def test_no_keys_and_sizes_end_it(seed: int) -> None:
    await walk(seed, 8)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 120))
async def test_no_keys_and_sizes_end_it_for_long(seed: int) -> None:
    await walk(seed, 120)
