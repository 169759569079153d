"""Binance's protocol as the simulated exchange speaks it: the stream, and REST beside it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection

from obtui.simulator import listing
from obtui.simulator.server import Exchange
from support.books import Levels, set_level, side_of
from support.exchange import FastClock, ask, book_of, client, receive

ALL = "/stream?streams=btcusdt@depth@100ms/btcusdt@bookTicker/btcusdt@trade"


@pytest.fixture
async def exchange() -> AsyncIterator[Exchange]:
    async with Exchange(seed=3, speed=3, clock=FastClock()) as exchange:
        yield exchange


async def get(exchange: Exchange, path: str, **query: object) -> tuple[int, Any]:
    base = f"{exchange.rest_url}/api/v3/"
    async with httpx.AsyncClient(base_url=base, trust_env=False) as http:
        reply = await http.get(path, params={name: str(value) for name, value in query.items()})
    return reply.status_code, reply.json()


async def data_of(connection: ClientConnection, kind: str) -> Any:  # noqa: ANN401
    """The next frame of a stream of Bitcoin, unwrapped, whatever comes before it."""
    while (frame := await receive(connection)).get("stream") != f"btcusdt@{kind}":
        pass
    return frame["data"]


async def answer(connection: ClientConnection) -> Any:  # noqa: ANN401
    """The next answer to a request."""
    while "id" not in (frame := await receive(connection)):
        pass
    return frame


def apply(book: Levels, update: dict[str, Any]) -> None:
    for side, levels in zip(book, (update["b"], update["a"]), strict=True):
        for price, size in levels:
            assert {len(text.partition(".")[2]) for text in (price, size)} == {8}
            set_level(side, price, size)


async def test_the_stream_splices_onto_the_book_of_rest_and_the_tickers_agree(
    exchange: Exchange,
) -> None:
    tickers: list[dict[str, Any]] = []
    same = agreed = 0
    async with client(exchange, ALL) as connection:
        waiting = [await data_of(connection, "depth@100ms")]
        asking = asyncio.create_task(get(exchange, "depth", symbol="BTCUSDT", limit=5000))
        waiting += [await data_of(connection, "depth@100ms") for _ in range(5)]
        _, snapshot = await asking
        last = snapshot["lastUpdateId"]
        assert last >= waiting[0]["U"]
        book = side_of(snapshot["bids"]), side_of(snapshot["asks"])
        waiting = [update for update in waiting if update["u"] > last]
        joined = False
        while agreed < 60:
            if waiting:
                update = waiting.pop(0)
            else:
                frame = await receive(connection)
                if "@bookTicker" in frame["stream"]:
                    tickers.append(frame["data"])
                if "@depth" not in frame["stream"]:
                    continue
                update = frame["data"]
            if update["u"] <= last:
                continue
            assert update["U"] == last + 1 or (not joined and update["U"] <= last + 1)
            joined, last = True, update["u"]
            apply(book, update)
            same += book == book_of(exchange, "binance", "BTCUSDT")
            older = [ticker for ticker in tickers if ticker["u"] <= last]
            if older:
                bid, ask_ = max(book[0]), min(book[1])
                ticker = max(older, key=lambda one: int(one["u"]))
                assert (bid, book[0][bid]) == (Decimal(ticker["b"]), Decimal(ticker["B"]))
                assert (ask_, book[1][ask_]) == (Decimal(ticker["a"]), Decimal(ticker["A"]))
                agreed += 1

    assert same > 5  # it may have gone on by the time that a frame is read


async def test_a_book_is_that_of_its_id(exchange: Exchange) -> None:
    listing = exchange.listing("binance", "BTCUSDT")
    seen = []
    for _ in range(5):
        _, book = await get(exchange, "depth", symbol="BTCUSDT", limit=10)
        seen.append(book)
        if book["lastUpdateId"] == listing.last_id:
            bids, asks = book_of(exchange, "binance", "BTCUSDT", depth=10)
            assert (side_of(book["bids"]), side_of(book["asks"])) == (bids, asks)

    assert len({book["lastUpdateId"] for book in seen}) > 1
    assert {(len(book["bids"]), len(book["asks"])) for book in seen} == {(10, 10)}


async def test_trades_are_numbered_and_tell_who_was_the_maker(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "RECENT_TRADES", 10_000)
    async with client(exchange, "/stream?streams=btcusdt@trade") as connection:
        trades = [await data_of(connection, "trade") for _ in range(8)]

    ids = [trade["t"] for trade in trades]
    assert ids == list(range(ids[0], ids[0] + 8))
    made = {it.trade_id: it.event for it in exchange.listing("binance", "BTCUSDT").trades}
    for trade in trades:
        assert made[trade["t"]].side.value == ("bid" if trade["m"] else "ask")


async def test_requests_change_and_list_the_streams(exchange: Exchange) -> None:
    async with client(exchange, "/stream") as connection:
        name = "btcusdt@depth@100ms"
        await ask(connection, method="SUBSCRIBE", params=[name], id=1)
        subscribed = await answer(connection)
        update = await data_of(connection, "depth@100ms")
        await ask(connection, method="LIST_SUBSCRIPTIONS", id="x")
        listed = await answer(connection)
        await ask(connection, method="UNSUBSCRIBE", params=[name], id=2)
        await answer(connection)
        await ask(connection, method="LIST_SUBSCRIPTIONS", id=3)
        after = await receive(connection)

    assert subscribed == {"result": None, "id": 1}
    assert update["s"] == "BTCUSDT"
    assert listed == {"result": [name], "id": "x"}
    assert after == {"result": [], "id": 3}


async def test_an_unknown_symbol_is_taken_and_stays_silent(exchange: Exchange) -> None:
    names = ["nosuch@depth@100ms", "BTCUSDT@trade", "btcusdt@nosuch"]
    async with client(exchange, f"/stream?streams={names[0]}") as connection:
        await ask(connection, method="SUBSCRIBE", params=names[1:], id=1)
        taken = await receive(connection)
        await ask(connection, method="LIST_SUBSCRIPTIONS", id=2)
        listed = await receive(connection)

    assert taken == {"result": None, "id": 1}
    assert listed == {"result": names, "id": 2}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", 3),
        ("[]", 2),
        ('{"method":"dance","id":1}', 2),
        ('{"method":"SUBSCRIBE","params":"x"}', 2),
    ],
)
async def test_nonsense_is_refused_and_the_socket_stays(
    exchange: Exchange, text: str, code: int
) -> None:
    async with client(exchange, "/stream") as connection:
        await connection.send(text)
        refused = await receive(connection)
        await ask(connection, method="LIST_SUBSCRIPTIONS", id=1)
        listed = await receive(connection)

    assert refused["error"]["code"] == code
    assert listed == {"result": [], "id": 1}


async def test_symbols_and_figures_over_rest(exchange: Exchange) -> None:
    _, everything = await get(exchange, "exchangeInfo", showPermissionSets="false")
    _, one = await get(exchange, "exchangeInfo", symbol="ETHUSDT")
    _, day = await get(exchange, "ticker/24hr", symbol="ETHUSDT")
    unknown = [
        await get(exchange, path, symbol="NOSUCH")
        for path in ("exchangeInfo", "depth", "ticker/24hr")
    ]

    assert [it["symbol"] for it in everything["symbols"]] == ["BTCUSDT", "ETHUSDT"]
    (symbol,) = one["symbols"]
    assert (symbol["baseAsset"], symbol["quoteAsset"]) == ("ETH", "USDT")
    steps = [it.get("tickSize", it.get("stepSize")) for it in symbol["filters"]]
    assert steps == ["0.01000000", "0.00000100"]
    change = Decimal(day["lastPrice"]) - Decimal(day["openPrice"])
    assert change == Decimal(day["priceChange"])
    assert unknown == [(400, {"code": -1121, "msg": "Invalid symbol."})] * 3
