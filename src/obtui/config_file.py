"""The file of a user's settings: where it is, what is in it, and which line says what.

What may be in it is not its business; it knows TOML alone.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from obtui.config import UsageError
from obtui.text import printable

LARGEST_BYTES = 1 << 20
MOST_CUTS = 400
"""Lines in which a value is looked for: it is done at once, and few files are longer."""
NAME = "config.toml"


class ConfigFile(NamedTuple):
    """What was read."""

    path: Path
    there: bool
    text: str
    table: Mapping[str, object]

    def fault(self, keys: Sequence[str], reason: str) -> UsageError:
        """To be raised: what is wrong with the value that `keys` lead to, and where it is."""
        line = _line(self.text, keys)
        where = f"{self.path} line {line}" if line else str(self.path)
        what = f"{'.'.join(keys)}: {reason}"
        return UsageError(f"{printable(where)}: {printable(what, 500)}")


def place(option: str, variable: str) -> tuple[Path, str]:
    """The file, and what named it: `option` (of `--config`) or `variable` (OBTUI_CONFIG), or
    nothing, where it is the platform's."""
    if option:
        return Path(option), "--config"
    if variable:
        return Path(variable), "OBTUI_CONFIG"
    from platformdirs import user_config_path  # late, as a file may be named

    return user_config_path("obtui") / NAME, ""


def read(path: Path, named_by: str) -> ConfigFile:
    """What is in it; one that nobody named need not be there. Raises `UsageError`."""
    shown = f"{named_by} {printable(str(path))}".lstrip()
    try:
        if not named_by and not _seen(path):
            return ConfigFile(path, False, "", {})
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
    except FileNotFoundError:
        raise UsageError(f"{shown}: there is no such file") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(f"{shown} cannot be read: {reason}") from error
    if len(data) > LARGEST_BYTES:
        raise UsageError(f"{shown} is larger than 1 MiB: that is no file of settings")
    try:
        text = data.decode()
        return ConfigFile(path, True, text, tomllib.loads(text))
    except UnicodeDecodeError:
        raise UsageError(f"{shown} is not TOML: it is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{shown} is not TOML: {printable(str(error))}") from error
    except RecursionError:
        raise UsageError(f"{shown} is not TOML: it is nested too deep") from None


def _seen(path: Path) -> bool:
    """Whether it is there, in a folder that may be looked into."""
    try:
        path.stat()
    except OSError:
        return False
    return True


def _line(text: str, keys: Sequence[str]) -> int:
    """Where the statement begins that gives the last of `keys` its value, from 1; 0: too far down.

    What is left of a file cut behind a line is TOML, unless it was cut in a statement: so the
    first cut that has the value is behind its statement, and the one before that is before it.
    """
    lines = text.split("\n")
    before = 0
    for count in range(1, min(len(lines), MOST_CUTS) + 1):
        try:
            table: object = tomllib.loads("\n".join(lines[:count]))
        except tomllib.TOMLDecodeError:
            continue
        for key in keys:
            table = table.get(key) if isinstance(table, dict) else None
        if table is not None:
            return before + 1
        before = count
    return 0
