"""When an alert of a price, a spread or a size is told, and what is remembered of each market."""

from __future__ import annotations

import pytest

from alerts_support import Told, pairs
from obtui.alerts import NEAR
from obtui.latch import REST_SECONDS


def test_a_price_is_told_once_when_the_bid_is_beyond_it_and_again_after_it_was_back() -> None:
    told = Told("price > 65000")

    assert told.look("64990", "64991") == []
    assert told.look("65000", "65001") == []  # nobody pays more yet
    assert told.look("65000.01", "65001") == [
        "gemini BTCUSD · price > 65000 · bid 65000.01",
    ]
    assert told.look("65010", "65011") == []
    assert told.look("64990", "64991", after=10) == []
    assert told.look("65010", "65011", after=REST_SECONDS - 0.1) == []  # it only trembled
    assert told.look("64990", "64991") == []
    assert told.look("64990", "64991", after=REST_SECONDS) == []
    assert told.look("65010", "65011") == ["gemini BTCUSD · price > 65000 · bid 65010.00"]


def test_a_price_is_told_by_a_print_that_went_back_before_it_was_looked() -> None:
    told = Told("price > 65000", "price < 64000")

    assert told.look("64500", "64501", ("66000", "1")) == []  # of before the first look
    assert told.look("64500", "64501", ("65000", "1"), ("65000.5", "0.25"), ("64999", "2")) == [
        "gemini BTCUSD · price > 65000 · bought 0.25 at 65000.50",
    ]
    assert told.look("64500", "64501") == []
    assert told.look("63998", "63999.99") == ["gemini BTCUSD · price < 64000 · ask 63999.99"]


def test_a_price_that_the_market_starts_beyond_is_told_when_it_is_crossed() -> None:
    told = Told("price > 65000", "price >= 65010")

    assert told.look("65010", "65011") == []
    assert told.look("65011", "65012", after=60) == []
    assert told.look("64000", "64001") == []
    assert told.look("64000", "64001", after=REST_SECONDS) == []
    assert told.look("65010", "65011") == [
        "gemini BTCUSD · price > 65000 · bid 65010.00",
        "gemini BTCUSD · price >= 65010 · bid 65010.00",
    ]


def test_where_the_market_stands_is_not_known_before_there_is_a_bid() -> None:
    told = Told("price > 65000")

    assert told.look(None, "65001", ("66000", "1")) == []
    assert told.look("65500", "65501") == []
    assert told.look("64000", "64001") == []
    assert told.look(None, "64001", after=REST_SECONDS) == []
    assert told.look("65500", "65501") == []


def test_a_spread_is_told_where_it_holds_from_the_start() -> None:
    told = Told("spread > 5 bps")

    assert told.look("99.95", "100.05") == ["gemini BTCUSD · spread > 5 bps · it is 10.00 bps"]
    assert told.look("99.99", "100.01") == []
    assert told.look("99.99", None, after=REST_SECONDS) == []
    assert told.look("99.99", "100.01") == []
    assert told.look("99.95", "100.05") == ["gemini BTCUSD · spread > 5 bps · it is 10.00 bps"]


def test_a_spread_that_is_told_does_not_look_like_none() -> None:
    told = Told("spread > 0.001 bps")
    assert told.look("83287.00", "83287.01")[0].endswith("it is 0.0012 bps")


def test_a_spread_of_just_so_much_is_not_wider() -> None:
    assert Told("spread > 10 bps").look("99.95", "100.05") == []
    assert Told("spread >= 10 bps").look("99.95", "100.05") != []


def test_a_size_is_of_a_level_near_the_touch_or_of_a_print_each_by_itself() -> None:
    told = Told("size > 10")
    near = [(f"{100 - n}", "10") for n in range(NEAR)]

    assert told.look(become={"bids": pairs([*near, ("1", "999")])}) == []
    near[3] = ("97", "10.00000001")
    assert told.look(become={"bids": pairs(near)}) == [
        "gemini BTCUSD · size > 10 · bid 97.00 × 10.00000001"
    ]
    assert told.look(None, None, ("98", "3"), ("98", "12"), become={"bids": pairs(near)}) == [
        "gemini BTCUSD · size > 10 · bought 12 at 98.00",
    ]
    assert told.look(None, None, ("98", "13"), become={"bids": pairs(near)}) == []
    assert told.look(become={"bids": pairs(near)}, after=REST_SECONDS) == []
    assert told.look(become={"bids": pairs(near)}, after=REST_SECONDS) == []
    assert told.look(None, None, ("98", "13"), become={"bids": pairs(near)}) == [
        "gemini BTCUSD · size > 10 · bought 13 at 98.00",
    ]


def test_a_quote_that_is_pulled_and_put_back_rings_one_bell() -> None:
    told = Told("size > 10")

    bells = [
        told.look(become={"asks": pairs([(f"{100 + step % 7}", "50" if step % 2 else "1")])})
        for step in range(200)
    ]

    assert sum(map(len, bells)) == 1


def test_each_market_has_its_own_memory() -> None:
    both = Told("price > 65000", "kraken:BTCUSD price > 1")
    kraken: dict[str, object] = {"venue": "kraken", "house": "kraken"}
    gemini: dict[str, object] = {"venue": "gemini", "house": "gemini"}

    assert both.look("64000", "64001") == []
    assert both.look("65001", "65002", become=kraken) == []  # it started beyond both
    assert both.look("65001", "65002", become=gemini) == [
        "gemini BTCUSD · price > 65000 · bid 65001.00"
    ]


@pytest.mark.parametrize("after", [-0.1, 0.1])
def test_in_another_moment_of_a_recording_it_is_told_anew(after: float) -> None:
    told = Told("price > 65000", "state")
    told.look("64000", "64001", ("64000", "1"))
    assert told.look("65001", "65002") != []

    # What was passed over on the way there is not told.
    passed: dict[str, object] = {"moment": 1, "losses": 3}
    assert told.look("64000", "64001", ("70000", "1"), after=after, become=passed) == []
    assert told.look("65001", "65002") != []
    assert told.look("64000", "64001", become={"losses": 4}) != []


def test_a_market_that_was_left_is_a_new_one_when_it_is_opened_again() -> None:
    told = Told("price > 65000", "spread > 5 bps")
    told.look("64000", "64001")
    assert len(told.look("65001", "65999")) == 2

    told.alerts.leave(told.view)

    assert told.look("64000", "64001") == []
    assert len(told.look("65001", "65999")) == 2


def test_time_that_goes_back_begins_the_rest_anew() -> None:
    told = Told("spread > 5 bps")
    assert told.look("99", "101") != []
    assert told.look("100", "100.01", after=1000) == []
    assert told.look("100", "100.01", after=-900) == []
    assert told.look("99", "101") == []
    assert told.look("100", "100.01") == []
    assert told.look("100", "100.01", after=REST_SECONDS) == []
    assert told.look("99", "101") != []


def test_a_moment_of_a_market_is_told_in_few_words_of_its_own_digits() -> None:
    # A trade may print between ticks of the book.
    told = Told("price > 65000")
    told.look("64000", "64001")

    assert told.look("64000", "64001", ("65000.123456", "0.00000001")) == [
        "gemini BTCUSD · price > 65000 · bought 0.00000001 at 65000.123456"
    ]
