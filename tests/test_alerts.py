"""Alerts: what may be typed, when they are told, and that they never are of a book that is not
trusted."""

from __future__ import annotations

import random
from collections.abc import Sequence
from decimal import Decimal

import msgspec
import pytest

from obtui.alerts import NEAR, Alert, AlertError, Alerts, parse
from obtui.latch import REST_SECONDS
from obtui.market import Aggressor, BookState, Instrument, Level, Trade
from obtui.tape import Tape
from obtui.view import MarketView

SECOND = 1_000_000_000


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


def pairs(levels: Sequence[tuple[str, str]]) -> tuple[Level, ...]:
    return tuple(Level(Decimal(price), Decimal(size)) for price, size in levels)


class Told:
    """A market that is told how it stands, and asked what it has to say."""

    def __init__(self, *texts: str) -> None:
        self.alerts = Alerts([parse(text) for text in texts])
        self.second = 0.0
        self.view = MarketView(
            venue="gemini",
            house="gemini",
            instrument=Instrument("BTCUSD", "BTC", "USD"),
            state=BookState.VERIFIED,
            reason="",
            price_decimals=2,
        )

    def look(
        self,
        bid: str | None = None,
        ask: str | None = None,
        *prints: tuple[str, str],
        after: float = 0.1,
        become: dict[str, object] | None = None,
    ) -> list[str]:
        """`bid` and `ask` with a size of 1; prints are bought, the last is the newest."""
        self.second += after
        tape = Tape()
        bought = Aggressor.BUYER
        tape.add([Trade(Decimal(price), Decimal(size), bought) for price, size in prints], 0)
        was = self.view
        changes: dict[str, object] = {
            "bids": pairs([(bid, "1")]) if bid else (),
            "asks": pairs([(ask, "1")]) if ask else (),
            "monotonic_ns": round(self.second * SECOND),
            "extremes": tape.take_extremes(),
        }
        self.view = msgspec.structs.replace(was, **{**changes, **(become or {})})
        return self.alerts.check(self.view)


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


def test_trust_that_is_lost_is_told_and_when_it_is_back() -> None:
    told = Told("state")
    lost: dict[str, object] = {"state": BookState.SYNCING, "reason": "gap: expected 7"}
    again: dict[str, object] = {"state": BookState.VERIFIED, "reason": ""}

    assert told.look(become=lost) == []  # there was no trust yet
    assert told.look(become=again) == []
    assert told.look(become=lost) == [
        "gemini BTCUSD · state · the book is no longer trusted: SYNCING · gap: expected 7"
    ]
    assert told.look(after=60) == []
    assert told.look(become=again) == []
    assert told.look(become=lost) == []  # it came and went
    assert told.look(become=again) == []
    assert told.look(after=REST_SECONDS) == [
        "gemini BTCUSD · state · the book is trusted again: VERIFIED"
    ]
    assert told.look(after=60) == []
    assert told.look(become={"state": BookState.STALE}) == [
        "gemini BTCUSD · state · the book is no longer trusted: STALE"
    ]


@pytest.mark.parametrize("state", [state for state in BookState if not state.trusted])
def test_a_book_that_is_not_trusted_tells_nothing_and_teaches_nothing(state: BookState) -> None:
    told = Told("price > 65000", "spread > 5 bps", "size > 10")
    assert told.look("64990", "64991") == []

    # Wide, large, beyond: and all of it of a book that may be wrong.
    wrong: dict[str, object] = {
        "bids": pairs([("70000", "99")]),
        "asks": pairs([("80000", "99")]),
        "state": state,
    }
    assert told.look(None, None, ("70000", "99"), become=wrong) == []
    assert told.look(after=60, become=wrong) == []

    back: dict[str, object] = {"state": BookState.VERIFIED}
    assert told.look("64990", "64991", become=back) == []
    assert told.look("65010", "65011") != []


def test_a_market_is_meant_by_venue_and_symbol_however_it_is_spelled() -> None:
    def means(text: str, symbol: str = "BTCUSD") -> bool:
        it = Instrument(symbol, "BTC", "USD")
        view = MarketView(venue="gemini-v1", house="gemini", instrument=it)
        return parse(f"{text} state").means(view)

    assert all(means(it) for it in ["", "BTCUSD", "btc-usd", "gemini:BTC/USD", "Gemini-v1:btcusd"])
    assert not any(means(it) for it in ["ETHUSD", "kraken:BTCUSD", "gemini:BTCUSDT", "BTC"])
    assert means("XBTUSD", "XBTUSD")
    assert means("BTCUSD", "XBTUSD")


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


def test_trust_that_was_lost_and_came_back_between_two_looks_is_told() -> None:
    told = Told("state")
    words = "gemini BTCUSD · state · the book was not trusted for a moment: SYNCING · gap: 7"
    loss = "SYNCING · gap: 7"
    assert told.look(become={"losses": 2}) == []  # before the first look

    assert told.look(become={"losses": 3, "loss": loss}) == [words]
    assert told.look(after=REST_SECONDS - 0.1) == []
    assert told.look(become={"losses": 5}) == []  # it trembles, and its rest begins anew
    assert told.look(after=REST_SECONDS - 0.1) == []
    assert told.look() == ["gemini BTCUSD · state · the book is trusted again: VERIFIED"]
    assert told.look(become={"losses": 6}) == [words]


def test_trust_that_came_and_went_before_it_was_seen_is_told() -> None:
    waiting: dict[str, object] = {"state": BookState.SYNCING, "reason": "a gap"}
    for become in (waiting, {"loss": "SYNCING · a gap"}):
        told = Told("state")
        assert told.look(become=waiting) == []
        live: dict[str, object] = {"state": BookState.VERIFIED, "reason": ""}

        assert len(told.look(become={**live, "losses": 1, **become})) == 1


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
