"""Whatever happens on the screen, the terminal shows cell for cell what Textual's output gives."""

from __future__ import annotations

import contextlib
import os
import random
from decimal import Decimal

import pytest
from textual.pilot import OutOfBounds, Pilot
from textual.widgets._footer import FooterKey

from both_support import BothApp
from obtui import themes
from obtui.layouts import LAYOUTS
from obtui.looks import Look
from obtui.watched import Watched
from screen_support import FakeRecording, FedMarket, StillSource, plain_book, shown

KEYS = ["v", "s", "b", "t", "l", "z", "d", "h", "x", "e", "p", "f", "c", "space", "tab", "escape"]
KEYS += ["left_square_bracket", "right_square_bracket", "up", "down", "question_mark", "ctrl+p"]
KEYS += ["pagedown", "a", "enter", "dollar_sign", "5"]


def both(fed: FedMarket, layout: str, theme: str = "obtui") -> BothApp:
    watched = [Watched(fed.market, StillSource())]
    look = Look(fps=60, layout=layout, theme=theme)
    return BothApp(watched, FakeRecording(), look, clock=fed.clock, driver_class=None)


async def act(pilot: Pilot[None], fed: FedMarket, chance: random.Random) -> None:
    match chance.randrange(10):
        case 0:
            await pilot.resize_terminal(chance.randrange(20, 140), chance.randrange(6, 50))
        case 1:
            pilot.app.theme = chance.choice(themes.THEMES).name
        case 2 | 3 | 4:
            await pilot.press(chance.choice(KEYS))
        case 5:
            fed.gap() if chance.random() < 0.3 else fed.pass_time(1)
        case 6 if chance.random() < 0.5:
            # What a key of the foot does is told beside the mouse, over what stands there.
            screen = pilot.app.screen
            seen = [
                it for it in screen.query(FooterKey) if screen.region.contains_region(it.region)
            ]
            with contextlib.suppress(OutOfBounds):  # placed elsewhere by now
                await pilot.hover(chance.choice(seen) if seen else None)
        case 6:
            fed.book(*plain_book(chance.randrange(60)))
        case _:
            for _ in range(chance.randrange(8)):
                price = Decimal(chance.randrange(9900, 10000)).scaleb(-2)
                fed.change(bids=[(str(price), str(chance.randrange(5)))])
    await pilot.pause()


async def walk(seed: int, sequences: int) -> int:
    """So many sequences of a few steps, each of which ends in the same picture. Returns how many
    lines took the shorter way."""
    chance = random.Random(seed)
    fed = FedMarket()
    fed.book(*plain_book(40))
    app = both(fed, chance.choice(list(LAYOUTS)), chance.choice(themes.THEMES).name)
    try:
        async with shown(app, (100, 30), toasts=True) as pilot:
            app.record(chance)
            await pilot.pause()
            for _ in range(sequences):
                for _ in range(chance.randrange(1, 7)):
                    await act(pilot, fed, chance)
                await app.check()
    except BaseException as error:
        error.add_note(f"seed {seed}, {sequences} sequences")
        raise
    return app.short


async def test_the_picture_is_that_of_textual() -> None:
    assert sum([await walk(seed, 8) for seed in range(3)]) > 0


@pytest.mark.soak
async def test_the_picture_is_that_of_textual_for_long() -> None:
    first = int(os.environ.get("SEED", random.SystemRandom().randrange(10**9)))
    assert sum([await walk(seed, 20) for seed in range(first, first + 60)]) > 0


async def test_the_wire_is_thin() -> None:
    fed = FedMarket()
    fed.book(*plain_book(40))
    app = both(fed, "book")

    async with shown(app, (120, 40)) as pilot:
        app.record(short=False)
        await pilot.pause()
        await app.check()
        app.thin.sent = app.textual.sent = 0
        chance = random.Random(1)
        for _ in range(50):
            price = Decimal(chance.randrange(9960, 10000)).scaleb(-2)
            fed.change(bids=[(str(price), str(chance.randrange(1, 5)))])
            app.refresh_now()
            await pilot.pause()
        await app.check()

    assert app.thin.sent < app.textual.sent / 5
