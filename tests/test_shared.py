"""What a view of the shared market says."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from obtui.effects import Reconnect
from obtui.feeds.gemini import GeminiFeed
from obtui.market import BookState, Instrument, Level
from obtui.session import Session
from obtui.shared import Market
from obtui.view import MarketView
from shared_support import connected, live, tick
from support import wire
from support.frames import at, connect, disconnect, rest, text, wall


def level(price: str, size: str) -> Level:
    return Level(Decimal(price), Decimal(size))


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
