"""A recording of Coinbase Advanced Trade of 2026-09-30, two products on one connection."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

import pytest

from obtui.effects import Reconnect
from obtui.feeds.coinbase import CoinbaseDecoder, CoinbaseFeed
from obtui.feeds.told import utc_ns
from obtui.market import Aggressor, BookState, Trade
from obtui.session import Session
from support import coinbase_wire as wire
from support.books import levels_of
from support.captures import incoming
from support.frames import connect, text

NAME = "advanced-real"
both = pytest.mark.parametrize(("symbol", "news"), [("BTC-USD", 86), ("ETH-USD", 21)])


@both
def test_a_real_recording_is_right_after_every_frame(symbol: str, news: int) -> None:
    frames = incoming(NAME, "coinbase")
    truth = iter(wire.books_of(frames, symbol))
    session = Session(CoinbaseFeed(symbol))
    session.receive(connect())
    made: list[Trade] = []

    for frame in frames:
        outcome = session.receive(text(frame.encode()))
        made += outcome.trades
        if outcome.book:
            assert session.state is BookState.VERIFIED
            assert levels_of(session.book) == next(truth)

    assert next(truth, None) is None
    assert (session.resyncs, session.trouble) == (0, "")
    assert len(made) == 100 + news
    assert [trade.history for trade in made] == [True] * 100 + [False] * news
    ids = [int(str(trade.trade_id)) for trade in made]
    assert ids == sorted(set(ids))
    times = [trade.ts_event or 0 for trade in made]
    assert times == sorted(times)


def test_it_has_307_trades_of_which_200_are_history() -> None:
    counts: Counter[str] = Counter()
    for message in map(json.loads, incoming(NAME, "coinbase")):
        if message["channel"] == "market_trades":
            for event in message["events"]:
                counts[event["type"]] += len(event["trades"])

    assert counts == {"snapshot": 200, "update": 86 + 21}


@pytest.mark.parametrize("lost", range(1, 249, 13))
def test_any_frame_lost_from_it_is_noticed_by_the_next(lost: int) -> None:
    frames = incoming(NAME, "coinbase")
    session = Session(CoinbaseFeed("BTC-USD"))
    session.receive(connect())
    for frame in frames[:lost]:
        session.receive(text(frame.encode()))

    outcome = session.receive(text(frames[lost + 1].encode()))

    assert any(isinstance(effect, Reconnect) for effect in outcome.effects)


def top_at(tops: Sequence[tuple[int, Decimal, Decimal]], ns: int) -> tuple[Decimal, Decimal]:
    """Best bid and ask by the engine's own time."""
    return next((bid, ask) for at_ns, bid, ask in reversed(tops) if at_ns < ns)


@both
def test_the_aggressors_in_it_met_the_book(symbol: str, news: int) -> None:
    # What the documentation does not say: that `side` is the maker's.
    frames = incoming(NAME, "coinbase")
    books = iter(wire.books_of(frames, symbol))
    tops = []
    for message in map(json.loads, frames):
        for event in message["events"]:
            if message["channel"] == "l2_data" and event["product_id"] == symbol:
                bids, asks = next(books)
                ns = utc_ns(event["updates"][0]["event_time"])
                assert ns is not None
                tops.append((ns, max(bids), min(asks)))
    decoder = CoinbaseDecoder(symbol)
    met: Counter[tuple[Aggressor, str]] = Counter()
    for frame in frames:
        for trade in decoder.decode(frame.encode()):
            if isinstance(trade, Trade) and trade.ts_event and not trade.history:
                bid, ask = top_at(tops, trade.ts_event)
                where = "bid" if trade.price <= bid else "ask" if trade.price >= ask else "between"
                met[trade.aggressor, where] += 1

    assert met[Aggressor.SELLER, "ask"] == met[Aggressor.BUYER, "bid"] == 0
    assert met[Aggressor.SELLER, "bid"] + met[Aggressor.BUYER, "ask"] >= news - 1
