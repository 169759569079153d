"""Numbers as people type them."""

from __future__ import annotations

import re

import pytest

from obtui import typed


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", "1"),
        (" 0.5 ", "0.5"),
        (".25", "0.25"),
        ("1,000.5", "1000.5"),
        ("12,345,678", "12345678"),
        ("00012.50", "12.50"),
        ("1" * 40, "1" * 40),
    ],
)
def test_a_number_is_what_was_typed(text: str, value: str) -> None:
    assert str(typed.positive(text)) == value


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "a number is missing"),
        ("  ", "a number is missing"),
        ("0", "0 is not above zero"),
        ("0.000", "0.000 is not above zero"),
        ("-1", "-1 is no number: write one like 1000.5"),
        ("1,5", "1,5 is no number: write one like 1000.5"),
        ("1.000,5", "1.000,5 is no number: write one like 1000.5"),
        ("10,00", "10,00 is no number: write one like 1000.5"),
        ("1e9", "1e9 is no number: write one like 1000.5"),
        ("NaN", "NaN is no number: write one like 1000.5"),
        ("1_000", "1_000 is no number: write one like 1000.5"),
        ("١٢", "١٢ is no number: write one like 1000.5"),
        ("5\x1b[2J", "5 [2J is no number: write one like 1000.5"),
        ("1" * 41, f"{'1' * 40}… is no number: write one like 1000.5"),
    ],
)
def test_what_is_no_number_is_said(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(why)}$"):
        typed.positive(text)
