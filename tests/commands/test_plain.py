"""A market in a line of text: every digit, and none of a book that cannot be trusted."""

from __future__ import annotations

import random
import re
from decimal import Decimal

import pytest

from obtui import plain
from obtui.book import OrderBook
from obtui.crosscheck import CrossCheck
from obtui.feeds.base import Disagreement
from obtui.feeds.gemini import GeminiFeed
from obtui.market import Aggressor, BookState, Instrument, Level, TopOfBook, Trade
from obtui.session import Session
from obtui.shared import Market
from obtui.tape import Print
from obtui.view import MarketView
from support import frames, wire

AT_NS = 1_774_958_400_999_999_999
HEAD = "2026-03-31T12:00:00Z gemini BTCUSD"


def view(**fields: object) -> MarketView:
    known: dict[str, object] = {
        "venue": "gemini",
        "instrument": Instrument("BTCUSD"),
        "state": BookState.VERIFIED,
        "reason": "",
        "bids": (Level(Decimal("100.1"), Decimal("1.500")),),
        "asks": (Level(Decimal("100.35"), Decimal("1E-8")),),
        "price_decimals": 2,
        "rates": (7, 12),
    }
    return MarketView(**(known | fields))  # type: ignore[arg-type]


def printed(price: str, size: str, aggressor: Aggressor) -> tuple[Print, ...]:
    return (Print(Trade(Decimal(price), Decimal(size), aggressor), 1),)


def test_a_market_is_told_with_every_digit() -> None:
    shown = view(prints=printed("100.345", "0.250", Aggressor.SELLER))

    assert plain.line(shown, AT_NS) == (
        f"{HEAD} VERIFIED bid 1.500@100.10 ask 0.00000001@100.35 spread 24.94 bps "
        "last 0.250@100.345 seller rate 12/s"
    )


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"bids": ()}, "bid - ask 0.00000001@100.35 spread - bps last - rate 12/s"),
        ({"asks": ()}, "bid 1.500@100.10 ask - spread - bps last - rate 12/s"),
        ({"bids": (), "asks": (), "rates": ()}, "bid - ask - spread - bps last - rate 0/s"),
        (
            {"asks": (Level(Decimal("100.10"), Decimal(2)),)},
            "bid 1.500@100.10 ask 2@100.10 spread 0.00 bps last - rate 12/s",
        ),
        (
            {"asks": (Level(Decimal("100.10001"), Decimal(2)),), "price_decimals": 5},
            "bid 1.500@100.10000 ask 2@100.10001 spread 0.001 bps last - rate 12/s",
        ),
    ],
    ids=["no bids", "no asks", "empty", "locked", "a tick wide"],
)
def test_what_is_not_there_is_a_dash(fields: dict[str, object], told: str) -> None:
    shown = view(state=BookState.UNVERIFIED, **fields)

    assert plain.line(shown, AT_NS) == f"{HEAD} UNVERIFIED {told}"


@pytest.mark.parametrize(
    ("state", "fields", "told"),
    [
        (BookState.SYNCING, {"reason": "waiting for the book"}, "waiting for the book"),
        (BookState.STALE, {"reason": "no word of the book"}, "no word of the book"),
        (BookState.CROSSED, {"reason": ""}, ""),
        (
            BookState.OFFLINE,
            {"reason": "connection refused", "retry_seconds": 2.4, "hint": "try --venue x"},
            "connection refused · retry in 2 s · try --venue x",
        ),
    ],
)
def test_what_cannot_be_trusted_says_so_instead(
    state: BookState, fields: dict[str, object], told: str
) -> None:
    shown = view(state=state, prints=printed("100.3", "1", Aggressor.BUYER), **fields)

    assert plain.line(shown, AT_NS) == f"{HEAD} {state.value} {told}".rstrip()


def test_what_comes_off_the_wire_is_one_line_that_a_terminal_does_not_obey() -> None:
    shown = view(state=BookState.OFFLINE, reason="a\nb\x1b[2J" + "c" * 1000)

    line = plain.line(shown, AT_NS)

    assert line.isprintable()
    assert len(line) == plain.LONGEST


def test_a_reason_that_tells_of_the_book_tells_no_figure_of_it() -> None:
    check, book = CrossCheck(), OrderBook()
    book.bids.replace([(Decimal("100.25"), Decimal("1.5"))])
    top = TopOfBook(Level(Decimal("100.5"), Decimal("0.125")), None, 7)
    check.add(top, book)
    with pytest.raises(Disagreement) as raised:
        check.after_book(7, book)

    line = plain.line(view(state=BookState.SYNCING, reason=str(raised.value)), AT_NS)

    assert "100.25 x 1.5" in str(raised.value)
    assert line == f"{HEAD} SYNCING the book's best bid is …, the venue's own …"


OF_THE_BOOK = re.compile(r"\b(98|99|100\.5|101|102|2\.5)\b")
"""Prices of the market below, none of which is in a symbol or a reason's own numbers."""
NUMBER = re.compile(r"\d+(?:\.\d+)?@\d")


def test_no_figure_of_a_book_that_is_not_trusted_is_ever_told() -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chosen = random.Random(seed)
    market = Market(Session(GeminiFeed("BTCUSD")))
    seconds, last, trusted, untrusted = 0.0, 5_000_000, 0, 0
    market.apply(frames.connect(seconds))
    for _ in range(600):
        seconds += chosen.choice([0.01, 0.5, 40.0]) if chosen.random() < 0.2 else 0.02
        match chosen.randrange(8):
            case 0:
                market.apply(frames.disconnect(seconds))
                market.apply(frames.connect(seconds))
            case 1:
                market.tick(frames.wall(seconds), frames.at(seconds))
            case 2:
                last += 50  # a gap
            case 3:
                book = wire.depth(last, [("99", "1")], [("101", "1")])
                market.apply(frames.text(book, seconds))
            case 4:
                bids = [(chosen.choice(["98", "99", "102"]), chosen.choice(["0", "1", "2.5"]))]
                market.apply(frames.text(wire.depth(last + 1, bids, after=last), seconds))
                last += 1
            case _:
                market.apply(frames.text(wire.trade("100.5"), seconds))

        shown = market.view(1, frames.at(seconds), 1)
        line = plain.line(shown, frames.wall(seconds))

        assert line.split()[3] == shown.state.value
        assert bool(NUMBER.search(line)) <= shown.live, line
        if not shown.live:
            assert not OF_THE_BOOK.search(line.split(maxsplit=3)[3]), line
        trusted, untrusted = trusted + shown.live, untrusted + (not shown.live)

    assert trusted > 20
    assert untrusted > 20
