"""NO_COLOR: no colour code reaches the terminal, and all that a colour told can still be told."""

from __future__ import annotations

import importlib
import itertools
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.color import Color

import obtui
from obtui import themes, widgets
from obtui.colourless import Colourless, bare
from obtui.widgets.lines import LineWidget
from terminal_support import environment, terminal

GROUND = Color.parse("#121212")
GREYS = next(theme for theme in themes.THEMES if theme.name == themes.MONO)
WORDS = GREYS.variables


def on_ground(colour: str, *, bold: bool = False) -> Style:
    return Style(color=colour, bgcolor="#121212", bold=bold)


def test_a_bright_text_stays_bold_and_a_faint_one_is_dim() -> None:
    assert bare(on_ground(WORDS["bid"], bold=True), GROUND) == Style(bold=True)
    assert bare(on_ground(WORDS["ask"], bold=True), GROUND) == Style()
    assert bare(on_ground(WORDS["stale"]), GROUND) == Style(dim=True)
    assert bare(Style(), GROUND) == Style()


def test_a_ground_of_its_own_is_reverse() -> None:
    assert bare(Style(bgcolor="#005f00"), GROUND) == Style(reverse=True)
    badge = Style(color="#121212", bgcolor=WORDS["bid"], bold=True)
    assert bare(badge, GROUND) == Style(reverse=True, bold=True)
    assert bare(Style(bgcolor="#00005f"), GROUND) == Style(reverse=True), "dark, but blue"


def test_a_panels_ground_is_none_of_its_own() -> None:
    assert bare(Style(color="#d0d0d0", bgcolor="#262626"), GROUND) == Style()


def test_what_is_reverse_already_stays_so() -> None:
    assert bare(on_ground("#eeeeee") + Style(reverse=True), GROUND) == Style(reverse=True)


def test_what_is_no_colour_is_kept() -> None:
    style = on_ground("#eeeeee") + Style(underline=True, italic=True, meta={"@click": "x"})

    made = bare(style, GROUND)

    assert (made.underline, made.italic, made.meta) == (True, True, {"@click": "x"})
    assert (made.color, made.bgcolor) == (None, None)


def test_a_segment_without_a_style_is_let_through() -> None:
    segments = [Segment("a"), Segment("b", on_ground("#eeeeee"))]

    assert [it.text for it in Colourless().apply(segments, GROUND)] == ["a", "b"]


def line_widgets() -> list[type[LineWidget]]:
    """Every widget of the screen that paints lines."""
    for module in pkgutil.iter_modules(widgets.__path__):
        importlib.import_module(f"obtui.widgets.{module.name}")
    found: list[type[LineWidget]] = []
    waiting = LineWidget.__subclasses__()
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.COMPONENT_CLASSES and kind.__name__ != "Panel" and "obtui" in kind.__module__:
            found.append(kind)
    return found


OPPOSITES = (
    ("bid", "ask"),
    ("buyer", "seller"),
    ("buy", "sell"),
    ("up", "down"),
    ("trusted", "waiting", "broken"),
)
BY_SIGN = {"MarketTabs"}
"""Where a sign of its own stands for each: ●, ○ and ╳."""


def opposed(kind: type[LineWidget]) -> Iterator[tuple[str, str]]:
    """Component classes of a widget that mean different sides or states."""
    names = kind._component_classes if hasattr(kind, "_component_classes") else set()
    names = set(names) or set(kind.COMPONENT_CLASSES)
    for group in OPPOSITES:
        for one, other in itertools.combinations(group, 2):
            for name in names:
                room, _, word = name.partition("--")
                if word == one and f"{room}--{other}" in names:
                    yield name, f"{room}--{other}"


class Parts(App[None]):
    """Each of the widgets, in the theme of greys."""

    CSS_PATH = Path(obtui.__file__).with_name("obtui.tcss")

    def __init__(self, kinds: list[type[LineWidget]]) -> None:
        super().__init__()
        self._kinds = kinds
        for theme in themes.THEMES:
            self.register_theme(theme)
        self.theme = themes.MONO

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return themes.DEFAULTS

    def compose(self) -> ComposeResult:
        for kind in self._kinds:
            yield kind()


async def test_sides_and_states_differ_without_colours() -> None:
    kinds = [kind for kind in line_widgets() if kind.__name__ not in BY_SIGN]
    app = Parts(kinds)
    alike, judged = [], 0
    async with app.run_test(size=(100, 60)):
        for kind in kinds:
            widget = app.query_one(kind)
            for one, other in opposed(kind):
                judged += 1
                ground = widget.background_colors[1]
                seen = [bare(widget.part(name), ground) for name in (one, other)]
                if seen[0] == seen[1]:
                    alike.append((kind.__name__, one, other, str(seen[0])))

    assert judged >= 10
    assert not alike


COLOURS = re.compile(rb"\x1b\[[0-9;:]*m")


def colour_codes(raw: bytes) -> set[bytes]:
    """What sets a colour, the terminal's own included."""
    found = set()
    for sequence in COLOURS.findall(raw):
        codes = re.split(rb"[;:]", sequence[2:-1])
        if any(code and (30 <= int(code) <= 49 or 90 <= int(code) <= 107) for code in codes):
            found.add(sequence)
    return found


@pytest.mark.parametrize(("value", "coloured"), [("1", False), ("", True)], ids=["set", "empty"])
def test_no_colour_code_reaches_the_terminal(value: str, coloured: bool, tmp_path: Path) -> None:
    home = environment(NO_COLOR=value, XDG_STATE_HOME=str(tmp_path))
    with terminal(["demo", "--seed", "3"], tmp_path, env=home) as running:
        running.wait_for("VERIFIED")
        running.wait_until(lambda: bool(re.search(r"(?m)^\+ \d+\.\d\d", running.text)), "a bid")
        if not coloured:
            running.wait_for("━━━")
        running.send("?")
        running.wait_for("Keys")
        running.send("\x1b")
        running.wait_until(lambda: "Keys" not in running.text, "the help is gone")
        running.send("q")
        running.wait_for_exit()

    assert bool(colour_codes(running.raw)) is coloured
