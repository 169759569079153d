"""Told once: what holds sets a latch, and only after a rest in which it does not may it again.

Told the time, in monotonic ns.
"""

from __future__ import annotations

from enum import Enum

REST_SECONDS = 3.0

_REST_NS = int(REST_SECONDS * 1e9)


class Moved(Enum):
    """What a look made of a latch."""

    SET = "set"
    CLEARED = "cleared"


class Latch:
    """Is set by what holds, and stays so until it has not held for `REST_SECONDS`."""

    __slots__ = ("_clear_ns", "_set")

    def __init__(self, *, already: bool = False) -> None:
        """`already`: it holds now, and nobody is to be told."""
        self._set = already
        self._clear_ns: int | None = None

    def look(self, holds: bool, monotonic_ns: int) -> Moved | None:
        """What changed."""
        if holds:
            self._clear_ns = None
            if not self._set:
                self._set = True
                return Moved.SET
        elif self._set:
            if self._clear_ns is None or self._clear_ns > monotonic_ns:
                self._clear_ns = monotonic_ns
            if monotonic_ns - self._clear_ns >= _REST_NS:
                self._set, self._clear_ns = False, None
                return Moved.CLEARED
        return None
