"""`obtui config`: the settings that hold, and where each comes from; a table, or JSON."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence

import msgspec

from obtui import exits, keymap, printed, settings
from obtui.config import Options, UsageError
from obtui.settings import Effective, Value
from obtui.text import printable

ANY = "ANY"
"""Settings have no symbol of their own to be checked."""


def run(arguments: argparse.Namespace) -> int:
    """Returns the exit code: 0 printed, 2 a setting that cannot be."""
    given = vars(arguments)
    try:
        if arguments.path:
            return printed.put(str(settings.place(given, os.environ)[0]))
        found = settings.effective(given, os.environ)
        Options.of({name: it.value for name, it in found.settings.items()} | {"symbol": ANY})
    except UsageError as error:
        return exits.fail(str(error), exits.USAGE)
    return printed.put(_json(found) if arguments.json else _table(found))


def _table(found: Effective) -> str:
    rows: list[Sequence[str]] = [("setting", "value", "from")]
    for name, it in found.settings.items():
        first, *others = _written(it.value)
        rows += [(name, first, it.origin), *(("", other, "") for other in others)]
    actions: list[Sequence[str]] = [("[keys]", "value", "", "from")]
    for name, it in found.keys.items():
        actions.append((name, _keys(it), keymap.ACTIONS[name].meaning, it.origin))
    absent = "" if found.file.there else " (not there)"
    head = f"{printable(str(found.file.path), 4096)}{absent}"
    return "\n\n".join([head, printed.table(rows), printed.table(actions)])


def _written(value: object) -> list[str]:
    """As it may be written in the file; of several, a line each."""
    if isinstance(value, tuple):
        return [_quoted(it) for it in value] or ["[]"]
    if isinstance(value, float):
        return [f"{value:g}"]
    return [_quoted(value)]


def _quoted(value: object) -> str:
    # What JSON writes of a text, a number or a truth is TOML, too.
    return json.dumps(value, ensure_ascii=False)


def _keys(it: Value) -> str:
    shown = [_quoted(keymap.written(key)) for key in msgspec.convert(it.value, tuple[str, ...])]
    return shown[0] if len(shown) == 1 else f"[{', '.join(shown)}]"


def _json(found: Effective) -> str:
    whole = {
        "file": str(found.file.path),
        "there": found.file.there,
        "settings": {name: _of(it) for name, it in found.settings.items()},
        "keys": {name: _of(it) for name, it in found.keys.items()},
    }
    return json.dumps(whole, ensure_ascii=False, indent=2)


def _of(it: Value) -> dict[str, object]:
    return {"value": it.value, "from": it.origin}
