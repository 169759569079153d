"""Coinbase's protocol as the simulated exchange speaks it."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection

from obtui.simulator import listing
from obtui.simulator.server import Exchange
from support.books import Levels, set_level
from support.exchange import FastClock, ask, book_of, client, receive


@pytest.fixture
async def exchange() -> AsyncIterator[Exchange]:
    async with Exchange(seed=5, speed=3, clock=FastClock()) as exchange:
        yield exchange


async def subscribe(connection: ClientConnection, channel: str, *products: str) -> None:
    request = {"product_ids": list(products)} if products else {}
    await ask(connection, type="subscribe", channel=channel, **request)


async def event_of(connection: ClientConnection, channel: str) -> Any:  # noqa: ANN401
    """The next event of a channel, whatever comes before it."""
    while (frame := await receive(connection)).get("channel") != channel:
        pass
    (event,) = frame["events"]
    return event


def apply(book: Levels, event: dict[str, Any]) -> None:
    for update in event["updates"]:
        side = book[("bid", "offer").index(update["side"])]
        set_level(side, update["price_level"], update["new_quantity"])


async def test_the_whole_book_comes_before_its_acknowledgement(exchange: Exchange) -> None:
    book: Levels = ({}, {})
    async with client(exchange, "") as connection:
        await subscribe(connection, "level2", "BTC-USD")
        first, second = await receive(connection), await receive(connection)
        apply(book, first["events"][0])

    assert (first["channel"], first["sequence_num"]) == ("l2_data", 0)
    assert first["timestamp"].endswith("Z")
    event = first["events"][0]
    assert (event["type"], event["product_id"]) == ("snapshot", "BTC-USD")
    assert len(book[0]) > 3_000
    assert max(book[0]) < min(book[1])
    assert (second["channel"], second["sequence_num"]) == ("subscriptions", 1)
    assert second["events"] == [{"subscriptions": {"level2": ["BTC-USD"]}}]


async def test_every_frame_is_counted_and_updates_lead_to_the_exchanges_own_book(
    exchange: Exchange,
) -> None:
    kinds: Counter[str] = Counter()
    book: Levels = ({}, {})
    same = beats = 0
    async with client(exchange, "/") as connection:
        for channel in ("level2", "market_trades"):
            await subscribe(connection, channel, "BTC-USD", "ETH-USD")
        await subscribe(connection, "heartbeats")
        while kinds["heartbeats"] < 4 or kinds["l2_data"] < 100 or kinds["market_trades"] < 5:
            frame = await receive(connection)
            assert frame["sequence_num"] == kinds.total()
            kinds[frame["channel"]] += 1
            (event,) = frame["events"]
            if frame["channel"] == "heartbeats":
                beats += 1
                assert event["heartbeat_counter"] == beats
            if event.get("product_id") == "ETH-USD":
                apply(book, event)
                assert max(book[0]) < min(book[1])
                same += book == book_of(exchange, "coinbase", "ETH-USD")

    # It may have gone on by the time that a frame is read.
    assert same > 5
    assert kinds["subscriptions"] == 3


async def test_trades_come_in_batches_newest_first_with_the_makers_side(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "RECENT_TRADES", 10_000)
    async with client(exchange, "") as connection:
        await subscribe(connection, "market_trades", "ETH-USD")
        snapshot = await event_of(connection, "market_trades")
        told = [await event_of(connection, "market_trades") for _ in range(8)]

    assert snapshot == {"type": "snapshot", "trades": []}
    assert {event["type"] for event in told} == {"update"}
    trades = [trade for event in told for trade in reversed(event["trades"])]
    ids = [int(trade["trade_id"]) for trade in trades]
    assert ids == sorted(ids)
    assert len(trades) >= len(told)
    held = exchange.listing("coinbase", "ETH-USD").trades
    made = {str(change.trade_id): change.event for change in held}
    for trade in trades:
        side = {"BUY": "bid", "SELL": "ask"}[trade["side"]]
        assert made[trade["trade_id"]].side.value == side
        assert Decimal(trade["size"]) > 0


async def test_an_unknown_product_is_an_error_without_a_number_beside_the_others(
    exchange: Exchange,
) -> None:
    async with client(exchange, "") as connection:
        await subscribe(connection, "market_trades", "NOSUCH-USD", "BTC-USD")
        refused, trades, taken = [await receive(connection) for _ in range(3)]

    assert refused == {"type": "error", "message": "NOSUCH-USD is not a valid product"}
    assert (trades["channel"], trades["sequence_num"]) == ("market_trades", 0)
    assert taken["events"] == [{"subscriptions": {"market_trades": ["BTC-USD"]}}]


@pytest.mark.parametrize(
    "request_",
    [
        {"type": "subscribe", "channel": "nosuch", "product_ids": ["BTC-USD"]},
        {"type": "dance", "channel": "level2"},
        {"type": "subscribe", "channel": "level2"},
        {"type": 4, "channel": "level2"},
    ],
)
async def test_nonsense_is_an_error_and_the_socket_stays(
    exchange: Exchange, request_: dict[str, object]
) -> None:
    async with client(exchange, "") as connection:
        await ask(connection, **request_)
        refused = await receive(connection)
        await subscribe(connection, "heartbeats")
        taken = await receive(connection)

    assert refused["type"] == "error"
    assert taken["events"] == [{"subscriptions": {"heartbeats": []}}]


async def test_after_unsubscribing_only_heartbeats_come(exchange: Exchange) -> None:
    async with client(exchange, "") as connection:
        await subscribe(connection, "level2", "BTC-USD")
        await event_of(connection, "subscriptions")
        await ask(connection, type="unsubscribe", channel="level2", product_ids=["BTC-USD"])
        ended = await event_of(connection, "subscriptions")
        await subscribe(connection, "heartbeats")
        after = [(await receive(connection))["channel"] for _ in range(3)]
        await ask(connection, type="unsubscribe", channel="heartbeats")
        last = await event_of(connection, "subscriptions")

    assert ended == last == {"subscriptions": {}}
    assert after == ["subscriptions", "heartbeats", "heartbeats"]


async def test_gemini_and_coinbase_share_an_address_and_are_told_apart(
    exchange: Exchange,
) -> None:
    async with client(exchange, "/") as one, client(exchange, "/") as other:
        await ask(one, id="1", method="ping")
        gemini = await receive(one)
        await subscribe(other, "heartbeats")
        coinbase = await receive(other)

    assert gemini == {"id": "1", "status": 200}
    assert coinbase["channel"] == "subscriptions"


async def test_products_and_books_over_rest(exchange: Exchange) -> None:
    base = f"{exchange.rest_url}/api/v3/brokerage/market/"
    async with httpx.AsyncClient(base_url=base, trust_env=False) as http:
        products = (await http.get("products", params={"product_type": "SPOT"})).json()
        product = (await http.get("products/ETH-USD")).json()
        unknown = await http.get("products/NOSUCH-USD")
        query: dict[str, str | int] = {"product_id": "ETH-USD", "limit": 5}
        book = (await http.get("product_book", params=query)).json()["pricebook"]

    assert [it["product_id"] for it in products["products"]] == ["BTC-USD", "ETH-USD"]
    assert (product["price_increment"], product["base_increment"]) == ("0.01", "0.000001")
    assert (unknown.status_code, unknown.json()["error"]) == (404, "NOT_FOUND")
    assert (len(book["bids"]), len(book["asks"])) == (5, 5)
