"""obtui's themes, in exact xterm-256 values.

Plain SSH drops COLORTERM, and a colour between the 256 turns black or navy there. Two themes do
not rest on red against green, which are 16 apart under deuteranopia where blue and orange are 104.
"""

from __future__ import annotations

from textual.theme import Theme

# What a theme that is not obtui's own shows for the market's words.
DEFAULTS = {
    "bid": "#5faf5f",
    "ask": "#d75f5f",
    "bid-bar": "#005f00",
    "ask-bar": "#5f0000",
    "quiet": "#8a8a8a",
    "stale": "#6c6c6c",
    "spread-back": "#262626",
}


def _theme(
    name: str, colours: dict[str, str], *, dark: bool = True, ground: tuple[str, str, str, str]
) -> Theme:
    background, surface, panel, foreground = ground
    return Theme(
        name=name,
        primary="#5f87af",
        secondary="#5f87af",
        accent="#d7af5f" if dark else "#875f00",
        warning="#d7af00" if dark else "#af5f00",
        error="#d75f5f" if dark else "#af0000",
        success="#5faf5f" if dark else "#005f00",
        foreground=foreground,
        background=background,
        surface=surface,
        panel=panel,
        dark=dark,
        variables={**colours, "footer-background": panel, "footer-key-foreground": colours["key"]},
    )


_DARK = ("#121212", "#1c1c1c", "#262626", "#d0d0d0")
_LIGHT = ("#eeeeee", "#e4e4e4", "#dadada", "#262626")

THEMES = (
    _theme("obtui", {**DEFAULTS, "key": "#d7af5f"}, ground=_DARK),
    _theme(
        "obtui-colour-blind",
        {
            **DEFAULTS,
            "key": "#d7af5f",
            "bid": "#5fafff",
            "ask": "#ff8700",
            "bid-bar": "#00005f",
            "ask-bar": "#875f00",
        },
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
        },
        dark=False,
        ground=_LIGHT,
    ),
)
