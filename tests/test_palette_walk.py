"""The palette under keys, resizes and lists that come or do not, at random."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from textual import events

from obtui.market import Instrument
from obtui.seams import Unavailable
from palette_support import LISTED, Desk
from screen_support import SIZES

KEYS = [
    *("down", "up", "pagedown", "pageup", "enter", "escape", "ctrl+p", "ctrl+home", "ctrl+end"),
    *("tab", "backspace", "ctrl+u", "a", "b", "t", "z", "space", "colon", "k", "n", "1", "o"),
]
TEXTS = ["kraken:", "venue ", "theme ", "layout ", "btc", ""]


async def walk(seed: int, steps: int) -> None:
    chance = random.Random(seed)

    def answer(venue: str) -> Sequence[Instrument]:
        if chance.random() < 0.3:
            raise Unavailable("no list came")
        return LISTED

    desk = Desk(answer)
    try:
        async with desk.shown(chance.choice(SIZES)) as pilot:
            for _ in range(steps):
                if not desk.app.is_running:
                    break  # among the commands is that of leaving
                desk.app.open_palette(chance.choice(TEXTS))
                for key in (chance.choice(KEYS) for _ in range(chance.randrange(10))):
                    character = key if len(key) == 1 else ":" if key == "colon" else None
                    desk.app.post_message(events.Key(key, character))
                if chance.random() < 0.3:
                    await pilot.resize_terminal(chance.randrange(1, 200), chance.randrange(1, 60))
                await pilot.pause()
        assert desk.app.return_code in {None, 0}
    except BaseException as error:
        error.add_note(f"seed {seed}, {steps} steps")
        raise


async def test_no_keys_end_it() -> None:
    await walk(1, 8)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 120))
async def test_no_keys_end_it_for_long(seed: int) -> None:
    await walk(seed, 100)
