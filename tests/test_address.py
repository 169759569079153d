"""Addresses of venues."""

from __future__ import annotations

import pytest

from obtui.address import check_origin, is_loopback, with_origin

V1 = "wss://api.gemini.com/v1/marketdata/BTCUSD?heartbeat=true"


@pytest.mark.parametrize(
    ("url", "origin", "result"),
    [
        (V1, "", V1),
        (V1, "ws://127.0.0.1:99", "ws://127.0.0.1:99/v1/marketdata/BTCUSD?heartbeat=true"),
        (V1, "ws://[::1]:99/", "ws://[::1]:99/v1/marketdata/BTCUSD?heartbeat=true"),
        ("wss://ws.gemini.com/?snapshot=-1", "ws://h:1/x?y=z", "ws://h:1/?snapshot=-1"),
    ],
)
def test_an_origin_replaces_scheme_host_and_port_alone(url: str, origin: str, result: str) -> None:
    assert with_origin(url, origin) == result


@pytest.mark.parametrize(
    "origin", ["ws://127.0.0.1:9", "wss://example.org", "ws://[::1]:9", "ws://localhost:65535/"]
)
def test_a_good_origin_has_nothing_wrong(origin: str) -> None:
    assert check_origin(origin, ("ws", "wss")) == ""


@pytest.mark.parametrize(
    "origin",
    ["", "127.0.0.1:9", "http://127.0.0.1:9", "ws://", "ws://:9", "ws://h:0", "//h:1"],
)
def test_another_origin_is_told_what_it_must_look_like(origin: str) -> None:
    assert check_origin(origin, ("ws", "wss")) == "it must look like ws://host:port"


@pytest.mark.parametrize("origin", ["ws://h:port", "ws://h:99999", "ws://[::1"])
def test_what_is_no_address_at_all_is_told_too(origin: str) -> None:
    assert check_origin(origin, ("ws", "wss")) != ""


@pytest.mark.parametrize(
    "url",
    [
        "ws://127.0.0.1:1",
        "ws://127.9.9.9",
        "http://[::1]:8",
        "ws://localhost/x",
        "ws://a.localhost",
    ],
)
def test_this_machine_is_loopback(url: str) -> None:
    assert is_loopback(url)


@pytest.mark.parametrize(
    "url",
    ["wss://ws.gemini.com", "ws://10.0.0.1:1", "ws://localhost.example.org", "ws://0.0.0.0", ""],
)
def test_another_machine_is_not(url: str) -> None:
    assert not is_loopback(url)
