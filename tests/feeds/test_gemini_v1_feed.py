"""Gemini's archived v1: what its frames mean, and how a lost one shows."""

from __future__ import annotations

from decimal import Decimal

import pytest

from obtui.feeds.base import Malformed, SequenceGap, SymbolRefused, VenueError
from obtui.feeds.gemini_v1 import GeminiV1Decoder, GeminiV1Feed
from obtui.market import Aggressor, BookDelta, BookSnapshot, Heartbeat, Trade
from support import wire


def synced() -> GeminiV1Decoder:
    """A decoder that has seen the whole book as frame 0."""
    decoder = GeminiV1Decoder("BTCUSD")
    decoder.decode(wire.v1_initial(0, [("99", "1")], [("101", "1")]))
    return decoder


def test_the_initial_frame_is_the_whole_book_and_has_no_time() -> None:
    frame = wire.v1_initial(0, [("83948.7", "0.10350843")], [("83948.71", "0.06198727")])

    assert GeminiV1Decoder("BTCUSD").decode(frame) == (
        BookSnapshot(
            [(Decimal("83948.7"), Decimal("0.10350843"))],
            [(Decimal("83948.71"), Decimal("0.06198727"))],
            None,
        ),
    )


def test_the_initial_frame_of_an_empty_market_is_its_whole_book() -> None:
    assert GeminiV1Decoder("BTCUSD").decode(wire.v1_update(0, ms=None)) == (
        BookSnapshot([], [], None),
    )


def test_changes_carry_absolute_sizes_and_the_time_in_ns() -> None:
    frame = wire.v1_update(
        1,
        wire.change("bid", "98", "0", "cancel"),
        wire.change("ask", "101", "1.6"),
        wire.change("bid", "97", "0.0", "trade"),
        ms=1_547_759_967_559,
    )

    assert synced().decode(frame) == (
        BookDelta(
            [(Decimal(98), Decimal(0)), (Decimal(97), Decimal(0))],
            [(Decimal(101), Decimal("1.6"))],
            1_547_759_967_559_000_000,
        ),
    )


def test_the_book_is_known_by_its_reason_not_by_its_place() -> None:
    decoder = GeminiV1Decoder("BTCUSD")

    assert decoder.decode(wire.v1_heartbeat(0)) == (Heartbeat(),)
    assert list(decoder.decode(wire.v1_update(1, wire.change("bid", "98", "1")))) == []
    (event,) = decoder.decode(wire.v1_initial(2, [("99", "1")], []))
    assert event == BookSnapshot([(Decimal(99), Decimal(1))], [], None)
    (event,) = decoder.decode(wire.v1_update(3, wire.change("bid", "98", "1")))
    assert isinstance(event, BookDelta)


def test_an_update_without_events_later_on_is_no_book() -> None:
    assert list(synced().decode(wire.v1_update(1))) == []


@pytest.mark.parametrize("first", [1, 5, -1])
def test_a_connection_that_does_not_start_at_zero_has_lost_something(first: int) -> None:
    with pytest.raises(SequenceGap, match=f"0 was due, {first} came"):
        GeminiV1Decoder("BTCUSD").decode(wire.v1_initial(first, [("99", "1")], []))


@pytest.mark.parametrize("came", [0, 2, 3, 10**12])
def test_any_jump_is_a_gap_back_or_on(came: int) -> None:
    with pytest.raises(SequenceGap, match=f"1 was due, {came} came"):
        synced().decode(wire.v1_update(came, wire.change("bid", "98", "1")))


def test_a_lost_heartbeat_shows() -> None:
    decoder = synced()
    decoder.decode(wire.v1_heartbeat(1))

    with pytest.raises(SequenceGap, match="2 was due, 3 came"):
        decoder.decode(wire.v1_heartbeat(3))


def test_a_trade_comes_with_its_change_in_the_same_frame() -> None:
    frame = wire.v1_update(
        1,
        wire.v1_trade("6508.45", "0.02441407", "ask", tid=4568099470),
        wire.change("ask", "6508.45", "0.45117186", "trade"),
        ms=5,
    )

    assert synced().decode(frame) == (
        BookDelta([], [(Decimal("6508.45"), Decimal("0.45117186"))], 5_000_000),
        Trade(Decimal("6508.45"), Decimal("0.02441407"), Aggressor.BUYER, 5_000_000, 4568099470),
    )


@pytest.mark.parametrize(
    ("maker", "aggressor"),
    [
        ("ask", Aggressor.BUYER),
        ("bid", Aggressor.SELLER),
        ("auction", Aggressor.NONE),
        ("", Aggressor.NONE),
    ],
)
def test_the_aggressor_is_the_other_side_of_the_maker(maker: str, aggressor: Aggressor) -> None:
    (event,) = synced().decode(wire.v1_update(1, wire.v1_trade("100", "1", maker)))

    assert isinstance(event, Trade)
    assert event.aggressor is aggressor


def test_a_block_trade_has_no_aggressor_and_no_effect_on_the_book() -> None:
    block: wire.Event = {"type": "block_trade", "tid": 3, "price": "100", "amount": "50"}

    (event,) = synced().decode(wire.v1_update(1, block, ms=1))

    assert event == Trade(Decimal(100), Decimal(50), Aggressor.NONE, 1_000_000, 3)


@pytest.mark.parametrize(
    "event",
    [
        {"type": "auction_open", "auction_open_ms": 1, "auction_time_ms": 2},
        {"type": "auction_indicative", "eid": 1, "result": "failure", "time_ms": 2},
        {"type": "auction_result", "eid": 1, "result": "success", "auction_price": "1"},
        {"type": "something_new", "price": "100", "side": "bid"},
    ],
)
def test_auctions_and_unknown_events_are_passed_over_but_counted(event: wire.Event) -> None:
    decoder = synced()

    assert list(decoder.decode(wire.v1_update(1, event))) == []
    (change,) = decoder.decode(wire.v1_update(2, event, wire.change("bid", "98", "1")))
    assert isinstance(change, BookDelta)


def test_a_frame_of_an_unknown_type_is_life_and_is_counted() -> None:
    decoder = synced()

    assert decoder.decode(b'{"type":"something_new","socket_sequence":1}') == (Heartbeat(),)
    assert decoder.decode(wire.v1_heartbeat(2)) == (Heartbeat(),)


@pytest.mark.parametrize(
    "frame",
    [
        b"{}",
        b'{"type":"update","events":[]}',
        b'{"type":"update","socket_sequence":1,"events":null}',
        b'{"type":"update","socket_sequence":1,"events":[{"side":"bid"}]}',
        wire.v1_update(1, {"type": "change", "side": "bid", "price": "1"}),
        wire.v1_update(1, {"type": "change", "side": "bid", "remaining": "1"}),
        wire.v1_update(1, wire.change("buy", "98", "1")),
        wire.v1_update(1, {"type": "trade", "price": "1", "makerSide": "ask"}),
        wire.v1_update(1, {"type": "trade", "amount": "1", "makerSide": "ask"}),
    ],
)
def test_a_frame_that_is_not_the_protocols_is_malformed(frame: bytes) -> None:
    with pytest.raises(Malformed):
        synced().decode(frame)


def test_the_houses_error_form_refuses_an_unknown_symbol() -> None:
    with pytest.raises(SymbolRefused, match="gemini has no symbol NOSUCH"):
        GeminiV1Decoder("NOSUCH").decode(wire.UNKNOWN_SYMBOL.encode())


def test_another_error_in_that_form_does_not() -> None:
    frame = b'{"result":"error","reason":"RateLimit","message":"slow down"}'

    with pytest.raises(VenueError, match="RateLimit slow down"):
        GeminiV1Decoder("BTCUSD").decode(frame)


def test_the_path_subscribes() -> None:
    feed = GeminiV1Feed("btc-usd")

    assert feed.symbol == "BTCUSD"
    assert feed.url == "wss://api.gemini.com/v1/marketdata/BTCUSD?heartbeat=true"
    assert feed.instrument_path == "/v1/symbols/details/btcusd"
    assert list(feed.subscriptions()) == []
    assert feed.ping_seconds == 0
    assert feed.ping() == ""


def test_each_connection_counts_from_zero() -> None:
    feed = GeminiV1Feed("BTCUSD")
    feed.decoder().decode(wire.v1_initial(0, [], []))

    assert feed.decoder().decode(wire.v1_heartbeat(0)) == (Heartbeat(),)
