"""The trades of a real capture: as its decoder makes them, and as the venue wrote them."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from obtui.feeds.binance import BinanceFeed
from obtui.market import Trade
from support.captures import incoming


@cache
def binance_trades() -> list[tuple[Trade, dict[str, Any]]]:
    """All 9,757 of the sample; skips the test where it is not there."""
    decoder = BinanceFeed("BTCUSDT").decoder()
    frames = incoming("spot-btcusdt-2024-08-08", "binance")
    found = []
    for frame in frames:
        if '@trade"' in frame:
            (trade,) = decoder.decode(frame.encode())
            assert isinstance(trade, Trade)
            found.append((trade, json.loads(frame)["data"]))
    return found
