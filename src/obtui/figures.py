"""How figures are written on screen: text only, no colour and no widget."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal, localcontext
from functools import lru_cache

BLOCKS = " ▁▂▃▄▅▆▇█"
LARGEST_WIDTH = 40
"""Characters: no figure of a market is longer; what the wire holds may be."""
BOUNDS = {"": ROUND_HALF_EVEN, "≥": ROUND_FLOOR, "≤": ROUND_CEILING}
"""What may stand before a figure, and how it is rounded so that this is true."""
MOST_KEPT = 1 << 10
"""Prices and sizes whose text is kept: most of a ladder's are those of the frame before, and kept
they take 0.1 us in place of 0.7."""
MOST_PLACES = 30
"""Decimals of the smallest figure that is told."""
SMALL_BPS = Decimal("0.1")
"""Basis points below which two digits are told."""


@lru_cache(maxsize=MOST_KEPT)
def price(value: Decimal, places: int, bound: str = "") -> str:
    """With exactly `places` decimals, which must be enough to be exact unless it has a bound."""
    return fit(bound + _rounded(value, places, bound), LARGEST_WIDTH)


@lru_cache(maxsize=MOST_KEPT)
def size(value: Decimal, places: int, bound: str = "") -> str:
    """With at most `places` decimals: padding zeros become blanks, so that the points stay in line.

    What is too small to be seen at that precision is told as such, never as nothing. `bound` is one
    of `BOUNDS`.
    """
    text = _rounded(value, places, bound)[:LARGEST_WIDTH]
    if value and not text.strip("0."):
        return ">0" if bound else "<" + f"{Decimal(1).scaleb(-places):f}"
    if "." not in text:
        return bound + text
    bare = text.rstrip("0").rstrip(".")
    return bound + bare + " " * (len(text) - len(bare))


def amount(value: Decimal, places: int, bound: str = "") -> str:
    """Like `size`, for a place where nothing is in line with it: without the blanks."""
    return size(value, places, bound).rstrip()


def bps(value: float | Decimal, places: int = 2, *, form: str = "", bound: str = "") -> str:
    """Basis points with `places` decimals, and more where what is not zero would look like it, or
    below 0.1 like too few digits. `form` is Python's, before the point: `+`, `,`."""
    value = Decimal(f"{value:.12g}")  # without what a float adds to 10
    return _told(value, places, 2 if abs(value) < SMALL_BPS else 1, form, bound)


def worth(value: Decimal, places: int = 2, bound: str = "") -> str:
    """An amount of money with `places` decimals, and more where four digits would not be seen."""
    return _told(value, places, 4, ",", bound)


def _told(value: Decimal, places: int, digits: int, form: str, bound: str) -> str:
    """With `places` decimals, and as many more as show the first `digits` digits; zeros beyond
    `places` are not shown."""
    # In this form it is rounded: 0.0996 is 1.0e-1.
    exponent = int(f"{value:.{digits - 1}e}".partition("e")[2]) if value else 0
    more = min(MOST_PLACES, max(places, digits - 1 - exponent))
    text = _rounded(value, more, bound, form)
    while more > places and text.endswith("0"):
        text, more = text[:-1], more - 1
    return bound + text


def _rounded(value: Decimal, places: int, bound: str, form: str = "") -> str:
    if not bound:
        return f"{value:{form}.{places}f}"
    with localcontext() as context:
        context.rounding = BOUNDS[bound]
        return f"{value:{form}.{places}f}"


def fit(text: str, width: int) -> str:
    """`text` in at most `width` cells: a number cut without a word would be another number."""
    if len(text) <= width:
        return text
    return text[: width - 1] + "…" if width > 0 else ""


def plain(value: float) -> str:
    """A number without needless zeros: `0.5`, `10`."""
    return f"{value:g}"


def count(value: int) -> str:
    """A whole number with its thousands apart."""
    return f"{value:,}"


def quantity(value: float) -> str:
    """A size in bytes, short: `412 MB`."""
    for unit in ("B", "kB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" or value >= 10 else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"


def duration(seconds: float) -> str:
    """An age, coarse enough not to flicker: `0.3 s`, `12 s`, `3m07s`, `1h02m`."""
    if seconds < 9.95:  # what rounds to 10.0 is told as 10
        return f"{seconds:.1f} s"
    whole = max(10, int(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02}s"
    return f"{whole // 3600}h{whole // 60 % 60:02}m"


def milliseconds(value: float) -> str:
    """A lag; beyond a minute the clocks are meant, and it is told in seconds."""
    if abs(value) < 60_000:
        return f"{value:.0f} ms"
    return f"{value / 1000:,.0f} s"


def clock(received_ns: int) -> str:
    """Time of day in UTC."""
    return _clock(received_ns // 1_000_000_000)


@lru_cache(maxsize=512)
def _clock(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%H:%M:%S")


def since(received_ns: int, start: str) -> str:
    """From when on something is counted: from this wall-clock time, or, where it is 0, `start`."""
    return f"since {clock(received_ns) if received_ns else start}"


def sparkline(values: Sequence[int], width: int) -> str:
    """`values` in `width` cells, each the highest of its share; the highest of all is full."""
    if width <= 0 or not values:
        return ""
    width = min(width, len(values))
    edges = [index * len(values) // width for index in range(width + 1)]
    peaks = [max(values[start:end]) for start, end in itertools.pairwise(edges)]
    top = max(peaks) or 1
    # Anything at all is at least the lowest block: a blank cell means none.
    return "".join(BLOCKS[-(-peak * 8 // top)] for peak in peaks)


def trend(values: Sequence[float | None], width: int) -> str:
    """A sparkline of values of which only the movement counts: `values` in `width` cells, each the
    last known of its share; the lowest of these is the lowest block, the highest full.

    None is not known, and a share without a known value is blank; what never moves is in the
    middle.
    """
    if width <= 0 or not values:
        return ""
    width = min(width, len(values))
    edges = [index * len(values) // width for index in range(width + 1)]
    lasts = [
        next((value for value in reversed(values[start:end]) if value is not None), None)
        for start, end in itertools.pairwise(edges)
    ]
    known = [value for value in lasts if value is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)
    if low == high:
        return "".join(" " if value is None else BLOCKS[4] for value in lasts)
    return "".join(
        " " if value is None else BLOCKS[1 + round((value - low) / (high - low) * 7)]
        for value in lasts
    )
