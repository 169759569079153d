"""Kraken's v2: what its frames mean, and what is not one of them."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from obtui.book import OrderBook
from obtui.feeds.base import ChecksumMismatch, Malformed
from obtui.feeds.kraken import DEPTH, KrakenDecoder
from obtui.market import Aggressor, BookDelta, BookSnapshot, Heartbeat, Trade
from support import kraken_wire as wire
from support.kraken_wire import fed, synced
from support.wire import encode

BIDS, ASKS = wire.BIDS, wire.ASKS


def test_the_snapshot_is_the_book_with_the_venues_own_digits() -> None:
    frame = wire.book("snapshot", wire.entry([("99.50", "1.500")], [("101", "1e-08")], crc=7))

    (event,) = KrakenDecoder(wire.SYMBOL).decode(frame)

    assert event == BookSnapshot(
        [(Decimal("99.5"), Decimal("1.5"))],
        [(Decimal(101), Decimal("1e-8"))],
        wire.TIME_NS,
        checksum=7,
    )
    assert [str(number) for number in event.bids[0]] == ["99.50", "1.500"]


def test_an_update_changes_levels_in_order_and_names_the_depth() -> None:
    twice = [("99.5", "3"), ("99.5", "0"), ("97.0", "2")]

    (event,) = synced().decode(wire.book("update", wire.entry(twice, crc=8)))

    assert event == BookDelta(
        [(Decimal("99.5"), Decimal(3)), (Decimal("99.5"), Decimal(0)), (Decimal(97), Decimal(2))],
        [],
        wire.TIME_NS,
        checksum=8,
        depth=DEPTH,
    )


def test_each_of_several_entries_is_checked_on_its_own() -> None:
    venue = wire.Book()
    first = venue.snapshot(BIDS, ASKS)
    entries = []
    for change in (("99.5", "5"), ("98.0", "0"), ("97.0", "7")):
        frame = json.loads(venue.update([change]))
        entries.append(wire.entry([change], crc=frame["data"][0]["checksum"]))
    decoder = KrakenDecoder(wire.SYMBOL)
    fed(decoder, wire.instrument())

    assert len(fed(decoder, first, wire.book("update", *entries))) == 1 + 3
    with pytest.raises(ChecksumMismatch):
        fed(decoder, first, wire.book("update", entries[0], entries[2], entries[1]))


def test_a_wrong_checksum_is_told_with_both() -> None:
    right = wire.checksum(({Decimal(99): Decimal(1)}, {}))

    with pytest.raises(ChecksumMismatch, match=f"checksum 5 was due, the book has {right}"):
        fed(
            KrakenDecoder(wire.SYMBOL),
            wire.instrument(),
            wire.book("snapshot", wire.entry([("99.0", "1")], crc=5)),
        )


@pytest.mark.parametrize("depth", [10, 25, 1000])
def test_both_sides_are_cut_to_the_depth_that_the_venue_gives(depth: int) -> None:
    venue, decoder, book = wire.Book(depth), KrakenDecoder(wire.SYMBOL), OrderBook()
    bids = [(f"{5000 - step}.0", "1") for step in range(depth)]
    asks = [(f"{5001 + step}.0", "1") for step in range(depth)]
    start = (wire.instrument(), wire.subscribed(depth), venue.snapshot(bids, asks))

    fed(decoder, *start, venue.update([("5000.5", "2")], [("5000.6", "2")]), book=book)

    assert (len(book.bids), len(book.asks)) == (depth, depth)
    assert book.bids.prices[0] == 5000 - depth + 2
    assert book.asks.prices[-1] == 5001 + depth - 2
    fed(decoder, venue.update([("5000.5", "0")], [("5000.6", "0")]), book=book)
    assert (len(book.bids), len(book.asks)) == (depth - 1, depth - 1)


@pytest.mark.parametrize(
    "acknowledged",
    [
        wire.subscribed(10, symbol="ETH/USD"),
        wire.subscribed(10, channel="trade"),
        b'{"method":"subscribe","success":true,"result":{"channel":"book","symbol":"BTC/USD"}}',
    ],
)
def test_an_acknowledgement_of_another_thing_sets_no_depth(acknowledged: bytes) -> None:
    decoder = synced()

    assert decoder.decode(acknowledged) == (Heartbeat(),)
    (event,) = decoder.decode(wire.book("update", wire.entry(crc=1)))
    assert isinstance(event, BookDelta)
    assert event.depth == DEPTH


def test_the_precision_may_come_after_the_book_or_never() -> None:
    venue = wire.Book()
    late, never = KrakenDecoder(wire.SYMBOL), KrakenDecoder(wire.SYMBOL)
    first = venue.snapshot(BIDS, ASKS)
    second = venue.update([("99.5", "5")])

    assert len(fed(late, first, wire.instrument(), book=(book := OrderBook()))) == 2
    assert len(fed(late, second, book=book)) == 1
    assert len(fed(never, first, second)) == 2


def test_an_instrument_that_changes_its_precision_changes_the_check() -> None:
    levels = ({Decimal("99.5"): Decimal("1.5")}, {Decimal(101): Decimal(1)})
    frames = [
        wire.book("update", wire.entry(crc=wire.checksum(levels, precision)))
        for precision in ((1, 8), (2, 5))
    ]
    first = wire.book(
        "snapshot", wire.entry([("99.5", "1.5")], [("101", "1")], crc=wire.checksum(levels))
    )
    decoder, book = KrakenDecoder(wire.SYMBOL), OrderBook()

    fed(decoder, wire.instrument(), first, frames[0], wire.instrument(2, 5), frames[1], book=book)

    with pytest.raises(ChecksumMismatch):
        fed(decoder, frames[0], book=book)


@pytest.mark.parametrize("precision", [(-1, 8), (1, -1), (31, 8), (1, 10**30)])
def test_a_precision_that_no_instrument_has_is_malformed(precision: tuple[int, int]) -> None:
    decoder = KrakenDecoder(wire.SYMBOL)

    assert decoder.decode(wire.instrument(*precision, symbol="ETH/USD")) == (Heartbeat(),)
    with pytest.raises(Malformed):
        decoder.decode(wire.instrument(*precision))


def test_an_update_before_the_book_is_passed_over() -> None:
    frame = wire.book("update", wire.entry([("98.0", "1")], crc=1))

    assert list(KrakenDecoder(wire.SYMBOL).decode(frame)) == []


def test_an_empty_book_is_a_book_and_the_next_one_tells_the_precision() -> None:
    venue = wire.Book()

    assert len(fed(synced(), venue.snapshot([], []), venue.update(BIDS))) == 2


@pytest.mark.parametrize(
    ("bids", "asks"),
    [
        ([("98.0", "1"), ("99.0", "1")], []),
        ([], [("101.0", "1"), ("100.0", "1")]),
        ([("99.0", "1"), ("99.00", "2")], []),
    ],
)
def test_a_whole_book_out_of_order_is_malformed(
    bids: list[tuple[str, str]], asks: list[tuple[str, str]]
) -> None:
    with pytest.raises(Malformed, match=r"^(bid|ask) [\d.]+ comes after [\d.]+$"):
        KrakenDecoder(wire.SYMBOL).decode(wire.book("snapshot", wire.entry(bids, asks, crc=1)))


@pytest.mark.parametrize(
    ("side", "aggressor"),
    [("buy", Aggressor.BUYER), ("sell", Aggressor.SELLER), ("none", Aggressor.NONE)],
)
def test_the_side_of_a_trade_is_the_takers(side: str, aggressor: Aggressor) -> None:
    frame = wire.trades(
        wire.trade(side), wire.trade(symbol="ETH/USD"), wire.trade(side, trade_id=8)
    )

    first, second = KrakenDecoder(wire.SYMBOL).decode(frame)

    assert first == Trade(Decimal("5.5"), Decimal("0.25"), aggressor, wire.TIME_NS, 7)
    assert isinstance(second, Trade)
    assert second.trade_id == 8


def test_trades_of_before_we_came_are_no_news() -> None:
    assert list(synced().decode(wire.trades(wire.trade(), kind="snapshot"))) == []


@pytest.mark.parametrize("key", ["symbol", "bids", "asks", "checksum"])
def test_a_book_without_a_key_is_malformed(key: str) -> None:
    message = json.loads(wire.book("update", wire.entry(crc=1)))
    del message["data"][0][key]

    with pytest.raises(Malformed):
        synced().decode(encode(message))


@pytest.mark.parametrize("crc", [b"-1", b"4294967296", b"1" + b"0" * 5000, b"1.5", b'"7"'])
def test_a_checksum_that_is_none_is_malformed(crc: bytes) -> None:
    frame = wire.book("update", wire.entry(crc=7))

    with pytest.raises(Malformed):
        synced().decode(frame.replace(b'"checksum":7', b'"checksum":' + crc))


@pytest.mark.parametrize(
    "frame",
    [
        wire.subscribed(0),
        wire.book("partial", wire.entry(crc=1)),
        wire.book("update", wire.entry([("0", "1")], crc=1)),
        wire.book("update", wire.entry([], [("101.0", "-1")], crc=1)),
        wire.book("snapshot", wire.entry([], [("1e19", "1")], crc=1)),
        wire.trades(wire.trade() | {"price": -1}),
    ],
)
def test_what_the_protocol_does_not_know_is_malformed(frame: bytes) -> None:
    with pytest.raises(Malformed):
        synced().decode(frame)
