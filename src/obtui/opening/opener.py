"""How the screen opens further markets while it runs: what it asks for, and what it is given."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from obtui.seams import Catalogue
from obtui.watched import Watched


class Opened(NamedTuple):
    """A market that is to be watched."""

    watched: Watched
    """The same as before for one that is watched already; else its source waits to be run."""
    told: str = ""
    """What the user should know of its recording, in one line."""


class Opener(Catalogue, Protocol):
    """Opens further markets."""

    def open(self, venue: str, symbol: str) -> Opened:
        """Make a market, and record it from its beginning where the others are recorded to files of
        their own. `symbol` as the venue spells it, or as people do. It does not ask the venue.

        Raises `Unavailable`.
        """
        ...

    def close(self, watched: Watched) -> None:
        """Forget one that was opened: its recording is closed whole. Its source is not stopped."""
        ...
