"""What the terminal is wanted to show and what it shows, cell by cell, and the difference in bytes.

What is put here is wanted from then on; `flush` makes the terminal show it, with no cell sent that
is right already, runs of one pen together, and the shortest moves between them. What does not fit
into a budget stays wanted: the next flush sends what is wanted then, never what was.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from obtui.thin.moves import UNKNOWN, move
from obtui.thin.pens import change, pen_of

CONTINUED = "\0"
"""The second cell of a wide character."""
NOTHING = "\x01"
"""A cell of which it is not known what it shows."""
BRIDGE = 4
"""Cells that are right already and are sent again where a move over them would be as long."""
MOST_PENS = 0x8000
SAME, RUNS = b"\0", re.compile(rb"[^\0]+(?:\0{1,%d}[^\0]+)*" % BRIDGE)
BYTES = 4
"""Of a character in UTF-32."""
RUN_BYTES = 8
"""About what a run costs beside its cells: for budgets."""


Run = tuple[tuple[int, int], str]
"""Row and column, and the cells to be sent from there on, all of one pen."""


class Canvas:
    """All cells of a terminal. Characters and pens are strings, a character for each cell."""

    def __init__(self, width: int, height: int) -> None:
        self._pens: dict[str, str] = {}
        self.pens_begun = 0
        """How often pens were begun anew: the characters of before stand for others now."""
        self._codes: list[str] = []
        self._pen: str | None = None
        self._at = UNKNOWN
        self.resize(width, height)

    def resize(self, width: int, height: int) -> None:
        """Another terminal: nothing is known of what it shows, and nothing is wanted yet."""
        self.width, self.height = width, height
        blank = self.pen("")
        self._wanted = [(" " * width, blank * width)] * height
        self._asked = [False] * height
        self.forget()

    def forget(self) -> None:
        """Nothing is known any more of what the terminal shows, nor of its cursor and pen."""
        self._shown = [(NOTHING * self.width, NOTHING * self.width)] * self.height
        self._dirty = {row for row in range(self.height) if self._asked[row]}
        self._at, self._pen = UNKNOWN, None

    def place(self, cursor: tuple[int, int]) -> None:
        """Somebody moved the cursor here, by row and column."""
        self._at = cursor

    @property
    def cursor(self) -> tuple[int, int]:
        """Row and column where it was left, or `UNKNOWN`."""
        return self._at

    def pen(self, codes: str) -> str:
        """The one character that stands for a pen of these SGR codes."""
        found = self._pens.get(codes)
        if found is None:
            if len(self._codes) >= MOST_PENS:
                self._begin_pens_anew()
            found = self._pens[codes] = chr(len(self._codes) + 2)
            self._codes.append(codes)
        return found

    def _begin_pens_anew(self) -> None:
        """Only what changes colours all day comes here: the pens that are in use are kept."""
        used = {pen for _, pens in self._wanted for pen in pens}
        kept = {pen: self._codes[ord(pen) - 2] for pen in used}
        self._pens, self._codes = {}, []
        self.pens_begun += 1
        anew = str.maketrans({pen: self.pen(codes) for pen, codes in kept.items()})
        self._wanted = [(text, pens.translate(anew)) for text, pens in self._wanted]
        self.forget()

    def put(self, row: int, column: int, text: str, pens: str) -> None:
        """Want these cells; both are as long as cells are, and what is beyond the edge is cut."""
        if not 0 <= row < self.height:
            return
        old_text, old_pens = self._wanted[row]
        self._asked[row] = True
        if column <= 0 and len(text) + column >= self.width:
            fresh = text[-column:][: self.width], pens[-column:][: self.width]
        else:
            end = column + len(text)
            fresh = (
                (old_text[:column] + text + old_text[end:])[: self.width],
                (old_pens[:column] + pens + old_pens[end:])[: self.width],
            )
        self._wanted[row] = fresh
        if fresh != self._shown[row]:
            self._dirty.add(row)
        else:
            self._dirty.discard(row)

    @property
    def dirty(self) -> bool:
        """Whether something wanted is not shown."""
        return bool(self._dirty)

    def flush(self, budget: int | None = None, first: int = 0) -> str:
        """What makes the terminal show what is wanted; the top row comes first, which tells how far
        the rest may be trusted. With a budget (bytes, > 0) the rows nearest `first` come then, as
        many as fit and at least one, and the others later."""
        rows = sorted(self._dirty)
        if budget is not None and len(rows) * self.width * (1 + RUN_BYTES) > budget:
            rows = self._rows_within(budget, first)
        top, rest = [row for row in rows if row == 0], [row for row in rows if row]
        text = self._send(top) + self._send(rest)
        self._dirty.difference_update(rows)
        return text.replace(CONTINUED, "")

    def _send(self, rows: Sequence[int]) -> str:
        runs: defaultdict[str, list[Run]] = defaultdict(list)
        for row in rows:
            self._take_runs(row, runs)
            self._shown[row] = self._wanted[row]
        return self._write(runs)

    def _rows_within(self, budget: int, first: int) -> list[int]:
        taken: list[int] = []
        spent = 0
        for row in sorted(self._dirty, key=lambda row: abs(row - first) if row else -1):
            runs: defaultdict[str, list[Run]] = defaultdict(list)
            self._take_runs(row, runs)
            cost = sum(len(text) + RUN_BYTES for some in runs.values() for _, text in some)
            if spent + cost > budget and any(taken):
                break
            spent += cost
            taken.append(row)
        return sorted(taken)

    def _write(self, runs: Mapping[str, Sequence[Run]]) -> str:
        codes = self._codes
        at, width = self._at, self.width
        parts = []
        for pen in sorted(runs, key=lambda pen: self._order(codes[ord(pen) - 2])):
            parts.append(change(self._pen, codes[ord(pen) - 2]))
            self._pen = codes[ord(pen) - 2]
            for start, text in runs[pen]:
                row, column = start
                parts += (move(at, start), text)
                end = column + len(text)
                # In the last column the cursor waits to wrap: where it is then, terminals differ.
                at = (row, end) if end < width else UNKNOWN
        self._at = at
        return "".join(parts)

    def _order(self, codes: str) -> tuple[bool, str, str]:
        """The present pen first; then those of one background together, to change less."""
        pen = pen_of(codes)
        return codes != self._pen, pen.back, pen.fore

    def _take_runs(self, row: int, runs: defaultdict[str, list[Run]]) -> None:
        """Those of a row, from left to right, to those of their pens."""
        text, pens = self._wanted[row]
        shown_text, shown_pens = self._shown[row]
        changed = _differences((text, shown_text), (pens, shown_pens))
        wide = CONTINUED in text
        for match in RUNS.finditer(changed):
            start, stop = match.span()
            pen = pens[start]
            if not wide and pens.count(pen, start, stop) == stop - start:
                runs[pen].append(((row, start), text[start:stop]))
                continue
            while start < stop:
                pen = pens[start]
                end = stop - len(pens[start:stop].lstrip(pen))
                # A run neither begins nor ends with what is right already.
                cells = changed[start:end]
                first, last = end - len(cells.lstrip(SAME)), start + len(cells.rstrip(SAME))
                if first < last:
                    if wide:
                        first, last = _whole(text, first, last)
                    runs[pen].append(((row, first), text[first:last]))
                start = end


def _differences(*pairs: tuple[str, str]) -> bytes:
    """A byte for each cell: 0 where none of the pairs of strings of one length differ. As whole
    numbers: cell by cell it is a third of what thin output costs."""
    length = BYTES * len(pairs[0][0])
    differ = 0
    for new, old in pairs:
        if new != old:
            differ |= _number(new) ^ _number(old)
    folded = differ | differ >> 8 | differ >> 16  # no character is above 0x10FFFF
    return folded.to_bytes(length, "little")[::BYTES]


def _number(text: str) -> int:
    return int.from_bytes(text.encode("utf-32-le", "surrogatepass"), "little")


def _whole(text: str, start: int, end: int) -> tuple[int, int]:
    """A wide character is sent whole or not at all."""
    while start and text[start] == CONTINUED:
        start -= 1
    while end < len(text) and text[end] == CONTINUED:
        end += 1
    return start, end
