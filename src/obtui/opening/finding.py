"""Names found by a few typed letters, the likeliest first. It knows no market and no screen.

Separators count for nothing, so that `btc-usd` finds `BTC/USD`. Each typed word must be in the
name: as the whole of it, at its beginning, at a word's beginning, within it, or, weakest, letter by
letter with others between. Among equals the shorter name is likelier.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

SEPARATORS = frozenset(" -/_.:·")
WHOLE, BEGINS, WORD, WITHIN, SCATTERED = 0.9, 0.7, 0.5, 0.3, 0.0
"""The least score of each kind; the next one's is not reached by any of it."""
STEP = 0.19
LONGEST = 40
"""Characters of what is typed that are looked at."""


class Match(NamedTuple):
    """How well a name is what was typed."""

    score: float
    """In (0, 1]; 1 for the same name."""
    at: tuple[int, ...]
    """The characters of the name that were typed, ascending."""


class Name:
    """A name prepared for being held against what is typed."""

    def __init__(self, text: str) -> None:
        self.text = text
        kept = [(char, at) for at, char in enumerate(text) if char not in SEPARATORS]
        self._letters = "".join(_lower(char) for char, _ in kept)
        self._at = [at for _, at in kept]
        self._begins = frozenset(
            index for index, at in enumerate(self._at) if at == 0 or text[at - 1] in SEPARATORS
        )

    def match(self, typed: str) -> Match | None:
        """None where it is not what was typed; nothing typed is every name, least of all."""
        words = _words(typed)
        if not words:
            return Match(SCATTERED, ())
        found = self._find("".join(words))
        if found is not None and (found[0] >= WITHIN or len(words) == 1):
            return self._match([found])
        each = [self._find(word) for word in words]
        whole = [it for it in each if it is not None]
        return self._match(whole) if len(whole) == len(each) else None

    def _match(self, found: Sequence[tuple[float, Iterable[int]]]) -> Match:
        score = sum(score for score, _ in found) / len(found)
        at = sorted({self._at[index] for _, indexes in found for index in indexes})
        return Match(min(score, 1.0), tuple(at))

    def _find(self, typed: str) -> tuple[float, Iterable[int]] | None:
        """Score, and which letters, of one word."""
        letters = self._letters
        share = len(typed) / len(letters) if letters else 0.0
        first = letters.find(typed)
        if first < 0:
            return _scattered(letters, typed)
        if share == 1.0:
            return 1.0, range(len(letters))
        kind = BEGINS
        if first:
            begins = (it for it in sorted(self._begins) if letters.startswith(typed, it))
            at = next(begins, -1)
            kind, first = (WITHIN, first) if at < 0 else (WORD, at)
        return kind + STEP * share, range(first, first + len(typed))


def _scattered(letters: str, typed: str) -> tuple[float, Iterable[int]] | None:
    """Each letter in turn behind the one before it; from the back, so that what is told as found
    stands as near together as it can before the last one."""
    if typed[0] not in letters:
        return None
    end = -1
    for char in typed:
        end = letters.find(char, end + 1)
        if end < 0:
            return None
    at = []
    behind = end + 1
    for char in reversed(typed):
        behind = letters.rfind(char, 0, behind)
        at.append(behind)
    spread = len(typed) / (end + 1 - behind)
    return SCATTERED + STEP * spread * len(typed) / len(letters) + 0.01, at[::-1]


@lru_cache(8)
def _words(typed: str) -> tuple[str, ...]:
    words = ("".join(map(_lower, word)) for word in typed[:LONGEST].split())
    bare = ("".join(char for char in word if char not in SEPARATORS) for word in words)
    return tuple(word for word in bare if word)


def _lower(char: str) -> str:
    """One character for one: some have two in small letters."""
    lower = char.lower()
    return lower if len(lower) == 1 else char
