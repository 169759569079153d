"""Spelling of markets: what people type against what a venue lists, and where there is no list."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from obtui import spelling
from obtui.market import Instrument

Spell = Callable[[str, str], str]

SPELLINGS: dict[str, Spell] = {
    "joined": lambda base, quote: base + quote,
    "dash": lambda base, quote: f"{base}-{quote}",
    "slash": lambda base, quote: f"{base}/{quote}",
    "prefixed": lambda base, quote: f"t{base}{quote}",
}
"""How venues spell."""

TYPED: dict[str, Spell] = {
    "BTCUSD": lambda base, quote: base + quote,
    "btcusd": lambda base, quote: (base + quote).lower(),
    "btc-usd": lambda base, quote: f"{base}-{quote}".lower(),
    "BTC/USD": lambda base, quote: f"{base}/{quote}",
    "btc_usd": lambda base, quote: f"{base}_{quote}".lower(),
}
"""How people type."""


def listed(spell: Spell, *pairs: tuple[str, str]) -> list[Instrument]:
    return [Instrument(spell(base, quote), base, quote) for base, quote in pairs]


currencies = st.text("ABDSTU1", min_size=2, max_size=5)
lists = st.lists(st.tuples(currencies, currencies), min_size=1, max_size=30, unique=True)


@given(lists, st.sampled_from(sorted(SPELLINGS)))
def test_every_typed_form_of_a_listed_market_means_it_or_is_ambiguous(
    pairs: list[tuple[str, str]], form: str
) -> None:
    markets = {it.symbol: it for it in listed(SPELLINGS[form], *pairs)}
    shared = [(it.base + it.quote) for it in markets.values()]

    for it in markets.values():
        assert spelling.find(markets.values(), it.symbol) == [it]
        for name, typed in TYPED.items():
            found = spelling.find(markets.values(), typed(it.base, it.quote))
            # Another market's own spelling goes before any other reading of the letters.
            own = [
                x for x in markets.values() if x.symbol.upper() == typed(it.base, it.quote).upper()
            ]
            if own:
                assert found == own[:1], (name, it)
                continue
            assert it in found, (name, it)
            if name not in {"BTCUSD", "btcusd"}:
                assert [(x.base, x.quote) for x in found] == [(it.base, it.quote)], (name, it)
            elif shared.count(it.base + it.quote) == 1 and form != "prefixed":
                assert found == [it], (name, it)


@given(st.text("BTC-/_.XUSD10", max_size=12), lists)
def test_what_is_found_has_the_same_letters(typed: str, pairs: list[tuple[str, str]]) -> None:
    markets = listed(SPELLINGS["dash"], *pairs)

    for it in spelling.find(markets, typed):
        letters = "".join(char for char in typed.upper() if char.isalnum())
        assert letters == it.base + it.quote


def test_a_separator_in_another_place_means_another_market() -> None:
    markets = listed(SPELLINGS["dash"], ("A", "BUSD"), ("AB", "USD"))

    assert [it.symbol for it in spelling.find(markets, "ABUSD")] == ["A-BUSD", "AB-USD"]
    assert [it.symbol for it in spelling.find(markets, "ab/usd")] == ["AB-USD"]
    assert spelling.find(markets, "abu-sd") == []


def test_the_own_spelling_goes_before_the_letters_of_another() -> None:
    """Bitfinex writes a `t` before its pairs."""
    markets = [Instrument("tBTCUSD", "BTC", "USD"), Instrument("ttBTCUSD", "TBTC", "USD")]

    assert spelling.find(markets, "tBTCUSD") == [markets[0]]
    assert spelling.find(markets, "tbtc-usd") == [markets[1]]


@pytest.mark.parametrize("typed", ["XBTUSD", "xbt-usd", "XBT/USD"])
def test_a_currencys_older_name_is_known(typed: str) -> None:
    markets = listed(SPELLINGS["slash"], ("BTC", "USD"), ("DOGE", "USD"))

    assert [it.symbol for it in spelling.find(markets, typed)] == ["BTC/USD"]
    assert [it.symbol for it in spelling.find(markets, "xdgusd")] == ["DOGE/USD"]


def test_a_venue_that_lists_the_older_name_itself_is_found_by_both() -> None:
    markets = listed(SPELLINGS["joined"], ("XBT", "USD"))

    assert spelling.find(markets, "XBTUSD") == markets
    assert spelling.find(markets, "btc-usd") == markets


@pytest.mark.parametrize(
    ("typed", "pair"),
    [
        ("BTCUSD", ("BTC", "USD")),
        ("btcusdt", ("BTC", "USDT")),
        ("BTCUSDC", ("BTC", "USDC")),
        ("ALGOBTC", ("ALGO", "BTC")),
        ("BTCGUSD", ("BTC", "GUSD")),
        ("BTCRLUSD", ("BTC", "RLUSD")),
        ("PAXGUSD", ("PAXG", "USD")),
        ("ARBUSD", ("ARB", "USD")),
        ("DOTUSD", ("DOT", "USD")),
        ("ADAUSD", ("ADA", "USD")),
        ("OMGUSD", ("OMG", "USD")),
        ("USDTUSD", ("USDT", "USD")),
        ("USDCUSDT", ("USDC", "USDT")),
        ("ETHBTC", ("ETH", "BTC")),
        ("xbteur", ("BTC", "EUR")),
        ("FOO-BAR", ("FOO", "BAR")),
        ("do-gusd", ("DO", "GUSD")),
        ("dog_usd", ("DOG", "USD")),
    ],
)
def test_without_a_list_the_table_cuts_before_the_longest_quote(
    typed: str, pair: tuple[str, str]
) -> None:
    assert spelling.cut(typed) == pair


@pytest.mark.parametrize("typed", ["USD", "BTCUSDSWAP", "FOOBAR", "BTC-USD-SWAP", "-", "BTC-", ""])
def test_what_no_quote_ends_is_not_cut(typed: str) -> None:
    assert spelling.cut(typed) is None


def test_a_list_of_names_is_cut_where_it_can_only_be_cut_so() -> None:
    names = ["BTCUSD", "BTCGUSD", "BTCUSDT", "ETHBTC", "ETHUSD", "XRPRLUSD", "PAXGUSD", "FOO"]

    found = spelling.with_currencies([Instrument(name) for name in names])

    assert {it.symbol: (it.base, it.quote) for it in found} == {
        "BTCUSD": ("BTC", "USD"),
        "BTCGUSD": ("BTC", "GUSD"),  # because there is a BTCUSD
        "BTCUSDT": ("BTC", "USDT"),
        "ETHBTC": ("ETH", "BTC"),
        "ETHUSD": ("ETH", "USD"),
        "XRPRLUSD": ("", ""),  # XRP/RLUSD or XRPRL/USD: no other name tells
        "PAXGUSD": ("PAXG", "USD"),
        "FOO": ("", ""),
    }
    assert not any(it.guessed for it in found)


def test_what_a_venue_says_of_its_currencies_is_not_touched() -> None:
    told = Instrument("BTCUSD", "BTCU", "SD")

    assert spelling.with_currencies([told, Instrument("ETHUSD")])[0] is told


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("BTCUSD", ["BTC-USDC", "BTC-USDT"]),  # a quote much the same goes before other letters
        ("BTCUDST", ["BTC-USDT", "BTC-USDC"]),
        ("BTC", ["BTC-EUR", "BTC-USDC", "BTC-USDT"]),
        ("ETCUSDT", ["ETH-USDT", "BTC-USDT"]),
        ("QQQQ", []),
    ],
)
def test_the_nearest_names_are_told(typed: str, names: list[str]) -> None:
    markets = listed(
        SPELLINGS["dash"], ("BTC", "USDT"), ("BTC", "EUR"), ("BTC", "USDC"), ("ETH", "USDT")
    )

    assert spelling.nearest(markets, typed)[: len(names) or 1] == names
