"""What the tests of the websocket driver share: its waits made short, and what a market says."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator

import pytest
from websockets.asyncio.server import ServerConnection

from obtui import live as driver
from obtui.feeds.base import Feed
from obtui.live import LiveFeed, back_off
from obtui.market import BookState
from obtui.session import Session
from obtui.shared import Listeners, Market
from support import wire
from support.books import BookLog
from support.venue import LoopbackVenue, Script, hold, plays, running, send_all
from support.wait import eventually

BOOK = wire.depth(100, [("99", "1")], [("101", "1")])


def short_delays(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits between tries, noted as they are decided and taken a hundred times shorter."""
    noted: list[float] = []

    def short(chance: random.Random, *, at_once: bool) -> Iterator[float]:
        for delay in back_off(chance, at_once=at_once):
            noted.append(delay)
            yield delay / 100

    monkeypatch.setattr(driver, "back_off", short)
    monkeypatch.setattr(driver, "TICK_SECONDS", 0.01)
    monkeypatch.setattr("obtui.conversation.TICK_SECONDS", 0.01)
    return noted


def market_of(feed: Feed) -> Market:
    return Market(Session(feed))


def state_of(market: Market) -> BookState:
    return market.view(0, time.monotonic_ns()).state


def reason_of(market: Market) -> str:
    return market.view(0, time.monotonic_ns()).reason


def resyncs_of(market: Market) -> int:
    return market.view(0, time.monotonic_ns()).resyncs


def offline(market: Market) -> Callable[[], bool]:
    return lambda: state_of(market) is BookState.OFFLINE


def verified(market: Market) -> Callable[[], bool]:
    return lambda: state_of(market) is BookState.VERIFIED


def assert_backs_off(delays: list[float], first: float = 1.0) -> None:
    """±20 % of 1, 2, 4, 8, 16, 30, 30."""
    for index, delay in enumerate(delays):
        due = min(first * 2**index, 30.0)
        assert due * 0.8 <= delay <= due * 1.2, delays


def play(feed: Feed, frames: list[str], log: BookLog) -> Market:
    """Everything that the venue sends, through the driver; looked at the while like a screen."""
    market = market_of(feed)
    market.listeners = Listeners(books=log)
    with LoopbackVenue(plays(frames)) as venue:
        live = LiveFeed(feed, market, url=venue.url, rest_url=None)
        with running(live):

            def all_came() -> bool:
                view = market.view(1, time.monotonic_ns())
                if view.live:
                    assert view.bids[0].price < view.asks[0].price
                return market.messages == len(frames)

            eventually(all_came, "every frame")
            view = market.view(0, time.monotonic_ns())
    assert (view.state, view.resyncs, view.trouble) == (BookState.VERIFIED, 0, "")
    assert "untrusted" not in log.calls
    assert log.crossed == 0
    return market


def first_then_whole(first: list[bytes], whole: list[bytes], *, close: bool = False) -> Script:
    """A faulty first connection, and after it good ones."""

    async def script(connection: ServerConnection, nth: int) -> None:
        await send_all(connection, first if nth == 1 else whole)
        if nth > 1 or not close:
            await hold(connection)

    return script
