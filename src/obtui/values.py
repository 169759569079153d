"""What an option may be: each raises argparse's own error, in one line, for anything else."""

from __future__ import annotations

import argparse
import re

from obtui.text import printable

DEFAULT_VENUE = "gemini"
FASTEST = 1_000_000
"""Times the usual rate: what the simulated exchange takes."""
MOST_TIMES = 1000
"""Of what `latency` measures: a venue is not to be burdened by it."""
SWITCH = {"true": True, "yes": True, "on": True, "1": True} | {
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}
ROTATE = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)((?i:[kMGT]B)|[smhd])")
"""`100M` is refused: nobody can tell minutes from megabytes there."""
SIZES = {"kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
SMALLEST_SEGMENT = 10**6
"""Bytes: each segment opens with the whole book, of which it must not consist."""
LONGEST_SEGMENT = 10_000 * 86400.0


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


def bandwidth(text: str) -> int:
    """Bytes a second: `20k`, `1M` or a plain number; at least 1,000."""
    scale = {"k": 1_000, "m": 1_000_000}.get(text[-1:].lower(), 1)
    value = number(text[:-1] if scale > 1 else text) * scale
    if not 1_000 <= value <= 1e9:
        raise argparse.ArgumentTypeError(f"{text} is not between 1k and 1000M bytes a second")
    return int(value)


def fps(text: str) -> float:
    """1 to 60."""
    value = number(text)
    if not 1 <= value <= 60:
        raise argparse.ArgumentTypeError(f"{text} is not between 1 and 60")
    return value


def switch(text: str) -> bool:
    """On or off."""
    try:
        return SWITCH[text.lower()]
    except KeyError:
        raise argparse.ArgumentTypeError(f"'{text}' is neither true nor false") from None


def venue(text: str) -> str:
    """The name of a venue."""
    from obtui.feeds import FEEDS  # late: --help must not pay for them

    if text not in FEEDS:
        known = " or ".join(FEEDS)
        raise argparse.ArgumentTypeError(f"there is no venue '{printable(text)}': choose {known}")
    return text


def layout(text: str) -> str:
    """The name of a layout, or nothing: the screen as it was left."""
    from obtui.layouts import LAYOUTS

    if text and text not in LAYOUTS:
        known = " or ".join(LAYOUTS)
        raise argparse.ArgumentTypeError(f"there is no layout '{printable(text)}': choose {known}")
    return text


def rotate(text: str) -> str:
    """What `rotation` takes, or nothing: never."""
    if text:
        rotation(text)
    return text


def rotation(text: str) -> tuple[int | None, float | None]:
    """Bytes or seconds after which a capture goes on in its next segment."""
    found, shown = ROTATE.fullmatch(text), printable(text)
    if found is None:
        raise argparse.ArgumentTypeError(
            f"{shown}: give a size, like 100MB or 1GB, or a time, like 30m or 1h"
        )
    number, unit = float(found[1]), found[2].lower()
    if unit in SIZES:
        size = int(number * SIZES[unit])
        if size < SMALLEST_SEGMENT:
            raise argparse.ArgumentTypeError(f"{shown}: the smallest is 1MB")
        return size, None
    seconds = number * SECONDS[unit]
    if not 1 <= seconds <= LONGEST_SEGMENT:
        raise argparse.ArgumentTypeError(f"{shown}: give 1s to 10000d")
    return None, seconds


def alert(text: str) -> str:
    """What is to be told, or nothing."""
    from obtui.alerts import AlertError, parse

    try:
        return str(parse(text)) if text.strip() else ""
    except AlertError as fault:
        raise argparse.ArgumentTypeError(str(fault)) from fault


def alerts(text: str) -> tuple[str, ...]:
    """Several, between semicolons."""
    return tuple(filter(None, map(alert, text.split(";"))))
