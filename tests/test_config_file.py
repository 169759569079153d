"""The file of settings: what cannot be in it is told with its line, in one line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from obtui import cli
from obtui.config import UsageError
from obtui.settings import effective


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the file is, whose folder is there."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "obtui").mkdir()
    return tmp_path / "obtui" / "config.toml"


REFUSED = [
    ("fsp = 3", 1, "fsp: there is no such setting: did you mean fps?"),
    ("url = 'ws://h'", 1, "url: there is no such setting: there are venue, depth, fps, "),
    ('fps = "20"', 1, "fps: write a number, like 20"),
    ("fps = true", 1, "fps: write a number"),
    ("fps = nan", 1, "fps: nan is not between 1 and 60"),
    ("\n\nfps = 61", 3, "fps: 61 is not between 1 and 60"),
    ("depth = 0", 1, "depth: 0 is less than 1"),
    ("depth = 1.5", 1, "depth: write a whole number, like 10"),
    ("mouse = 1", 1, "mouse: write true or false"),
    ("# a\n'venue' = 'nope'", 2, "venue: there is no venue 'nope': choose gemini or gemini-v1"),
    ("venue = '\\u'\n[venue.x]", 0, "is not TOML"),
    ('venue = "\\u001b[2J"', 1, "there is no venue ' [2J'"),
    ("layout = 'x'", 1, "layout: there is no layout 'x': choose book or tape"),
    ("theme = 3", 1, "theme: write a text in quotes"),
    ("rotate = '100M'", 1, "rotate: 100M: give a size, like 100MB or 1GB, or a time"),
    ("alerts = 'state'", 1, "alerts: write a list of texts in quotes"),
    ("depth = 3\nalerts = [\n  'state',\n  3,\n]", 2, "alerts: write a list of texts"),
    ("x = '''\nfps = 1\n'''\n", 1, "x: there is no such setting"),
    ("alerts = ['hello']", 1, "alerts: no alert: 'hello'"),
    ("keys = 3", 1, "keys: write a table"),
    ("[keys]\n\nrecord = 3", 3, "keys.record: write a key"),
    ("[keys]\nrecord = ['R', 3]", 2, "keys.record: write a key"),
    ("keys.record = 'm'", 1, "keys.record: 'm' is also a key of mark"),
    ("depth = 1\n[keys]\nrecrod = 'm'", 3, "keys.recrod: there is no such action: did you mean"),
    ("[keys]\nmark = 'x'\nstatistics = 'y'\nrecord = 'RR'", 4, "keys.record: there is no key 'RR'"),
    ("depth 3", 0, "is not TOML: "),
    ("depth = 3\ndepth = 4", 0, "is not TOML: "),
    ("a = " + "[" * 100_000, 0, "is not TOML: it is nested too deep"),
    ("#" * 1_100_000, 0, "is larger than 1 MiB"),
    ("#\n" * 500 + "fsp = 3", -1, "fsp: there is no such setting"),
]


@pytest.mark.parametrize(("text", "line", "told"), REFUSED, ids=[it[2][:30] for it in REFUSED])
def test_what_cannot_be_in_a_file_is_told_with_its_line(
    text: str, line: int, told: str, place: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    place.write_text(text)

    code = cli.main(["symbols"])

    said = capfd.readouterr().err
    assert code == 2
    assert said.count("\n") == 1
    assert said.strip().isprintable()
    where = f"obtui: {place} line {line}: " if line > 0 else f"obtui: {place}: "
    assert said.startswith(f"obtui: {place} " if line == 0 else where)
    assert told in said


def test_what_is_no_text_is_refused(place: Path) -> None:
    place.write_bytes(b"venue = '\xff'")

    with pytest.raises(UsageError, match="is not TOML: it is not UTF-8 text"):
        effective({}, {})


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ({"config": "no/such"}, r"^--config no/such: there is no such file$"),
        ({"config": "/"}, r"^--config / cannot be read: Is a directory$"),
        ({"config": "a\0b"}, r"^--config a b cannot be read: "),
    ],
)
def test_a_file_that_was_named_must_be_there(named: Mapping[str, object], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        effective(named, {"OBTUI_CONFIG": "not this"})


def test_a_variable_that_names_none_is_named() -> None:
    with pytest.raises(UsageError, match=r"^OBTUI_CONFIG no/such: there is no such file$"):
        effective({}, {"OBTUI_CONFIG": "no/such"})
