"""A horizontal bar, as any panel may paint one."""

from __future__ import annotations

from functools import lru_cache

from rich.color import Color
from rich.segment import Segment
from rich.style import Style

EIGHTHS = " ▏▎▍▌▋▊▉"
LINE, LEFT_HALF, RIGHT_HALF = "━", "╸", "╺"


def bar_of(
    fraction: float, width: int, filled: Style, empty: Style, *, mirrored: bool = False
) -> list[Segment]:
    """A bar of `fraction` (0 to 1) of `width` cells; no cell is padded behind its end.

    A coloured one is made of background-coloured blanks and one eighth block: `█` shows seams in
    xterm. One of a grey is told by no colour, and is a line of `━` instead: a theme that is grey
    for want of colours paints the same bar where it has not even greys. One of `empty`'s own
    background is not to be seen: that is how a book that is not live is painted.

    `mirrored`: it stands on its right end, and is padded to `width`.
    """
    as_line, edge = _kind_of(filled, empty)
    if as_line:
        whole, rest = divmod(round(fraction * width * 2), 2)
        half = RIGHT_HALF if mirrored else LEFT_HALF
        parts = [(LINE * whole, edge), (half * rest, edge)]
    else:
        whole, rest = divmod(round(fraction * width * 8), 8)
        block = EIGHTHS[rest].strip()
        if mirrored:
            # Blocks on the right of a cell are there for its half alone.
            whole, block = whole + (rest > 5), "▐" if 2 <= rest <= 5 else ""
        parts = [(" " * whole, filled), (block, edge)]
    segments = [Segment(text, style) for text, style in parts if text]
    if mirrored:
        blank = width - sum(len(segment.text) for segment in segments)
        return [Segment(" " * blank, empty), *reversed(segments)]
    return segments


@lru_cache(maxsize=256)
def _kind_of(filled: Style, empty: Style) -> tuple[bool, Style]:
    """Whether it is a line, and the style of a cell that it fills in part."""
    as_line = _is_grey(filled.bgcolor) and filled.bgcolor != empty.bgcolor
    return as_line, Style(color=filled.bgcolor, bgcolor=empty.bgcolor)


def _is_grey(colour: Color | None) -> bool:
    """Whether it has no hue; the terminal's own, and none at all, have none that is known."""
    if colour is None or colour.is_default:
        return True
    triplet = colour.triplet
    return triplet is not None and len(set(triplet)) == 1
