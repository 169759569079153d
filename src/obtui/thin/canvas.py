"""What the terminal is wanted to show and what it shows, cell by cell, and the difference in bytes.

What is put here is wanted from then on; `flush` makes the terminal show it, with no cell sent that
is right already, runs of one pen together, and the shortest moves between them. What does not fit
into a budget stays wanted: the next flush sends what is wanted then, never what was.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from obtui.thin.moves import UNKNOWN, move
from obtui.thin.pens import change, pen_of

CONTINUED = "\0"
"""The second cell of a wide character."""
NOTHING = "\x01"
"""A cell of which it is not known what it shows."""
BRIDGE = 4
"""Cells that are right already and are sent again where a move over them would be as long."""
MOST_PENS = 0x8000
RUN_BYTES = 8
"""About what a run costs beside its cells: for budgets."""


class Run(NamedTuple):
    """Cells of one row and one pen, to be sent."""

    row: int
    column: int
    text: str


class Canvas:
    """All cells of a terminal. Characters and pens are strings, a character for each cell."""

    def __init__(self, width: int, height: int) -> None:
        self._pens: dict[str, str] = {}
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
        """What makes the terminal show what is wanted. With a budget (bytes, > 0) the top row comes
        first, which tells how far the rest may be trusted; then the rows nearest `first`, and the
        others later."""
        runs: dict[str, list[Run]] = {}
        spent = 0
        rows = sorted(self._dirty)
        if budget is not None:
            rows.sort(key=lambda row: abs(row - first) if row else -1)
        for row in rows:
            found = self._row_runs(row)
            cost = sum(len(run.text) + RUN_BYTES for _, run in found)
            if budget is not None and spent and spent + cost > budget:
                continue
            spent += cost
            for pen, run in found:
                runs.setdefault(pen, []).append(run)
            self._shown[row] = self._wanted[row]
            self._dirty.discard(row)
        return "".join(self._write(runs))

    def _write(self, runs: dict[str, list[Run]]) -> Iterable[str]:
        codes = self._codes
        for pen in sorted(runs, key=lambda pen: self._order(codes[ord(pen) - 2])):
            yield change(self._pen, codes[ord(pen) - 2])
            self._pen = codes[ord(pen) - 2]
            for row, column, text in sorted(runs[pen]):
                yield move(self._at, (row, column))
                yield text.replace(CONTINUED, "")
                end = column + len(text)
                # In the last column the cursor waits to wrap: where it is then, terminals differ.
                self._at = (row, end) if end < self.width else UNKNOWN

    def _order(self, codes: str) -> tuple[bool, str, str]:
        """The present pen first; then those of one background together, to change less."""
        pen = pen_of(codes)
        return codes != self._pen, pen.back, pen.fore

    def _row_runs(self, row: int) -> list[tuple[str, Run]]:
        text, pens = self._wanted[row]
        shown_text, shown_pens = self._shown[row]
        changed = _changed(text, shown_text, pens, shown_pens)
        runs: list[tuple[str, Run]] = []
        at = 0
        while at < len(changed):
            start = changed[at]
            pen = pens[start]
            end = start + 1
            at += 1
            while at < len(changed):
                column = changed[at]
                if column - end > BRIDGE or pens[end : column + 1].strip(pen):
                    break
                end = column + 1
                at += 1
            # A wide character is sent whole or not at all.
            while start and text[start] == CONTINUED:
                start -= 1
            while end < len(text) and text[end] == CONTINUED:
                end += 1
            runs.append((pen, Run(row, start, text[start:end])))
        return runs


def _changed(text: str, shown_text: str, pens: str, shown_pens: str) -> list[int]:
    """Columns of the cells that differ. Mostly figures change and no colour does: then it is the
    half of the work."""
    if pens == shown_pens:
        return [
            at for at, (new, old) in enumerate(zip(text, shown_text, strict=True)) if new != old
        ]
    return [
        at
        for at, (new, old, pen, shown) in enumerate(
            zip(text, shown_text, pens, shown_pens, strict=True)
        )
        if new != old or pen != shown
    ]
