"""obtui's themes, in exact xterm-256 values.

Plain SSH drops COLORTERM, and a colour between the 256 turns black or navy there. Two themes do
not rest on red against green, which are 16 apart under deuteranopia where blue and orange are 104:
one of blue and orange, and one of greys alone, in which a side is told by its sign and its place.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from textual.theme import Theme

from obtui.config import UsageError
from obtui.text import printable

MONO = "obtui-mono"
"""The theme of greys alone, which is also that of a terminal without colours."""


def _heat(*colours: str) -> dict[str, str]:
    """What rests, from nothing to much: the heatmap's steps."""
    return {f"heat-{number}": colour for number, colour in enumerate(colours)}


_BLUES = _heat(
    *("#121212", "#00005f", "#000087", "#005f87", "#0087af", "#5fafaf", "#d7d75f", "#ffffaf")
)
# Where a side is told by blue and orange, or by the brightness of a grey.
_GREYS = _heat(
    *("#121212", "#262626", "#303030", "#444444", "#626262", "#8a8a8a", "#bcbcbc", "#eeeeee")
)
_PALE = _heat(
    *("#eeeeee", "#d7d7ff", "#afd7ff", "#87afff", "#5f87ff", "#5f5fff", "#0000d7", "#00005f")
)

# What a theme that is not obtui's own shows for the market's words.
DEFAULTS = {
    "bid": "#5faf5f",
    "ask": "#d75f5f",
    "bid-bar": "#005f00",
    "ask-bar": "#5f0000",
    "quiet": "#8a8a8a",
    "stale": "#6c6c6c",
    "spread-back": "#262626",
    **_BLUES,
}


class Words(NamedTuple):
    """What any program has colours for."""

    primary: str
    accent: str
    warning: str
    error: str
    success: str


def _theme(
    name: str,
    colours: dict[str, str],
    *,
    words: Words,
    dark: bool = True,
    ground: tuple[str, str, str, str],
) -> Theme:
    background, surface, panel, foreground = ground
    return Theme(
        name=name,
        primary=words.primary,
        secondary=words.primary,
        accent=words.accent,
        warning=words.warning,
        error=words.error,
        success=words.success,
        foreground=foreground,
        background=background,
        surface=surface,
        panel=panel,
        dark=dark,
        variables={**colours, "footer-background": panel, "footer-key-foreground": colours["key"]},
    )


_DARK_WORDS = Words("#5f87af", "#d7af5f", "#d7af00", "#d75f5f", "#5faf5f")
_LIGHT_WORDS = Words("#5f87af", "#875f00", "#875f00", "#af0000", "#005f00")
_MONO_WORDS = Words("#9e9e9e", "#bcbcbc", "#a8a8a8", "#ffffff", "#eeeeee")

_DARK = ("#121212", "#1c1c1c", "#262626", "#d0d0d0")
_LIGHT = ("#eeeeee", "#e4e4e4", "#dadada", "#262626")

THEMES = (
    _theme("obtui", {**DEFAULTS, "key": "#d7af5f"}, words=_DARK_WORDS, ground=_DARK),
    _theme(
        "obtui-colour-blind",
        {
            **DEFAULTS,
            "key": "#d7af5f",
            "bid": "#5fafff",
            "ask": "#ff8700",
            "bid-bar": "#00005f",
            "ask-bar": "#875f00",
            **_GREYS,
        },
        words=_DARK_WORDS,
        ground=_DARK,
    ),
    # Without colours the brightness of a grey becomes bold, plain or dim: see colourless.py.
    _theme(
        MONO,
        {
            "key": "#eeeeee",
            "bid": "#eeeeee",
            "ask": "#a8a8a8",
            "bid-bar": "#626262",
            "ask-bar": "#4e4e4e",
            "quiet": "#808080",
            "stale": "#6c6c6c",
            "spread-back": "#3a3a3a",
            **_GREYS,
        },
        words=_MONO_WORDS,
        ground=_DARK,
    ),
    _theme(
        "obtui-light",
        {
            "key": "#875f00",
            "bid": "#005f00",
            "ask": "#af0000",
            "bid-bar": "#afd7af",
            "ask-bar": "#d7afaf",
            "quiet": "#626262",
            "stale": "#808080",
            "spread-back": "#d0d0d0",
            **_PALE,
        },
        words=_LIGHT_WORDS,
        dark=False,
        ground=_LIGHT,
    ),
)


def check(name: str, known: Collection[str], origin: str) -> None:
    """Raise `UsageError` where no theme has that name; `origin` is where it was asked for, if that
    is worth telling."""
    if name not in known:
        told = f"{origin}: " if origin else ""
        fault = f"{told}there is no theme '{printable(name)}'"
        raise UsageError(f"{fault}: choose one of {', '.join(sorted(known))}")
