"""A client of the simulated exchange that speaks Gemini's protocol."""

from __future__ import annotations

import json
from contextlib import AbstractAsyncContextManager
from typing import TypeAlias

import msgspec
from websockets.asyncio.client import ClientConnection

from obtui.simulator.protocols import gemini_wire as gemini
from obtui.simulator.server import Exchange
from support.exchange import client as exchange_client

Json: TypeAlias = dict[str, "int | str | bool | list[list[str]] | list[str] | dict[str, str | int]"]
DEPTH = "btcusd@depth@100ms"


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
