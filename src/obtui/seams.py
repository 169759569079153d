"""What the screen knows of where frames come from, and of recording."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from obtui.market import Instrument

NOT_RECORDING = "not recording"
"""What a recording says that is not written; the screen knows the key that begins it."""


class Source(Protocol):
    """Where frames come from: it applies them to the market from a thread of its own."""

    @property
    def unlisted(self) -> bool:
        """Whether the venue's instrument list has no such symbol: there is nothing to watch."""
        ...

    def run(self, is_cancelled: Callable[[], bool]) -> None:
        """Occupy the thread until stopped."""
        ...

    def stop(self) -> None:
        """End `run` soon."""
        ...


class Recording(Protocol):
    """What the app knows of recording."""

    @property
    def active(self) -> bool:
        """Whether a recording is being written."""
        ...

    @property
    def failed(self) -> bool:
        """Whether a recording ended by itself."""
        ...

    def words(self) -> str:
        """What it does, for the status line."""
        ...

    @property
    def saved(self) -> Sequence[str]:
        """What was saved where, of each recording that was stopped."""
        ...

    def toggle(self) -> str:
        """Start or stop; returns what went wrong, or nothing."""
        ...


@runtime_checkable
class Marked(Protocol):
    """A recording in which moments can be marked."""

    @property
    def capturing(self) -> bool:
        """Whether a capture is being written."""
        ...

    def mark(self, note: str, at_ns: int) -> str:
        """Mark a moment, in ns since the epoch; returns what went wrong, or nothing."""
        ...


class Unavailable(Exception):
    """A list or a market that cannot be had; one line that says why, and what to do."""


class Catalogue(Protocol):
    """What can be opened while the program runs."""

    def venues(self) -> Sequence[str]:
        """Names, as `--venue` takes them."""
        ...

    def symbols(self, venue: str) -> Sequence[Instrument]:
        """What a venue lists. It blocks, for some seconds at most, and is to be called in a thread
        that nobody waits for. Raises `Unavailable`."""
        ...
