"""What the user may ask for, and what is refused with a line that says what to do."""

from __future__ import annotations

import dataclasses

import pytest

from obtui.config import Options, UsageError


@pytest.mark.parametrize("symbol", ["BTCUSD", "btc-usd", "BTC/USD", "eth_btc", "BTC.P", "1INCHUSD"])
@pytest.mark.parametrize("venue", ["gemini", "gemini-v1"])
def test_symbols_and_venues_that_may_be(symbol: str, venue: str) -> None:
    Options(symbol=symbol, venue=venue).check()


@pytest.mark.parametrize(
    "symbol",
    ["", "BTC USD", "BTC%USD", "../x?", "BTC\x1b[2J", "a#b", "BTCÜSD", "ＢＴＣ", "²", "-_/"],
)
def test_a_symbol_of_other_characters_is_refused(symbol: str) -> None:
    with pytest.raises(UsageError, match=r"is not a symbol: give letters and digits") as refused:
        Options(symbol=symbol).check()

    assert str(refused.value).isprintable()


def test_an_unknown_venue_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="'nope': choose gemini or gemini-v1"):
        Options(symbol="BTCUSD", venue="nope").check()


@pytest.mark.parametrize(
    "url", ["ws://127.0.0.1:8000", "wss://host", "ws://[::1]:9", "wss://h:1/path?q=1"]
)
def test_an_address_that_may_be(url: str) -> None:
    Options(symbol="BTCUSD", url=url).check()


@pytest.mark.parametrize(
    "url",
    ["localhost:1", "http://h:1", "ws://", "ws://h:0", "ws://h:99999", "ws://h:x", "ws://[::1"],
)
def test_an_address_that_cannot_be_is_refused_by_its_option(url: str) -> None:
    with pytest.raises(UsageError, match=r"^--url ") as refused:
        Options(symbol="BTCUSD", url=url).check()

    assert url in str(refused.value)


def test_a_rest_address_is_of_http() -> None:
    Options(symbol="BTCUSD", rest_url="https://h:1").check()

    with pytest.raises(UsageError, match=r"^--rest-url ws://h:1: it must look like http://"):
        Options(symbol="BTCUSD", rest_url="ws://h:1").check()


@pytest.mark.parametrize(
    ("url", "rest_url", "asked"),
    [
        ("", "", ""),
        ("ws://h", "", None),
        ("ws://h", "http://r", "http://r"),
        ("", "http://r", "http://r"),
    ],
)
def test_with_an_address_and_no_rest_address_rest_is_not_asked(
    url: str, rest_url: str, asked: str | None
) -> None:
    assert Options(symbol="BTCUSD", url=url, rest_url=rest_url).rest == asked


def test_options_come_of_arguments_among_others() -> None:
    arguments = {"symbol": "BTCUSD", "depth": 3, "run": print, "command": "watch", "seed": None}

    options = Options.of(arguments)

    assert options == Options(symbol="BTCUSD", depth=3)


def test_arguments_are_checked() -> None:
    with pytest.raises(UsageError):
        Options.of({"symbol": "BTCUSD", "venue": "nope"})


def test_options_do_not_change() -> None:
    options = Options(symbol="BTCUSD")

    with pytest.raises(dataclasses.FrozenInstanceError):
        options.depth = 5  # type: ignore[misc]
