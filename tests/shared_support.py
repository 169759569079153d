"""Markets to share: one that is connected, and one that has its book."""

from __future__ import annotations

from obtui.feeds.gemini import GeminiFeed
from obtui.session import Session
from obtui.shared import Market
from support import wire
from support.frames import at, connect, text, wall

BIDS = [("99.50", "1"), ("98", "2"), ("97", "3")]
ASKS = [("101", "1"), ("102.250", "2")]


def connected() -> Market:
    market = Market(Session(GeminiFeed("BTCUSD")))
    market.apply(connect())
    return market


def live() -> Market:
    market = connected()
    market.apply(text(wire.depth(100, BIDS, ASKS)))
    return market


def tick(market: Market, seconds: float) -> None:
    market.tick(wall(seconds), at(seconds))
