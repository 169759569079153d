"""The websocket driver against real loopback servers: real captures, and every fault."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import ClassVar

import pytest
from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response

from obtui import live as driver
from obtui import session
from obtui.book import OrderBook
from obtui.feeds import FEEDS
from obtui.feeds.base import Feed
from obtui.feeds.gemini import GeminiFeed
from obtui.live import LiveFeed, back_off
from obtui.market import BookState
from obtui.rest import LARGEST_REPLY
from obtui.session import Session
from obtui.shared import Listeners, Market
from support import captures, wire
from support.books import BookLog, Levels, set_level
from support.http import closed_port, rest_venue, silent_port
from support.venue import LoopbackVenue, Script, hold, plays, running, send_all
from support.wait import eventually

BOOK = wire.depth(100, [("99", "1")], [("101", "1")])


@pytest.fixture(autouse=True)
def delays(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits between tries, noted as they are decided and taken a hundred times shorter."""
    noted: list[float] = []

    def short(chance: random.Random, *, at_once: bool) -> Iterator[float]:
        for delay in back_off(chance, at_once=at_once):
            noted.append(delay)
            yield delay / 100

    monkeypatch.setattr(driver, "back_off", short)
    monkeypatch.setattr(driver, "TICK_SECONDS", 0.01)
    return noted


def market_of(feed: Feed) -> Market:
    return Market(Session(feed))


def state_of(market: Market) -> BookState:
    return market.view(0, time.monotonic_ns()).state


def reason_of(market: Market) -> str:
    return market.view(0, time.monotonic_ns()).reason


def resyncs_of(market: Market) -> int:
    return market.view(0, time.monotonic_ns()).resyncs


def offline(market: Market) -> Callable[[], bool]:
    return lambda: state_of(market) is BookState.OFFLINE


def verified(market: Market) -> Callable[[], bool]:
    return lambda: state_of(market) is BookState.VERIFIED


# ---- What comes out of whole streams ----


def play(feed: Feed, frames: list[str], log: BookLog) -> Market:
    """Everything that the venue sends, through the driver; looked at the while like a screen."""
    market = market_of(feed)
    market.listeners = Listeners(books=log)
    with LoopbackVenue(plays(frames)) as venue:
        live = LiveFeed(feed, market, url=venue.url, rest_url=None)
        with running(live):

            def all_came() -> bool:
                view = market.view(1, time.monotonic_ns())
                if view.live:
                    assert view.bids[0].price < view.asks[0].price
                return market.messages == len(frames)

            eventually(all_came, "every frame")
            view = market.view(0, time.monotonic_ns())
    assert (view.state, view.resyncs, view.trouble) == (BookState.VERIFIED, 0, "")
    assert "untrusted" not in log.calls
    assert log.crossed == 0
    return market


@pytest.mark.parametrize(
    ("name", "symbol", "count"),
    [("current-btcusd-31s", "btcusd", 200), ("current-ethusd-31s", "ethusd", None)],
)
def test_a_real_stream_is_right_at_every_level_after_every_frame(
    name: str, symbol: str, count: int | None
) -> None:
    frames = captures.incoming(name)
    truth = [book for _, book in captures.books_of_current(frames, symbol)]
    log = BookLog()

    market = play(GeminiFeed(symbol), frames, log)

    assert log.books == truth
    assert count is None or len(truth) == count
    view = market.view(1, 0)
    if symbol == "btcusd":
        assert (str(view.bids[0].price), str(view.asks[0].price)) == ("60707.59", "60713.37")
        assert (view.bid_levels, view.ask_levels, view.trades) == (4159, 2461, 18)


def test_both_protocols_end_in_the_same_book() -> None:
    current, v1 = captures.incoming("current-btcusd-31s"), captures.incoming("v1-btcusd-31s")
    current_log, v1_log = BookLog(), BookLog()

    play(GeminiFeed("BTCUSD"), current, current_log)
    market = play(FEEDS["gemini-v1"]("BTCUSD"), v1, v1_log)

    assert v1_log.books == captures.books_of_v1(v1)
    assert v1_log.books[-1] == current_log.books[-1]
    assert market.view(0, 0).trades == 18


@pytest.mark.parametrize(("symbol", "count"), [("btcgusdperp", 18), ("ethgusdperp", 12)])
def test_the_venues_own_best_prices_agree_with_the_book(symbol: str, count: int) -> None:
    frames = captures.incoming("current-perps-real")
    truth = captures.books_of_current(frames, symbol)
    log = BookLog()

    play(GeminiFeed(symbol), frames, log)

    assert log.books == [book for _, book in truth]
    tickers = captures.tickers(frames, symbol)
    agreed = 0
    for (last, _), book in zip(truth, log.books, strict=True):
        newest = max(
            (ticker for ticker in tickers if ticker["u"] <= last), key=lambda ticker: ticker["u"]
        )
        assert isinstance(book, tuple)
        assert captures.top_of(book) == tuple(Decimal(newest[key]) for key in "bBaA")
        agreed += 1
    assert agreed == count


# ---- Small streams of our own, whose every book names the frame that it is of ----

MARKER = Decimal("1")
"""A bid at this price has the number of its frame for a size."""


def numbered_stream(venue: str, seed: int = 5, count: int = 10) -> tuple[list[bytes], list[Levels]]:
    """Frames, the first a whole book, and the true book by the number of the frame, from 1."""
    chance = random.Random(seed)
    book: Levels = ({}, {})
    frames: list[bytes] = []
    truth: list[Levels] = [({}, {})]
    for number in range(1, count + 1):
        bids, asks = [("1", str(number))], []
        for _ in range(chance.randint(1, 3)):
            bids.append((f"{chance.randint(90, 99)}.50", chance.choice("0123")))
            asks.append((f"{chance.randint(101, 110)}", chance.choice("0123")))
        for sizes, side in zip(book, (bids, asks), strict=True):
            for price, size in side:
                set_level(sizes, price, size)
        truth.append((dict(book[0]), dict(book[1])))
        if venue == "gemini":
            frames.append(wire.depth(number, bids, asks, after=None if number == 1 else number - 1))
        elif number == 1:
            frames.append(wire.v1_initial(0, bids, asks))
        else:
            if number % 3 == 0:
                frames.append(wire.v1_heartbeat(len(frames)))
            events = [wire.change("bid", *one) for one in bids]
            events += [wire.change("ask", *one) for one in asks]
            if number % 4 == 0:
                events.insert(0, wire.v1_trade("100", "1", "ask"))
            frames.append(wire.v1_update(len(frames), *events))
    return frames, truth


def wrong_books(books: list[object], truth: list[Levels]) -> list[object]:
    """Those that differ from the true book of the frame that they name."""
    return [
        book
        for book in books
        if not isinstance(book, tuple) or book != truth[int(book[0].get(MARKER, 0))]
    ]


def first_then_whole(first: list[bytes], whole: list[bytes], *, close: bool = False) -> Script:
    """A faulty first connection, and after it good ones."""

    async def script(connection: ServerConnection, nth: int) -> None:
        await send_all(connection, first if nth == 1 else whole)
        if nth > 1 or not close:
            await hold(connection)

    return script


def endure(venue_name: str, script: Script, truth: list[Levels], *, resyncs: int) -> str:
    """A fault on the first connection: never a wrong book as live, and one new connection.

    Returns the last trouble that the screen was told.
    """
    feed = FEEDS[venue_name]("BTCUSD")
    market = market_of(feed)
    log = BookLog()
    market.listeners = Listeners(books=log)
    with LoopbackVenue(script) as venue:
        live = LiveFeed(feed, market, url=venue.url, rest_url=None)
        with running(live):

            def settled() -> bool:
                view = market.view(50, time.monotonic_ns())
                if view.live:
                    seen = dict(view.bids), dict(view.asks)
                    assert seen == truth[int(seen[0].get(MARKER, 0))]
                return view.live and venue.connections == 2 and seen == truth[-1]

            eventually(settled, f"the whole book ({reason_of(market)})")
            view = market.view(0, time.monotonic_ns())
    assert wrong_books(log.books, truth) == []
    assert log.books[-1] == truth[-1]
    assert venue.connections == 2
    assert view.resyncs == resyncs
    return view.trouble


@pytest.mark.parametrize("venue_name", FEEDS)
def test_a_small_stream_is_right_after_every_frame(venue_name: str) -> None:
    frames, truth = numbered_stream(venue_name, count=40)
    feed = FEEDS[venue_name]("BTCUSD")
    log = BookLog()

    play(feed, [frame.decode() for frame in frames], log)

    assert log.books == truth[1:]


CURRENT_COUNT = len(numbered_stream("gemini")[0])
V1_COUNT = len(numbered_stream("gemini-v1")[0])


@pytest.mark.parametrize(
    ("venue_name", "lost"),
    [("gemini", lost) for lost in range(1, CURRENT_COUNT - 1)]
    + [("gemini-v1", lost) for lost in range(V1_COUNT - 1)],
)
def test_any_lost_frame_is_noticed_by_the_next_and_costs_one_resync(
    venue_name: str, lost: int
) -> None:
    frames, truth = numbered_stream(venue_name)
    script = first_then_whole(frames[:lost] + frames[lost + 1 :], frames)

    # Where the book itself was lost there was nothing to be lost after it.
    trouble = endure(venue_name, script, truth, resyncs=1 if lost else 0)

    assert trouble.startswith("gap in ")


def test_a_book_that_never_comes_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "SNAPSHOT_SECONDS", 0.05)
    frames, truth = numbered_stream("gemini")

    trouble = endure("gemini", first_then_whole(frames[1:], frames), truth, resyncs=0)

    assert "no book within" in trouble


@pytest.mark.parametrize("venue_name", FEEDS)
@pytest.mark.parametrize("garbage", [b"{", b"", b"\x00\x01", b"[" * 100_000, b'{"s":1}'])
def test_a_garbled_frame_costs_one_resync(venue_name: str, garbage: bytes) -> None:
    frames, truth = numbered_stream(venue_name)
    script = first_then_whole([*frames[:3], garbage, *frames[3:]], frames)

    trouble = endure(venue_name, script, truth, resyncs=1)

    assert "undecodable frame" in trouble or "without socket_sequence" in trouble


@pytest.mark.parametrize("venue_name", FEEDS)
def test_swapped_frames_cost_one_resync(venue_name: str) -> None:
    frames, truth = numbered_stream(venue_name)
    swapped = [*frames[:3], frames[4], frames[3], *frames[5:]]

    assert "gap in" in endure(venue_name, first_then_whole(swapped, frames), truth, resyncs=1)


@pytest.mark.parametrize("venue_name", FEEDS)
def test_a_closed_socket_costs_one_resync(venue_name: str) -> None:
    frames, truth = numbered_stream(venue_name)
    script = first_then_whole(frames[:4], frames, close=True)

    trouble = endure(venue_name, script, truth, resyncs=1)

    assert trouble == "closed by the venue (1000)"


def test_a_torn_connection_costs_one_resync() -> None:
    frames, truth = numbered_stream("gemini")

    async def script(connection: ServerConnection, nth: int) -> None:
        await send_all(connection, frames[:4] if nth == 1 else frames)
        if nth == 1:
            connection.transport.abort()
        else:
            await hold(connection)

    trouble = endure("gemini", script, truth, resyncs=1)

    assert trouble == "the connection was lost"


def test_a_frame_over_the_limit_costs_one_resync(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "LARGEST_FRAME", 1 << 20)
    frames, truth = numbered_stream("gemini")
    script = first_then_whole([*frames[:4], b" " * (1 << 20) + b"{}", *frames[4:]], frames)

    trouble = endure("gemini", script, truth, resyncs=1)

    assert trouble == "a frame over the limit of 1 MiB"


def test_a_new_connection_inherits_no_level() -> None:
    frames, _ = numbered_stream("gemini")
    other = wire.depth(3, [("50", "1")], [("51", "1")])
    market = market_of(GeminiFeed("BTCUSD"))
    with LoopbackVenue(first_then_whole(frames, [other], close=True)) as venue:
        live = LiveFeed(GeminiFeed("BTCUSD"), market, url=venue.url, rest_url=None)
        with running(live):
            eventually(lambda: venue.connections == 2 and verified(market)(), "the second book")
            view = market.view(50, 0)

    assert [level.price for level in (*view.bids, *view.asks)] == [50, 51]


def test_a_crossed_book_is_fetched_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "CROSSED_SECONDS", 0.05)
    frames, truth = numbered_stream("gemini")
    crossing = wire.depth(11, [("500", "1")], after=10)

    trouble = endure("gemini", first_then_whole([*frames, crossing], frames), truth, resyncs=1)

    assert "bid 500 at or above ask" in trouble


# ---- Life ----


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


# ---- Reaching the venue, and not ----


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


def assert_backs_off(delays: list[float], first: float = 1.0) -> None:
    """±20 % of 1, 2, 4, 8, 16, 30, 30."""
    for index, delay in enumerate(delays):
        due = min(first * 2**index, 30.0)
        assert due * 0.8 <= delay <= due * 1.2, delays


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


# ---- Symbols ----


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

    assert rest.paths == ["/v1/symbols/details/btcusd"]


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
        eventually(lambda: len(rest.paths) >= 3 and verified(market)(), "it was asked again")
        before = market.view(0, 0).instrument.tick
        rest.body = b'{"symbol":"BTCUSD","quote_increment":0.05}'
        eventually(lambda: market.view(0, 0).instrument.tick == Decimal("0.05"), "the price tick")
        assert not run.done()

    assert before is None
    assert set(rest.paths) == {feed.instrument_path}


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


# ---- Proxies ----


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


# ---- Stopping ----


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


# ---- Back-off ----


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
