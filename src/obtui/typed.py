"""Numbers as people type them. It asks nobody and guesses nothing: what could be two numbers is
refused."""

from __future__ import annotations

import re
from decimal import Decimal

from obtui.text import printable

NUMBER = re.compile(r"(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?|\.\d+", re.ASCII)
LONGEST = 40
"""Characters."""


def positive(text: str) -> Decimal:
    """A number above zero, with a point for the decimals: `0.5`, `1,000.5`.

    Raises `ValueError` with one line that says what is wrong.
    """
    text = text.strip()
    shown = printable(text if len(text) <= LONGEST else f"{text[:LONGEST]}…")
    if not text:
        raise ValueError("a number is missing")
    if len(text) > LONGEST or not NUMBER.fullmatch(text):
        raise ValueError(f"{shown} is no number: write one like 1000.5")
    value = Decimal(text.replace(",", ""))
    if not value:
        raise ValueError(f"{shown} is not above zero")
    return value
