"""The one object that two threads share: what a view says, whom it tells, and that none is torn."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from decimal import Decimal

import msgspec
import pytest

from obtui.book import OrderBook
from obtui.effects import Reconnect
from obtui.feeds.gemini import GeminiFeed
from obtui.market import BookState, Instrument, Level
from obtui.session import Session
from obtui.shared import Listeners, Market
from obtui.view import MarketView
from support import wire
from support.books import BookLog, side_of
from support.frames import at, connect, disconnect, rest, text, wall

BIDS = [("99.50", "1"), ("98", "2"), ("97", "3")]
ASKS = [("101", "1"), ("102.250", "2")]
PATIENCE = 5.0
"""Seconds that a test waits for what must happen, before it fails."""


def level(price: str, size: str) -> Level:
    return Level(Decimal(price), Decimal(size))


def connected() -> Market:
    market = Market(Session(GeminiFeed("BTCUSD")))
    market.apply(connect())
    return market


def live() -> Market:
    market = connected()
    market.apply(text(wire.depth(100, BIDS, ASKS)))
    return market


def tick(market: Market, seconds: float) -> None:
    market.tick(wall(seconds), at(seconds))


def test_a_view_before_anything_is_an_empty_market_that_is_connecting() -> None:
    view = Market(Session(GeminiFeed("BTCUSD"))).view(10, at(0))

    assert msgspec.structs.replace(view, traded=None, monotonic_ns=0) == MarketView(
        venue="gemini",
        house="gemini",
        instrument=Instrument("BTCUSD"),
        check=GeminiFeed.check,
        rates=(0,) * 60,
    )
    assert not view.live


def test_a_view_of_a_live_market() -> None:
    market = live()
    sent = wire.depth(110, [("97", "0")], after=100, ts=wall(1) - 45_000_000)
    market.apply(text(sent, 1))

    view = market.view(2, at(3.5))

    assert (view.state, view.live, view.reason, view.hint) == (BookState.VERIFIED, True, "", "")
    assert view.bids == (level("99.5", "1"), level("98", "2"))
    assert view.asks == (level("101", "1"), level("102.25", "2"))
    assert (view.bid_levels, view.ask_levels) == (2, 2)
    assert (view.price_decimals, view.messages, view.trades) == (2, 2, 0)
    assert view.age_seconds == 2.5
    assert view.lag_ms == 45.0
    assert (view.retry_seconds, view.trouble, view.resyncs) == (0, "", 0)
    assert (view.rates[-4:], len(view.rates)) == ((0, 1, 1, 0), 60)


def test_a_view_takes_no_more_levels_than_asked_but_counts_all() -> None:
    view = live().view(1, at(1))

    assert (len(view.bids), len(view.asks)) == (1, 1)
    assert (view.bid_levels, view.ask_levels) == (3, 2)
    assert live().view(0, at(1)).bids == ()


def test_trades_come_newest_first_with_our_time() -> None:
    market = live()
    for index in range(3):
        market.apply(text(wire.trade(trade_id=index), index))

    view = market.view(10, at(5), prints=2)

    assert [one.trade.trade_id for one in view.prints] == [2, 1]
    assert [one.received_ns for one in view.prints] == [wall(2), wall(1)]
    assert view.trades == 3


def test_the_old_book_stays_in_view_but_not_as_live() -> None:
    market = live()

    effects = market.apply(text(b"{", 1))

    view = market.view(10, at(1))
    assert [type(effect) for effect in effects] == [Reconnect]
    assert (view.state, view.live, view.resyncs) == (BookState.SYNCING, False, 1)
    assert len(view.bids) == 3
    assert "undecodable" in view.trouble


def test_while_offline_the_next_try_is_counted_down() -> None:
    market = live()

    market.apply(disconnect(1, "lost", retry=4))

    assert market.view(10, at(2)).retry_seconds == 3.0
    assert market.view(10, at(9)).retry_seconds == 0.0
    assert market.view(10, at(2)).reason == "lost"


def test_a_venue_that_was_never_reached_has_its_sibling_named() -> None:
    market = Market(Session(GeminiFeed("BTCUSD")))
    market.apply(disconnect(0, "refused"))
    assert market.view(10, at(0)).hint == "try --venue gemini-v1"

    market.apply(connect(1))
    market.apply(disconnect(2, "lost"))

    assert market.view(10, at(2)).hint == ""


def test_every_frame_and_every_change_of_state_is_a_new_version() -> None:
    market = live()
    seen = [market.version]

    market.apply(text(wire.ack(), 1))
    seen.append(market.version)
    tick(market, 2)
    assert market.version == seen[-1]  # time alone changes nothing
    tick(market, 32)
    seen.append(market.version)
    assert market.view(1, at(32)).state is BookState.STALE
    market.apply(disconnect(33))
    seen.append(market.version)

    assert seen == sorted(set(seen))
    assert market.view(1, at(33)).version == market.version


def test_messages_are_counted_also_after_the_connection_was_given_up() -> None:
    market = live()
    market.apply(text(b"{", 1))
    market.apply(text(wire.trade(), 1))
    market.apply(disconnect(2))

    assert market.messages == 3


def test_a_tick_from_rest_sets_the_places_and_finer_prices_still_show() -> None:
    market = connected()
    market.apply(
        rest("/v1/symbols/details/btcusd", 200, '{"symbol":"BTCUSD","quote_increment":0.01}')
    )
    market.apply(text(wire.depth(100, [("99.00000", "1")], [("101", "1")])))
    assert market.view(10, at(1)).price_decimals == 2

    market.apply(text(wire.depth(110, [("99.125", "1")], after=100)))

    assert market.view(10, at(1)).price_decimals == 3


def test_inferred_places_do_not_jump_back() -> None:
    market = connected()
    market.apply(text(wire.depth(100, [("99.25", "1"), ("90.125", "1")], [("101", "1")])))

    # Levels that are not in view count at first, and what went away is remembered.
    assert market.view(1, at(1)).price_decimals == 3
    market.apply(text(wire.depth(110, [("99.25", "0"), ("90.125", "0")], after=100)))
    assert market.view(1, at(1)).price_decimals == 3


def test_the_listener_hears_every_applied_book_message_and_each_loss_once() -> None:
    market = connected()
    log = BookLog()
    market.listeners = Listeners(books=log)

    market.apply(text(wire.ack()))
    market.apply(text(wire.depth(100, BIDS, ASKS)))
    market.apply(text(wire.trade()))
    market.apply(text(wire.depth(100, BIDS, after=90)))  # old: dropped
    market.apply(text(wire.depth(110, [("97", "9")], after=100)))
    market.apply(text(wire.depth(999, after=998), 1))  # a gap
    market.apply(text(wire.depth(110, [("97", "9")], after=100), 1))
    market.apply(disconnect(1))
    tick(market, 5)
    market.apply(connect(6))
    assert log.calls == ["book", "book", "untrusted"]
    market.apply(text(wire.depth(7, [("50", "1")], []), 6))

    assert log.calls == ["book", "book", "untrusted", "book"]
    assert log.books[-1] == ({Decimal(50): Decimal(1)}, {})


def test_the_listener_hears_no_book_while_crossed() -> None:
    market = live()
    log = BookLog()
    market.listeners = Listeners(books=log)

    market.apply(text(wire.depth(110, [("101", "1")], after=100), 1))
    market.apply(text(wire.depth(120, [("90", "1")], after=110), 1.1))
    assert log.calls == ["untrusted"]
    market.apply(text(wire.depth(130, [("101", "0")], after=120), 1.2))

    assert log.calls == ["untrusted", "book"]
    assert log.crossed == 0


def test_the_listener_hears_of_silence_once_and_of_a_lost_connection() -> None:
    market = live()
    log = BookLog()
    market.listeners = Listeners(books=log)

    for second in range(1, 70):
        tick(market, second)
    assert log.calls == ["untrusted"]

    market = live()
    market.listeners = Listeners(books=log)
    market.apply(disconnect(1))
    assert log.calls == ["untrusted"] * 2


def test_the_listener_hears_once_that_trust_came_back_without_a_book_message() -> None:
    market = live()
    log = BookLog()
    market.listeners = Listeners(books=log)

    tick(market, 31)
    market.apply(text(wire.ack(), 32))
    heard = list(log.calls)
    market.apply(text(wire.ack(), 33))
    market.apply(text(wire.trade(), 34))

    assert heard == ["untrusted", "book"]
    assert log.calls == heard
    assert log.books == [(side_of(BIDS), side_of(ASKS))]


class Held(BookLog):
    """A listener that holds up the frame that is being applied."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = threading.Event()
        self.let_go = threading.Event()

    def on_book(self, book: OrderBook, received_ns: int) -> None:
        self.reached.set()
        assert self.let_go.wait(PATIENCE)
        super().on_book(book, received_ns)


def test_it_is_settled_when_what_is_being_applied_is_applied() -> None:
    market = connected()
    log = Held()
    market.listeners = Listeners(books=log)
    at_rest = market.settled(0)
    book = text(wire.depth(100, BIDS, ASKS))
    thread = threading.Thread(target=market.apply, args=(book,))
    thread.start()
    assert log.reached.wait(PATIENCE)

    meanwhile = market.settled(0)
    heard = list(log.calls)
    letting_go = threading.Timer(0.01, log.let_go.set)
    letting_go.start()
    after = market.settled(PATIENCE)

    assert (at_rest, meanwhile, after) == (True, False, True)
    assert (heard, log.calls) == ([], ["book"])
    thread.join()
    letting_go.join()


def test_a_handler_that_interrupts_a_view_finds_it_settled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    market = live()
    seen: list[bool] = []

    def interrupted(_market: Market) -> str:
        seen.append(market.settled(PATIENCE))
        return ""

    monkeypatch.setattr(Market, "_hint", interrupted)
    market.view(1, at(1))

    assert seen == [True]


@pytest.fixture
def _threads_switch_often() -> Iterator[None]:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("_threads_switch_often")
def test_no_view_is_torn_while_frames_are_applied_in_another_thread() -> None:
    # Every frame gives all 12 levels the same size, its own number, and carries nothing else:
    # a view taken in the middle of one would hold two sizes, or a count of another frame.
    market = connected()
    prices = range(1, 7)
    enough = threading.Event()

    def numbered(number: int) -> bytes:
        bids = [(str(100 - price), str(number)) for price in prices]
        asks = [(str(100 + price), str(number)) for price in prices]
        return wire.depth(number, bids, asks, after=None if number == 1 else number - 1)

    def feed() -> None:
        number = 1
        while not enough.is_set():
            number += 1
            market.apply(text(numbered(number)))
            time.sleep(0)  # a feed waits for its socket: else the lock is hardly ever free

    market.apply(text(numbered(1)))
    views: dict[int, MarketView] = {}
    thread = threading.Thread(target=feed)
    thread.start()
    try:
        deadline = time.monotonic() + 20
        while len(views) < 200 and time.monotonic() < deadline:
            view = market.view(10, at(0))
            views[view.version] = view
    finally:
        enough.set()
        thread.join()

    assert len(views) == 200, "views were taken while frames came"
    for view in views.values():
        sizes = {one.size for one in (*view.bids, *view.asks)}
        assert len(view.bids) == len(view.asks) == len(prices)
        assert sizes == {view.messages}
