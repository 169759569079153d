"""What an option may be: each raises argparse's own error, in one line, for anything else."""

from __future__ import annotations

import argparse

FASTEST = 1_000_000
"""Times the usual rate: what the simulated exchange takes."""
MOST_TIMES = 1000
"""Of what `latency` measures: a venue is not to be burdened by it."""


def whole(text: str) -> int:
    """An integer."""
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number") from None


def number(text: str) -> float:
    """Any number."""
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number") from None


def count(text: str) -> int:
    """At least 1."""
    value = whole(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return value


def times(text: str) -> int:
    """Of measurements: 1 to 1000."""
    value = whole(text)
    if not 1 <= value <= MOST_TIMES:
        raise argparse.ArgumentTypeError(f"{text} is not between 1 and {MOST_TIMES}")
    return value


def port(text: str) -> int:
    """0 to 65535."""
    value = whole(text)
    if not 0 <= value <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 65535")
    return value


def positive(text: str) -> float:
    """Above 0."""
    value = number(text)
    if not 0 < value < 1e9:
        raise argparse.ArgumentTypeError(f"{text} is not a number above 0")
    return value


def speed(text: str) -> float:
    """Of the simulated exchange."""
    value = positive(text)
    if value > FASTEST:
        raise argparse.ArgumentTypeError(f"{text} is more than {FASTEST:,}")
    return value


def pace(text: str) -> float:
    """Of a replay: 0.1 to 1000, or `max`, which is infinite."""
    if text == "max":
        return float("inf")
    value = positive(text)
    if not 0.1 <= value <= 1000:
        raise argparse.ArgumentTypeError(f"{text} is not between 0.1 and 1000, nor max")
    return value


def fps(text: str) -> float:
    """1 to 60."""
    value = number(text)
    if not 1 <= value <= 60:
        raise argparse.ArgumentTypeError(f"{text} is not between 1 and 60")
    return value
