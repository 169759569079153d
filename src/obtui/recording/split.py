"""The lines of a stream of bytes, with where each begins.

It knows newlines and nothing of what is between them. Memory is bounded by one line.
"""

from __future__ import annotations

from collections.abc import Iterator

LONGEST_LINE = 64 << 20
"""Bytes: a venue's message is never longer, so neither is a recording's line by much; beyond it
the newline is what is missing."""


class Splitter:
    """Takes the stream a piece at a time."""

    def __init__(self, offset: int, longest: int = LONGEST_LINE) -> None:
        """The first piece begins at `offset` of the stream, at the beginning of a line."""
        self.start = offset
        """Where the line begins that is not whole yet."""
        self._longest = longest
        self._pending: list[bytes] = []
        self._length = 0
        self._too_long = False

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes | None]]:
        """The lines that are whole by now and not empty, without their newlines, and where they
        begin; None for one that is too long. To be exhausted before the next piece."""
        lines = data.split(b"\n")
        rest = lines.pop()
        start = self.start
        if lines and self._length:
            first = lines[0]
            self._take(first)
            end = start + self._length + 1
            yield start, (None if self._too_long else b"".join(self._pending))
            self._pending.clear()
            self._length = 0
            self._too_long = False
            self.start = start = end
            del lines[0]
        for line in lines:
            end = start + len(line) + 1
            if line:
                yield start, line
            start = end
        self.start = start
        self._take(rest)

    def _take(self, part: bytes) -> None:
        self._length += len(part)
        if self._length > self._longest:
            self._too_long = True
            self._pending.clear()
        elif part:
            self._pending.append(part)

    def rest(self) -> bytes | None:
        """The last line, which has no newline; None if it is too long."""
        return None if self._too_long else b"".join(self._pending)
