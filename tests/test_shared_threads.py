"""The shared market between threads: when it is settled, and that no view is torn."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator

import pytest

from obtui.book import OrderBook
from obtui.shared import Listeners, Market
from obtui.view import MarketView
from shared_support import ASKS, BIDS, connected, live
from support import wire
from support.books import BookLog
from support.frames import at, text

PATIENCE = 5.0
"""Seconds that a test waits for what must happen, before it fails."""


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
