"""A venue whose REST interface gets too many requests is left alone for as long as it asks."""

from __future__ import annotations

import pytest

from live_support import market_of
from obtui import rest
from obtui.conversation import HOLD_SECONDS
from obtui.feeds.binance import BinanceFeed
from obtui.live import LiveFeed
from obtui.market import BookState
from support import binance_wire
from support.http import rest_venue
from support.venue import LoopbackVenue, plays, running
from support.wait import eventually


@pytest.mark.parametrize(
    ("status", "told", "waited"),
    [(429, "70", 70.0), (418, "86400", rest.LONGEST_HOLD), (429, "", HOLD_SECONDS)],
)
def test_it_is_left_alone(status: int, told: str, waited: float) -> None:
    feed = BinanceFeed("BTCUSDT")
    market = market_of(feed)
    with (
        rest_venue(status, '{"code":-1003,"msg":"slow down"}') as asked,
        LoopbackVenue(plays([binance_wire.diff(5, 6)])) as venue,
    ):
        asked.headers = {"Retry-After": told} if told else {}
        live = LiveFeed(feed, market, url=venue.url, rest_url=asked.url)
        with running(live):
            eventually(lambda: market.view(1, 0).state is BookState.OFFLINE, "it is left alone")
            until_ns = market._session.retry_ns
            lost_ns = market._session.alive_ns

    assert waited <= (until_ns - lost_ns) / 1e9 < waited + 5


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7.0), ("0", 0.0), ("", 0.0), ("-3", 0.0), ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0)],
)
async def test_what_the_header_says(header: str, seconds: float) -> None:
    with rest_venue(429, "") as venue:
        venue.headers = {"Retry-After": header}
        reply = await rest.fetch(venue.url, "/x")

    assert reply is not None
    assert reply.retry_seconds == seconds
