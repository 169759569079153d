"""Several venues' books in one ladder, against a naive sum."""

from __future__ import annotations

import random
from collections import defaultdict
from decimal import Decimal

import msgspec
import pytest

from obtui.consolidated import Consolidated, Member, combine, same_asset
from obtui.market import BookState, Instrument, Level
from obtui.view import MarketView

BTCUSD = Instrument("BTCUSD", "BTC", "USD")


def levels(*pairs: tuple[str, str]) -> tuple[Level, ...]:
    return tuple(Level(Decimal(price), Decimal(size)) for price, size in pairs)


def view(
    venue: str,
    bids: tuple[Level, ...] = (),
    asks: tuple[Level, ...] = (),
    *,
    instrument: Instrument = BTCUSD,
    state: BookState = BookState.VERIFIED,
) -> MarketView:
    return MarketView(venue=venue, instrument=instrument, state=state, bids=bids, asks=asks)


def test_a_level_has_the_sizes_of_all_and_the_venues_that_hold_it() -> None:
    one = view("one", levels(("99", "1"), ("98", "2")), levels(("101", "1")))
    other = view("other", levels(("99.0", "3")), levels(("100", "4"), ("101", "5")))

    both = combine(one, [one, other], 10)

    assert [list(map(int, (it.price, it.size, it.cumulative, *it.sizes))) for it in both.bids] == [
        [99, 4, 4, 1, 3],
        [98, 2, 6, 2, 0],
    ]
    assert [list(map(int, (it.price, it.size, *it.sizes))) for it in both.asks] == [
        [100, 4, 0, 4],
        [101, 6, 1, 5],
    ]
    assert both.venues(both.bids[0]) == "one, other"
    assert both.venues(both.asks[0]) == "other"
    assert not both.crossed


@pytest.mark.parametrize(("bid", "crossed"), [("99.99", False), ("100", True), ("101", True)])
def test_one_venues_bid_at_or_above_anothers_ask_is_crossed(bid: str, crossed: bool) -> None:
    one = view("one", levels((bid, "1")), levels(("200", "1")))
    other = view("other", levels(("1", "1")), levels(("100", "1")))

    assert combine(one, [one, other], 10).crossed is crossed


@pytest.mark.parametrize("state", [state for state in BookState if not state.trusted])
def test_a_book_that_is_not_trusted_is_left_out_and_named(state: BookState) -> None:
    good = view("good", levels(("99", "1")))
    bad = view("bad", levels(("99.5", "1")), state=state)

    both = combine(good, [good, bad], 10)

    assert [it.price for it in both.bids] == [99]
    assert [member.left_out for member in both.members] == ["", state.value]


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (Instrument("BTC/USD", "BTC", "USD"), True),
        (Instrument("BTC-USD"), True),
        (Instrument("BTCUSDT", "BTC", "USDT"), False),
        (Instrument("ETHUSD", "ETH", "USD"), False),
        (Instrument("ETHUSD"), False),
    ],
)
def test_the_same_asset_is_the_same_two_currencies(other: Instrument, same: bool) -> None:
    one, two = view("one", levels(("9", "1"))), view("two", levels(("8", "1")), instrument=other)

    assert same_asset(one, two) is same
    assert len(combine(one, [one, two], 10).bids) == (2 if same else 1)


def test_nothing_at_all_is_an_empty_ladder() -> None:
    nothing = view("one", state=BookState.SYNCING)

    assert combine(nothing, [nothing], 10) == Consolidated(
        "BTC/USD", (Member("one", "SYNCING"),), 0, (), ()
    )


def test_two_protocols_of_one_venue_are_one_market() -> None:
    one = msgspec.structs.replace(view("gemini", levels(("99", "1"))), house="gemini")
    other = msgspec.structs.replace(view("gemini-v1", levels(("99", "1"))), house="gemini")
    lost = msgspec.structs.replace(one, state=BookState.SYNCING)

    both, rest = combine(one, [one, other], 10), combine(one, [lost, other], 10)

    assert [it.size for it in both.bids] == [it.size for it in rest.bids] == [1]
    assert [it.left_out for it in both.members] == ["", "the market of gemini"]
    assert [it.left_out for it in rest.members] == ["SYNCING", ""]


def test_a_perpetual_is_not_its_currency() -> None:
    spot = view("one", levels(("99", "1")))
    contract = Instrument("BTCUSDPERP", "BTC", "USD", contract="perpetual")
    perpetual = view("other", levels(("200", "1")), instrument=contract)

    assert not same_asset(spot, perpetual)
    assert combine(spot, [spot, perpetual], 10).others == 1
    assert combine(perpetual, [spot, perpetual], 10).asset == "BTC/USD perpetual"


@pytest.mark.parametrize("seed", range(20))
def test_random_books_against_a_naive_sum(seed: int) -> None:
    chance = random.Random(seed)

    def side() -> dict[Decimal, Decimal]:
        return {
            Decimal(chance.randrange(1, 60)) / 2: Decimal(chance.randrange(1, 9)) / 4
            for _ in range(chance.randrange(0, 30))
        }

    books = [(side(), side()) for _ in range(chance.randrange(1, 5))]
    depth = chance.randrange(1, 20)
    views = [
        view(
            f"v{number}",
            tuple(Level(price, bids[price]) for price in sorted(bids, reverse=True)[:depth]),
            tuple(Level(price, asks[price]) for price in sorted(asks)[:depth]),
        )
        for number, (bids, asks) in enumerate(books)
    ]

    combined = combine(views[0], views, depth)

    for shown, which in ((combined.bids, 0), (combined.asks, 1)):
        total: defaultdict[Decimal, Decimal] = defaultdict(Decimal)
        for book in books:
            for price, size in book[which].items():
                total[price] += size
        best = sorted(total, reverse=which == 0)[:depth]
        assert [(it.price, it.size) for it in shown] == [(price, total[price]) for price in best]
        assert [it.cumulative for it in shown] == [
            sum((total[price] for price in best[: count + 1]), Decimal())
            for count in range(len(best))
        ]
