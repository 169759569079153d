"""Kraken's protocol as the simulated exchange speaks it, held against the venue's own words.

The checksum is computed here from the frames' text, by another way than the exchange's.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection

from obtui.simulator import listing
from obtui.simulator.server import Exchange
from support.exchange import FastClock, ask, book_of, client, receive

PATH = "/v2"
Side = dict[Decimal, Decimal]


@pytest.fixture
async def exchange() -> AsyncIterator[Exchange]:
    async with Exchange(seed=11, clock=FastClock()) as exchange:
        yield exchange


async def subscribe(connection: ClientConnection, channel: str, **params: object) -> None:
    await ask(connection, method="subscribe", params={"channel": channel, **params}, req_id=7)


async def frame_of(connection: ClientConnection, channel: str) -> Any:  # noqa: ANN401
    """The next frame of a channel, whatever comes before it."""
    while (frame := await receive(connection)).get("channel") != channel:
        pass
    return frame


async def answer(connection: ClientConnection) -> Any:  # noqa: ANN401
    """The next answer to a request, its times cut off."""
    while "method" not in (frame := await receive(connection)):
        pass
    assert frame.pop("time_in") == frame.pop("time_out")
    return frame


class Copy:
    """A client's book: cut to the depth after each frame, with its checksum."""

    def __init__(self, depth: int, decimals: tuple[int, int]) -> None:
        self.depth = depth
        self.decimals = decimals
        self.bids: Side = {}
        self.asks: Side = {}
        self.fallen = 0
        """Levels that were cut."""

    def apply(self, told: dict[str, Any]) -> None:
        for side, levels in ((self.bids, told["bids"]), (self.asks, told["asks"])):
            for level in levels:
                price, size = Decimal(level["price"]), Decimal(level["qty"])
                if size:
                    side[price] = size
                else:
                    del side[price]  # only what we have is removed
            self.fallen += max(0, len(side) - self.depth)
        self.bids = dict(sorted(self.bids.items(), reverse=True)[: self.depth])
        self.asks = dict(sorted(self.asks.items())[: self.depth])

    def checksum(self, *, padded: bool = True) -> int:
        text = ""
        for side in (self.asks, self.bids):
            for level in list(side.items())[:10]:
                for number, decimals in zip(level, self.decimals, strict=True):
                    digits = f"{number:.{decimals}f}" if padded else f"{number.normalize():f}"
                    text += digits.replace(".", "").lstrip("0")
        return zlib.crc32(text.encode())


async def test_it_greets_acknowledges_and_then_tells_the_book(exchange: Exchange) -> None:
    async with client(exchange, PATH) as connection:
        greeting = await receive(connection)
        await subscribe(connection, "book", symbol=["BTC/USD"], depth=100)
        taken = await receive(connection)
        snapshot = await receive(connection)

    assert (greeting["channel"], greeting["data"][0]["system"]) == ("status", "online")
    result = {"channel": "book", "depth": 100, "snapshot": True, "symbol": "BTC/USD"}
    assert taken.pop("time_in").endswith("Z")
    assert taken.pop("time_out").endswith("Z")
    assert taken == {"method": "subscribe", "req_id": 7, "result": result, "success": True}
    (book,) = snapshot["data"]
    assert (snapshot["channel"], snapshot["type"]) == ("book", "snapshot")
    assert (len(book["bids"]), len(book["asks"])) == (100, 100)
    assert list(book) == ["symbol", "bids", "asks", "checksum"]


@pytest.mark.parametrize("depth", [10, 25, 1000])
async def test_every_checksum_is_that_of_the_book_cut_to_its_depth(
    exchange: Exchange, depth: int
) -> None:
    same = unpadded = 0
    async with client(exchange, PATH) as connection:
        await subscribe(connection, "instrument")
        pairs = (await frame_of(connection, "instrument"))["data"]["pairs"]
        (pair,) = (pair for pair in pairs if pair["symbol"] == "ETH/USD")
        copy = Copy(depth, (pair["price_precision"], pair["qty_precision"]))
        await subscribe(connection, "book", symbol=["ETH/USD"], depth=depth)
        for _ in range(80):
            (told,) = (await frame_of(connection, "book"))["data"]
            copy.apply(told)
            assert (len(copy.bids), len(copy.asks)) == (depth, depth)
            assert copy.checksum() == told["checksum"]
            unpadded += copy.checksum(padded=False) != told["checksum"]
            same += (copy.bids, copy.asks) == book_of(exchange, "kraken", "ETH/USD", depth)

    assert copy.fallen > 0  # that no removal was told of
    assert same > 10  # it may have gone on by the time that a frame is read
    assert unpadded > 10  # who forgets the padding is wrong


async def test_late_subscribers_of_other_depths_leave_each_book_whole(exchange: Exchange) -> None:
    async with client(exchange, PATH) as early, client(exchange, PATH) as late:
        copies = Copy(25, (2, 8)), Copy(25, (2, 8)), Copy(500, (2, 8))
        await subscribe(early, "book", symbol=["BTC/USD"], depth=25)
        for _ in range(20):
            copies[0].apply((await frame_of(early, "book"))["data"][0])
        await subscribe(late, "book", symbol=["BTC/USD"], depth=25)
        async with client(exchange, PATH) as deep:
            await subscribe(deep, "book", symbol=["BTC/USD"], depth=500)
            for _ in range(50):
                for copy, connection in zip(copies, (early, late, deep), strict=True):
                    (told,) = (await frame_of(connection, "book"))["data"]
                    copy.apply(told)
                    assert copy.checksum() == told["checksum"]


async def test_a_heartbeat_comes_in_each_second_in_which_nothing_else_does(
    exchange: Exchange,
) -> None:
    async with client(exchange, PATH) as connection, client(exchange, PATH) as idle:
        await subscribe(connection, "instrument")
        beats = [await frame_of(connection, "heartbeat") for _ in range(3)]
        await ask(idle, method="ping", req_id=1)
        greeting, alone = await receive(idle), await receive(idle)
        await subscribe(connection, "book", symbol=["BTC/USD"], depth=1000)
        busy = [(await receive(connection)).get("channel") for _ in range(100)]

    assert beats == [{"channel": "heartbeat"}] * 3
    # Who subscribed to nothing hears nothing.
    assert greeting["channel"] == "status"
    assert (alone["method"], alone["req_id"]) == ("pong", 1)
    assert busy.count("heartbeat") <= 5  # there is nearly always something else


async def test_trades_name_the_takers_side_and_may_begin_with_the_last_ones(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "RECENT_TRADES", 10_000)
    async with client(exchange, PATH) as connection:
        await subscribe(connection, "trade", symbol=["BTC/USD"])
        news = [await frame_of(connection, "trade") for _ in range(10)]
    async with client(exchange, PATH) as connection:
        await subscribe(connection, "trade", symbol=["BTC/USD"], snapshot=True)
        last = await frame_of(connection, "trade")

    assert {frame["type"] for frame in news} == {"update"}
    told = [trade for frame in news for trade in frame["data"]]
    assert {trade["side"] for trade in told} == {"buy", "sell"}
    made = {
        change.trade_id: change.event for change in exchange.listing("kraken", "BTC/USD").trades
    }
    assert len(made) >= 10
    for trade in told:
        # The maker's side is the one on which the level rested.
        maker = {"buy": "ask", "sell": "bid"}[trade["side"]]
        assert made[trade["trade_id"]].side.value == maker
    assert last["type"] == "snapshot"
    ids = [trade["trade_id"] for trade in last["data"]]
    assert ids == sorted(ids)
    assert {trade["trade_id"] for trade in told} <= set(ids)


@pytest.mark.parametrize(
    ("params", "error", "symbol"),
    [
        ({"channel": "book", "symbol": ["XBT/USD"]}, "Currency pair not supported XBT/USD", True),
        ({"channel": "book", "symbol": ["XBT/USD"], "depth": 11}, "Currency pair not", True),
        ({"channel": "book", "symbol": ["BTC/USD"], "depth": 11}, "Subscription depth not", True),
        ({"channel": "nosuch"}, "Unsupported channel", False),
    ],
)
async def test_what_cannot_be_is_refused(
    exchange: Exchange, params: dict[str, object], error: str, symbol: bool
) -> None:
    async with client(exchange, PATH) as connection:
        await ask(connection, method="subscribe", params=params, req_id=3)
        refused = await answer(connection)

    assert refused.pop("error").startswith(error)
    names = {"symbol": str(params["symbol"])[2:-2]} if symbol else {}
    assert refused == {"method": "subscribe", "req_id": 3, "success": False, **names}


async def test_one_bad_symbol_does_not_hold_up_the_others(exchange: Exchange) -> None:
    async with client(exchange, PATH) as connection:
        await subscribe(connection, "book", symbol=["NOSUCH/USD", "BTC/USD"])
        refused, taken = await answer(connection), await answer(connection)
        await subscribe(connection, "book", symbol=["BTC/USD"])
        again = await answer(connection)

    assert (refused["success"], taken["success"]) == (False, True)
    assert taken["result"]["depth"] == 10
    assert again["error"] == "Already subscribed"


@pytest.mark.parametrize("text", ["{", "[]", '{"method":4}', "[" * 100_000, '{"method":"dance"}'])
async def test_nonsense_is_refused_and_the_socket_stays(exchange: Exchange, text: str) -> None:
    async with client(exchange, PATH) as connection:
        await connection.send(text[: 60 << 10])
        refused = await answer(connection)
        await ask(connection, method="ping")
        pong = await answer(connection)

    assert refused["success"] is False
    assert pong == {"method": "pong"}


async def test_after_unsubscribing_nothing_comes(exchange: Exchange) -> None:
    params = {"channel": "book", "symbol": ["BTC/USD"], "depth": 10}
    async with client(exchange, PATH) as connection:
        await subscribe(connection, "book", symbol=["BTC/USD"], depth=10)
        await frame_of(connection, "book")
        await ask(connection, method="unsubscribe", params=params)
        ended = await answer(connection)
        await ask(connection, method="unsubscribe", params=params)
        after = await receive(connection)

    assert ended["success"] is True
    assert after["error"] == "Subscription Not Found"
