"""Whole streams of a venue through the driver: the book is right after every frame."""

from __future__ import annotations

from decimal import Decimal

import pytest

from live_support import (
    play,
    short_delays,
)
from obtui.feeds import FEEDS
from obtui.feeds.gemini import GeminiFeed
from support import captures
from support.books import BookLog


@pytest.fixture(autouse=True)
def delays(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    return short_delays(monkeypatch)


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
