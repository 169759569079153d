"""The simulated exchange's server: whom it refuses, cuts or answers, its faults, and its end."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from itertools import pairwise
from socket import socket

import httpx
import pytest
from gemini_support import DEPTH, ask, client, depth, receive
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from obtui.simulator.faults import Faults
from obtui.simulator.protocols import gemini_wire as gemini
from obtui.simulator.server import Exchange
from obtui.simulator.standalone import run
from support.exchange import FastClock


@pytest.fixture
async def exchange() -> AsyncIterator[Exchange]:
    async with Exchange(seed=7, clock=FastClock()) as exchange:
        yield exchange


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
