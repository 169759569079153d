"""What holds for all runs: settings, from where each is taken, and their way into a command.

Flags go before the environment, that before the file, and that before what is built in.
"""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from obtui import config_file, keymap, values
from obtui.config import Options, UsageError
from obtui.config_file import ConfigFile
from obtui.text import printable

DEFAULT = "default"


class Setting(NamedTuple):
    """One of them. Flag, environment and file are held against the same bounds."""

    flag: str
    read: Callable[[str], object]
    """Of text; raises argparse's error for what cannot be."""
    types: tuple[type, ...] = (str,)
    """What the file's value may be."""
    written: str = "a text in quotes"
    """The same for people."""


SETTINGS: Mapping[str, Setting] = {
    "venue": Setting("--venue", values.venue),
    "depth": Setting("--depth", values.count, (int,), "a whole number, like 10"),
    "fps": Setting("--fps", values.fps, (int, float), "a number, like 20"),
    "theme": Setting("--theme", str),
    "layout": Setting("--layout", values.layout),
    "mouse": Setting("--mouse", values.switch, (bool,), "true or false"),
    "rotate": Setting("--rotate", values.rotate),
    "alerts": Setting(
        "--alert", values.alerts, (list,), 'a list of texts in quotes, like ["state"]'
    ),
}
"""By their key in the file, which is the name of the field of `Options` too."""
KEYS = "keys"
"""The file's table of keys by action."""


class Value(NamedTuple):
    """What holds, and where it comes from: `default`, `file PATH`, `OBTUI_FPS`, `--fps`."""

    value: object
    origin: str


class Effective(NamedTuple):
    """All that holds."""

    file: ConfigFile
    settings: dict[str, Value]
    keys: dict[str, Value]
    """The keys of every action of the screen."""


def effective(given: Mapping[str, object], environment: Mapping[str, str]) -> Effective:
    """`given`: the options that were given, of which others may be among them.

    Raises `UsageError` for what cannot be, wherever it stands.
    """
    file = config_file.read(*place(given, environment))
    defaults = Options()
    found = {name: Value(getattr(defaults, name), DEFAULT) for name in SETTINGS}
    keys = {action: Value(of, DEFAULT) for action, of in keymap.defaults().items()}
    for name, value in file.table.items():
        if name == KEYS:
            keys |= _keys(file, value)
        else:
            found[name] = Value(_of_file(file, name, value), origin(file))
    for name, setting in SETTINGS.items():
        variable = f"OBTUI_{name.upper()}"
        if text := environment.get(variable):
            found[name] = Value(_of_environment(variable, setting, text), variable)
        if name in given:
            found[name] = _of_flag(setting, given[name])
    return Effective(file, found, keys)


def place(given: Mapping[str, object], environment: Mapping[str, str]) -> tuple[Path, str]:
    """The file, and what named it, as of `config_file.place`."""
    return config_file.place(str(given.get("config", "")), environment.get("OBTUI_CONFIG", ""))


def origin(file: ConfigFile) -> str:
    """Of what comes from it."""
    return f"file {printable(str(file.path), 4096)}"


def fill(parsed: argparse.Namespace, environment: Mapping[str, str]) -> None:
    """Give a command all settings as if they were its options, `keys`, and in `origins` whence
    each comes. Raises `UsageError`."""
    found = effective(vars(parsed), environment)
    for name, it in found.settings.items():
        setattr(parsed, name, it.value)
    parsed.keys = {action: it.value for action, it in found.keys.items()}
    parsed.origins = {name: it.origin for name, it in found.settings.items()}
    origin = parsed.origins["theme"]
    parsed.theme_origin = "" if origin in {DEFAULT, SETTINGS["theme"].flag} else origin
    if parsed.origins["rotate"] != SETTINGS["rotate"].flag and not _rotates(vars(parsed)):
        parsed.rotate = ""


def _rotates(options: Mapping[str, object]) -> bool:
    """Whether a run has what is rotated; one that has not must not be refused for a setting."""
    capture = options.get("capture")
    return capture != "-" and bool(capture or not options.get("record"))


def _of_file(file: ConfigFile, name: str, value: object) -> object:
    setting = SETTINGS.get(name)
    if setting is None:
        known = (*SETTINGS, KEYS)
        near = difflib.get_close_matches(name, known, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
        raise file.fault([name], f"there is no such setting: {hint}")
    texts = isinstance(value, list) and all(isinstance(it, str) for it in value)
    if type(value) not in setting.types or (isinstance(value, list) and not texts):
        raise file.fault([name], f"write {setting.written}")
    try:
        if isinstance(value, list):
            return tuple(filter(None, map(values.alert, value)))
        return setting.read(str(value))
    except argparse.ArgumentTypeError as fault:
        raise file.fault([name], str(fault)) from fault


def _of_environment(variable: str, setting: Setting, text: str) -> object:
    try:
        return setting.read(text)
    except argparse.ArgumentTypeError as fault:
        raise UsageError(f"{variable}: {printable(str(fault), 500)}") from fault


def _of_flag(setting: Setting, value: object) -> Value:
    if isinstance(value, list):
        return Value(tuple(filter(None, value)), setting.flag)
    flag = setting.flag.replace("--", "--no-") if value is False else setting.flag
    return Value(value, flag)


def _keys(file: ConfigFile, table: object) -> dict[str, Value]:
    """Those that the file gives."""
    if not isinstance(table, dict):
        raise file.fault([KEYS], 'write a table, like [keys] and under it record = "R"')
    overrides: dict[str, list[str]] = {}
    for action, value in table.items():
        texts = value if isinstance(value, list) else [value]
        if not all(isinstance(it, str) for it in texts):
            raise file.fault([KEYS, action], 'write a key, like "R", or several, ["R", "f5"]')
        overrides[action] = texts
    try:
        found = keymap.remapped(overrides)
    except keymap.KeymapError as error:
        raise file.fault([KEYS, error.action], str(error)) from error
    return {action: Value(found[action], origin(file)) for action in overrides}
