"""The app under keys, clicks, resizes and a market at random."""

from __future__ import annotations

import os
import random
from decimal import Decimal
from functools import partial

import pytest
from textual.pilot import Pilot

from obtui import keymap, themes
from obtui.layouts import LAYOUTS
from obtui.widgets.ladder_panel import LadderPanel
from screen_support import (
    FedMarket,
    assert_placed,
    each_size,
    lines,
    plain_book,
    shown,
    until,
)

LEAVING = {"quit", "suspend"}
TYPED = ["enter", "tab", "shift+tab", "pagedown", "pageup", "home", "end", "backspace"]
TYPED += ["1", "2", "full_stop", "a", "k", "colon"]
KEYS = [
    *(key for name, it in keymap.ACTIONS.items() if name not in LEAVING for key in it.keys),
    *TYPED,
]


def trouble(fed: FedMarket, which: int) -> None:
    match which:
        case 0:
            fed.gap()
        case 1:
            fed.connect()
        case 2:
            fed.disconnect("gone")
        case _:
            fed.pass_time(20)


def laid_out(pilot: Pilot[None]) -> bool:
    return pilot.app.screen._compositor.size == pilot.app.size


async def click(pilot: Pilot[None], chance: random.Random) -> None:
    width, height = pilot.app.size
    place = chance.randrange(max(1, width)), chance.randrange(max(1, height))
    # The last line has the keys, and one of them quits.
    if width and height > 1 and place[1] < height - 1:
        await pilot.click(offset=place)


async def wander(pilot: Pilot[None], fed: FedMarket, chance: random.Random, steps: int) -> None:
    """Press, click, resize, choose, feed and wait at random."""
    for _ in range(steps):
        if not pilot.app.is_running:
            return
        match chance.randrange(9):
            case 0:
                width, height = chance.randrange(1, 260), chance.randrange(1, 90)
                await pilot.resize_terminal(width, height)
                await until(pilot, partial(laid_out, pilot), "it is laid out at its size")
            case 1 | 2 | 3:
                await pilot.press(chance.choice(KEYS))
            case 4:
                await click(pilot, chance)
            case 5:
                price = Decimal(chance.randrange(1, 30000)).scaleb(-2)
                side = {chance.choice(["bids", "asks"]): [(str(price), str(chance.randrange(3)))]}
                fed.change(**side)
            case 6:
                trouble(fed, chance.randrange(4))
            case 7:
                pilot.app.theme = chance.choice(themes.THEMES).name
            case _:
                fed.book(*plain_book(chance.randrange(80)))
        await pilot.pause()


async def walk(seed: int, steps: int) -> None:
    chance = random.Random(seed)
    fed = FedMarket()
    app = fed.app(layout=chance.choice(list(LAYOUTS)))
    try:
        async with shown(app) as pilot:
            await wander(pilot, fed, chance, steps)
            if not app.is_running:
                # The palette offers to quit, and keys at random may choose it.
                assert app.return_code == 0
                return
            while len(app.screen_stack) > 1:
                app.pop_screen()
            app.action_choose_layout("book")
            async for size in each_size(pilot):
                assert len(lines(app, LadderPanel)) == size[1] - 3
                assert_placed(app)
    except BaseException as error:
        error.add_note(f"seed {seed}, {steps} steps")
        raise


@pytest.mark.parametrize("seed", [1])
async def test_no_keys_resizes_or_market_crash_it(seed: int) -> None:
    await walk(seed, 25)


@pytest.mark.soak
async def test_no_keys_resizes_or_market_crash_it_for_long() -> None:
    first = int(os.environ.get("SEED", random.SystemRandom().randrange(10**9)))

    for seed in range(first, first + 40):
        await walk(seed, 500)
