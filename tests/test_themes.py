"""Colours: exact in 256, told apart, readable."""

from __future__ import annotations

import itertools
import math
import re
from pathlib import Path

import pytest
from textual.theme import Theme

import obtui
from obtui import themes

STEPS = (0, 95, 135, 175, 215, 255)
XTERM = {f"#{r:02x}{g:02x}{b:02x}" for r, g, b in itertools.product(STEPS, repeat=3)} | {
    f"#{grey:02x}{grey:02x}{grey:02x}" for grey in range(8, 239, 10)
}
Colour = tuple[float, float, float]

every_theme = pytest.mark.parametrize("theme", themes.THEMES, ids=lambda theme: theme.name)


def named(name: str) -> Theme:
    return next(theme for theme in themes.THEMES if theme.name == name)


def linear(colour: str) -> Colour:
    """Linear-light RGB of `#rrggbb`, by the sRGB curve."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return red, green, blue


def lab(light: Colour) -> Colour:
    """CIE L*a*b*, D65, of linear RGB."""
    red, green, blue = light
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089
    fx, fy, fz = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def deuteranope(light: Colour) -> Colour:
    """Linear RGB as seen without green cones: Viénot, Brettel and Mollon, "Digital video colourmaps
    for checking the legibility of displays by dichromats", Color Research and Application, 1999."""
    red, green, blue = light
    seen = 0.29275 * red + 0.70725 * green
    return seen, seen, -0.02234 * red + 0.02234 * green + blue


def difference(one: Colour, other: Colour) -> float:
    """CIE76."""
    return math.dist(lab(one), lab(other))


def contrast(one: str, other: str) -> float:
    """WCAG 2."""

    def luminance(colour: str) -> float:
        red, green, blue = linear(colour)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def colours(theme: Theme) -> dict[str, str]:
    """Every colour that the theme names, by its word."""
    words = ["primary", "secondary", "accent", "warning", "error", "success"]
    words += ["foreground", "background", "surface", "panel"]
    found = {word: getattr(theme, word) for word in words} | theme.variables
    assert all(isinstance(value, str) for value in found.values())
    return found


@every_theme
def test_every_colour_is_one_of_the_256(theme: Theme) -> None:
    strays = {word: value for word, value in colours(theme).items() if value not in XTERM}

    assert not strays


def test_the_defaults_are_of_the_256_and_complete() -> None:
    assert set(themes.DEFAULTS.values()) <= XTERM
    for theme in themes.THEMES:
        assert set(themes.DEFAULTS) <= set(theme.variables)


def test_the_style_sheet_names_no_word_that_a_foreign_theme_lacks() -> None:
    sheet = Path(obtui.__file__).with_name("obtui.tcss").read_text()

    words = set(re.findall(r"\$([\w-]+)", re.sub(r"/\*.*?\*/", "", sheet)))

    own = {"foreground", "background", "surface", "panel", "warning", "error", "accent", "primary"}
    assert words <= own | set(themes.DEFAULTS)


@every_theme
def test_sides_differ(theme: Theme) -> None:
    bid, ask = (linear(theme.variables[word]) for word in ("bid", "ask"))

    # A grey has its lightness alone; there the sign and bold tell the side.
    assert difference(bid, ask) > (20 if theme.name == themes.MONO else 60)


def test_the_theme_without_colours_has_greys_alone() -> None:
    known = colours(named(themes.MONO))

    coloured = {word: it for word, it in known.items() if len({it[1:3], it[3:5], it[5:7]}) > 1}

    assert not coloured


def test_sides_differ_without_green_cones() -> None:
    theme = named("obtui-colour-blind")

    for words in (("bid", "ask"), ("bid-bar", "ask-bar")):
        bid, ask = (deuteranope(linear(theme.variables[word])) for word in words)

        assert difference(bid, ask) > 60, words


def test_the_simulation_finds_what_red_and_green_lack() -> None:
    # The theme for whom it is not made: shows that the test above can fail.
    bid, ask = (deuteranope(linear(named("obtui").variables[word])) for word in ("bid", "ask"))

    assert difference(bid, ask) < 40


GROUNDS = ("background", "surface")
FIGURES = [
    *itertools.product(("bid", "ask", "foreground"), GROUNDS),
    *itertools.product(("foreground",), ("spread-back", "panel")),
    # The state's word, and what else stands on a colour.
    *itertools.product(("background",), ("bid", "warning", "error", "accent")),
]
QUIET = [
    *itertools.product(("quiet", "stale"), GROUNDS),
    *itertools.product(("accent", "warning", "error"), ("surface",)),
    *itertools.product(("key", "quiet"), ("panel",)),
]


@every_theme
@pytest.mark.parametrize(("pairs", "least"), [(FIGURES, 4.5), (QUIET, 3.0)], ids=["AA", "large"])
def test_text_can_be_read(theme: Theme, pairs: list[tuple[str, str]], least: float) -> None:
    known = colours(theme)

    found = {pair: round(contrast(known[pair[0]], known[pair[1]]), 2) for pair in pairs}

    assert not {pair: it for pair, it in found.items() if it < least}


@every_theme
def test_what_rests_is_told_apart_step_by_step(theme: Theme) -> None:
    steps = [linear(theme.variables[f"heat-{number}"]) for number in range(8)]

    lightness = [lab(step)[0] for step in steps]
    assert lightness == sorted(lightness, reverse=not theme.dark)
    assert all(difference(one, other) > 4 for one, other in itertools.pairwise(steps))
    # The touch and what trades there is seen on what rests there, and where nothing does.
    for word in ("bid", "ask"):
        for step in steps[:3]:
            assert difference(linear(theme.variables[word]), step) > 30, (word, step)
