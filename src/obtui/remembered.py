"""What the screen remembers from one run to the next: its panels and the ladder's look.

A small file under the platform's state folder. It may be damaged or of another version: then it is
as if it were not there; a folder that cannot be written to costs the memory alone.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec

from obtui import layouts, whole_file
from obtui.arrangement import LADDER
from obtui.ladder.rows import LadderSettings
from obtui.layouts import Layout

FORMAT = 1
LARGEST_FILE = 1 << 16


class Remembered(msgspec.Struct, frozen=True):
    """The screen as it was left."""

    shown: list[str]
    first: str
    ladder: LadderSettings = LadderSettings()
    format: int = FORMAT

    @classmethod
    def of(cls, layout: Layout, ladder: LadderSettings) -> Remembered:
        """A grouping is not remembered: ticks differ from market to market."""
        return cls(list(layout.shown), layout.first, replace(ladder, step=None))

    @property
    def layout(self) -> Layout:
        """Its panels; those that there are no more are left out."""
        first = self.first if self.first in {LADDER, *self.shown} else LADDER
        return Layout(layouts.known(self.shown), first)


def load() -> Remembered | None:
    """The screen as it was left, if that is known."""
    try:
        path = _path()
        if path.stat().st_size > LARGEST_FILE:
            return None
        found = msgspec.json.decode(path.read_bytes(), type=Remembered)
    except (OSError, msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    return found if found.format == FORMAT else None


def save(remembered: Remembered) -> None:
    """Write it whole or not at all."""
    whole_file.write(_path(), msgspec.json.encode(remembered))


def _path() -> Path:
    from platformdirs import user_state_path  # late, as only a screen needs it

    return user_state_path("obtui") / "screen.json"
