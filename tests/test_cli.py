"""The command line: what is refused, in one line that says what to do, and what starts fast."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from obtui import __version__, cli
from obtui.recording.books import BookRecorder
from terminal_support import PYTHON, environment, terminal

Result = subprocess.CompletedProcess[str]


def obtui(*arguments: str, folder: Path | None = None, **env: str | None) -> Result:
    """Run it without a terminal."""
    return subprocess.run(
        [*PYTHON, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        cwd=folder,
        env=environment(**env),
    )


def refused(result: Result, *, code: int = 2) -> str:
    """The one line of a refusal."""
    assert result.returncode == code, result.stderr
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("obtui")
    assert lines[0].isprintable()
    return lines[0]


def imported(*arguments: str) -> set[str]:
    """The modules that a run imports."""
    result = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "obtui", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env=environment(),
    )
    return set(re.findall(r"\|\s+([\w.]+)$", result.stderr, re.MULTILINE))


HEAVY = {"textual", "rich", "websockets", "msgspec", "httpx", "asyncio"}


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_what_only_prints_imports_nothing_heavy(option: str) -> None:
    modules = imported(option)

    assert "argparse" in modules
    assert not modules & HEAVY


def test_a_command_without_a_screen_imports_no_textual(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"ws://127.0.0.1:{listening.getsockname()[1]}"
        modules = imported(
            *("record", "BTCUSD", "--url", url, "--duration", "0.3"),
            *("--record", str(tmp_path / "books.jsonl")),
        )

    assert "websockets" in modules
    assert not modules & {"textual", "rich"}


def test_the_version_is_told() -> None:
    result = obtui("--version")

    assert (result.returncode, result.stdout, result.stderr) == (0, f"obtui {__version__}\n", "")


def test_the_help_names_every_command() -> None:
    result = obtui("--help")

    assert result.returncode == 0
    assert result.stderr == ""
    for command in cli.COMMANDS:
        assert command in result.stdout


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_every_command_has_a_help(command: str) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main([command, "--help"])

    assert left.value.code == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "give a symbol, like BTCUSD, or a command"),
        (["watch"], "SYMBOL"),
        (["record"], "SYMBOL"),
        (["--nonsense", "BTCUSD"], "--nonsense"),
        (["record", "BTCUSD", "--fps", "5"], "--fps"),
        (["replay", "x.jsonl", "--venue", "gemini"], "--venue"),
        (["BTCUSD", "--fps", "0"], "0 is not between 1 and 60"),
        (["BTCUSD", "--fps", "61"], "61 is not between 1 and 60"),
        (["BTCUSD", "--fps", "nan"], "nan is not between 1 and 60"),
        (["BTCUSD", "--fps", "fast"], "'fast' is not a number"),
        (["BTCUSD", "--depth", "0"], "0 is less than 1"),
        (["BTCUSD", "--depth", "-1"], "-1 is less than 1"),
        (["BTCUSD", "--depth", "1.5"], "'1.5' is not a whole number"),
        (["record", "BTCUSD", "--duration", "0"], "0 is not a number above 0"),
        (["record", "BTCUSD", "--duration", "-1"], "-1 is not a number above 0"),
        (["record", "BTCUSD", "--duration", "inf"], "inf is not a number above 0"),
        (["record", "BTCUSD", "--duration", "long"], "'long' is not a number"),
        (["record", "BTCUSD", "--messages", "0"], "0 is less than 1"),
        (["simulate", "--port", "65536"], "65536 is not between 0 and 65535"),
        (["simulate", "--port", "http"], "'http' is not a whole number"),
        (["simulate", "--speed", "0"], "0 is not a number above 0"),
        (["demo", "--seed", "x"], "'x' is not a whole number"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_arguments_that_cannot_be_are_named_in_one_line(
    words: Sequence[str], told: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(words)

    said = capfd.readouterr()
    assert left.value.code == 2
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert told in said.err
    assert "--help" in said.err
    assert "_" not in said.err.replace("__main__", "")


@pytest.mark.parametrize("command", ["demo", "simulate"])
def test_a_speed_that_the_exchange_does_not_take_is_refused(command: str) -> None:
    line = refused(obtui(command, "--speed", "1e7"))

    assert "--speed: 1e7 is more than 1,000,000" in line


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["BTCUSD", "--venue", "nope"], "there is no venue 'nope': choose gemini or gemini-v1"),
        (["BTC%USD"], "'BTC%USD' is not a symbol: give letters and digits"),
        (["record", "BTC USD"], "'BTC USD' is not a symbol: give letters and digits"),
        (["record", "BTCUSD", "--url", "http://h"], "it must look like ws://host:port"),
        (["demo", "--venue", "nope"], "there is no venue 'nope'"),
        (["record", "BTCUSD", "nope:ETHUSD"], "there is no venue 'nope'"),
        (["BTCUSD", "gemini:ETH USD"], "'ETH USD' is not a symbol: give letters and digits"),
        (["record", *["BTCUSD"] * 33], "33 markets: at most 32 at once"),
        (
            ["record", "BTCUSD", "ETHUSD", "--record", "x.jsonl"],
            "--record x.jsonl names one file for 2 markets: write {venue} and {symbol} into it, "
            "like 'x-{venue}-{symbol}.jsonl'",
        ),
        (
            ["record", "BTCUSD", "ETHUSD", "--capture", "-"],
            "--capture - names one file for 2 markets",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_market_that_cannot_be_is_named_in_one_line(
    words: Sequence[str],
    told: str,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)

    code = cli.main(words)

    said = capfd.readouterr()
    assert code == 2
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert told in said.err
    assert list(tmp_path.iterdir()) == []


def test_a_symbol_alone_is_watched() -> None:
    with_word, without, options_first = (
        refused(obtui(*words))
        for words in (
            ["watch", "BTCUSD", "--venue", "gemini-v1"],
            ["BTCUSD", "--venue", "gemini-v1"],
            ["--venue", "gemini-v1", "BTCUSD"],
        )
    )

    assert with_word == without == options_first
    assert "obtui record BTCUSD --record FILE" in without


@pytest.mark.parametrize("words", [["BTCUSD"], ["demo"]])
def test_a_screen_needs_a_terminal_to_read_keys_from(words: Sequence[str]) -> None:
    line = refused(obtui(*words))

    assert line.startswith("obtui: stdin is not a terminal: run it in one, or record without")


def in_terminal(
    tmp_path: Path,
    *words: str,
    shell: str = '"$@"',
    env: Mapping[str, str | None] | None = None,
) -> tuple[int, list[str]]:
    """Run it in a terminal through a shell; the exit code, and what stands there."""
    command = ["sh", "-c", shell, "sh", *PYTHON]
    with terminal(
        words, tmp_path, command=command, env=environment(**(env or {})), size=(200, 24)
    ) as running:
        code = running.wait_for_exit()
        assert b"\x1b[?1049h" not in running.raw
        return code, [line for line in running.text.splitlines() if line.strip()]


@pytest.mark.parametrize(
    ("env", "told"),
    [
        ({"TERM": "dumb"}, "obtui: TERM=dumb cannot show a screen: set it to what your terminal"),
        ({"TERM": None}, "obtui: TERM= cannot show a screen"),
        ({"TERM": "unknown"}, "obtui: TERM=unknown cannot show a screen"),
        ({"PYTHONIOENCODING": "latin-1"}, "obtui: the locale's encoding is iso8859-1"),
        (
            {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
            "not UTF-8: set LANG=C.UTF-8",
        ),
    ],
    ids=["dumb", "unset", "unknown", "latin-1", "posix"],
)
def test_a_terminal_that_cannot_show_it_is_told_what_to_set(
    env: dict[str, str | None], told: str, tmp_path: Path
) -> None:
    code, lines = in_terminal(tmp_path, "demo", "--record", "books.jsonl", env=env)

    assert code == 2
    assert len(lines) == 1
    assert told in lines[0]
    assert not (tmp_path / "books.jsonl").exists()


def test_stderr_must_be_a_terminal(tmp_path: Path) -> None:
    code, lines = in_terminal(tmp_path, "demo", shell='"$@" 2>told')

    assert code == 2
    assert lines == []
    told = (tmp_path / "told").read_text()
    assert told.startswith("obtui: stderr is not a terminal: run it in one, or record without a")
    assert told.count("\n") == 1


def test_lines_are_not_written_over_the_screen(tmp_path: Path) -> None:
    code, lines = in_terminal(tmp_path, "demo", "--record", "-")

    assert code == 2
    assert lines == [
        "obtui: --record - would write over the screen: redirect stdout, or name a file"
    ]


def test_lines_go_to_a_redirected_stdout_beside_the_screen(tmp_path: Path) -> None:
    command = ["sh", "-c", '"$@" >out', "sh", *PYTHON]
    with terminal(["demo", "--record", "-"], tmp_path, command=command) as running:
        running.wait_for("VERIFIED")
        running.wait_for("standard output")
        running.wait_until(lambda: (tmp_path / "out").stat().st_size > 2000, "lines")
        running.send("q")

        assert running.wait_for_exit() == 0
    assert (tmp_path / "out").read_text().splitlines()[-1].startswith('{"bids": [], "asks": []')


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["demo", "NOSUCH"], "obtui: the simulated exchange has no NOSUCH: choose BTCUSD or "),
        (["demo", "--theme", "nosuch"], "obtui: there is no theme 'nosuch': choose one of "),
        (["demo", "--record", "no/such/file"], "the folder no/such does not exist; create it"),
        (["demo", "--record", "."], "obtui: cannot record to .: it is a folder; name a file"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_a_screen_cannot_do_is_said_before_there_is_one(
    words: Sequence[str], told: str, tmp_path: Path
) -> None:
    code, lines = in_terminal(tmp_path, *words)

    assert code == 2
    assert told in "".join(lines)
    assert "Traceback" not in "".join(lines)
    assert [path.name for path in tmp_path.iterdir()] == ["leader"]


def test_the_demo_takes_a_symbol_as_people_write_it(tmp_path: Path) -> None:
    with terminal(["demo", "eth-usd"], tmp_path) as running:
        running.wait_for(" gemini ETHUSD in USD  VERIFIED ")
        running.send("q")

        assert running.wait_for_exit() == 0


def test_a_file_that_another_writes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "books.jsonl"
    other = BookRecorder.open(str(path))
    try:
        code, lines = in_terminal(tmp_path, "demo", "--record", "books.jsonl")
    finally:
        other.close()

    assert code == 2
    assert lines == [
        "obtui: cannot record to books.jsonl: it is being written by another program; "
        "choose another file"
    ]


def test_a_port_in_use_is_told_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

        line = refused(obtui("simulate", "--port", str(port)), code=1)

    assert line == (
        f"obtui: port {port} on 127.0.0.1 is in use; choose another with --port, or 0 for any"
    )
