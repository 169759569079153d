"""What the tests of signals, of stopping and of an unread terminal share: a demo that records."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from terminal_support import Terminal, book_lines, terminal

BAR_SECONDS = 1.0
"""In which a signal ends the command, and a screen that is read again shows the present."""
SPEED = 20.0
"""So many times as fast as life, so that every frame differs and the terminal is soon full."""


@contextlib.contextmanager
def recording(folder: Path, *more: str, speed: float = SPEED) -> Iterator[tuple[Terminal, Path]]:
    """`obtui demo --record`, with a trusted book on screen and lines in the file."""
    path = folder / "books.jsonl"
    arguments = ["demo", "--seed=3", f"--speed={speed}", f"--record={path}", *more]
    with terminal(arguments, folder) as running:
        running.wait_for("VERIFIED")
        running.wait_until(lambda: len(book_lines(path)) > 3, "book lines")
        yield running, path
