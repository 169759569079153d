"""The app under keys, resizes and a market at random."""

from __future__ import annotations

import os
import random
from decimal import Decimal

import pytest
from textual.pilot import Pilot

from obtui.widgets.ladder_panel import LadderPanel
from screen_support import (
    FedMarket,
    each_size,
    lines,
    plain_book,
    shown,
)

KEYS = ["space", "r", "question_mark", "escape", "ctrl+p", "down", "tab", "x", "up", "pagedown"]


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


async def wander(pilot: Pilot[None], fed: FedMarket, chance: random.Random, steps: int) -> None:
    """Press, resize, feed and wait at random."""
    for _ in range(steps):
        match chance.randrange(6):
            case 0:
                width, height = chance.randrange(1, 260), chance.randrange(1, 90)
                await pilot.resize_terminal(width, height)
            case 1 | 2:
                await pilot.press(chance.choice(KEYS))
            case 3:
                price = Decimal(chance.randrange(1, 30000)).scaleb(-2)
                side = {chance.choice(["bids", "asks"]): [(str(price), str(chance.randrange(3)))]}
                fed.change(**side)
            case 4:
                trouble(fed, chance.randrange(4))
            case _:
                fed.book(*plain_book(chance.randrange(80)))
        await pilot.pause()


async def walk(seed: int, steps: int) -> None:
    chance = random.Random(seed)
    fed = FedMarket()
    app = fed.app()
    try:
        async with shown(app) as pilot:
            await wander(pilot, fed, chance, steps)
            assert app.is_running
            while len(app.screen_stack) > 1:
                app.pop_screen()
            async for size in each_size(pilot):
                assert len(lines(app, LadderPanel)) == size[1] - 3
    except BaseException as error:
        error.add_note(f"seed {seed}, {steps} steps")
        raise


@pytest.mark.parametrize("seed", [1])
async def test_no_keys_resizes_or_market_crash_it(seed: int) -> None:
    await walk(seed, 30)


@pytest.mark.soak
async def test_no_keys_resizes_or_market_crash_it_for_long() -> None:
    first = int(os.environ.get("SEED", random.SystemRandom().randrange(10**9)))

    for seed in range(first, first + 40):
        await walk(seed, 500)
