"""Binance through the real driver: a stream and REST on loopback, and all that can go wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from websockets.asyncio.server import ServerConnection

from obtui.feeds import binance_splice
from obtui.feeds.binance import PING, BinanceFeed
from obtui.live import LiveFeed
from obtui.market import BookState
from support import binance_wire as wire
from support.binance_exchange import Exchange
from support.driven import Looked, shorten
from support.scripted_rest import Answers, scripted_rest
from support.venue import LoopbackVenue, Script, hold, plays, running, send_all
from support.wait import eventually

COUNT = 16
Rest = Callable[[Looked, int], tuple[int, str]]
"""Status and body of the how many-th reply to the book's path, from 1; it may wait."""
LATE = 10.0
"""Seconds after which what is waited for in vain fails the test."""
FEED = BinanceFeed("BTCUSDT")
BOOK_PATH = FEED.book_path(5_000)


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    shorten(monkeypatch)
    monkeypatch.setattr(binance_splice, "REFETCH_SECONDS", 0.002)
    monkeypatch.setattr(binance_splice, "QUIET_SECONDS", 0.05)


def play(
    exchange: Exchange, script: Script, answers: Rest, check: Callable[[Looked], None]
) -> Looked:
    """Run the driver against the stream and REST until `check` has seen what it waits for."""
    looked = Looked(FEED, exchange.truth)

    def answer(path: str, nth: int) -> tuple[int, str]:
        return answers(looked, nth) if path == BOOK_PATH else (503, "")

    with (
        LoopbackVenue(script) as venue,
        scripted_rest(answer) as rest,
        running(LiveFeed(FEED, looked.market, url=venue.url, rest_url=rest.url)),
    ):
        check(looked)
    assert set(venue.paths) == {"/stream?" + FEED.url.partition("?")[2]}
    assert set(venue.messages) == {PING}
    looked.assert_all_true()
    return looked


def ends(exchange: Exchange) -> Callable[[Looked], None]:
    """Waits for the last book."""
    return lambda looked: eventually(
        lambda: looked.has(exchange.truth[-1]), f"the last book ({looked.session.reason})"
    )


def streams(exchange: Exchange, *, start: int = 0, without: tuple[int, ...] = ()) -> Script:
    """Each connection gets all changes from `start` on; the first loses some."""

    async def script(connection: ServerConnection, nth: int) -> None:
        await connection.send(wire.listed(), text=True)
        lost = without if nth == 1 else ()
        await send_all(
            connection,
            [one for at, one in enumerate(exchange.diffs) if at >= start and at not in lost],
        )
        await hold(connection)

    return script


@pytest.mark.parametrize("number", [0, 7, COUNT])
def test_the_stream_is_spliced_onto_the_book_wherever_it_ends(number: int) -> None:
    exchange = Exchange(COUNT)

    looked = play(exchange, streams(exchange), lambda *_: exchange.snapshot(number), ends(exchange))

    assert looked.view.resyncs == 0
    assert looked.session.connections == 1


@pytest.mark.parametrize("number", [0, COUNT - 2])
def test_rest_answers_late_and_nothing_that_came_meanwhile_is_lost(number: int) -> None:
    exchange = Exchange(COUNT)

    def late(looked: Looked, nth: int) -> tuple[int, str]:
        eventually(lambda: looked.market.messages > COUNT, "all changes, and the reply before them")
        return exchange.snapshot(number)

    looked = play(exchange, streams(exchange), late, ends(exchange))

    # One reply, one book: all that waited is in it.
    assert len(looked.log.books) == 1
    assert looked.session.connections == 1


def test_a_book_older_than_the_first_change_is_asked_for_again() -> None:
    exchange = Exchange(COUNT)
    asked: list[int] = []

    def older(_: Looked, nth: int) -> tuple[int, str]:
        asked.append(nth)
        return exchange.snapshot(2 * nth)

    looked = play(exchange, streams(exchange, start=7), older, ends(exchange))

    # 2, 4 and 6 end before the change that makes book 8; with 7 nothing would be missing.
    assert asked == [1, 2, 3, 4]
    assert looked.session.connections == 1


def test_a_book_that_stays_older_costs_a_new_connection() -> None:
    exchange = Exchange(COUNT)

    def always_older(_: Looked, nth: int) -> tuple[int, str]:
        return exchange.snapshot(2 if nth <= binance_splice.MOST_TRIES else 9)

    looked = play(exchange, streams(exchange, start=7), always_older, ends(exchange))

    assert looked.session.connections == 2
    assert "REST gives no book as new as the stream" in looked.session.trouble


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (429, '{"code":-1003,"msg":"slow down"}', "gets too many requests from this address"),
        (200, "<html>", "not the reply that was due"),
        (451, wire.RESTRICTED, "does not serve this place (HTTP 451), binance-us serves the US"),
    ],
)
def test_rest_fails_and_a_new_connection_asks_again(
    monkeypatch: pytest.MonkeyPatch, status: int, body: str, said: str
) -> None:
    monkeypatch.setattr("obtui.conversation.HOLD_SECONDS", 0.01)
    exchange = Exchange(COUNT)

    def failing(_: Looked, nth: int) -> tuple[int, str]:
        return (status, body) if nth <= 2 else exchange.snapshot(4)

    looked = play(exchange, streams(exchange), failing, ends(exchange))

    assert looked.session.connections == 3
    assert said in looked.session.trouble
    assert looked.view.resyncs == 0


def test_a_change_is_lost_while_the_book_is_waited_for() -> None:
    exchange = Exchange(COUNT)
    again = threading.Event()
    whole = streams(exchange, without=(5,))

    async def script(connection: ServerConnection, nth: int) -> None:
        if nth > 1:
            again.set()
        await whole(connection, nth)

    def late(_: Looked, nth: int) -> tuple[int, str]:
        # The first connection's reply comes when that is gone, and is no other's.
        assert again.wait(LATE)
        return exchange.snapshot(3)

    looked = play(exchange, script, late, ends(exchange))

    assert looked.session.connections == 2
    assert looked.session.trouble == "gap in update ids: 50 is followed by 61"
    assert looked.view.resyncs == 0


@pytest.mark.parametrize("lost", [1, COUNT - 2])
def test_a_change_that_is_lost_later_costs_one_resync(lost: int) -> None:
    exchange = Exchange(COUNT)
    shown = threading.Event()

    async def script(connection: ServerConnection, nth: int) -> None:
        await send_all(connection, exchange.diffs[:lost])
        await connection.loop.run_in_executor(None, shown.wait, LATE)
        rest = exchange.diffs[lost:] if nth > 1 else exchange.diffs[lost + 1 :]
        await send_all(connection, rest)
        await hold(connection)

    def check(looked: Looked) -> None:
        eventually(lambda: looked.has(exchange.truth[lost]), "the book before the loss")
        shown.set()
        ends(exchange)(looked)

    looked = play(exchange, script, lambda *_: exchange.snapshot(0), check)

    assert looked.session.connections == 2
    assert looked.view.resyncs == 1
    assert looked.session.trouble.startswith("gap in update ids")


def test_a_quiet_market_is_shown_without_a_change() -> None:
    exchange = Exchange(COUNT)

    async def script(connection: ServerConnection, nth: int) -> None:
        await connection.send(wire.listed(), text=True)
        await hold(connection)

    looked = play(
        exchange,
        script,
        lambda *_: exchange.snapshot(9),
        lambda it: eventually(lambda: it.has(exchange.truth[9]), "the book"),
    )

    assert looked.shows(BookState.VERIFIED)
    assert looked.session.connections == 1


def refused(answers: Answers, rest: str | None = "") -> tuple[Looked, LoopbackVenue]:
    """A venue that says nothing but that it is there, until the market says why."""
    looked = Looked(BinanceFeed("nosuch"), [])

    async def script(connection: ServerConnection, nth: int) -> None:
        await connection.send(wire.listed(), text=True)
        await hold(connection)

    with LoopbackVenue(script) as venue, scripted_rest(answers) as server:
        url = server.url if rest == "" else rest
        live = LiveFeed(looked.session.feed, looked.market, url=venue.url, rest_url=url)
        with running(live):
            eventually(lambda: bool(looked.session.trouble), "a word")
    return looked, venue


def test_an_unknown_symbol_ends_the_run_by_rests_book() -> None:
    def answers(path: str, nth: int) -> tuple[int, str]:
        return (400, wire.INVALID_SYMBOL) if path.startswith("/api/v3/depth") else (503, "")

    looked, venue = refused(answers)

    assert looked.market.refused == "binance has no symbol NOSUCH (Invalid symbol.)"
    assert looked.shows(BookState.OFFLINE, "no symbol NOSUCH")
    assert venue.connections == 1


def test_without_rest_there_is_no_book_and_the_line_says_what_to_do() -> None:
    looked, _ = refused(lambda *_: (503, ""), None)

    assert looked.session.trouble == (
        "binance's book comes over REST: REST is not asked with --url alone: give --rest-url too"
    )


def test_a_stream_that_is_not_served_in_this_place_says_so() -> None:
    looked = Looked(FEED, [])
    with (
        LoopbackVenue(plays([]), lambda connection, _: connection.respond(451, "")) as venue,
        running(LiveFeed(FEED, looked.market, url=venue.url, rest_url=None)),
    ):
        eventually(lambda: bool(looked.session.trouble), "a word")

    assert looked.session.trouble == "the venue does not serve this place (HTTP 451)"
    assert looked.market.refused == ""
