"""Kraken's checksum: the vectors of its documentation, and the precision where nobody told it."""

from __future__ import annotations

import random
import zlib
from decimal import Decimal

import pytest

from obtui.book import OrderBook
from obtui.feeds import kraken_checksum
from obtui.feeds.base import ChecksumMismatch
from obtui.feeds.kraken_checksum import Checksum, Precision, inferred
from obtui.market import BookDelta, BookSnapshot
from support import kraken_wire as wire
from support.wire import Pairs

Levels = list[tuple[Decimal, Decimal]]


def side(text: str) -> Levels:
    """`price/quantity, price/quantity`."""
    pairs = (one.strip().split("/") for one in text.split(","))
    return [(Decimal(price), Decimal(quantity)) for price, quantity in pairs]


def book_of(bids: Levels, asks: Levels) -> OrderBook:
    book = OrderBook()
    book.apply_snapshot(BookSnapshot(bids, asks))
    return book


# The guide's own book of BTC/USD.
BTC_ASKS = side(
    "45285.2/0.00100000, 45286.4/1.54571953, 45286.6/1.54571109, 45289.6/1.54560911, "
    "45290.2/0.15890660, 45291.8/1.54553491, 45294.7/0.04454749, 45296.1/0.35380000, "
    "45297.5/0.09945542, 45299.5/0.18772827"
)
BTC_BIDS = side(
    "45283.5/0.10000000, 45283.4/1.54582015, 45282.1/0.10000000, 45281.0/0.10000000, "
    "45280.3/1.54592586, 45279.0/0.07990000, 45277.6/0.03310103, 45277.5/0.30000000, "
    "45277.3/1.54602737, 45276.6/0.15445238"
)
# The book channel's page: here the numbers have lost their trailing zeros.
MATIC_BIDS = side(
    "0.5666/4831.75496356, 0.5665/6658.22734739, 0.5664/18724.91513344, 0.5663/11563.92544914, "
    "0.5662/14006.65365711, 0.5661/17454.85679807, 0.566/18097.1547, 0.5659/33644.89175666, "
    "0.5658/148.3464, 0.5657/606.70854372"
)
MATIC_ASKS = side(
    "0.5668/4410.79769741, 0.5669/4655.40412487, 0.567/49844.89424998, 0.5671/24306.41678, "
    "0.5672/29783.25223475, 0.5673/57234.71239278, 0.5674/45065.04744, 0.5675/5912.76380354, "
    "0.5676/42514.92434778, 0.5677/36304.0847022"
)
MATIC_CHANGE = BookDelta([(Decimal("0.5657"), Decimal("1098.3947558"))], [])


def test_the_guides_book() -> None:
    assert Checksum(Precision(1, 8)).of(book_of(BTC_BIDS, BTC_ASKS)) == 3310070434


def test_the_channels_book_and_its_update() -> None:
    book, checksum = book_of(MATIC_BIDS, MATIC_ASKS), Checksum(Precision(4, 8))

    assert checksum.of(book) == 2439117997
    book.apply_delta(MATIC_CHANGE)
    assert checksum.of(book) == 2114181697


def test_the_digits_as_they_came_would_be_wrong() -> None:
    levels = [*MATIC_ASKS, *MATIC_BIDS]
    raw = "".join(str(number).replace(".", "").lstrip("0") for level in levels for number in level)

    assert zlib.crc32(raw.encode()) == 3830085102
    assert Checksum(Precision(4, 8)).of(book_of(MATIC_BIDS, MATIC_ASKS)) != 3830085102
    with pytest.raises(ChecksumMismatch):
        inferred(book_of(MATIC_BIDS, MATIC_ASKS), 3830085102)


def test_the_book_of_the_older_protocol_has_the_same_rule() -> None:
    size = Decimal("0.00000500")
    asks = [(Decimal(5005 + 5 * step).scaleb(-5), size) for step in range(10)]
    prices = (5000, 4995, 4990, *range(4980, 4949, -5))
    bids = [(Decimal(price).scaleb(-5), size) for price in prices]

    assert Checksum(Precision(5, 8)).of(book_of(bids, asks)) == 974947235


def test_only_the_best_ten_count_and_fewer_are_what_there_is() -> None:
    deep = book_of([*BTC_BIDS, *side("1.0/1, 2.0/5")], [*BTC_ASKS, *side("90000.0/3")])
    few = book_of(BTC_BIDS[:2], [])

    assert Checksum(Precision(1, 8)).of(deep) == 3310070434
    assert Checksum(Precision(1, 8)).of(few) == zlib.crc32(b"45283510000000452834154582015")
    assert Checksum(Precision(1, 8)).of(OrderBook()) == 0


@pytest.mark.parametrize("level", ["45283.55/1", "45283.5/0.000000001", "45283.50000001/1"])
def test_a_number_beyond_the_precision_is_not_rounded(level: str) -> None:
    with pytest.raises(ChecksumMismatch, match=r"has more than [18] decimals"):
        Checksum(Precision(1, 8)).of(book_of(side(level), []))


def test_trailing_zeros_and_exponents_are_the_same_number() -> None:
    plain = book_of(side("45283.5/0.10000000"), side("50000.0/12"))
    spelled = book_of(side("45283.500/1e-1"), side("5E+4/12.000000000000"))

    assert Checksum(Precision(1, 8)).of(plain) == Checksum(Precision(1, 8)).of(spelled)


@pytest.mark.parametrize("seed", range(4))
def test_what_is_remembered_is_right_at_every_step_of_a_walk(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kraken_checksum, "MOST_TEXTS", 40)
    chance, checksum, book = random.Random(seed), Checksum(Precision(1, 8)), OrderBook()
    for step in range(400):
        bids: Levels = []
        asks: Levels = []
        for levels, low in ((bids, 995), (asks, 1001)):
            for _ in range(chance.randint(0, 2)):
                size = Decimal(chance.choice((0, 0, 1, 25, 1234567))).scaleb(-8)
                levels.append((Decimal(low * 10 - chance.randint(0, 200)).scaleb(-1), size))
        book.apply_delta(BookDelta(bids, asks, depth=12))
        due = wire.checksum((book.bids.sizes, book.asks.sizes))

        assert checksum.of(book) == due, f"seed {seed}, step {step}"


@pytest.mark.parametrize(
    ("bids", "asks", "checksum", "precision"),
    [
        (MATIC_BIDS, MATIC_ASKS, 2439117997, (4, 8)),
        (BTC_BIDS, BTC_ASKS, 3310070434, (1, 8)),
    ],
)
def test_the_precision_is_found_by_the_checksum(
    bids: Levels, asks: Levels, checksum: int, precision: tuple[int, int]
) -> None:
    found = inferred(book_of(bids, asks), checksum)

    assert found is not None
    assert found.precision == precision


@pytest.mark.parametrize("precision", [(0, 0), (0, 8), (5, 0), (5, 8), (9, 8), (14, 14)])
@pytest.mark.parametrize("pairs", [[("5", "3")], [("100", "10"), ("90", "20")]])
def test_it_is_found_also_where_no_digit_shows_it(precision: tuple[int, int], pairs: Pairs) -> None:
    book = book_of([(Decimal(price), Decimal(size)) for price, size in pairs], [])
    due = wire.checksum((book.bids.sizes, book.asks.sizes), precision)

    found = inferred(book, due)

    assert found is not None
    assert found.precision == precision
    assert found.of(book) == due


def test_more_zeros_than_the_precision_do_not_mislead_it() -> None:
    padded = book_of(side("99.500000/1.0000000000000000"), [])

    found = inferred(padded, zlib.crc32(b"995100000000"))

    assert found is not None
    assert found.precision == (1, 8)


@pytest.mark.parametrize("level", ["1.123456789012345/1", "1/0.123456789012345", "1/1e-18"])
def test_more_decimals_than_any_instrument_has_are_not_tried(level: str) -> None:
    with pytest.raises(ChecksumMismatch):
        inferred(book_of(side(level), []), 1)


def test_where_no_precision_fits_the_book_is_wrong() -> None:
    with pytest.raises(ChecksumMismatch, match="checksum 7: the book has another"):
        inferred(book_of(BTC_BIDS, BTC_ASKS), 7)


def test_an_empty_book_tells_no_precision() -> None:
    assert inferred(OrderBook(), 0) is None
    with pytest.raises(ChecksumMismatch):
        inferred(OrderBook(), 5)
