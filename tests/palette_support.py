"""A screen with a palette, and venues that answer as they are told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from decimal import Decimal

from textual.command import CommandList, CommandPalette
from textual.pilot import Pilot

from obtui.app import ObtuiApp
from obtui.feeds.kraken import KrakenFeed
from obtui.market import Instrument
from obtui.opening.further import Further
from obtui.opening.opener import Opened
from obtui.session import Session
from obtui.shared import Market
from obtui.watched import Watched
from screen_support import FedMarket, StillSource, plain_book, shown, until

Answer = Callable[[str], Sequence[Instrument]]


def market(base: str, quote: str, status: str = "open") -> Instrument:
    return Instrument(base + quote, base, quote, Decimal("0.010"), status)


LISTED = [
    *(market("ETH", "USD"), market("BTC", "EUR"), market("BTC", "USD"), market("ETH", "BTC")),
    *(market("WBTC", "USD"), market("BTC", "USDT"), market("[b]X", "USD", "[red]")),
]  # fmt: skip


class Venues:
    """Opens what it is told of, and notes it."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.asked: list[str] = []
        self.opened: list[tuple[str, str]] = []

    def venues(self) -> Sequence[str]:
        return ["gemini", "kraken", "binance"]

    def symbols(self, venue: str) -> Sequence[Instrument]:
        self.asked.append(venue)
        return self._answer(venue)

    def open(self, venue: str, symbol: str) -> Opened:
        self.opened.append((venue, symbol))
        made = Market(Session(KrakenFeed("X/USD"), Instrument(symbol)))
        return Opened(Watched(made, StillSource()))

    def close(self, watched: Watched) -> None:
        raise AssertionError("nothing was refused")


class Desk:
    """A market on screen, and what else there is."""

    def __init__(self, answer: Answer = lambda _: LISTED) -> None:
        self.venues = Venues(answer)
        self.fed = FedMarket()
        self.fed.book(*plain_book(20))
        self.app = self.fed.app()
        self.app.markets = Further(self.app, self.venues)

    def shown(self, size: tuple[int, int] = (100, 40)) -> AbstractAsyncContextManager[Pilot[None]]:
        return shown(self.app, size)


def prompts(app: ObtuiApp) -> list[str]:
    """Each line of the palette with what is said of it."""
    if not isinstance(app.screen, CommandPalette):
        return []
    return [str(it.prompt) for found in app.screen.query(CommandList) for it in found.options]


def names(app: ObtuiApp) -> list[str]:
    return [it.partition("\n")[0] for it in prompts(app)]


async def look_for(pilot: Pilot[None], app: ObtuiApp, typed: str, found: str) -> list[str]:
    """Type it; the lines, when this is the first."""
    app.open_palette(typed)
    await until(pilot, lambda: names(app)[:1] == [found], found)
    return names(app)
