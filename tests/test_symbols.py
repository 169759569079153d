"""Symbols resolved over a real REST server: found, refused, or guessed where there is no list."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from obtui import symbols
from obtui.feeds import FEEDS
from obtui.feeds.gemini import GeminiFeed
from obtui.market import Instrument
from obtui.symbols import UnknownSymbol, resolve, resolve_all
from support.http import closed_port, rest_venue, silent_port
from support.scripted_rest import ScriptedRest, scripted_rest

NAMES = ["btcusd", "btcgusd", "ethusd", "ethbtc", "paxgusd"]


def gemini(path: str, _nth: int) -> tuple[int, str]:
    """The list, and details of a perpetual and a market that are not on it."""
    if path == "/v1/symbols":
        return 200, json.dumps([*NAMES, "btcgusdperp"])
    for name, base, quote in (("btcgusdperp", "BTC", "GUSD"), ("newusd", "NEW", "USD")):
        if path == f"/v1/symbols/details/{name}":
            told = {"symbol": name.upper(), "base_currency": base, "quote_currency": quote}
            return 200, json.dumps({**told, "quote_increment": 0.5, "status": "open"})
    return 400, '{"result":"error","reason":"InvalidSymbol","message":"not a valid symbol"}'


@pytest.fixture
def venue() -> Iterator[ScriptedRest]:
    with scripted_rest(gemini) as server:
        yield server


@pytest.mark.parametrize("typed", ["BTCUSD", "btcusd", "btc-usd", "BTC/USD", "btc_usd"])
def test_each_typed_form_means_what_the_list_has(venue: ScriptedRest, typed: str) -> None:
    found = resolve(GeminiFeed, typed, venue.url)

    assert found == Instrument("BTCUSD", "BTC", "USD")
    assert venue.paths == ["/v1/symbols"]


def test_several_are_resolved_by_one_list(venue: ScriptedRest) -> None:
    found = resolve_all(GeminiFeed, ["eth-btc", "btcgusd", "PAXG/USD"], venue.url)

    assert [(it.symbol, it.quote) for it in found] == [
        ("ETHBTC", "BTC"),
        ("BTCGUSD", "GUSD"),
        ("PAXGUSD", "USD"),
    ]
    assert venue.paths == ["/v1/symbols"]


@pytest.mark.parametrize(
    ("typed", "symbol", "quote"),
    [("btcgusdperp", "BTCGUSDPERP", "GUSD"), ("new-usd", "NEWUSD", "USD")],
)
def test_what_is_not_listed_is_asked_for_by_name(
    venue: ScriptedRest, typed: str, symbol: str, quote: str
) -> None:
    """A perpetual can be watched though the list is of spot markets."""
    found = resolve(GeminiFeed, typed, venue.url)

    assert (found.symbol, found.quote, found.status) == (symbol, quote, "open")
    assert not found.guessed


def test_an_unknown_symbol_is_refused_with_the_nearest_names(venue: ScriptedRest) -> None:
    with pytest.raises(UnknownSymbol) as refused:
        resolve(GeminiFeed, "BTCUSDT", venue.url)

    assert str(refused.value) == (
        "gemini has no symbol BTCUSDT: the nearest are BTCUSD, BTCGUSD, ETHUSD"
    )


def test_one_that_is_near_to_nothing_is_refused_with_where_to_look(venue: ScriptedRest) -> None:
    with pytest.raises(UnknownSymbol, match="QQQQ: obtui symbols --venue gemini lists all"):
        resolve(GeminiFeed, "QQQQ", venue.url)


def test_what_can_be_read_in_two_ways_is_refused_with_both() -> None:
    pair = {"status": "online", "tick_size": "0.1"}
    result = {"1": {**pair, "wsname": "A/BUSD"}, "2": {**pair, "wsname": "AB/USD"}}
    with rest_venue(200, json.dumps({"error": [], "result": result})) as server:
        with pytest.raises(UnknownSymbol) as refused:
            resolve(FEEDS["kraken"], "ABUSD", server.url)
        found = resolve(FEEDS["kraken"], "ab-usd", server.url)

    assert str(refused.value) == (
        "ABUSD may be A/BUSD or AB/USD on kraken: type it as it stands there"
    )
    assert found.symbol == "AB/USD"


@pytest.mark.parametrize(
    ("name", "typed", "expected"),
    [
        ("gemini", "btc-usd", ("BTCUSD", "BTC", "USD")),
        ("coinbase", "ALGOBTC", ("ALGO-BTC", "ALGO", "BTC")),
        ("kraken", "xbtusd", ("BTC/USD", "BTC", "USD")),
        ("binance", "btc/usdt", ("BTCUSDT", "BTC", "USDT")),
        ("okx", "btc-usdt-swap", ("BTC-USDT-SWAP", "", "")),
        ("gemini", "btcgusdperp", ("BTCGUSDPERP", "", "")),
    ],
)
def test_where_rest_is_not_asked_it_is_guessed(
    name: str, typed: str, expected: tuple[str, str, str]
) -> None:
    found = resolve(FEEDS[name], typed, None)

    assert (found.symbol, found.base, found.quote) == expected
    assert found.guessed


@pytest.mark.parametrize(
    ("status", "body"),
    [(500, "[]"), (200, "[]"), (200, '{"an":"error"}'), (200, "<html>"), (404, '["btcusd"]')],
)
def test_where_no_list_comes_it_is_guessed(status: int, body: str) -> None:
    with rest_venue(status, body) as server:
        found = resolve(GeminiFeed, "foousdt", server.url)

    assert found == Instrument("FOOUSDT", "FOO", "USDT", guessed=True)


def test_where_nobody_answers_it_is_guessed() -> None:
    assert resolve(GeminiFeed, "btcusd", f"http://127.0.0.1:{closed_port()}").guessed


def test_a_silent_venue_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(symbols, "ASK_SECONDS", 0.05)

    with silent_port() as port:
        assert resolve(GeminiFeed, "btcusd", f"http://127.0.0.1:{port}").guessed


def test_a_refusal_can_be_shown(venue: ScriptedRest) -> None:
    with pytest.raises(UnknownSymbol) as refused:
        resolve(GeminiFeed, "btc\x1b[31m" * 20, venue.url)

    assert str(refused.value).isprintable()
    assert re.match(r"gemini has no symbol btc \[31m.*…: ", str(refused.value))


@pytest.mark.parametrize("name", sorted(FEEDS))
def test_every_venues_spelling_of_a_guess_is_one_that_its_feed_takes(name: str) -> None:
    guess = symbols.guess(FEEDS[name], "btc-usd")

    assert FEEDS[name](guess.symbol).symbol == guess.symbol
