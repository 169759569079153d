"""The same pictures by curses, in a process of its own: `python curses_ladder.py FILE`.

FILE holds pickled pictures: rows of (character, SGR codes). It is drawn as a curses program would:
every line is written, and curses finds what changed.
"""

from __future__ import annotations

import curses
import pickle
import sys
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _curses import window


def main(screen: window) -> None:
    """Draw them all."""
    pictures = pickle.loads(Path(sys.argv[1]).read_bytes())
    curses.use_default_colors()
    curses.curs_set(0)
    pairs: dict[tuple[int, int], int] = {}

    def attributes(codes: str) -> int:
        parts = codes.split(";")
        colours = {"38": -1, "48": -1}
        for at, part in enumerate(parts):
            if part in colours and parts[at + 1 : at + 2] == ["5"]:
                colours[part] = int(parts[at + 2])
        key = colours["38"], colours["48"]
        if key not in pairs:
            pairs[key] = len(pairs) + 1
            curses.init_pair(pairs[key], *key)
        bold = curses.A_BOLD if parts[0] == "1" else 0
        return curses.color_pair(pairs[key]) | bold

    for number, picture in enumerate(pictures):
        for row, cells in enumerate(picture):
            column = 0
            for codes, run in groupby(cells, key=lambda cell: cell[1]):
                text = "".join(char for char, _ in run)
                if row == len(picture) - 1:
                    text = text[: len(cells) - 1 - column]
                screen.addstr(row, column, text, attributes(codes))
                column += len(text)
        screen.refresh()
        if number == 0:
            sys.stdout.flush()
            sys.stderr.write("first\n")
            sys.stderr.flush()


curses.wrapper(main)
