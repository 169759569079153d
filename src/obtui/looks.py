"""How the screen is to look and what it is to tell: what the user chose before it opens."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from obtui import alerts, doctor
from obtui.alerts import Alert


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Everything has a default, so that a test asks for what it is about."""

    fps: float = 20.0
    """Frames a second at most, 1 to 60."""
    theme: str = "obtui"
    theme_origin: str = ""
    """Where its name comes from, for what is said of one that there is not."""
    layout: str = ""
    """One of `layouts.LAYOUTS`; empty: as it was left, if that is remembered, else the default."""
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Keys of actions, in Textual's names, where they are not the default ones."""
    alerts: tuple[Alert, ...] = ()
    thin: bool = True
    """Whether only changed cells are sent; else Textual writes its screen."""
    bandwidth: int | None = None
    """Bytes a second that may be sent at most; None: as many as the link takes."""
    remembers: bool = False
    """Whether the layout is kept for the next run."""
    hint: str = ""
    """What is said of the terminal when the screen opens, or nothing."""

    @classmethod
    def of(cls, settings: Mapping[str, object]) -> Look:
        """From the settings of a command that opens a screen, in this terminal."""
        chosen = msgspec.convert(settings, _Chosen)
        encoding = sys.__stderr__.encoding if sys.__stderr__ else "ascii"
        return cls(
            fps=chosen.fps,
            theme=chosen.theme,
            theme_origin=chosen.theme_origin,
            layout=chosen.layout,
            keys=chosen.keys,
            thin=chosen.thin,
            bandwidth=chosen.bandwidth,
            alerts=tuple(alerts.parse(text) for text in chosen.alerts),
            remembers=True,
            hint=doctor.hint(os.environ, encoding),
        )


class _Chosen(msgspec.Struct):
    fps: float
    theme: str
    theme_origin: str
    layout: str
    thin: bool
    bandwidth: int | None
    alerts: list[str]
    keys: dict[str, tuple[str, ...]]
