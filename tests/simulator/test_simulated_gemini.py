"""Gemini's two protocols as the simulated exchange speaks them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from itertools import pairwise

import msgspec
import pytest
from gemini_support import DEPTH, ask, client, depth, receive
from websockets.asyncio.client import ClientConnection

from obtui.book import OrderBook
from obtui.market import BookDelta, BookSnapshot
from obtui.simulator.protocols import gemini_v1
from obtui.simulator.protocols import gemini_wire as gemini
from obtui.simulator.server import Exchange
from support.exchange import FastClock, book_of


@pytest.fixture
async def exchange() -> AsyncIterator[Exchange]:
    async with Exchange(seed=7, clock=FastClock()) as exchange:
        yield exchange


def levels(wire: list[tuple[str, str]]) -> list[tuple[Decimal, Decimal]]:
    return [(Decimal(price), Decimal(size)) for price, size in wire]


async def test_the_snapshot_comes_before_the_acknowledgement_and_is_the_book(
    exchange: Exchange,
) -> None:
    async with client(exchange) as connection:
        await ask(connection, "subscribe", DEPTH)
        first, second = await receive(connection), await receive(connection)

    snapshot = msgspec.convert(first, gemini.DepthUpdate)
    bids, asks = levels(snapshot.bids), levels(snapshot.asks)
    assert snapshot.first == snapshot.last
    assert second == {"id": "1", "status": 200}
    assert bids == sorted(bids, reverse=True)
    assert asks == sorted(asks)
    assert len(bids) > 3_000
    assert bids[0] < asks[0]
    assert all(len(price.partition(".")[2]) == 2 for price, _ in snapshot.bids)


async def test_deltas_are_chained_and_lead_to_the_exchanges_own_book(exchange: Exchange) -> None:
    book = OrderBook()
    async with client(exchange) as connection:
        await ask(connection, "subscribe", DEPTH)
        last = await depth(connection)
        book.apply_snapshot(BookSnapshot(levels(last.bids), levels(last.asks)))

        same = 0
        for _ in range(100):
            update = await depth(connection)
            assert update.first == last.last < update.last
            book.apply_delta(BookDelta(levels(update.bids), levels(update.asks)))
            assert not book.crossed
            same += (book.bids.sizes, book.asks.sizes) == book_of(exchange, "gemini", "BTCUSD")
            last = update

    # The exchange may have gone on by the time that a frame is read, but not each time.
    assert same > 10


async def test_the_newest_ticker_agrees_with_the_book(exchange: Exchange) -> None:
    book = OrderBook()
    tickers: list[gemini.BookTicker] = []
    agreed = 0
    async with client(exchange) as connection:
        await ask(connection, "subscribe", DEPTH, "btcusd@bookTicker")
        snapshot = await depth(connection)
        book.apply_snapshot(BookSnapshot(levels(snapshot.bids), levels(snapshot.asks)))

        while agreed < 50:
            frame = await connection.recv(decode=False)
            if b'"B"' in frame:
                tickers.append(msgspec.json.decode(frame, type=gemini.BookTicker))
            elif b'"depthUpdate"' in frame:
                update = msgspec.json.decode(frame, type=gemini.DepthUpdate)
                book.apply_delta(BookDelta(levels(update.bids), levels(update.asks)))
                if not tickers:
                    continue
                ticker = max((t for t in tickers if t.u <= update.last), key=lambda t: t.u)
                bid, ask_ = book.bids.best(), book.asks.best()
                assert bid == (Decimal(ticker.bid), Decimal(ticker.bid_size))
                assert ask_ == (Decimal(ticker.ask), Decimal(ticker.ask_size))
                agreed += 1


async def test_a_late_subscriber_does_not_break_the_others_chain(exchange: Exchange) -> None:
    async with client(exchange) as early, client(exchange) as late:
        await ask(early, "subscribe", DEPTH)
        chain = [await depth(early), await depth(early)]
        await ask(late, "subscribe", DEPTH)
        late_chain = [await depth(late) for _ in range(20)]
        chain += [await depth(early) for _ in range(20)]

    for updates in (chain, late_chain):
        assert all(one.last == following.first for one, following in pairwise(updates))
    assert late_chain[0].last in {update.last for update in chain}


async def test_without_a_snapshot_there_are_only_deltas(exchange: Exchange) -> None:
    async with client(exchange, "/") as connection:
        await ask(connection, "subscribe", DEPTH)
        acknowledged = await receive(connection)
        update = await depth(connection)

    assert acknowledged == {"id": "1", "status": 200}
    assert update.first < update.last


async def test_a_snapshot_may_be_cut(exchange: Exchange) -> None:
    async with client(exchange, "/?snapshot=5") as connection:
        await ask(connection, "subscribe", "ETHUSD@depth")
        snapshot = await depth(connection)

    assert (snapshot.s, len(snapshot.bids), len(snapshot.asks)) == ("ethusd", 5, 5)


async def test_trades_are_numbered_and_come_from_both_sides(exchange: Exchange) -> None:
    async with client(exchange) as connection:
        await ask(connection, "subscribe", "btcusd@trade")
        await receive(connection)
        trades = [
            msgspec.json.decode(await connection.recv(), type=gemini.TradeUpdate) for _ in range(8)
        ]

    assert [b.t - a.t for a, b in pairwise(trades)] == [1] * 7
    assert {trade.buyer_is_maker for trade in trades} == {True, False}
    assert all(Decimal(trade.q) > 0 for trade in trades)


async def test_one_bad_name_refuses_the_whole_request(exchange: Exchange) -> None:
    async with client(exchange) as connection:
        await ask(connection, "subscribe", DEPTH, "nosuch@depth@100ms")
        refused = await receive(connection)
        await ask(connection, "list_subscriptions")
        listed = await receive(connection)

    message = "Invalid stream name: nosuch@depth@100ms"
    assert refused == {"id": "1", "status": 400, "error": {"code": -1013, "msg": message}}
    assert listed == {"id": "1", "status": 200, "result": []}


@pytest.mark.parametrize(
    ("request_text", "code"),
    [
        ('{"id":1,"method":"dance"}', -1020),
        ('{"id":1,"method":"subscribe","params":{"symbol":"btcusd"}}', -1013),
        ("{", -1013),
        ("[]", -1013),
    ],
)
async def test_nonsense_is_refused_and_the_socket_stays(
    exchange: Exchange, request_text: str, code: int
) -> None:
    async with client(exchange) as connection:
        await connection.send(request_text)
        refused = msgspec.json.decode(await connection.recv(), type=gemini.Reply)
        await ask(connection, "PING")
        pong = await receive(connection)

    assert refused.error is not None
    assert refused.error.code == code
    assert pong == {"id": "1", "status": 200}


async def test_after_unsubscribing_nothing_comes(exchange: Exchange) -> None:
    async with client(exchange) as connection:
        await ask(connection, "subscribe", DEPTH)
        await depth(connection)
        await ask(connection, "unsubscribe", DEPTH)
        while "status" not in (await receive(connection)) or not await listed_empty(connection):
            pass
        await ask(connection, "time")
        frame = await receive(connection)

    assert list(frame) == ["id", "status", "result"]


async def listed_empty(connection: ClientConnection) -> bool:
    await ask(connection, "list_subscriptions")
    while "result" not in (frame := await receive(connection)):
        pass
    return frame["result"] == []


async def test_v1_tells_the_book_then_its_changes_and_counts_every_frame(
    exchange: Exchange,
) -> None:
    book = OrderBook()
    beats = trades = 0
    async with client(exchange, "/v1/marketdata/btcusd?heartbeat=true") as connection:
        first = msgspec.json.decode(await connection.recv(), type=gemini_v1.V1Update)
        initial = {
            side: [
                (Decimal(event.price), Decimal(event.remaining))
                for event in first.events
                if isinstance(event, gemini_v1.V1Change) and event.side == side
            ]
            for side in ("bid", "ask")
        }
        book.apply_snapshot(BookSnapshot(initial["bid"], initial["ask"]))
        sequence = 0
        while beats < 2 or not trades:
            frame = await connection.recv(decode=False)
            sequence += 1
            if b"heartbeat" in frame:
                assert frame == gemini_v1.v1_heartbeat(sequence)
                beats += 1
                continue
            update = msgspec.json.decode(frame, type=gemini_v1.V1Update)
            assert update.socket_sequence == sequence
            assert update.timestampms // 1000 == update.timestamp > 0
            *trade, change = update.events
            assert isinstance(change, gemini_v1.V1Change)
            assert (change.reason == "trade") is bool(trade)
            trades += len(trade)
            side = book.bids if change.side == "bid" else book.asks
            price, size = Decimal(change.price), Decimal(change.remaining)
            assert side.sizes.get(price, Decimal()) + Decimal(change.delta) == size
            side.apply([(price, size)])
            assert not book.crossed

    assert first.socket_sequence == first.timestampms == 0
    assert {e.reason for e in first.events if isinstance(e, gemini_v1.V1Change)} == {"initial"}


async def test_v1_leaves_out_what_is_not_wanted(exchange: Exchange) -> None:
    path = "/v1/marketdata/BTCUSD?bids=false&trades=false"
    async with client(exchange, path) as connection:
        updates = [
            msgspec.json.decode(await connection.recv(), type=gemini_v1.V1Update) for _ in range(50)
        ]

    assert [update.socket_sequence for update in updates] == list(range(50))
    events = [event for update in updates for event in update.events]
    assert all(isinstance(event, gemini_v1.V1Change) and event.side == "ask" for event in events)
