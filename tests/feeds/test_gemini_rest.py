"""Gemini's REST replies beside the instrument's: its list, a book, the last day."""

from __future__ import annotations

from decimal import Decimal

import pytest

from obtui.feeds.base import Malformed, SymbolRefused, VenueError
from obtui.feeds.gemini import GeminiFeed
from obtui.market import BookSnapshot, Day
from support import wire

FEED = GeminiFeed("btc-usd")
BOOK = (
    '{"bids":[{"price":"99.5","amount":"1.25","timestamp":"0"}],'
    '"asks":[{"price":"100","amount":"2","timestamp":"0"}]}'
)


def test_the_list_names_symbols_and_leaves_perpetuals_out() -> None:
    listed = GeminiFeed.instruments('["btcusd","btcgusdperp","ethgusd","<b>"]')

    assert [instrument.symbol for instrument in listed] == ["BTCUSD", "ETHGUSD"]


@pytest.mark.parametrize("body", ["", "{}", "[1]", "<html>", "[" * 100_000])
def test_a_list_that_is_none_is_malformed(body: str) -> None:
    with pytest.raises(Malformed):
        GeminiFeed.instruments(body)


def test_a_book_is_read_and_asked_for_at_a_depth() -> None:
    assert FEED.book_path(50) == "/v1/book/btcusd?limit_bids=50&limit_asks=50"
    assert FEED.book(200, BOOK) == BookSnapshot(
        [(Decimal("99.5"), Decimal("1.25"))], [(Decimal(100), Decimal(2))]
    )


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, wire.UNKNOWN_SYMBOL, SymbolRefused),
        (503, "busy", VenueError),
        (200, "busy", Malformed),
        (200, BOOK.replace("99.5", "NaN"), Malformed),
        (200, BOOK.replace("1.25", "1e99"), Malformed),
    ],
)
def test_a_book_that_is_none_says_why(status: int, body: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        FEED.book(status, body)


def test_the_last_day_has_no_volume() -> None:
    body = '{"symbol":"BTCUSD","open":"100","high":"110.5","low":"90","close":"104.5","bid":"1"}'

    assert FEED.day(body) == Day(Decimal("104.5"), Decimal("4.5"), Decimal("110.5"), Decimal(90))


@pytest.mark.parametrize(
    ("body", "day"),
    [
        ("<html>", None),
        ('{"result":"error"}', None),
        ('{"open":"NaN","close":"1"}', Day(last=Decimal(1))),
    ],
)
def test_a_day_that_is_not_told_is_not_made_up(body: str, day: Day | None) -> None:
    assert FEED.day(body) == day
