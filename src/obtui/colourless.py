"""A terminal without colours (NO_COLOR): no colour code reaches it, and what a colour told is told
by bold, dim and reverse.

Textual's own filters make greys of colours, or write the codes of the terminal's own two; and what
is told by a background alone, such as a bar, is gone then.
"""

from __future__ import annotations

import math
from functools import lru_cache

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color, Lab, rgb_to_lab
from textual.filter import LineFilter

BRIGHT, FAINT = 66.0, 50.0
"""Distances in lightness (CIE L*, 0 to 100) of a text from its ground: from the first on bold stays
bold, below the second it is dim."""
APART = 12.0
"""Distance (CIE76) of a ground from the widget's own, from which on it is shown, by reverse. The
grounds of panels and titles are nearer."""


class Colourless(LineFilter):
    """The last one before the terminal."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """As `LineFilter`: the same text, without colours; `background` is the widget's own."""
        return [
            Segment(text, None if style is None else bare(style, background), control)
            for text, style, control in segments
        ]


@lru_cache(4096)
def bare(style: Style, ground: Color) -> Style:
    """`style` on a widget of the ground colour `ground`, told without colours."""
    own = rgb_to_lab(ground)
    back = _lab(style.bgcolor) or own
    # A text in the terminal's own colour is as bright as any.
    text = _lab(style.color) or Lab(100.0 if own.L < 50 else 0.0, 0, 0)
    if style.reverse:
        text, back = back, text
    light = abs(text.L - back.L)
    reverse = math.dist(back, own) >= APART
    return Style(
        bold=True if style.bold and light >= BRIGHT else None,
        dim=True if style.dim or (light < FAINT and not reverse) else None,
        reverse=reverse or None,
        italic=style.italic,
        underline=style.underline,
        strike=style.strike,
        meta=style.meta or None,
        link=style.link,
    )


def _lab(colour: RichColor | None) -> Lab | None:
    """None for the terminal's own."""
    if colour is None or colour.is_default:
        return None
    return rgb_to_lab(Color.from_rich_color(colour))
