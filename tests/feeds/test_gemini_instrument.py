"""What Gemini's symbol-details reply says of an instrument."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from obtui.feeds import FEEDS
from obtui.feeds.base import SymbolRefused
from obtui.market import Instrument
from support import wire

GEMINI = ("gemini", "gemini-v1")
DETAILS = (
    '{"symbol":"BTCUSD","base_currency":"BTC","quote_currency":"USD","tick_size":1E-8,'
    '"quote_increment":0.01,"min_order_size":"0.00001","status":"open","wrap_enabled":false}'
)


@pytest.mark.parametrize("venue", GEMINI)
def test_the_price_tick_is_the_quote_increment(venue: str) -> None:
    instrument = FEEDS[venue]("btcusd").instrument(200, DETAILS)

    assert instrument == Instrument(
        "BTCUSD", base="BTC", quote="USD", tick=Decimal("0.01"), status="open"
    )


@pytest.mark.parametrize(
    ("spelled", "tick"), [("1E-8", "0.00000001"), ("5e-2", "0.05"), ('"0.5"', "0.5"), ("1", "1")]
)
def test_the_tick_may_be_spelled_in_any_way(spelled: str, tick: str) -> None:
    body = DETAILS.replace("0.01", spelled, 1)

    instrument = FEEDS["gemini"]("BTCUSD").instrument(200, body)

    assert instrument is not None
    assert instrument.tick == Decimal(tick)


@pytest.mark.parametrize("venue", GEMINI)
@pytest.mark.parametrize(
    "body",
    [
        wire.UNKNOWN_SYMBOL,
        '{"result":"error","reason":"InvalidSymbol"}',
        '{"result":"error","reason":"NoValidTradingPairs","message":"none"}',
        '{"result":"error","reason":"Bad Request","message":"\'X\' is not a valid symbol"}',
    ],
)
def test_the_venues_own_answer_refuses_an_unknown_symbol(venue: str, body: str) -> None:
    with pytest.raises(SymbolRefused, match="gemini has no symbol NOSUCH"):
        FEEDS[venue]("NOSUCH").instrument(400, body)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (429, '{"result":"error","reason":"Too Many Requests","message":"slow down"}'),
        (400, '{"result":"error","reason":"Bad Request","message":"no"}'),
        (400, "<html>not a valid symbol</html>"),
        (404, ""),
        (502, "Bad Gateway"),
        (200, "<html>sign in to the hotel's network</html>"),
        (200, "[]"),
        (200, '{"symbol":"ETHUSD"}'),
        (200, "{}"),
        (200, '{"x":' + "[" * 100_000),
        (400, '{"x":' + "[" * 100_000),
    ],
)
def test_any_other_failure_says_nothing(status: int, body: str) -> None:
    assert FEEDS["gemini"]("BTCUSD").instrument(status, body) is None


@pytest.mark.parametrize(
    "tick",
    ['"NaN"', '"sNaN"', '"Infinity"', "0", "-0.01", '"1E-999999"', '"1E+999999"', "1E+30", "true"],
)
def test_a_tick_that_no_market_has_says_nothing(tick: str) -> None:
    body = DETAILS.replace("0.01", tick, 1)

    assert FEEDS["gemini"]("BTCUSD").instrument(200, body) is None


def test_a_reply_without_a_tick_is_an_instrument_all_the_same() -> None:
    body = json.dumps({"symbol": "btcusd", "quote_currency": "usd"})

    assert FEEDS["gemini"]("BTCUSD").instrument(200, body) == Instrument("BTCUSD", quote="USD")


@pytest.mark.parametrize("venue", GEMINI)
@pytest.mark.parametrize(
    ("spelled", "name"),
    [
        ("usd", "USD"),
        ("Usdt", "USDT"),
        ("1INCH", "1INCH"),
        ("A" * 12, "A" * 12),
        ("A" * 13, ""),
        ("A" * 300, ""),
        ("\x1b[2J\x1b[31m", ""),
        ("USD\x1b[2J", ""),
        ("USD\n", ""),
        ("[red]USD", ""),
        ("US D", ""),
        ("\u202eUSD", ""),
        ("ＵＳＤ", ""),
        ("ß", "SS"),
        ("", ""),
    ],
)
def test_a_currency_is_a_name_or_nothing(venue: str, spelled: str, name: str) -> None:
    body = json.dumps({"symbol": "BTCUSD", "base_currency": spelled, "quote_currency": spelled})

    instrument = FEEDS[venue]("BTCUSD").instrument(200, body)

    assert instrument == Instrument("BTCUSD", base=name, quote=name)
