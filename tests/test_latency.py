"""What is measured of a venue, over real sockets: each series, and how each of them fails."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from websockets.asyncio.server import ServerConnection

from obtui import latency
from obtui.conversation import NOT_ASKED
from obtui.feeds.binance import BinanceFeed
from obtui.feeds.gemini import GeminiFeed
from obtui.latency import SocketTimes, over_rest
from support import binance_wire
from support.http import closed_port, rest_venue, silent_port
from support.scripted_rest import scripted_rest
from support.venue import LoopbackVenue, hold, plays, send_all
from support.wire import ack, depth, refusal, trade

NOW = 1_790_000_000_000_000_000
MS = 1_000_000


class KeepingVenue(ThreadingHTTPServer):
    """Keeps connections open, and counts them; it gives `statuses` one after another, then 200."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Keeping)
        self.connections = 0
        self.replies = 0
        self.statuses: list[int] = []
        self.late_seconds = 0.0

    def get_request(self) -> tuple[object, object]:  # type: ignore[override]
        self.connections += 1
        return super().get_request()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Keeping(BaseHTTPRequestHandler):
    server: KeepingVenue
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        venue = self.server
        venue.replies += 1
        time.sleep(venue.late_seconds)
        self.send_response(venue.statuses.pop(0) if venue.statuses else 200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def keeping() -> Iterator[KeepingVenue]:
    with KeepingVenue() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def rest_series(origin: str, times: int, *, keep: bool) -> latency.Series:
    return asyncio.run(over_rest(origin, "/v1/book/btcusd", times, keep=keep))


def socket_series(
    venue: LoopbackVenue,
    times: int = 3,
    feed: GeminiFeed | BinanceFeed | None = None,
    rest_origin: str | None = None,
) -> SocketTimes:
    async def measure() -> SocketTimes:
        socket = SocketTimes(
            feed or GeminiFeed("BTCUSD"), venue.url, rest_origin, times, wall=lambda: NOW
        )
        await socket.measure()
        return socket

    return asyncio.run(measure())


def test_each_request_opens_its_own_connection_or_all_share_one(keeping: KeepingVenue) -> None:
    each = rest_series(keeping.url, 4, keep=False)
    assert (len(each.milliseconds), each.why, keeping.connections) == (4, "", 4)

    kept = rest_series(keeping.url, 4, keep=True)
    assert (len(kept.milliseconds), kept.why) == (4, "")
    assert keeping.connections == 5
    assert keeping.replies == 9  # the one that opens the connection is not counted
    assert all(value > 0 for value in (*each.milliseconds, *kept.milliseconds))


def test_what_a_reply_takes_is_in_milliseconds(keeping: KeepingVenue) -> None:
    keeping.late_seconds = 0.02

    (took,) = rest_series(keeping.url, 1, keep=False).milliseconds

    assert 20 <= took < 1000


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (429, "the venue answered HTTP 429: it limits how often it may be asked"),
        (503, "the venue answered HTTP 503"),
    ],
)
def test_a_refusal_leaves_what_came_before_it(keeping: KeepingVenue, status: int, why: str) -> None:
    keeping.statuses = [200, 200, status]

    found = rest_series(keeping.url, 5, keep=False)

    assert (len(found.milliseconds), found.why) == (2, why)


def test_a_connection_that_the_venue_closes_is_not_taken_for_a_kept_one() -> None:
    why = "the venue does not keep the connection open"
    with rest_venue(200, "{}") as closing, scripted_rest(lambda *_: (200, "{}")) as old:
        for server in (closing, old):
            assert rest_series(server.url, 3, keep=True) == latency.Series([], why)
            assert len(rest_series(server.url, 3, keep=False).milliseconds) == 3


def test_nobody_there_and_silence_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latency, "ANSWER_SECONDS", 0.05)
    origin = f"http://127.0.0.1:{closed_port()}"
    assert rest_series(origin, 2, keep=True) == latency.Series([], "connection refused")

    with silent_port() as port:
        silent = rest_series(f"http://127.0.0.1:{port}", 2, keep=False)
    assert silent == latency.Series([], "no answer within 0 s")


def test_rest_ends_in_time(keeping: KeepingVenue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latency, "bound", lambda _times: 0.25)
    keeping.late_seconds = 0.005

    found = rest_series(keeping.url, 1000, keep=False)

    assert 0 < len(found.milliseconds) < 1000
    assert found.why == "no more within 0 s"


def test_ages_are_from_the_venues_stamp_to_the_coming_but_for_the_first_book() -> None:
    frames = [
        ack(),
        depth(10, [("100", "1")], [("101", "1")], ts=NOW - 90_000 * MS),
        trade(),
        depth(11, [("100", "2")], after=10, ts=NOW - 5 * MS),
        depth(12, [("100", "3")], after=11, ts=NOW - 7 * MS),
        depth(13, [("100", "4")], after=12, ts=NOW + 2 * MS),
    ]
    with LoopbackVenue(plays(frames)) as venue:
        found = socket_series(venue)

    assert found.ages == latency.Series([5.0, 7.0, -2.0])
    assert len(found.pings.milliseconds) == 3
    assert all(0 < value < 1000 for value in found.pings.milliseconds)
    assert found.pings.why == ""


def test_a_book_that_rest_gives_has_no_age_and_those_after_it_have() -> None:
    spliced = threading.Event()

    def book(path: str, _nth: int) -> tuple[int, str]:
        spliced.set()
        return 200, binance_wire.book(15, [("99", "1")], [("101", "1")])

    async def script(connection: ServerConnection, _nth: int) -> None:
        await connection.send(binance_wire.diff(11, 20, [("99", "2")]), text=True)
        while not spliced.is_set():
            await asyncio.sleep(0.002)
        for first in range(21, 121, 10):
            await connection.send(binance_wire.diff(first, first + 9, [("99", "3")]), text=True)
            await asyncio.sleep(0.01)
        await hold(connection)

    with scripted_rest(book) as server, LoopbackVenue(script) as venue:
        found = socket_series(venue, 2, BinanceFeed("BTCUSDT"), server.url)

    assert found.ages.milliseconds == [(NOW - 1_723_161_255_208 * MS) / MS] * 2
    assert found.ages.why == ""


def test_where_rest_is_not_asked_a_book_that_needs_it_is_told_and_pings_are_there() -> None:
    with LoopbackVenue(plays([binance_wire.diff(11, 20, [("99", "2")])])) as venue:
        found = socket_series(venue, 2, BinanceFeed("BTCUSDT"))

    assert NOT_ASKED in found.ages.why
    assert len(found.pings.milliseconds) == 2


def test_a_fault_of_the_feed_ends_the_ages_alone() -> None:
    frames = [
        depth(10, [("100", "1")], [("101", "1")], ts=NOW),
        depth(11, [("100", "2")], after=10, ts=NOW - MS),
        depth(14, [("100", "2")], after=13, ts=NOW - MS),
    ]
    with LoopbackVenue(plays(frames)) as venue:
        found = socket_series(venue)

    assert found.ages == latency.Series([1.0], "gap in update ids: 11 is followed by 13")
    assert len(found.pings.milliseconds) == 3


def test_the_venues_refusal_is_told() -> None:
    refused = refusal(-1013, "Invalid stream name: nosuch@depth@100ms")
    with LoopbackVenue(plays([refused])) as venue:
        found = socket_series(venue)

    assert "gemini has no symbol BTCUSD" in found.ages.why


def test_a_quiet_market_ends_in_time_with_its_pings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latency, "bound", lambda _times: 0.3)
    began = time.monotonic()
    with LoopbackVenue(plays([depth(10, ts=NOW)])) as venue:
        found = socket_series(venue)

    assert time.monotonic() - began < 5  # unmended, it would be for ever
    assert found.ages == latency.Series([], "no more within 0 s")
    assert (len(found.pings.milliseconds), found.pings.why) == (3, "")


def test_a_venue_that_does_not_answer_pings_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latency, "ANSWER_SECONDS", 0.05)
    monkeypatch.setattr(latency, "CLOSE_SECONDS", 0.05)
    measured = threading.Event()

    async def script(connection: ServerConnection, _nth: int) -> None:
        connection.transport.pause_reading()
        changes = [depth(11 + n, [("100", "2")], after=10 + n, ts=NOW - MS) for n in range(3)]
        await send_all(connection, [depth(10, ts=NOW), *changes])
        await asyncio.to_thread(measured.wait, 5)
        connection.transport.resume_reading()

    with LoopbackVenue(script) as venue:
        found = socket_series(venue)
        measured.set()

    assert found.pings == latency.Series([], "no pong within 0 s")
    assert found.ages == latency.Series([1.0, 1.0, 1.0])


def test_a_venue_that_hangs_up_leaves_what_there_was() -> None:
    async def script(connection: ServerConnection, _nth: int) -> None:
        changes = [depth(11, [("100", "2")], after=10, ts=NOW - MS)]
        await send_all(connection, [depth(10, ts=NOW), *changes])
        await connection.close(1001, "maintenance")

    with LoopbackVenue(script) as venue:
        found = socket_series(venue)

    assert found.ages == latency.Series([1.0], "closed by the venue (1001: maintenance)")
    assert found.pings.why == "closed by the venue (1001: maintenance)"


def test_no_socket_there_is_told_for_both() -> None:
    async def measure(url: str) -> SocketTimes:
        socket = SocketTimes(GeminiFeed("BTCUSD"), url, None, 2)
        await socket.measure()
        return socket

    with rest_venue(403, "no") as server:
        for url, why in (
            (f"ws://127.0.0.1:{closed_port()}", "connection refused"),
            (server.url.replace("http", "ws"), "the venue answered HTTP 403"),
        ):
            found = asyncio.run(measure(url))
            assert found.pings == found.ages == latency.Series([], why)
