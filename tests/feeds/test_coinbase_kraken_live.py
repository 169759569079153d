"""Kraken and Coinbase through the websocket driver and a real loopback server."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator

import pytest
from websockets.asyncio.server import ServerConnection

from obtui import conversation
from obtui import live as driver
from obtui.feeds import FEEDS
from obtui.live import LiveFeed, back_off
from obtui.market import BookState
from obtui.session import Session
from obtui.shared import Listeners, Market
from obtui.view import MarketView
from support import coinbase_wire, kraken_wire
from support.books import BookLog
from support.captures import incoming
from support.venue import LoopbackVenue, Script, hold, plays, running, send_all
from support.wait import eventually


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The waits between tries and between ticks, a hundred times shorter."""

    def short(chance: random.Random, *, at_once: bool) -> Iterator[float]:
        return (delay / 100 for delay in back_off(chance, at_once=at_once))

    monkeypatch.setattr(driver, "back_off", short)
    monkeypatch.setattr(driver, "TICK_SECONDS", 0.01)
    monkeypatch.setattr(conversation, "TICK_SECONDS", 0.01)


def view_of(market: Market) -> MarketView:
    return market.view(1, time.monotonic_ns())


def watch(
    venue_name: str, symbol: str, script: Script, until: Callable[[Market], bool], log: BookLog
) -> tuple[MarketView, LoopbackVenue]:
    """What is on screen once it has come to that, and the venue that was talked to."""
    feed = FEEDS[venue_name](symbol)
    market = Market(Session(feed))
    market.listeners = Listeners(books=log)
    with LoopbackVenue(script) as venue:
        live = LiveFeed(feed, market, url=venue.url, rest_url=None)
        with running(live):
            eventually(lambda: until(market), "what was waited for")
            view = view_of(market)
    return view, venue


@pytest.mark.parametrize(
    ("venue_name", "name", "symbol", "count", "trades"),
    [
        ("kraken", "btcchf-31s", "BTC/CHF", 290, 0),
        ("kraken", "adabtc-31s", "ADA/BTC", 348, 0),
        ("coinbase", "advanced-real", "BTC-USD", 108, 100 + 86),
        ("coinbase", "advanced-real", "ETH-USD", 105, 100 + 21),
    ],
)
def test_a_real_stream_is_right_at_every_level_after_every_frame(
    venue_name: str, name: str, symbol: str, count: int, trades: int
) -> None:
    frames = incoming(name, venue_name)
    if venue_name == "kraken":
        truth = kraken_wire.books_of(frames)
    else:
        truth = coinbase_wire.books_of(frames, symbol)
    log = BookLog()

    view, venue = watch(
        venue_name, symbol, plays(frames), lambda market: market.messages == len(frames), log
    )

    assert log.books == truth
    assert len(truth) == count
    assert log.crossed == 0
    assert "untrusted" not in log.calls
    assert (view.state, view.resyncs, view.trouble) == (BookState.VERIFIED, 0, "")
    assert view.trades == trades
    # What is left of three subscriptions may still be on its way when the frames have come.
    assert venue.messages == list(FEEDS[venue_name](symbol).subscriptions())[: len(venue.messages)]


def kraken_frames() -> tuple[list[bytes], list[bytes]]:
    """A book that stays right, and one of which a frame is lost."""
    book = kraken_wire.Book()
    right = [
        kraken_wire.instrument(),
        kraken_wire.subscribed(),
        book.snapshot(kraken_wire.BIDS, kraken_wire.ASKS),
        book.update([("99.5", "2")]),
        kraken_wire.HEARTBEAT,
        book.update([], [("101.0", "7")]),
    ]
    return right, [*right[:3], *right[4:]]


def coinbase_frames() -> tuple[list[bytes], list[bytes]]:
    right = [
        coinbase_wire.book(0, [("99.5", "1")], [("101", "1")], kind="snapshot"),
        coinbase_wire.subscriptions(1),
        coinbase_wire.heartbeat(2),
        coinbase_wire.book(3, [("99.5", "2")], [("101", "7")]),
    ]
    return right, [*right[:2], *right[3:]]


@pytest.mark.parametrize(
    ("venue_name", "symbol", "frames", "trouble"),
    [
        ("kraken", "BTC/USD", kraken_frames(), "checksum"),
        ("coinbase", "BTC-USD", coinbase_frames(), "gap in sequence_num: 1 is followed by 3"),
    ],
)
def test_a_lost_frame_costs_one_new_connection(
    venue_name: str, symbol: str, frames: tuple[list[bytes], list[bytes]], trouble: str
) -> None:
    right, lossy = frames
    log = BookLog(lambda book: (str(book.bids.best()), str(book.asks.best())))

    async def script(connection: ServerConnection, nth: int) -> None:
        await send_all(connection, lossy if nth == 1 else right)
        await hold(connection)

    def mended(market: Market) -> bool:
        view = view_of(market)
        return view.live and str(view.asks[0].size) == "7" and str(view.bids[0].size) == "2"

    view, venue = watch(venue_name, symbol, script, mended, log)

    assert (venue.connections, view.resyncs) == (2, 1)
    assert trouble in view.trouble
    assert "untrusted" in log.calls


@pytest.mark.parametrize(
    ("venue_name", "symbol", "answer"),
    [
        ("kraken", "BTC/USD", kraken_wire.UNKNOWN_SYMBOL),
        ("coinbase", "NOSUCH-USD", coinbase_wire.UNKNOWN_SYMBOL),
    ],
)
def test_the_venues_word_on_an_unknown_symbol_ends_the_run(
    venue_name: str, symbol: str, answer: bytes
) -> None:
    feed = FEEDS[venue_name](symbol)
    market = Market(Session(feed))

    with LoopbackVenue(plays([answer])) as venue:
        live = LiveFeed(feed, market, url=venue.url, rest_url=None)
        with running(live) as run:
            run.result(5)

    assert venue.connections == 1
    assert market.refused.startswith(f"{venue_name} has no symbol {symbol}")
