"""`obtui config`: what holds, and where it comes from."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from obtui import cli
from obtui.keymap import ACTIONS
from obtui.settings import SETTINGS


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "obtui").mkdir()
    return tmp_path / "obtui" / "config.toml"


def printed(capfd: pytest.CaptureFixture[str], *words: str) -> str:
    assert cli.main(["config", *words]) == 0
    said = capfd.readouterr()
    assert said.err == ""
    return said.out


def rows(text: str) -> dict[str, tuple[str, str]]:
    """Of the settings: value and origin by name."""
    table = text.split("\n\n")[1].splitlines()
    cut = [table[0].index(head) for head in ("value", "from")]
    return {
        line[: cut[0]].strip(): (line[cut[0] : cut[1]].strip(), line[cut[1] :])
        for line in table[1:]
    }


def test_without_a_file_all_is_the_default(place: Path, capfd: pytest.CaptureFixture[str]) -> None:
    text = printed(capfd)

    assert text.splitlines()[0] == f"{place} (not there)"
    assert list(rows(text)) == list(SETTINGS)
    assert {origin for _, origin in rows(text).values()} == {"default"}
    assert [line.split()[0] for line in text.split("\n\n")[2].splitlines()[1:]] == list(ACTIONS)


def test_each_value_stands_with_where_it_comes_from(
    place: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    place.write_text('venue = "kraken"\nfps = 30\n[keys]\nhelp = ["f1", "?"]\n')
    monkeypatch.setenv("OBTUI_THEME", "obtui-light")

    text = printed(capfd, "--fps", "25", "--no-mouse")

    assert text.splitlines()[0] == str(place)
    shown = rows(text)
    assert shown["venue"] == ('"kraken"', f"file {place}")
    assert shown["fps"] == ("25", "--fps")
    assert shown["theme"] == ('"obtui-light"', "OBTUI_THEME")
    assert shown["mouse"] == ("false", "--no-mouse")
    assert shown["depth"] == ("10", "default")
    [line] = [line for line in text.splitlines() if line.startswith("help ")]
    assert re.split(r"\s{2,}", line) == ["help", '["f1", "?"]', "help", f"file {place}"]


def test_values_are_shown_as_they_may_be_written(
    place: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    words = ("--venue", "okx", "--fps", "12.5", "--rotate", "1h", "--theme", 'a"\\é\x1b')

    text = printed(capfd, *words)

    for name, (value, _) in rows(text).items():
        place.write_text(f"{name} = {value}\n")
        table = tomllib.loads(place.read_text())
        if name == "theme":
            assert table["theme"] == 'a"\\é\x1b'
        assert cli.main(["config"]) == 0


def test_several_alerts_have_a_line_each(capfd: pytest.CaptureFixture[str]) -> None:
    lines = printed(capfd, "--alert", "state", "--alert", "spread > 5 bps").splitlines()

    at = next(number for number, line in enumerate(lines) if line.startswith("alerts"))
    assert lines[at].split() == ["alerts", '"state"', "--alert"]
    assert lines[at + 1].strip() == '"spread > 5 bps"'


def test_as_json(place: Path, capfd: pytest.CaptureFixture[str]) -> None:
    place.write_text('alerts = ["state"]\n[keys]\nrecord = "R"\n')

    whole = json.loads(printed(capfd, "--json", "--depth", "3"))

    assert (whole["file"], whole["there"]) == (str(place), True)
    assert list(whole["settings"]) == list(SETTINGS)
    assert whole["settings"]["depth"] == {"value": 3, "from": "--depth"}
    assert whole["settings"]["alerts"] == {"value": ["state"], "from": f"file {place}"}
    assert list(whole["keys"]) == list(ACTIONS)
    assert whole["keys"]["record"] == {"value": ["R"], "from": f"file {place}"}
    assert whole["keys"]["quit"] == {"value": ["q", "ctrl+c"], "from": "default"}


@pytest.mark.parametrize("text", ["", "this is no TOML", None])
def test_the_files_place_is_told_whatever_is_in_it(
    text: str | None, place: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    if text is not None:
        place.write_text(text)

    assert printed(capfd, "--path") == f"{place}\n"


def test_the_place_is_that_of_a_named_file(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBTUI_CONFIG", "of/variable")

    assert printed(capfd, "--path") == "of/variable\n"
    assert printed(capfd, "--path", "--config", "of/flag") == "of/flag\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--venue", "nope"], "there is no venue 'nope'"),
        (["--rotate", "100M"], "--rotate 100M: give a size"),
        (["--config", "no/such"], "--config no/such: there is no such file"),
    ],
)
def test_what_cannot_be_is_told(
    words: list[str], told: str, capfd: pytest.CaptureFixture[str]
) -> None:
    code = cli.main(["config", *words])

    said = capfd.readouterr()
    assert (code, said.out) == (2, "")
    assert told in said.err
    assert said.err.count("\n") == 1
