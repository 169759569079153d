"""Layouts: which panels are shown beside the ladder, by name, and what keys make of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from obtui.arrangement import LADDER, NEEDS


@dataclass(frozen=True, slots=True)
class Layout:
    """What is shown."""

    shown: tuple[str, ...]
    """Panels, the most wanted first."""
    first: str = LADDER
    """Who gets the width that is left over."""
    alone: str = ""
    """The one that is maximised, or nothing."""

    def toggle(self, panel: str) -> Layout:
        """Show it, before all others where room is short, or hide it."""
        if panel in self.shown:
            left = tuple(name for name in self.shown if name != panel)
            return replace(self, shown=left, alone="" if self.alone == panel else self.alone)
        return replace(self, shown=(panel, *self.shown), alone="")

    def maximise(self, panel: str) -> Layout:
        """Show it alone, or with the others again."""
        return replace(self, alone="" if self.alone else panel)

    @property
    def name(self) -> str:
        """Of one that has a name and is as it was named, else nothing."""
        for name, layout in LAYOUTS.items():
            same = set(layout.shown) == set(self.shown) and layout.first == self.first
            if same and not self.alone:
                return name
        return ""


LAYOUTS: Mapping[str, Layout] = {
    "book": Layout(("stats", "trades")),
    "tape": Layout(("trades", "stats", "events"), first="trades"),
    "map": Layout(("heat", "depth"), first="heat"),
    "all": Layout(("stats", "trades", "heat", "depth", "events", "sweep")),
}
DEFAULT = "book"


def after(name: str) -> str:
    """The next layout's name; of one without a name, the first."""
    names = list(LAYOUTS)
    return names[(names.index(name) + 1) % len(names)] if name in names else names[0]


def known(panels: object) -> tuple[str, ...]:
    """Of what was remembered, the panels that there are, each once."""
    if not isinstance(panels, list | tuple):
        return ()
    return tuple(dict.fromkeys(name for name in panels if name in NEEDS))
