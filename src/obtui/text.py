"""Making text from elsewhere safe to show."""

from __future__ import annotations


def printable(text: str, limit: int = 200) -> str:
    """`text` as one line that may be shown: what comes off the wire may hold escape sequences."""
    line = "".join(char if char.isprintable() else " " for char in text[: limit + 1])
    return line if len(line) <= limit else line[: limit - 1] + "…"
