from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, closing
from decimal import Decimal
from itertools import pairwise
from socket import socket
from typing import TypeAlias

import httpx
import msgspec
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from obtui.book import OrderBook
from obtui.market import BookDelta, BookSnapshot
from obtui.simulator.faults import Faults
from obtui.simulator.protocols import gemini_v1
from obtui.simulator.protocols import gemini_wire as gemini
from obtui.simulator.server import Exchange
from obtui.simulator.standalone import run
from support.exchange import FastClock, book_of
from support.exchange import client as exchange_client

Json: TypeAlias = dict[str, "int | str | bool | list[list[str]] | list[str] | dict[str, str | int]"]
DEPTH = "btcusd@depth@100ms"


@pytest.fixture
async def exchange() -> AsyncIterator[Exchange]:
    async with Exchange(seed=7, clock=FastClock()) as exchange:
        yield exchange


def client(
    exchange: Exchange, path: str = "/?snapshot=-1"
) -> AbstractAsyncContextManager[ClientConnection]:
    return exchange_client(exchange, path)


async def ask(connection: ClientConnection, method: str, *params: str) -> None:
    await connection.send(json.dumps({"id": "1", "method": method, "params": params}))


async def receive(connection: ClientConnection) -> Json:
    frame: Json = json.loads(await connection.recv())
    return frame


async def depth(connection: ClientConnection) -> gemini.DepthUpdate:
    """The next depth frame, whatever comes before it."""
    while b'"depthUpdate"' not in (frame := await connection.recv(decode=False)):
        pass
    return msgspec.json.decode(frame, type=gemini.DepthUpdate)


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


@pytest.mark.parametrize(
    ("path", "status", "reason"),
    [
        ("/v1/marketdata/NOSUCH", 400, "InvalidSymbol"),
        ("/v1/marketdata/BTCUSD?top_of_book=true", 400, "Bad Request"),
        ("/?snapshot=some", 400, "Bad Request"),
        ("/v3", 404, "EndpointNotFound"),
    ],
)
async def test_a_websocket_is_refused_with_the_venues_answer(
    exchange: Exchange, path: str, status: int, reason: str
) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with client(exchange, path):
            pass

    response = refused.value.response
    assert response.status_code == status
    assert response.body is not None
    assert json.loads(response.body)["reason"] == reason


async def test_plain_gets_are_answered_on_the_same_port(exchange: Exchange) -> None:
    async with httpx.AsyncClient(base_url=exchange.rest_url, trust_env=False) as http:
        symbols = await http.get("/v1/symbols")
        unknown = await http.get("/v1/symbols/details/nosuch")
        book = await http.get("/v1/book/BTCUSD", params={"limit_bids": 3, "limit_asks": 4})

    assert symbols.json() == ["btcusd", "ethusd"]
    assert symbols.headers["content-type"] == "application/json"
    assert (unknown.status_code, unknown.json()["reason"]) == (400, "InvalidSymbol")
    assert (len(book.json()["bids"]), len(book.json()["asks"])) == (3, 4)


async def test_a_client_that_does_not_read_is_cut_and_the_others_are_not_held_up() -> None:
    async with (
        Exchange(seed=7, clock=FastClock(), outbox_bytes=1 << 20) as exchange,
        client(exchange) as slow,
        client(exchange) as quick,
    ):
        await ask(quick, "subscribe", DEPTH)
        chain = [await depth(quick)]
        with pytest.raises(ConnectionClosed):
            await subscribe_for_ever(slow, quick, chain)

    assert all(one.last == following.first for one, following in pairwise(chain))


async def subscribe_for_ever(
    slow: ClientConnection, quick: ClientConnection, chain: list[gemini.DepthUpdate]
) -> None:
    """Ask for whole books that are never read, while another reads its updates."""
    while True:
        await ask(slow, "subscribe", DEPTH)
        chain.append(await depth(quick))


async def test_a_dropped_frame_is_a_gap_on_the_first_connection_only() -> None:
    faults = Faults(drop_book_frame=3)
    async with Exchange(seed=7, clock=FastClock(), faults=faults) as exchange:
        chains = []
        for _ in range(2):
            async with client(exchange) as connection:
                await ask(connection, "subscribe", DEPTH)
                chains.append([await depth(connection) for _ in range(5)])

    struck, whole = ([a.last == b.first for a, b in pairwise(chain)] for chain in chains)
    assert struck == [True, False, True, True]
    assert all(whole)


async def test_the_socket_is_cut_after_the_frames_that_were_granted() -> None:
    async with (
        Exchange(seed=7, faults=Faults(close_after=2)) as exchange,
        client(exchange) as connection,
    ):
        await ask(connection, "subscribe", DEPTH)
        frames = [await receive(connection), await receive(connection)]
        with pytest.raises(ConnectionClosed) as cut:
            await receive(connection)

    assert "status" in frames[1]
    assert cut.value.rcvd is None  # no closing handshake


async def test_an_accepted_socket_may_be_closed_at_once() -> None:
    async with Exchange(seed=7, faults=Faults(accept_then_close=True, connections=2)) as exchange:
        for _ in range(2):
            async with client(exchange) as connection:
                with pytest.raises(ConnectionClosed):
                    await connection.recv()
        async with client(exchange) as connection:
            await ask(connection, "ping")
            assert await receive(connection) == {"id": "1", "status": 200}


async def test_leaving_takes_no_time_even_with_a_client_that_does_not_read() -> None:
    async with Exchange(seed=7) as exchange:
        url = exchange.url + "/?snapshot=-1"
        deaf = await connect(url, proxy=None, max_size=None, close_timeout=0.1)
        for _ in range(30):
            await ask(deaf, "subscribe", DEPTH)
        async with client(exchange) as other:
            await ask(other, "ping")
            await receive(other)
        started = time.monotonic()

    assert time.monotonic() - started < 1
    await deaf.close()


@pytest.fixture
def taken_port() -> Iterator[int]:
    with closing(socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


async def test_a_failure_of_the_flow_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    exchange = await Exchange(seed=7).__aenter__()
    monkeypatch.setattr(exchange.listing("gemini", "BTCUSD"), "advance", fail)
    await exchange.run()

    with pytest.raises(ZeroDivisionError):
        await exchange.__aexit__(None, None, None)


def test_a_port_in_use_is_one_line_and_exit_1(
    taken_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(taken_port, seed=1, speed=1.0)

    assert code == 1
    assert capsys.readouterr().err == (
        f"obtui: port {taken_port} on 127.0.0.1 is in use; "
        "choose another with --port, or 0 for any\n"
    )
