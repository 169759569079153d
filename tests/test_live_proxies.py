"""Proxies of the environment: never for loopback, and named where they fail."""

from __future__ import annotations

import pytest

from live_support import (
    BOOK,
    market_of,
    offline,
    reason_of,
    short_delays,
    state_of,
)
from obtui.feeds.gemini import GeminiFeed
from obtui.live import LiveFeed
from obtui.market import BookState
from support.http import closed_port
from support.venue import LoopbackVenue, plays, running
from support.wait import eventually


@pytest.fixture(autouse=True)
def delays(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    return short_delays(monkeypatch)


@pytest.mark.parametrize("kind", ["http", "socks5"])
def test_loopback_is_never_reached_through_a_proxy(
    monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "ws_proxy", "wss_proxy"):
        monkeypatch.setenv(name, f"{kind}://127.0.0.1:{closed_port()}")
    feed = GeminiFeed("BTCUSD")
    market = market_of(feed)
    with LoopbackVenue(plays([BOOK])) as venue:
        live = LiveFeed(feed, market, url=venue.url, rest_url=None)
        with running(live):
            eventually(lambda: state_of(market) in {BookState.VERIFIED, BookState.OFFLINE}, "word")
            assert state_of(market) is BookState.VERIFIED


@pytest.mark.parametrize("kind", ["http", "socks5"])
def test_an_error_through_a_proxy_names_it_but_not_its_password(
    monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    port = closed_port()
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"{kind}://me:secret@127.0.0.1:{port}")
    feed = GeminiFeed("BTCUSD")
    market = market_of(feed)
    with running(LiveFeed(feed, market, url="ws://venue.invalid:9", rest_url=None)):
        eventually(offline(market), "offline")

    assert reason_of(market).startswith(f"venue.invalid:9 through the proxy 127.0.0.1:{port}: ")
    assert "secret" not in reason_of(market)


@pytest.mark.parametrize(
    "proxy",
    [
        "http://me:secret@[::1",
        "nonsense://me:secret@h",
        "http://me:secret@127.0.0.1:port",
        "me:secret@h:8080",
        "none",
    ],
)
def test_a_proxy_that_is_no_address_is_offline_and_no_crash(
    monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, proxy)
    feed = GeminiFeed("BTCUSD")
    market = market_of(feed)
    with running(LiveFeed(feed, market, url="ws://venue.invalid:9", rest_url=None)) as run:
        eventually(offline(market), "offline")
        assert not run.done()
        assert reason_of(market).startswith("venue.invalid:9 through the proxy ")
        assert "secret" not in reason_of(market)
