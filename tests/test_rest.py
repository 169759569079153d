"""REST over a real loopback socket: what comes is handed on, and no failure is fatal."""

from __future__ import annotations

import asyncio

import pytest

from obtui import rest
from obtui.frame import RestReply
from support.http import closed_port, rest_venue, silent_port

PATH = "/v1/symbols/details/btcusd"


@pytest.mark.parametrize("status", [200, 400, 404, 429, 500])
async def test_any_answer_is_handed_on_as_it_came(status: int) -> None:
    with rest_venue(status, '{"symbol":"BTCUSD","währung":"€"}') as venue:
        reply = await rest.fetch(venue.url, PATH)

    assert reply == RestReply(PATH, status, '{"symbol":"BTCUSD","währung":"€"}')
    assert venue.paths == [PATH]


async def test_a_base_may_end_in_a_slash() -> None:
    with rest_venue(200, "{}") as venue:
        await rest.fetch(f"{venue.url}/", PATH)

    assert venue.paths == [PATH]


async def test_bytes_that_are_no_text_do_not_fail() -> None:
    with rest_venue(200, b"\xff\xfe{") as venue:
        reply = await rest.fetch(venue.url, PATH)

    assert reply == RestReply(PATH, 200, "\ufffd\ufffd{")


@pytest.mark.parametrize(("size", "taken"), [(1000, True), (1001, False), (10_000_000, False)])
async def test_a_reply_out_of_all_bounds_is_none(size: int, taken: bool) -> None:
    with rest_venue(200, b"x" * size) as venue:
        reply = await rest.fetch(venue.url, PATH, 1000)

    assert (reply is not None) is taken


async def test_a_venue_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest, "TIMEOUT_SECONDS", 0.05)
    with silent_port() as port:
        async with asyncio.timeout(5):
            assert await rest.fetch(f"http://127.0.0.1:{port}", PATH) is None


@pytest.mark.parametrize("base", ["http://127.0.0.1:{}", "https://127.0.0.1:{}"])
async def test_a_refused_connection_is_none(base: str) -> None:
    assert await rest.fetch(base.format(closed_port()), PATH) is None


@pytest.mark.parametrize("base", ["", "nonsense", "http://", "http://[::1", "ftp://127.0.0.1"])
async def test_what_is_no_address_is_none(base: str) -> None:
    assert await rest.fetch(base, PATH) is None


async def test_loopback_is_never_reached_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port()}")
    with rest_venue(200, "{}") as venue:
        reply = await rest.fetch(venue.url, PATH)

    assert reply is not None


@pytest.mark.parametrize(
    "proxy", ["http://127.0.0.1:{}", "socks5://127.0.0.1:{}", "nonsense://127.0.0.1:{}"]
)
async def test_a_proxy_that_does_not_work_is_none(
    monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    # Nothing leaves the machine: the proxy is a closed loopback port, or of no use at all.
    monkeypatch.setenv("all_proxy", proxy.format(closed_port()))

    assert await rest.fetch("http://venue.invalid", PATH) is None
