"""Bitstamp through the real driver: a stream and REST on loopback."""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal

import pytest
from websockets.asyncio.server import ServerConnection

from obtui.feeds import bitstamp
from obtui.feeds.bitstamp import BitstampFeed
from obtui.live import LiveFeed
from obtui.market import BookState
from support import bitstamp_wire as wire
from support.bitstamp_wire import TIME
from support.books import Levels
from support.driven import Looked, shorten
from support.scripted_rest import scripted_rest
from support.venue import LoopbackVenue, Script, hold, plays, running, send_all
from support.wait import eventually

FEED = BitstampFeed("BTCUSD")
BOOK_PATH = FEED.book_path(100)
NUMBERS = range(1, 30)
LATE = 10.0
"""Seconds after which what is waited for in vain fails the test."""


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    shorten(monkeypatch)
    monkeypatch.setattr(bitstamp, "SEED_SECONDS", 0.002)


def levels(number: int) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Another whole book for each number, with nothing of the one before it."""
    return [(f"{100 + number}.50", "1"), ("1", str(number))], [(f"{200 + number}", "2")]


def book(number: int) -> bytes:
    return wire.book(*levels(number), TIME + number)


def seed(number: int) -> tuple[int, str]:
    return 200, wire.rest_book(*levels(number), TIME + number)


def true(number: int) -> Levels:
    bids, asks = levels(number)
    return (
        {Decimal(price): Decimal(size) for price, size in bids},
        {Decimal(price): Decimal(size) for price, size in asks},
    )


TRUTH = [true(number) for number in range(max(NUMBERS) + 1)]


def drive(
    script: Script, check: Callable[[Looked], None], rest_book: tuple[int, str] = (503, "")
) -> Looked:
    """Run the driver until `check` has seen what it waits for."""
    looked = Looked(FEED, TRUTH)

    def answer(path: str, nth: int) -> tuple[int, str]:
        return rest_book if path == BOOK_PATH else (503, "")

    with (
        LoopbackVenue(script) as venue,
        scripted_rest(answer) as rest,
        running(LiveFeed(FEED, looked.market, url=venue.url, rest_url=rest.url)),
    ):
        check(looked)
    looked.assert_all_true()
    return looked


def shows(number: int) -> Callable[[Looked], None]:
    """Waits for a book."""
    return lambda it: eventually(
        lambda: it.has(TRUTH[number]), f"book {number} ({it.session.reason})"
    )


def test_every_frame_is_a_book_and_no_level_is_inherited() -> None:
    looked = drive(plays([wire.subscribed(), *map(book, NUMBERS)]), shows(NUMBERS[-1]))

    assert looked.log.books == TRUTH[1:]
    assert looked.shows(BookState.UNVERIFIED)
    assert looked.view.resyncs == 0


def test_the_channels_are_subscribed_to_and_the_heartbeat_is_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(BitstampFeed, "ping_seconds", 0.02)
    looked = Looked(FEED, TRUTH)
    with (
        LoopbackVenue(plays([book(1)])) as venue,
        running(LiveFeed(FEED, looked.market, url=venue.url, rest_url=None)),
    ):
        eventually(lambda: len(venue.messages) >= 4, "two heartbeats")

    assert venue.messages[:2] == list(FEED.subscriptions())
    assert set(venue.messages[2:]) == {FEED.ping()}


def test_a_quiet_market_is_shown_by_rest() -> None:
    script = plays([wire.subscribed(), wire.subscribed("live_trades_btcusd")])

    looked = drive(script, shows(7), seed(7))

    assert looked.shows(BookState.UNVERIFIED)
    assert looked.session.connections == 1


def test_rests_book_is_dropped_where_a_frame_is_there() -> None:
    def check(looked: Looked) -> None:
        eventually(lambda: BOOK_PATH in looked.replies, "REST's reply")
        assert looked.has(TRUTH[5])

    looked = drive(plays([wire.subscribed(), book(5)]), check, seed(9))

    assert looked.log.books == [TRUTH[5]]


def test_where_rest_fails_the_stream_is_waited_for() -> None:
    failed = threading.Event()

    async def script(connection: ServerConnection, nth: int) -> None:
        await connection.send(wire.subscribed(), text=True)
        await connection.loop.run_in_executor(None, failed.wait, LATE)
        await connection.send(book(4), text=True)
        await hold(connection)

    def check(looked: Looked) -> None:
        eventually(lambda: BOOK_PATH in looked.replies, "REST's reply")
        assert looked.shows(BookState.SYNCING, "waiting for the book")
        failed.set()
        shows(4)(looked)

    drive(script, check)


def test_the_venues_request_to_reconnect_costs_one_new_connection() -> None:
    async def script(connection: ServerConnection, nth: int) -> None:
        await send_all(connection, [wire.subscribed(), book(nth)])
        if nth == 1:
            await connection.send(wire.RECONNECT, text=True)
        await hold(connection)

    looked = drive(script, shows(2))

    assert looked.session.trouble == "bitstamp is about to close this connection"
    assert looked.session.connections == 2
    assert looked.view.resyncs == 1


def test_a_crossed_book_is_called_so_and_the_next_one_ends_it() -> None:
    crossed = wire.book([("101", "1")], [("101", "1")], TIME + 2)

    async def script(connection: ServerConnection, nth: int) -> None:
        await send_all(connection, [wire.subscribed(), book(1), crossed, book(3)])
        await hold(connection)

    looked = drive(script, shows(3))

    assert looked.log.calls == ["book", "untrusted", "book"]
    assert looked.session.trouble == "crossed: bid 101 at or above ask 101"
    assert looked.session.connections == 1


def test_a_symbol_that_is_accepted_in_silence_is_told_by_the_list() -> None:
    looked = Looked(BitstampFeed("nosuch"), [])
    listed = wire.pairs(wire.pair("BTC/USD"))
    with (
        LoopbackVenue(plays([wire.subscribed("order_book_nosuch")])) as venue,
        scripted_rest(
            lambda path, _: (200, listed) if "pairs" in path else (404, "<html>")
        ) as rest,
        running(LiveFeed(looked.session.feed, looked.market, url=venue.url, rest_url=rest.url)),
    ):
        eventually(lambda: bool(looked.market.refused), "its refusal")

    assert looked.market.refused == "bitstamp has no symbol NOSUCH"


def test_without_the_list_too_the_line_says_that_silence_may_mean_that(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("obtui.overdue.SNAPSHOT_SECONDS", 0.05)
    looked = Looked(BitstampFeed("nosuch"), [])
    with (
        LoopbackVenue(plays([wire.subscribed("order_book_nosuch")])) as venue,
        running(LiveFeed(looked.session.feed, looked.market, url=venue.url, rest_url=None)),
    ):
        eventually(lambda: bool(looked.session.trouble), "a word")

    assert looked.session.trouble == (
        "no book within 0 s of connecting: bitstamp may have no NOSUCH, and would not say so"
    )
