"""What the venue says of a symbol, over the websocket, its handshake and REST."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response

from live_support import (
    BOOK,
    assert_backs_off,
    market_of,
    offline,
    reason_of,
    short_delays,
    state_of,
    verified,
)
from obtui import live as driver
from obtui.feeds import FEEDS
from obtui.feeds.gemini import GeminiFeed
from obtui.live import LiveFeed
from obtui.market import BookState
from obtui.rest import LARGEST_REPLY
from support import wire
from support.http import closed_port, rest_venue
from support.venue import LoopbackVenue, plays, running
from support.wait import eventually


@pytest.fixture(autouse=True)
def delays(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    return short_delays(monkeypatch)


def test_the_venues_invalid_stream_ends_the_run() -> None:
    feed = GeminiFeed("nosuch")
    market = market_of(feed)
    with LoopbackVenue(plays([wire.UNKNOWN_STREAM])) as venue:
        with running(LiveFeed(feed, market, url=venue.url, rest_url=None)) as run:
            run.result(5)
        assert venue.connections == 1

    assert market.refused.startswith("gemini has no symbol NOSUCH")
    assert (state_of(market), reason_of(market)) == (BookState.OFFLINE, market.refused)


def refuses(status: int, body: str) -> Callable[[ServerConnection, Request], Response]:
    return lambda connection, _: connection.respond(status, body)


def test_a_handshake_refused_for_the_symbol_ends_the_run() -> None:
    feed = FEEDS["gemini-v1"]("nosuch")
    market = market_of(feed)
    with (
        LoopbackVenue(plays([]), refuses(400, wire.UNKNOWN_SYMBOL)) as venue,
        running(LiveFeed(feed, market, url=venue.url, rest_url=None)) as run,
    ):
        run.result(5)

    assert len(venue.paths) == 1
    assert "no symbol NOSUCH" in market.refused


@pytest.mark.parametrize(
    ("status", "body"),
    [(400, "no"), (429, '{"result":"error","reason":"RateLimit"}'), (403, "<html>"), (503, "")],
)
def test_a_handshake_refused_otherwise_is_tried_again(
    status: int, body: str, delays: list[float]
) -> None:
    feed = FEEDS["gemini-v1"]("BTCUSD")
    market = market_of(feed)
    with (
        LoopbackVenue(plays([]), refuses(status, body)) as venue,
        running(LiveFeed(feed, market, url=venue.url, rest_url=None)) as run,
    ):
        eventually(lambda: len(venue.paths) >= 3, "three tries")
        assert not run.done()
        eventually(offline(market), "offline")

    assert reason_of(market) == f"the venue answered HTTP {status}"
    assert market.refused == ""
    assert_backs_off(delays)


def test_the_instrument_is_asked_over_rest() -> None:
    body = '{"symbol":"BTCUSD","base_currency":"BTC","quote_currency":"USD","quote_increment":0.05}'
    feed = GeminiFeed("BTCUSD")
    market = market_of(feed)
    with rest_venue(200, body) as rest, LoopbackVenue(plays([BOOK])) as venue:
        live = LiveFeed(feed, market, url=venue.url, rest_url=rest.url)
        with running(live):
            eventually(
                lambda: market.view(0, 0).instrument.tick == Decimal("0.05"), "the price tick"
            )
            eventually(verified(market), "the book")

    assert sorted(rest.paths) == ["/v1/symbols/details/btcusd", "/v2/ticker/btcusd"]


def test_rests_invalid_symbol_ends_the_run() -> None:
    feed = GeminiFeed("nosuch")
    market = market_of(feed)
    with (
        rest_venue(400, wire.UNKNOWN_SYMBOL) as rest,
        LoopbackVenue(plays([])) as venue,
        running(LiveFeed(feed, market, url=venue.url, rest_url=rest.url)) as run,
    ):
        run.result(5)

    assert "no symbol NOSUCH" in market.refused


@pytest.mark.parametrize(("status", "body"), [(500, "oops"), (404, "{}"), (200, "<html>")])
def test_no_other_answer_of_rest_touches_the_feed(status: int, body: str) -> None:
    feed = GeminiFeed("BTCUSD")
    market = market_of(feed)
    with rest_venue(status, body) as rest, LoopbackVenue(plays([BOOK])) as venue:
        live = LiveFeed(feed, market, url=venue.url, rest_url=rest.url)
        with running(live) as run:
            eventually(lambda: bool(rest.paths) and verified(market)(), "the book")
            assert not run.done()


def test_rest_that_first_fails_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "REST_RETRY_SECONDS", 0.02)
    feed = GeminiFeed("BTCUSD")
    market = market_of(feed)
    with (
        rest_venue(200, "x" * (LARGEST_REPLY + 1)) as rest,
        LoopbackVenue(plays([BOOK])) as venue,
        running(LiveFeed(feed, market, url=venue.url, rest_url=rest.url)) as run,
    ):
        eventually(
            lambda: rest.paths.count(feed.instrument_path) >= 3 and verified(market)(),
            "it was asked again",
        )
        before = market.view(0, 0).instrument.tick
        rest.body = b'{"symbol":"BTCUSD","quote_increment":0.05}'
        eventually(lambda: market.view(0, 0).instrument.tick == Decimal("0.05"), "the price tick")
        assert not run.done()

    assert before is None
    assert set(rest.paths) == {feed.instrument_path, feed.day_path}


def test_rest_that_is_not_reached_keeps_no_refused_symbol_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("obtui.rest.TIMEOUT_SECONDS", 0.05)
    feed = GeminiFeed("nosuch")
    market = market_of(feed)
    url = f"http://127.0.0.1:{closed_port()}"
    with (
        LoopbackVenue(plays([wire.UNKNOWN_STREAM])) as venue,
        running(LiveFeed(feed, market, url=venue.url, rest_url=url)) as run,
    ):
        run.result(5)

    assert "no symbol NOSUCH" in market.refused
