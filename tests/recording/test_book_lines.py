"""Book lines: their format to the character, with the venue's digits."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from book_support import NOW_NS, UNTRUSTED_NOW, book

from obtui.recording.books import encode_book_line, encode_untrusted_line


def test_a_line_is_what_the_crawler_wrote() -> None:
    original = (
        '{"bids": [[11398.73, 0.96304843], [11398.72, 0.98914437], [11397.32, 1.0]], '
        '"asks": [[11407.42, 1.30814001], [11409.48, 2.0]], "ts": 1562558996535}\n'
    )
    shown = book(
        "11397.32:1.0 11398.73:0.96304843 11398.72:0.98914437",
        "11409.48:2.0 11407.42:1.30814001",
    )

    written = encode_book_line(shown.bids.top(10), shown.asks.top(10), 1_562_558_996_535_999_999)

    assert written == original.encode()


@pytest.mark.parametrize(
    ("sent", "written"),
    [
        ("1.10", "1.10"),
        ("5", "5"),
        ("1E+3", "1000"),
        ("1e-8", "0.00000001"),
        ("0.00000000012", "0.00000000012"),
        ("123456789012345678901234567890.12", "123456789012345678901234567890.12"),
    ],
)
def test_numbers_are_the_venues_digits_and_never_have_exponents(sent: str, written: str) -> None:
    got = encode_book_line([(Decimal(sent), Decimal(sent))], [], 0)

    assert got == f'{{"bids": [[{written}, {written}]], "asks": [], "ts": 0}}\n'.encode()


def test_a_line_read_back_is_the_book() -> None:
    shown = book("9.5:0.10 9.25:3", "10:7")

    got = json.loads(
        encode_book_line(shown.bids.top(5), shown.asks.top(5), 7_000_000), parse_float=Decimal
    )

    assert got == {
        "bids": [[Decimal("9.5"), Decimal("0.1")], [Decimal("9.25"), 3]],
        "asks": [[10, 7]],
        "ts": 7,
    }


def test_the_untrusted_line() -> None:
    written = encode_untrusted_line(NOW_NS)

    assert written.decode() == UNTRUSTED_NOW
