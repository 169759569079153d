"""Every simulated protocol and its feed, by the real driver over a real socket."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import httpx
import msgspec
import pytest

from obtui import live as driver
from obtui.feeds import FEEDS, binance_splice
from obtui.frame import Frame, FrameKind, RestReply
from obtui.live import LiveFeed
from obtui.market import BookState
from obtui.session import Session
from obtui.shared import Listeners, Market
from obtui.simulator.faults import Faults
from obtui.simulator.markets import LISTED, PROTOCOLS, first
from obtui.view import MarketView
from support.books import Levels
from support.driven import shorten
from support.exchange import RunningExchange
from support.venue import running
from support.wait import eventually

SEED = 17
SIMULATED = [name for name in FEEDS if name in PROTOCOLS]
KRAKEN_DEPTH = 1_000
TELL_THE_BEST = {"gemini", "binance", "binance-us"}


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    shorten(monkeypatch)
    monkeypatch.setattr(binance_splice, "REFETCH_SECONDS", 0.01)


class Watched:
    """A market that is followed at the exchange, and what its driver did."""

    def __init__(self, venue: str, exchange: RunningExchange, symbol: str = "") -> None:
        self.venue = venue
        feed = FEEDS[venue](symbol or first(venue))
        self.session = Session(feed)
        self.market = Market(self.session)
        self.market.listeners = Listeners(frames=self)
        self.connections = 0
        self.books: list[tuple[int, int | None]] = []
        """Status and id of each book that REST gave."""
        self.book_path = feed.book_path(5_000)
        self._exchange = exchange
        self._symbol = feed.symbol
        urls = exchange.exchange.url, exchange.exchange.rest_url
        self.live = LiveFeed(feed, self.market, url=urls[0], rest_url=urls[1])

    def on_frame(self, frame: Frame, _: Session) -> None:
        """Told by the market before it applies a frame."""
        if frame.kind is FrameKind.CONNECT:
            self.connections += 1
        if frame.kind is FrameKind.REST:
            reply = msgspec.json.decode(frame.data, type=RestReply)
            if reply.path == self.book_path:
                told = msgspec.json.decode(reply.body, type=dict[str, object])
                self.books.append((reply.status, told.get("lastUpdateId")))  # type: ignore[arg-type]

    def look(self, depth: int = 0) -> MarketView:
        return self.market.view(depth, time.monotonic_ns())

    def told(self, connections: int = 1) -> bool:
        """Whether the book of this connection is shown as verified."""
        return self.connections == connections and self.look().state is BookState.VERIFIED

    def matches(self, depth: int = 100) -> bool:
        """Whether the best levels that are shown are the exchange's own, at this moment."""
        truth: Levels = self._exchange.book(self.venue, self._symbol, depth)
        view = self.look(depth)
        return view.live and (dict(view.bids), dict(view.asks)) == truth


@contextmanager
def watched(venue: str, faults: Faults | None = None, symbol: str = "") -> Iterator[Watched]:
    with RunningExchange(SEED, faults) as exchange:
        market = Watched(venue, exchange, symbol)
        with running(market.live):
            yield market


def test_every_simulated_venue_has_a_feed() -> None:
    assert set(LISTED) <= set(SIMULATED)


@pytest.mark.parametrize("venue", SIMULATED)
def test_a_feed_shows_the_exchanges_own_book_trades_and_figures(venue: str) -> None:
    depth = KRAKEN_DEPTH if venue == "kraken" else 10_000
    with watched(venue) as market:
        eventually(lambda: market.look().trades >= 1, "trades")
        eventually(lambda: market.look().day is not None, "the last 24 hours")
        eventually(lambda: market.look().instrument.tick is not None, "the instrument")
        eventually(lambda: market.matches(depth), "the exchange's own book")
        if venue in TELL_THE_BEST:
            eventually(lambda: market.look().agreed > 0, "the venue's own best prices")
        view = market.look()

    assert (view.state, view.resyncs, view.trouble) == (BookState.VERIFIED, 0, "")
    assert market.connections == 1
    listed = LISTED[PROTOCOLS[venue]][view.instrument.symbol]
    assert (view.instrument.base, view.instrument.quote) == (listed.base, listed.quote)
    assert view.instrument.tick == Decimal("0.01")


FAULTS = {
    "garbled": (Faults(garble_frame=1), "undecodable frame"),
    "cut": (Faults(close_after=1), "the connection was lost"),
    "lost": (Faults(drop_book_frame=1), "gap in "),
    "crossed": (Faults(crossed_frame=1), ""),
    "silent": (Faults(silent_after=0), "no word from the venue"),
    "oversize": (Faults(oversize_frame=5 << 20), "a frame over the limit of 4 MiB"),
}
STRUCK = {
    (venue, fault)
    for venue in [*LISTED, "gemini-v1"]
    for fault in FAULTS
    # A lost change of Kraken's is noticed when it comes up to the best ten levels.
    if (venue, fault) != ("kraken", "lost")
}
QUICK = {
    (venue, fault)
    for venue, fault in STRUCK
    if venue in {"binance", "coinbase", "kraken"} and fault in {"garbled", "crossed", "lost"}
}


@pytest.mark.parametrize(("venue", "fault"), sorted(QUICK))
def test_a_fault_costs_one_connection_and_one_resync(
    venue: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    endure(venue, fault, monkeypatch)


@pytest.mark.parametrize(("venue", "fault"), sorted(STRUCK - QUICK))
def test_so_does_any_other_of_any_protocol(
    venue: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    endure(venue, fault, monkeypatch)


def endure(venue: str, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    faults, trouble = FAULTS[fault]
    monkeypatch.setattr("obtui.overdue.CROSSED_SECONDS", 0.05)
    monkeypatch.setattr(driver, "LARGEST_FRAME", 4 << 20)
    monkeypatch.setattr(FEEDS[venue], "ping_seconds", 0.0)
    monkeypatch.setattr(FEEDS[venue], "stale_seconds", 30.0)

    with RunningExchange(SEED) as exchange:
        market = Watched(venue, exchange)
        with running(market.live):
            eventually(market.told, "the book")
            exchange.strike(faults)
            if fault == "silent":
                monkeypatch.setattr(FEEDS[venue], "stale_seconds", 0.2)
            eventually(lambda: trouble in (it := market.look().trouble) and bool(it), fault)
            # A slow machine is not a second silence.
            monkeypatch.setattr(FEEDS[venue], "stale_seconds", 30.0)
            eventually(lambda: market.told(connections=2), f"a new book after {fault}")
            before = market.market.messages
            eventually(lambda: market.market.messages > before + 5, "life after it")
            eventually(market.matches, "the exchange's own book")
            view = market.look()

    assert trouble in view.trouble
    assert (market.connections, view.resyncs) == (2, 1)


@pytest.mark.parametrize("venue", ["binance", "coinbase", "gemini", "gemini-v1", "kraken"])
def test_a_connection_that_is_closed_at_once_is_tried_again(venue: str) -> None:
    with watched(venue, Faults(accept_then_close=True)) as market:
        eventually(lambda: market.told(connections=2), "a book")

    view = market.look()
    assert (view.resyncs, view.trouble) == (0, "closed by the venue (1000)")


def test_another_digit_in_krakens_book_is_a_wrong_checksum() -> None:
    with watched("kraken", Faults(alter_book_frame=1)) as market:
        eventually(lambda: market.told(connections=2), "a new book")

        assert "checksum" in market.look().trouble
        assert market.connections == 2


def test_a_lost_book_of_kraken_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("obtui.overdue.SNAPSHOT_SECONDS", 0.1)

    with watched("kraken", Faults(drop_book_frame=1)) as market:
        eventually(lambda: "no book within" in market.look().trouble, "the loss")
        # A slow machine is not a second one.
        monkeypatch.setattr("obtui.overdue.SNAPSHOT_SECONDS", 20.0)
        eventually(lambda: market.told(connections=2), "a new book")


def test_binance_takes_no_book_that_is_older_than_its_stream() -> None:
    with RunningExchange(SEED, Faults(stale_gets=1)) as exchange:
        market = Watched("binance", exchange)
        # Somebody asked before; what was told then is told once more.
        url = exchange.exchange.rest_url + market.book_path
        old = httpx.get(url, trust_env=False).json()["lastUpdateId"]
        listing = exchange.exchange.listing("binance", first("binance"))
        eventually(lambda: listing.last_id > old + 500, "many changes after it")
        with running(market.live):
            eventually(market.told, "the book")
            eventually(market.matches, "the exchange's own book")

    assert [status for status, _ in market.books] == [200, 200]
    assert market.books[0][1] == old != market.books[1][1]
    assert (market.connections, market.look().resyncs) == (1, 0)


def test_binance_without_a_book_of_rest_tries_again() -> None:
    with watched("binance", Faults(failed_gets=1)) as market:
        eventually(lambda: market.told(connections=2), "a new book")

        assert "503" in market.look().trouble
        assert market.look().resyncs == 0


@pytest.mark.parametrize("venue", ["gemini", "gemini-v1", "kraken", "coinbase", "binance"])
def test_an_unknown_symbol_ends_the_run(venue: str) -> None:
    symbol = {"kraken": "NO/SUCH", "coinbase": "NO-SUCH"}.get(venue, "NOSUCH")
    with RunningExchange(SEED) as exchange:
        market = Watched(venue, exchange, symbol)
        with running(market.live) as run:
            run.result(8)

    assert market.market.refused.startswith(f"{FEEDS[venue](symbol).name.partition('-')[0]} has no")


def test_venues_of_one_exchange_have_flows_of_their_own() -> None:
    with RunningExchange(SEED) as exchange:
        books = [exchange.book(venue, first(venue)) for venue in LISTED]

    best = [(max(bids), min(asks)) for bids, asks in books]
    assert len(set(best)) == len(LISTED)
    # They began at the same price, give or take a spread.
    assert max(bid for bid, _ in best) - min(bid for bid, _ in best) < 40
