"""Names found by typed letters: held against a plain rule, and in the order that people expect."""

from __future__ import annotations

import random
from itertools import combinations

import pytest

from obtui.opening.finding import BEGINS, SCATTERED, SEPARATORS, WHOLE, WITHIN, WORD, Name

NAMES = [
    "BTCUSD", "BTC/USD", "BTC-USDT", "WBTCUSD", "Theme obtui-light", "Layout book", "Freeze", "A",
    "1INCH-USD", "B/T", "", "…", "İİ/ß", "币安人生USDT", "Venue gemini-v1",
]  # fmt: skip


def bare(text: str) -> str:
    return "".join(
        char.lower() if len(char.lower()) == 1 else char for char in text if char not in SEPARATORS
    )


def naive(typed: str, name: str) -> bool:
    """Whether all is there as one, or each word by itself, or, of one word, letter by letter."""
    letters = bare(name)
    words = [word for word in map(bare, typed.split()) if word]

    def scattered(word: str) -> bool:
        return any("".join(some) == word for some in combinations(letters, len(word)))

    return "".join(words) in letters or all(map(scattered, words))


@pytest.mark.parametrize("seed", range(4))
def test_what_is_found_is_what_a_plain_rule_finds(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(300):
        name = chance.choice(NAMES)
        letters = [*name, *"bt /ux"]
        typed = "".join(chance.choice(letters) for _ in range(chance.randrange(1, 5)))
        found = Name(name).match(typed)

        assert (found is not None) == naive(typed, name), (typed, name, seed)
        if found is not None and bare(typed):
            assert 0 < found.score <= 1, (typed, name, seed)
            told = {bare(name[at]) for at in found.at}
            assert told == set(bare(typed)), (typed, name, seed)
            assert list(found.at) == sorted(set(found.at))


@pytest.mark.parametrize(
    ("typed", "name", "least", "at"),
    [
        ("btcusd", "BTCUSD", 1.0, range(6)),
        ("BTC-USD", "BTC/USD", 1.0, [0, 1, 2, 4, 5, 6]),
        ("btc usd", "BTC-USD", 1.0, [0, 1, 2, 4, 5, 6]),
        ("btc", "BTC-USD", BEGINS, [0, 1, 2]),
        ("usd", "BTC-USD", WORD, [4, 5, 6]),
        ("light", "Theme obtui-light", WORD, range(12, 17)),
        ("tcu", "BTCUSD", WITHIN, [1, 2, 3]),
        ("bsd", "BTCUSD", SCATTERED, [0, 4, 5]),
        ("theme light", "Theme obtui-light", WORD, [0, 1, 2, 3, 4, *range(12, 17)]),
        ("light theme", "Theme obtui-light", WORD, [0, 1, 2, 3, 4, *range(12, 17)]),
        ("ta", "Stata", WITHIN, [1, 2]),
        ("anbz", "ban anbxz", SCATTERED, [4, 5, 6, 8]),
    ],
)
def test_how_well_and_where(typed: str, name: str, least: float, at: list[int]) -> None:
    found = Name(name).match(typed)

    assert found is not None
    assert least <= found.score < least + 0.2
    assert list(found.at) == list(at)


def test_the_likeliest_is_first() -> None:
    names = ["WBTCUSD", "BTC/EUR", "BATCHUSD", "BTC/USDT", "ETHBTC", "BTC", "ETH-BTC", "DOGE"]
    found = {name: match for name in names if (match := Name(name).match("btc")) is not None}

    assert sorted(found, key=lambda name: -found[name].score) == [
        *("BTC", "BTC/EUR", "BTC/USDT", "ETH-BTC", "ETHBTC", "WBTCUSD", "BATCHUSD")
    ]
    assert found["BTC"].score > WHOLE


def test_nothing_typed_is_every_name() -> None:
    for typed in ("", "  ", "-/", "::"):
        assert Name("BTCUSD").match(typed) == (SCATTERED, ())


def test_a_long_line_of_one_letter_is_no_work() -> None:
    assert Name("A" * 40).match("a" * 10_000) is not None
    assert Name("A" * 40 + "B").match("a" * 30 + "ca") is None
