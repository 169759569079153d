"""Alerts as they are typed: what may be, what is said of the rest, and which market is meant."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from obtui.alerts import Alert, AlertError, parse
from obtui.market import Instrument
from obtui.view import MarketView


@pytest.mark.parametrize(
    ("text", "alert"),
    [
        ("price > 65000", Alert("price", limit=Decimal(65000))),
        ("price<60,000.50", Alert("price", above=False, limit=Decimal("60000.50"))),
        ("  PRICE  >=  1 ", Alert("price", inclusive=True, limit=Decimal(1))),
        ("price <= .5", Alert("price", above=False, inclusive=True, limit=Decimal("0.5"))),
        ("spread > 5 bps", Alert("spread", limit=Decimal(5))),
        ("spread > 5bps", Alert("spread", limit=Decimal(5))),
        ("spread >= 0.25", Alert("spread", inclusive=True, limit=Decimal("0.25"))),
        ("size > 10", Alert("size", limit=Decimal(10))),
        ("state", Alert("state")),
        ("gemini:BTCUSD state", Alert("state", venue="gemini", symbol="BTCUSD")),
        ("BTC-USD size > 2", Alert("size", limit=Decimal(2), symbol="BTC-USD")),
        ("BTC/USD state", Alert("state", symbol="BTC/USD")),
        ("okx:BTC-USDT price > 3", Alert("price", True, False, Decimal(3), "okx", "BTC-USDT")),
    ],
)
def test_an_alert_is_what_was_typed_and_can_be_typed_again(text: str, alert: Alert) -> None:
    assert parse(text) == alert
    assert parse(str(alert)) == alert


FORMS = (
    "write price > 65000, price < 60000, spread > 5 bps, size > 10 or state, "
    "after gemini:BTCUSD where it is for one market"
)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it names nothing to look at"),
        ("prise > 3", "it names nothing to look at"),
        ("gemini:BTCUSD", "it names nothing to look at"),
        ("gemini:BTCUSD volume > 3", "it names nothing to look at"),
        ("gemini: price > 3", "it names nothing to look at"),
        ("price", "after price comes > or <, then a number"),
        ("price 65000", "after price comes > or <, then a number"),
        ("price = 65000", "after price comes > or <, then a number"),
        ("price >", "a number is missing"),
        ("price > ten", "ten is no number: write one like 1000.5"),
        ("price > -3", "-3 is no number: write one like 1000.5"),
        ("price > 0", "0 is not above zero"),
        ("price > 5 bps", "price is not told in bps"),
        ("size > 5 BTC", "5 BTC is no number: write one like 1000.5"),
        ("size < 5", "size is told of what is more, with >"),
        ("spread < 5 bps", "spread is told of what is more, with >"),
        ("state > 3", "after state nothing is expected, not > 3"),
        ("price > 3 \x1b[2J", "3  [2J is no number: write one like 1000.5"),
    ],
)
def test_what_is_no_alert_is_said_in_one_line(text: str, why: str) -> None:
    with pytest.raises(AlertError) as refused:
        parse(text)

    said = str(refused.value)
    assert said.endswith(f"': {why}; {FORMS}")
    assert said.isprintable()
    assert len(said.splitlines()) == 1


def test_whatever_is_typed_is_parsed_or_refused() -> None:
    chance = random.Random(5)
    words = [
        *"<>=:,. ",
        "price",
        "spread",
        "size",
        "state",
        "bps",
        "gemini",
        "BTCUSD",
        "65000",
        "é",
    ]

    for _ in range(2000):
        text = "".join(chance.choice(words) for _ in range(chance.randrange(9)))
        try:
            alert = parse(text)
        except AlertError:
            continue
        assert parse(str(alert)) == alert, text


def test_a_market_is_meant_by_venue_and_symbol_however_it_is_spelled() -> None:
    def means(text: str, symbol: str = "BTCUSD") -> bool:
        it = Instrument(symbol, "BTC", "USD")
        view = MarketView(venue="gemini-v1", house="gemini", instrument=it)
        return parse(f"{text} state").means(view)

    assert all(means(it) for it in ["", "BTCUSD", "btc-usd", "gemini:BTC/USD", "Gemini-v1:btcusd"])
    assert not any(means(it) for it in ["ETHUSD", "kraken:BTCUSD", "gemini:BTCUSDT", "BTC"])
    assert means("XBTUSD", "XBTUSD")
    assert means("BTCUSD", "XBTUSD")
