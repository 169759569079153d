"""Textual's updates as cells: what of the screen an update wants to be shown, and in which colours.

The one module that reads what Textual's compositor makes: strips of segments with Rich styles.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from rich.cells import cell_len, get_character_cell_size
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

from obtui.thin.canvas import CONTINUED, Canvas

TRUE_COLOUR = re.compile(r"([34]8);2;(\d+);(\d+);(\d+)")
MOST_STYLES = 4096
CUBE = (0, 95, 135, 175, 215, 255)
"""Levels of xterm's colours 16 to 231; 232 to 255 are greys of 8 + 10 n."""


class Cells:
    """Puts lines of segments on a canvas."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._colours = ColorSystem.TRUECOLOR
        self._known: dict[int, tuple[Style | None, str]] = {}
        """The pens of styles, by the identity of these: a style's hash takes longer than all else
        that is done with a segment."""
        self._pens_begun = 0

    def put(self, update: CompositorUpdate, colours: ColorSystem) -> bool:
        """Want what the update shows; False, and nothing done, if it is of a kind that is not
        known."""
        if isinstance(update, LayoutUpdate):
            strips = _of_layout(update)
        elif isinstance(update, ChopsUpdate):
            strips = _of_chops(update)
        else:
            return False
        for row, column, strip in strips:
            self.put_line(row, column, strip, colours)
        return True

    def put_line(
        self, row: int, column: int, line: Sequence[Segment] | Strip, colours: ColorSystem
    ) -> None:
        """Want these segments, from a cell on."""
        begun = self._canvas.pens_begun
        if self._pens_begun != begun or self._colours is not colours:
            self._known, self._pens_begun, self._colours = {}, begun, colours
        known = self._known
        texts, shown = [], []
        for text, style, control in line:
            if not control:
                found = known.get(id(style)) or self._learn(style)
                texts.append(text)
                shown.append(found[1])
        if self._canvas.pens_begun != begun:  # on the way: those before it are not true any more
            self.put_line(row, column, line, colours)
            return
        joined = "".join(texts)
        if not joined.isascii() and cell_len(joined) != len(joined):
            texts = [_cells(text) for text in texts]
            joined = "".join(texts)
        pens = [pen * len(text) for pen, text in zip(shown, texts, strict=True)]
        self._canvas.put(row, column, joined, "".join(pens))

    def _learn(self, style: Style | None) -> tuple[Style | None, str]:
        pen = self._canvas.pen(codes_of(style, self._colours) if style else "")
        if len(self._known) >= MOST_STYLES:
            self._known.clear()
        # With the style: while it is held here, no other can have its identity.
        self._known[id(style)] = found = (style, pen)
        return found


def _of_layout(update: LayoutUpdate) -> Iterator[tuple[int, int, Strip]]:
    for row, line in enumerate(update.strips, update.region.y):
        column = update.region.x
        for strip in line:
            yield row, column, strip
            column += strip.cell_length


def _of_chops(update: ChopsUpdate) -> Iterator[tuple[int, int, Strip]]:
    """As Textual's own output reads it."""
    for row, start, stop in update.spans:
        for end, (column, strip) in zip(
            update.chop_ends[row], update.chops[row].items(), strict=False
        ):
            if strip is None or column > stop or end <= start:
                continue
            if start <= column < stop and end <= stop:
                yield row, column, strip
            else:
                yield row, column, strip.crop(0, min(end, stop) - column)


def _cells(text: str) -> str:
    """A character for each cell. What has no width of its own (a combining accent) is left out."""
    widths = ((char, get_character_cell_size(char)) for char in text)
    return "".join(char + CONTINUED * (width - 1) for char, width in widths if width)


@lru_cache(maxsize=MOST_STYLES)
def codes_of(style: Style, colours: ColorSystem) -> str:
    """The SGR codes of a style. An exact xterm-256 colour is told by its number, which is shorter:
    no terminal shows those above 15 otherwise."""
    codes = Strip.render_style(style.update_link(None), "", colours)[2:].partition("m")[0]
    return TRUE_COLOUR.sub(_by_number, codes)


def _by_number(found: re.Match[str]) -> str:
    ground, *parts = found.groups()
    red, green, blue = (int(part) for part in parts)
    if red == green == blue and (red - 8) % 10 == 0 and 8 <= red <= 238:
        return f"{ground};5;{232 + (red - 8) // 10}"
    if all(level in CUBE for level in (red, green, blue)):
        number = 16 + 36 * CUBE.index(red) + 6 * CUBE.index(green) + CUBE.index(blue)
        return f"{ground};5;{number}"
    return found[0]
