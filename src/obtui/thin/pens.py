"""Colours and attributes of cells, and the shortest way from one to the next (ECMA-48, SGR)."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

OFF = {
    "1": "22",
    "2": "22",
    "3": "23",
    "4": "24",
    "21": "24",
    "5": "25",
    "6": "25",
    "7": "27",
    "8": "28",
    "9": "29",
    "51": "54",
    "52": "54",
    "53": "55",
}
"""What switches an attribute off; bold and dim have one in common."""
COLOUR_LENGTH = {"5": 3, "2": 5}
"""Of `38;5;n` and `38;2;r;g;b`."""


class Pen(NamedTuple):
    """What SGR codes add up to."""

    fore: str = ""
    """Its codes; empty: the terminal's default."""
    back: str = ""
    attributes: frozenset[str] = frozenset()


@lru_cache(maxsize=4096)
def pen_of(codes: str) -> Pen:
    """Of codes that set and never reset, as `1;38;5;71;48;5;233`."""
    fore = back = ""
    attributes = set()
    parts = codes.split(";") if codes else []
    at = 0
    while at < len(parts):
        code = parts[at]
        if code in ("38", "48"):
            length = COLOUR_LENGTH.get(parts[at + 1], 2) if at + 1 < len(parts) else 1
            colour = ";".join(parts[at : at + length])
            fore, back = (colour, back) if code == "38" else (fore, colour)
            at += length
            continue
        number = int(code)
        if 30 <= number <= 37 or 90 <= number <= 97:
            fore = code
        elif 40 <= number <= 47 or 100 <= number <= 107:
            back = code
        elif code in OFF:
            attributes.add(code)
        at += 1
    return Pen(fore, back, frozenset(attributes))


@lru_cache(maxsize=1 << 12)
def change(before: str | None, after: str) -> str:
    """What makes of the pen `before` (None: not known) the pen `after`; both as codes."""
    if before == after:
        return ""
    anew = f"\x1b[0;{after}m" if after else "\x1b[m"
    if before is None:
        return anew
    return min(_steps(pen_of(before), pen_of(after)), anew, key=len)


def _steps(old: Pen, new: Pen) -> str:
    gone = {OFF[code] for code in old.attributes - new.attributes}
    kept = {code for code in old.attributes if OFF[code] not in gone}
    codes = [*sorted(gone), *sorted(new.attributes - kept)]
    if new.fore != old.fore:
        codes.append(new.fore or "39")
    if new.back != old.back:
        codes.append(new.back or "49")
    return f"\x1b[{';'.join(codes)}m" if codes else ""
