"""What befell a market, for those who look: states, resyncs, marks, alerts. Bounded."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

import msgspec

from obtui.frame import Drop, Frame, FrameKind, Mark
from obtui.text import printable


class LogLine(NamedTuple):
    """One thing that happened."""

    received_ns: int
    """Wall-clock time."""
    kind: str
    """A word: a `BookState`'s in small letters, `connected`, `resync`, `drop`, `mark`, `alert`."""
    text: str
    """Why, in one printable line; may be empty."""


class EventLog:
    """The last lines."""

    __slots__ = ("_lines", "_shown")

    def __init__(self, limit: int = 500) -> None:
        self._lines: deque[LogLine] = deque(maxlen=limit)
        self._shown: tuple[LogLine, ...] | None = ()

    def add(self, received_ns: int, kind: str, text: str) -> None:
        """Newest first from now on."""
        self._lines.appendleft(LogLine(received_ns, kind, printable(text)))
        self._shown = None

    def tell(self, received_ns: int, news: deque[tuple[str, str]]) -> None:
        """Take a session's news, which are then no more."""
        while news:
            self.add(received_ns, *news.popleft())

    def take(self, frame: Frame) -> None:
        """What a recording holds beside what came from the venue."""
        if frame.kind is FrameKind.MARK:
            mark = msgspec.json.decode(frame.data, type=Mark)
            at_ns = frame.received_ns if mark.at_ns is None else mark.at_ns
            self.add(at_ns, "mark", mark.note)
        elif frame.kind is FrameKind.DROP:
            drop = msgspec.json.decode(frame.data, type=Drop)
            self.add(frame.received_ns, "drop", f"{drop.count} lines were not recorded")

    @property
    def lines(self) -> tuple[LogLine, ...]:
        """Newest first; the same object until something is added."""
        if self._shown is None:
            self._shown = tuple(self._lines)
        return self._shown
