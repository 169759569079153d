"""Reaching the venue, keeping it alive, and how long is waited before the next try."""

from __future__ import annotations

import contextlib
import random
import socket
import time
from typing import ClassVar

import pytest
from websockets.asyncio.server import ServerConnection

from live_support import (
    BOOK,
    assert_backs_off,
    first_then_whole,
    market_of,
    offline,
    reason_of,
    resyncs_of,
    short_delays,
    state_of,
    verified,
)
from obtui import session
from obtui.feeds import FEEDS
from obtui.feeds.gemini import GeminiFeed
from obtui.live import LiveFeed, back_off
from obtui.market import BookState
from obtui.shared import Listeners
from support.books import BookLog
from support.http import closed_port, rest_venue
from support.venue import LoopbackVenue, plays, running
from support.wait import eventually


@pytest.fixture(autouse=True)
def delays(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    return short_delays(monkeypatch)


@pytest.mark.parametrize(
    ("venue_name", "path"),
    [("gemini", "/?snapshot=-1"), ("gemini-v1", "/v1/marketdata/BTCUSD?heartbeat=true")],
)
def test_another_origin_keeps_the_venues_path_and_query(venue_name: str, path: str) -> None:
    feed = FEEDS[venue_name]("btcusd")
    with LoopbackVenue(plays([])) as venue:
        live = LiveFeed(feed, market_of(feed), url=f"{venue.url}/else?x=1", rest_url=None)
        with running(live):
            eventually(lambda: bool(venue.paths), "a handshake")

    assert venue.paths == [path]
    assert live.url == venue.url + path


def test_the_subscription_is_sent_once_per_connection() -> None:
    feed = GeminiFeed("BTCUSD")
    with LoopbackVenue(first_then_whole([BOOK, b"{"], [BOOK])) as venue:
        live = LiveFeed(feed, market := market_of(feed), url=venue.url, rest_url=None)
        with running(live):
            eventually(lambda: venue.connections == 2 and verified(market)(), "a book")
            eventually(lambda: len(venue.messages) == 2, "two subscriptions")

    assert venue.messages == [*feed.subscriptions()] * 2


@pytest.mark.parametrize(
    ("venue_name", "sibling"), [("gemini", "gemini-v1"), ("gemini-v1", "gemini")]
)
def test_a_refused_connection_says_so_and_names_the_other_venue(
    venue_name: str, sibling: str
) -> None:
    feed = FEEDS[venue_name]("BTCUSD")
    market = market_of(feed)
    port = closed_port()
    live = LiveFeed(feed, market, url=f"ws://127.0.0.1:{port}", rest_url=None)
    with running(live):
        eventually(offline(market), "offline")
        view = market.view(10, time.monotonic_ns())

    assert view.reason == f"127.0.0.1:{port}: connection refused"
    assert view.hint == f"try --venue {sibling}"
    assert view.resyncs == 0


def test_a_host_of_several_addresses_that_all_refuse_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def two(host: str, port: int, *_: object, **__: object) -> list[tuple[object, ...]]:
        kind = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "")
        return [(*kind, (f"127.0.0.{last}", port)) for last in (1, 2)]

    monkeypatch.setattr(socket, "getaddrinfo", two)
    market = market_of(GeminiFeed("BTCUSD"))
    url = f"ws://localhost:{closed_port()}"
    with running(LiveFeed(GeminiFeed("BTCUSD"), market, url=url, rest_url=None)):
        eventually(offline(market), "offline")

    assert reason_of(market).endswith(": no address of it answers")


@pytest.mark.parametrize("origin", ["ws://a..b:9", "ws://" + "x" * 70 + ".invalid:9"])
def test_a_host_that_is_no_name_is_offline_and_no_crash(origin: str) -> None:
    market = market_of(GeminiFeed("BTCUSD"))
    with running(LiveFeed(GeminiFeed("BTCUSD"), market, url=origin, rest_url=None)) as run:
        eventually(offline(market), "offline")
        assert not run.done()
        assert reason_of(market)


def test_what_speaks_no_websocket_is_named() -> None:
    with rest_venue(200, "hello") as venue:
        feed = GeminiFeed("BTCUSD")
        market = market_of(feed)
        url = venue.url.replace("http", "ws")
        with running(LiveFeed(feed, market, url=url, rest_url=None)):
            eventually(offline(market), "offline")

    assert reason_of(market) == "the venue answered HTTP 200"


def test_a_venue_that_accepts_and_closes_is_not_hammered(delays: list[float]) -> None:
    async def script(connection: ServerConnection, nth: int) -> None:
        await connection.send(BOOK, text=True)

    feed = GeminiFeed("BTCUSD")
    market = market_of(feed)
    with LoopbackVenue(script) as venue:
        with running(LiveFeed(feed, market, url=venue.url, rest_url=None)):
            eventually(lambda: len(delays) >= 6, "six tries")
        assert venue.connections <= len(delays) + 1

    assert_backs_off(delays)
    assert resyncs_of(market) in {venue.connections - 1, venue.connections}


def test_after_a_healthy_time_the_next_try_is_at_once_and_only_that(
    delays: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "PROVEN_SECONDS", 0.05)
    feed = GeminiFeed("BTCUSD")
    market = market_of(feed)
    with LoopbackVenue(plays([BOOK])) as venue:
        live = LiveFeed(feed, market, url=venue.url, rest_url=None)
        runs = contextlib.ExitStack()
        runs.enter_context(running(live))
        eventually(lambda: market.proven, "a proven connection")
    with runs:  # the venue is gone for good
        eventually(lambda: len(delays) >= 5, "five tries")

    assert delays[0] == 0.0
    assert_backs_off(delays[1:])


def test_before_that_time_failures_add_up(delays: list[float]) -> None:
    frames = [BOOK, b"{"]
    feed = GeminiFeed("BTCUSD")
    with LoopbackVenue(plays(frames)) as venue:
        live = LiveFeed(feed, market_of(feed), url=venue.url, rest_url=None)
        with running(live):
            eventually(lambda: len(delays) >= 5, "five tries")

    assert_backs_off(delays)


class Restless(GeminiFeed):
    """Pings often."""

    ping_seconds: ClassVar[float] = 0.02


class Impatient(GeminiFeed):
    """Calls a book stale soon, and does not ping."""

    stale_seconds: ClassVar[float] = 0.2
    ping_seconds: ClassVar[float] = 0.0


def test_our_pings_go_out_and_their_replies_are_life() -> None:
    market = market_of(Restless("BTCUSD"))
    log = BookLog()
    with LoopbackVenue(plays([BOOK])) as venue:
        live = LiveFeed(Restless("BTCUSD"), market, url=venue.url, rest_url=None)
        with running(live):
            market.listeners = Listeners(books=log)
            eventually(lambda: market.messages >= 10, "replies to nine pings")
            assert "untrusted" not in log.calls
            assert state_of(market) is BookState.VERIFIED

    sent = [message for message in venue.messages if message == Restless("BTCUSD").ping()]
    assert len(sent) >= 9


def test_a_venue_that_falls_silent_goes_stale_and_is_called_anew() -> None:
    market = market_of(Impatient("BTCUSD"))
    with LoopbackVenue(plays([BOOK])) as venue:
        live = LiveFeed(Impatient("BTCUSD"), market, url=venue.url, rest_url=None)
        with running(live):
            eventually(lambda: state_of(market) is BookState.STALE, "a stale book")
            assert venue.connections == 1
            eventually(lambda: venue.connections == 2, "a second connection")
            assert "no word from the venue" in market.view(0, 0).trouble


@pytest.mark.parametrize("seed", range(20))
def test_back_off_doubles_to_30_s_with_a_fifth_of_jitter(seed: int) -> None:
    delays = back_off(random.Random(seed), at_once=False)

    waits = [next(delays) for _ in range(12)]

    assert_backs_off(waits)
    assert len(set(waits)) == len(waits)


def test_back_off_uses_all_of_its_jitter() -> None:
    firsts = [next(back_off(random.Random(seed), at_once=False)) for seed in range(500)]

    assert 0.8 <= min(firsts) < 0.82
    assert 1.18 < max(firsts) <= 1.2


def test_the_first_try_may_be_at_once() -> None:
    delays = back_off(random.Random(1), at_once=True)

    assert next(delays) == 0.0
    assert_backs_off([next(delays) for _ in range(8)])
