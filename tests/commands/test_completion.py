"""`obtui completion`: scripts by which shells complete."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from obtui import cli
from obtui.export.formats import FORMATS
from obtui.feeds import FEEDS
from obtui.layouts import LAYOUTS
from obtui.simulator.markets import PROTOCOLS
from obtui.themes import THEMES

COMPLETE = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
function_of() { echo "${@: -2:1}"; }
$(function_of $(complete -p obtui))
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one for each shell."""
    folder = tmp_path_factory.mktemp("completion")
    for shell in ("bash", "zsh", "fish"):
        with pytest.MonkeyPatch.context() as patch:
            told: list[str] = []
            patch.setattr("builtins.print", told.append)
            assert cli.main(["completion", shell]) == 0
        (folder / shell).write_text(told[0])
    return folder


def offered(scripts: Path, *words: str, folder: Path | None = None) -> set[str]:
    """What bash offers for the last of the words after `obtui`."""
    done = subprocess.run(
        ["bash", "--norc", "-c", COMPLETE, "bash", str(scripts / "bash"), "obtui", *words],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
        cwd=folder,
    )
    assert done.stderr == ""
    return set(done.stdout.split())


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_is_well_formed(shell: str, scripts: Path) -> None:
    found = shutil.which(shell)
    if found is None:
        pytest.skip(f"{shell} is not installed")

    done = subprocess.run(
        [found, "-n", str(scripts / shell)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_command_and_venue_is_in_it(shell: str, scripts: Path) -> None:
    text = (scripts / shell).read_text()

    for word in (*cli.COMMANDS, *FEEDS, *LAYOUTS, *(theme.name for theme in THEMES)):
        assert word in text
    # A shell shows a line of each, which is its help and not its description.
    assert "It prints its URL" not in text


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ([""], set(cli.COMMANDS)),
        (["re"], {"record", "replay"}),
        (["record", "--du"], {"--duration"}),
        (["watch", "BTCUSD", "--venue", ""], set(FEEDS)),
        (["demo", "--venue", ""], set(PROTOCOLS)),
        (["watch", "--layout", "ma"], {"map"}),
        (["replay", "x", "--theme", ""], {theme.name for theme in THEMES}),
        (["export", "x", "--format", ""], set(FORMATS)),
        (["completion", ""], {"bash", "zsh", "fish"}),
        (["BTCUSD", "--th"], {"--theme"}),
        (["BTCUSD", "ETHUSD", "--layout", ""], set(LAYOUTS)),
        (["book", "BTC", "--fps"], set()),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bash_offers_what_fits(words: list[str], wanted: set[str], scripts: Path) -> None:
    assert offered(scripts, *words) == wanted


@pytest.mark.parametrize(
    "words", [["replay", ""], ["watch", "BTC", "--capture", ""], ["config", "--config", ""]]
)
def test_bash_offers_files(words: list[str], scripts: Path, tmp_path: Path) -> None:
    (tmp_path / "some.jsonl").touch()

    assert offered(scripts, *words, folder=tmp_path) == {"some.jsonl"}


def test_another_shell_is_refused(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["completion", "csh"])

    assert left.value.code == 2
    assert "choose from" in capfd.readouterr().err
