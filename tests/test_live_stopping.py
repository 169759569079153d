"""The driver ends within a second, wherever it is."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import socket
import threading
import time
from collections.abc import Callable

import pytest

from live_support import (
    BOOK,
    market_of,
    offline,
    reason_of,
    short_delays,
    verified,
)
from obtui import live as driver
from obtui.book import OrderBook
from obtui.feeds.gemini import GeminiFeed
from obtui.live import LiveFeed, back_off
from obtui.shared import Listeners
from support.books import BookLog
from support.http import closed_port, silent_port
from support.venue import LoopbackVenue, plays, running
from support.wait import eventually


@pytest.fixture(autouse=True)
def delays(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    return short_delays(monkeypatch)


def deaf_venue(listening: socket.socket) -> None:
    """Shake hands once, then hear nothing any more, not even a close."""
    connection, _ = listening.accept()
    with connection:
        request = connection.recv(65536).decode()
        key = request.split("Sec-WebSocket-Key: ")[1].split("\r\n")[0]
        digest = hashlib.sha1(key.encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
        connection.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + base64.b64encode(digest) + b"\r\n\r\n"
        )
        with contextlib.suppress(OSError):  # the other end may tear it
            while connection.recv(65536):
                pass


def assert_stops_within_a_second(live: LiveFeed, ready: Callable[[], bool]) -> None:
    with running(live) as run:
        eventually(ready, "something to stop")
        began = time.monotonic()
        live.stop()
        live.stop()
        run.result(5)
        assert time.monotonic() - began < 1.0


def test_stop_ends_a_live_connection() -> None:
    feed = GeminiFeed("BTCUSD")
    market = market_of(feed)
    with LoopbackVenue(plays([BOOK])) as venue:
        live = LiveFeed(feed, market, url=venue.url, rest_url=None)
        assert_stops_within_a_second(live, verified(market))


def test_stop_ends_a_connection_to_a_venue_that_does_not_hear() -> None:
    feed = GeminiFeed("BTCUSD")
    market = market_of(feed)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        deaf = threading.Thread(target=deaf_venue, args=(listening,))
        deaf.start()
        url = f"ws://127.0.0.1:{listening.getsockname()[1]}"
        live = LiveFeed(feed, market, url=url, rest_url=None)
        assert_stops_within_a_second(live, lambda: reason_of(market) == "waiting for the book")
        deaf.join(5)


def test_stop_ends_a_handshake_and_a_question_that_hang() -> None:
    feed = GeminiFeed("BTCUSD")
    market = market_of(feed)
    with silent_port() as port:
        live = LiveFeed(
            feed, market, url=f"ws://127.0.0.1:{port}", rest_url=f"http://127.0.0.1:{port}"
        )
        assert_stops_within_a_second(live, lambda: live._task is not None)


def test_stop_ends_a_wait_for_the_next_try(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(driver, "back_off", back_off)
    feed = GeminiFeed("BTCUSD")
    market = market_of(feed)
    live = LiveFeed(feed, market, url=f"ws://127.0.0.1:{closed_port()}", rest_url=None)

    assert_stops_within_a_second(live, offline(market))
    assert market.view(0, time.monotonic_ns()).retry_seconds > 0


def test_stop_ends_a_wait_for_the_next_question() -> None:
    feed = GeminiFeed("BTCUSD")
    market = market_of(feed)
    with LoopbackVenue(plays([BOOK])) as venue:
        url = f"http://127.0.0.1:{closed_port()}"
        live = LiveFeed(feed, market, url=venue.url, rest_url=url)
        assert_stops_within_a_second(live, verified(market))


def test_stop_before_run_ends_it_at_once() -> None:
    feed = GeminiFeed("BTCUSD")
    with LoopbackVenue(plays([BOOK])) as venue:
        live = LiveFeed(feed, market_of(feed), url=venue.url, rest_url=None)
        live.stop()
        with running(live) as run:
            run.result(5)

    assert venue.connections == 0


def test_the_polite_way_of_cancelling_ends_it_too() -> None:
    feed = GeminiFeed("BTCUSD")
    market = market_of(feed)
    with LoopbackVenue(plays([BOOK])) as venue:
        live = LiveFeed(feed, market, url=venue.url, rest_url=None)
        thread = threading.Thread(target=live.run, args=(verified(market),))
        thread.start()
        thread.join(5)
        assert not thread.is_alive()

    assert venue.connections == 1


def test_what_breaks_in_the_thread_is_not_swallowed() -> None:
    class Broken(BookLog):
        def on_book(self, book: OrderBook, received_ns: int) -> None:
            raise RuntimeError("a bug of ours")

    feed = GeminiFeed("BTCUSD")
    market = market_of(feed)
    market.listeners = Listeners(books=Broken())
    with LoopbackVenue(plays([BOOK])) as venue:
        live = LiveFeed(feed, market, url=venue.url, rest_url=None)
        with pytest.raises(ExceptionGroup) as raised:
            live.run()

    assert raised.group_contains(RuntimeError, match="a bug of ours")
