"""`obtui completion`: a script by which a shell completes commands, options and their values.

It is made of the parser that reads the command line, by shtab: nothing is written twice.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from obtui import arguments, printed
from obtui.export.formats import FORMATS
from obtui.feeds import FEEDS
from obtui.layouts import LAYOUTS
from obtui.simulator.markets import PROTOCOLS

FILES = {"config", "record", "capture", "files", "out"}
"""Options, by the name of what was parsed, that take the name of a file."""


def run(shell: str) -> int:
    """For `bash`, `zsh` or `fish`; returns the exit code."""
    import shtab

    return printed.put(shtab.complete(_offering(), shell))


def _offering() -> arguments.Parser:
    """The parser, whose options tell what they take."""
    import shtab

    parser = arguments.parser()
    for command, its in _commands(parser).items():
        its.description = None  # a shell shows a line of each: its help is one
        for action in its._actions:
            if action.dest in FILES:
                action.complete = shtab.FILE  # type: ignore[attr-defined]  # as shtab asks for it
            elif choices := _choices(command, action.dest):
                action.choices = choices
    # A symbol without a command is watched: its options may follow without a command, too.
    for action in _commands(parser)["watch"]._actions:
        if action.option_strings and "--help" not in action.option_strings:
            parser._add_action(action)
    return parser


def _commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    found: dict[str, argparse.ArgumentParser] = {}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            found |= action.choices
    return found


def _choices(command: str, name: str) -> Sequence[str]:
    """What may be given for the option; nothing where that is anything."""
    if name == "theme":
        from obtui.themes import THEMES  # late, as it is of textual

        return [theme.name for theme in THEMES]
    names = {
        "venue": PROTOCOLS if command == "demo" else FEEDS,
        "layout": LAYOUTS,
        "format": FORMATS,
    }
    return list(names.get(name, ()))
