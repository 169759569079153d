"""Every fault of a stream, against real loopback servers: noticed, and costs one resync."""

from __future__ import annotations

import random
import time
from decimal import Decimal

import pytest
from websockets.asyncio.server import ServerConnection

from live_support import (
    first_then_whole,
    market_of,
    play,
    reason_of,
    short_delays,
    verified,
)
from obtui import live as driver
from obtui.feeds import FEEDS
from obtui.feeds.gemini import GeminiFeed
from obtui.live import LiveFeed
from obtui.shared import Listeners
from support import wire
from support.books import BookLog, Levels, set_level
from support.venue import LoopbackVenue, Script, hold, running, send_all
from support.wait import eventually


@pytest.fixture(autouse=True)
def delays(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    return short_delays(monkeypatch)


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


@pytest.mark.parametrize("venue_name", ["gemini", "gemini-v1"])
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
    monkeypatch.setattr("obtui.overdue.SNAPSHOT_SECONDS", 0.05)
    frames, truth = numbered_stream("gemini")

    trouble = endure("gemini", first_then_whole(frames[1:], frames), truth, resyncs=0)

    assert "no book within" in trouble


@pytest.mark.parametrize("venue_name", ["gemini", "gemini-v1"])
@pytest.mark.parametrize("garbage", [b"{", b"", b"\x00\x01", b"[" * 100_000, b'{"s":1}'])
def test_a_garbled_frame_costs_one_resync(venue_name: str, garbage: bytes) -> None:
    frames, truth = numbered_stream(venue_name)
    script = first_then_whole([*frames[:3], garbage, *frames[3:]], frames)

    trouble = endure(venue_name, script, truth, resyncs=1)

    assert "undecodable frame" in trouble or "without socket_sequence" in trouble


@pytest.mark.parametrize("venue_name", ["gemini", "gemini-v1"])
def test_swapped_frames_cost_one_resync(venue_name: str) -> None:
    frames, truth = numbered_stream(venue_name)
    swapped = [*frames[:3], frames[4], frames[3], *frames[5:]]

    assert "gap in" in endure(venue_name, first_then_whole(swapped, frames), truth, resyncs=1)


@pytest.mark.parametrize("venue_name", ["gemini", "gemini-v1"])
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
    monkeypatch.setattr("obtui.overdue.CROSSED_SECONDS", 0.05)
    frames, truth = numbered_stream("gemini")
    crossing = wire.depth(11, [("500", "1")], after=10)

    trouble = endure("gemini", first_then_whole([*frames, crossing], frames), truth, resyncs=1)

    assert "bid 500 at or above ask" in trouble
