"""`obtui demo` in the protocols of several venues, as it is typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from obtui.simulator.markets import find, first
from terminal_support import terminal

MARKETS = ("kraken:btcusd", "coinbase:BTC/USD", "binance:BTCUSDT")


def test_the_demo_speaks_as_every_simulated_venue_at_once(tmp_path: Path) -> None:
    with terminal(["demo", "--seed=1", *MARKETS], tmp_path, size=(110, 32)) as running:
        running.wait_for(" kraken BTC/USD in USD  VERIFIED ")
        running.send("2")
        running.wait_for(" coinbase BTC-USD in USD  VERIFIED ")
        running.send("3")
        running.wait_for(" binance BTCUSDT in USDT  VERIFIED ")
        running.send("q")

        assert running.wait_for_exit() == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--venue", "binance", "BTCUSD"], "has no BTCUSD: choose BTCUSDT or ETHUSDT"),
        (["okx:BTC-USDT"], "does not speak as okx: choose gemini or "),
    ],
)
def test_what_is_not_simulated_is_said_with_what_is(
    words: list[str], told: str, tmp_path: Path
) -> None:
    with terminal(["demo", *words], tmp_path, size=(160, 24)) as running:
        code = running.wait_for_exit()

        assert code == 2
        assert f"obtui: the simulated exchange {told}" in running.text


@pytest.mark.parametrize(
    ("venue", "typed", "symbol"),
    [
        ("gemini", "btc-usd", "BTCUSD"),
        ("gemini-v1", "ETH/USD", "ETHUSD"),
        ("kraken", "btcusd", "BTC/USD"),
        ("coinbase", "eth_usd", "ETH-USD"),
        ("binance", "btc/usdt", "BTCUSDT"),
        ("binance", "BTCUSD", None),
        ("okx", "BTC-USDT", None),
    ],
)
def test_a_market_is_found_however_it_is_written(
    venue: str, typed: str, symbol: str | None
) -> None:
    market = find(venue, typed)

    assert (None if market is None else market.symbol) == symbol


def test_the_market_that_is_meant_is_the_venues_first() -> None:
    assert [first(it) for it in ("kraken", "binance", "okx")] == ["BTC/USD", "BTCUSDT", "BTCUSD"]
