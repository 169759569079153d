"""What the keys of the screen do, by name, and how a user gives an action other keys.

Keys are named as the screen's framework names them (`question_mark`, `ctrl+p`, `f12`). A character
may be written as itself. It knows no screen: what an action does is the screen's to know.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Mapping, Sequence, Set
from typing import NamedTuple

from obtui.text import printable


class Action(NamedTuple):
    """What a key can do."""

    keys: tuple[str, ...]
    """Where the user gives it no others."""
    meaning: str


ACTIONS: Mapping[str, Action] = {
    "quit": Action(("q", "ctrl+c"), "quit; a recording is closed whole"),
    "freeze": Action(("space",), "freeze the view"),
    "record": Action(("r",), "start or stop recording"),
    "mark": Action(("m",), "mark this moment in the capture"),
    "overview": Action(("o",), "all markets, a row each"),
    "consolidated": Action(("a",), "all venues of this asset in one ladder"),
    "next": Action(("n",), "the next market"),
    "previous": Action(("N",), "the market before"),
    "help": Action(("question_mark",), "help"),
    "suspend": Action(("ctrl+z",), "suspend, when nothing is being recorded"),
    "finer": Action(("left_square_bracket",), "finer grouping of prices"),
    "coarser": Action(("right_square_bracket",), "coarser grouping of prices"),
    "form": Action(("v",), "the ladder's form"),
    "recentre": Action(("c",), "put the market into the ladder's middle"),
    "unit": Action(("s",), "size or notional"),
    "bars": Action(("b",), "logarithmic or linear bars"),
    "traded": Action(("t",), "traded volume at each price"),
    "prints": Action(("p",), "panel of time and sales"),
    "depth": Action(("d",), "panel of cumulative depth"),
    "heatmap": Action(("h",), "panel of resting size over time"),
    "statistics": Action(("x",), "panel of statistics"),
    "events": Action(("e",), "panel of events"),
    "sweep": Action(("dollar_sign",), "cost of sweeping a size"),
    "maximise": Action(("z",), "maximise the panel"),
    "layout": Action(("l",), "the next layout"),
    "filter": Action(("f",), "the least size of a print"),
    "cursor_up": Action(("up",), "level cursor up"),
    "cursor_down": Action(("down",), "level cursor down"),
    "earlier": Action(("left",), "back in the heatmap's time"),
    "later": Action(("right",), "on in the heatmap's time"),
    "clear": Action(("escape",), "take the cursor away"),
    "palette": Action(("ctrl+p",), "command palette"),
    "diagnostics": Action(("f12",), "diagnostics"),
}
"""By the name that a user writes."""

LEAVES = "ctrl+c"
"""Whoever knows no other key knows this one: it always quits."""

FIXED: Mapping[str, str] = {
    **{str(number): f"market {number}" for number in range(1, 10)},
    **dict.fromkeys(("tab", "shift+tab"), "moving the focus"),
    "enter": "choosing in a list",
    "comma": "a replay's step back",
    "full_stop": "a replay's step on",
    "less_than_sign": "a replay's 10 s back",
    "greater_than_sign": "a replay's 10 s on",
    "left_curly_bracket": "a replay's previous mark",
    "right_curly_bracket": "a replay's next mark",
    "minus": "a replay's slower",
    "plus": "a replay's faster",
    "equals_sign": "a replay's faster",
    "g": "a replay's going to a time",
}
"""Keys whose meaning stays, each with what it is of."""

EDITING = {
    *("left", "right", "up", "down", "home", "end", "insert", "delete", "pageup", "pagedown")
}
NAMED = {*EDITING, "space", "tab", "enter", "escape", "backspace"}
FUNCTION = {f"f{number}" for number in range(1, 25)}
SYNONYMS = {
    "esc": "escape",
    "return": "enter",
    "del": "delete",
    "ins": "insert",
    "pgup": "pageup",
    "pgdn": "pagedown",
}
OF_CHARACTERS = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}
"""What the framework calls characters otherwise than Unicode does."""
SENT_AS = {
    "ctrl+h": "backspace",
    "ctrl+i": "tab",
    "ctrl+m": "enter",
    "ctrl+left_square_bracket": "escape",
}
"""A terminal sends the same for both."""
WITH_CTRL = {
    *("left_square_bracket", "right_square_bracket", "backslash", "circumflex_accent", "underscore")
}


class KeymapError(ValueError):
    """What a user wrote for an action cannot be; in one line."""

    def __init__(self, action: str, reason: str) -> None:
        super().__init__(reason)
        self.action = action
        """As it was written."""


def defaults() -> dict[str, tuple[str, ...]]:
    """The keys of every action where the user gave none."""
    return {name: action.keys for name, action in ACTIONS.items()}


def remapped(overrides: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """The keys of every action; those of `overrides` have theirs instead of the default ones.

    No keys at all take an action's away. Ctrl+C quits, also where it is not among quit's. Raises
    `KeymapError` for an action or a key that there is not, and for a key of two actions.
    """
    keys = defaults()
    for action, given in overrides.items():
        if action not in ACTIONS:
            near = difflib.get_close_matches(action, ACTIONS, 1)
            hint = f"did you mean {near[0]}?" if near else "obtui config lists them"
            raise KeymapError(action, f"there is no such action: {hint}")
        keys[action] = tuple(dict.fromkeys(_key(action, text) for text in given))
    keys["quit"] = tuple(dict.fromkeys((*keys["quit"], LEAVES)))
    _check_owners(keys, overrides)
    return keys


def written(key: str) -> str:
    """As a user writes it: a character as itself."""
    return CHARACTERS.get(key, key)


def named(character: str) -> str:
    """What the framework calls a character's key."""
    if character.isalnum():
        return character
    name = unicodedata.name(character, character).lower().replace("-", "_").replace(" ", "_")
    return OF_CHARACTERS.get(name, name)


CHARACTERS = {
    named(character): character for character in map(chr, range(33, 127)) if not character.isalnum()
}
"""The ASCII characters that have names, by these."""


def _key(action: str, text: str) -> str:
    """The framework's name of what was written; raises `KeymapError`."""
    shown = f"'{printable(text, 40)}'"
    if len(text) == 1 and text.isprintable():
        return named(text)
    *modifiers, base = text.split("+")
    held = {word.lower() for word in modifiers}
    if len(base) == 1 and base.isupper() and "alt" in held:
        held.add("shift")
    base = SYNONYMS.get(base.lower(), base.lower())
    base = named(base) if len(base) == 1 and base.isprintable() else base
    if not _can_be(held, base):
        raise KeymapError(
            action,
            f"there is no key {shown}: write a character, or a name like space, f5, ctrl+r, "
            "alt+x, shift+up",
        )
    key = "+".join([*sorted(held), base])
    if key in SENT_AS:
        raise KeymapError(action, f"a terminal sends {SENT_AS[key]} for {shown}: choose another")
    return key


def _can_be(held: Set[str], base: str) -> bool:
    """Whether any terminal sends it. What shift makes of a character is a character."""
    if not held:
        return base in NAMED or base in FUNCTION or base in CHARACTERS
    one = len(base) == 1 and base.isascii() and base.isalnum()
    if held == {"ctrl"}:
        return one or base in FUNCTION or base in EDITING or base in WITH_CTRL
    if held == {"shift"}:
        return base in EDITING or base in {"tab", "escape"}
    if held == {"ctrl", "shift"}:
        return base in EDITING
    return one and held in ({"alt"}, {"alt", "shift"})


def _check_owners(
    keys: Mapping[str, Sequence[str]], overrides: Mapping[str, Sequence[str]]
) -> None:
    """Raise `KeymapError`, of the action that was written, for a key that would do two things."""
    owners: dict[str, str] = {}
    # What was not written comes first: the fault is then that of what was.
    for action in sorted(keys, key=lambda name: name in overrides):
        for key in keys[action]:
            shown = f"'{written(key)}'"
            if key in FIXED:
                raise KeymapError(action, f"{shown} is for {FIXED[key]}: choose another key")
            if key == LEAVES and action != "quit":
                raise KeymapError(action, f"{shown} always quits: choose another key")
            if key in owners:
                other = owners[key]
                raise KeymapError(
                    action, f"{shown} is also a key of {other}: choose another for one of them"
                )
            owners[key] = action
