"""Last price, change, high, low and volume: of 24 hours or since the start, and it says which."""

from __future__ import annotations

import json

import pytest

from obtui.widgets.day_line import DayLine
from screen_support import FedMarket, lines, shown
from support import frames, wire
from support.frames import WALL_NS

DAY = json.dumps({"open": "100", "high": "110.50", "low": "90", "close": "104.50"})


def market() -> FedMarket:
    fed = FedMarket()
    fed.book([("99.00", "1")], [("101.25", "1")])
    return fed


def told(fed: FedMarket, body: str = DAY) -> None:
    fed.market.apply(frames.rest("/v2/ticker/btcusd", 200, body, fed.seconds))


async def line_of(fed: FedMarket, size: tuple[int, int] = (120, 30)) -> str:
    app = fed.app()
    async with shown(app, size):
        return " ".join(lines(app, DayLine)[0].split()) if app.query_one(DayLine).display else ""


async def test_what_the_venue_says_is_of_24_hours() -> None:
    fed = market()
    told(fed)

    assert await line_of(fed) == "last 104.50 24 h +4.50 (+4.50%) high 110.50 low 90.00"


async def test_our_own_last_trade_is_newer_and_may_be_beyond_the_low() -> None:
    fed = market()
    told(fed)
    fed.text(wire.trade(price="80.00", size="2"))

    assert await line_of(fed) == "last 80.00 24 h -20.00 (-20.00%) high 110.50 low 80.00"


async def test_else_it_is_since_the_start() -> None:
    fed = market()
    for price in ("100.00", "90.00", "95.00"):
        fed.text(wire.trade(price=price, size="2"))

    said = await line_of(fed)

    assert said == "last 95.00 since start -5.00 (-5.00%) high 100.00 low 90.00 volume 6"


async def test_after_a_seek_it_is_since_the_moment_from_which_trades_are_counted() -> None:
    fed = market()
    fed.market.go_on(lambda _: None, 0, WALL_NS + 90 * 1_000_000_000)
    fed.text(wire.trade(price="100.00", size="2"))

    said = await line_of(fed)

    assert said == "last 100.00 since 22:14:50 0.00 (0.00%) high 100.00 low 100.00 volume 2"


async def test_no_digit_of_a_price_between_ticks_is_rounded_away() -> None:
    fed = market()
    for price in ("100.0075", "100.00500", "100.006"):
        fed.text(wire.trade(price=price, size="2"))

    said = await line_of(fed)

    assert said == (
        "last 100.0060 since start -0.0015 (-0.00%) high 100.0075 low 100.0050 volume 6"
    )


@pytest.mark.parametrize(("size", "there"), [((80, 19), False), ((80, 20), True)])
async def test_a_low_terminal_has_no_line_to_spare(size: tuple[int, int], there: bool) -> None:
    fed = market()
    told(fed)

    assert bool(await line_of(fed, size)) is there


async def test_what_does_not_fit_is_left_out_whole() -> None:
    fed = market()
    told(fed)

    assert await line_of(fed, (45, 24)) == "last 104.50 24 h +4.50 (+4.50%)"


async def test_nothing_known_is_no_line() -> None:
    assert await line_of(market()) == ""


async def test_a_word_that_is_minutes_old_is_not_shown() -> None:
    fed = market()
    told(fed)
    fed.seconds += 301

    assert await line_of(fed) == ""
