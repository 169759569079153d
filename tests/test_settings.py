"""Settings: from where each is taken, and what is refused wherever it stands."""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

import pytest

from obtui import arguments, cli, keymap, settings
from obtui.commands import watch
from obtui.config import Options, UsageError
from obtui.settings import SETTINGS, effective


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the file is, whose folder is there."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "obtui").mkdir()
    return tmp_path / "obtui" / "config.toml"


def filled(*words: str, **environment: str) -> argparse.Namespace:
    """A command's arguments, as it gets them."""
    parsed = arguments.parser().parse_args(words)
    settings.fill(parsed, environment)
    return parsed


# Of each: what stands in the file, the variable and the flags, and what these mean.
OF_ALL = {
    "venue": ('"kraken"', "okx", ["--venue", "bybit"], ("kraken", "okx", "bybit")),
    "depth": ("5", "6", ["--depth", "7"], (5, 6, 7)),
    "fps": ("5", "6.5", ["--fps", "7"], (5.0, 6.5, 7.0)),
    "theme": ('"a"', "b", ["--theme", "c"], ("a", "b", "c")),
    "layout": ('"map"', "tape", ["--layout", "all"], ("map", "tape", "all")),
    "mouse": ("false", "true", ["--no-mouse"], (False, True, False)),
    "rotate": ('"1h"', "2h", ["--rotate", "3h"], ("1h", "2h", "3h")),
    "alerts": (
        '["state", "spread > 5 bps"]',
        "size > 1; BTCUSD state;",
        ["--alert", "price > 3", "--alert", ""],
        (("state", "spread > 5 bps"), ("size > 1", "BTCUSD state"), ("price > 3",)),
    ),
}


def test_of_every_setting_something_is_known_here() -> None:
    assert list(OF_ALL) == list(SETTINGS)


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("sources", list(itertools.product([False, True], repeat=3)))
def test_flags_go_before_the_environment_before_the_file_before_the_default(
    name: str, sources: tuple[bool, bool, bool], place: Path
) -> None:
    written, text, words, meant = OF_ALL[name]
    in_file, in_environment, by_flag = sources
    if in_file:
        place.write_text(f"{name} = {written}\n")
    variable = f"OBTUI_{name.upper()}"
    environment = {variable: text} if in_environment else {}

    parsed = filled("watch", "BTCUSD", *(words if by_flag else ()), **environment)

    flag = {"mouse": "--no-mouse", "alerts": "--alert"}.get(name, f"--{name}")
    layers = [
        (True, getattr(Options(), name), "default"),
        (in_file, meant[0], f"file {place}"),
        (in_environment, meant[1], variable),
        (by_flag, meant[2], flag),
    ]
    value, origin = next((value, origin) for given, value, origin in reversed(layers) if given)
    assert getattr(parsed, name) == value
    assert parsed.origins[name] == origin
    assert getattr(Options.of(vars(parsed)), name) == value


def test_without_a_file_all_is_as_it_is_built_in() -> None:
    options = Options.of(vars(filled("watch", "BTCUSD")))

    assert options == Options(symbol="BTCUSD", symbols=("BTCUSD",))


def test_a_folder_that_may_not_be_looked_into_has_no_file(place: Path) -> None:
    place.parent.rmdir()
    place.parent.write_text("a file where the folder would be")

    assert filled("watch", "BTCUSD").venue == "gemini"


@pytest.mark.parametrize("command", ["watch", "demo", "record"])
def test_every_command_that_follows_markets_takes_them(command: str, place: Path) -> None:
    place.write_text('venue = "kraken"\ndepth = 7\n')

    parsed = filled(command, "BTCUSD")

    assert (parsed.venue, parsed.depth) == ("kraken", 7)


def test_a_replay_takes_those_of_a_screen(place: Path) -> None:
    place.write_text('theme = "obtui-light"\nfps = 7\nmouse = false\ndepth = 3\nlayout = "map"\n')

    parsed = filled("replay", "x.jsonl")

    assert (parsed.theme, parsed.fps, parsed.mouse, parsed.depth, parsed.layout) == (
        *("obtui-light", 7.0, False, 3, "map"),
    )


@pytest.mark.parametrize("words", [["book", "BTC"], ["latency", "BTC"], ["symbols"], ["venues"]])
def test_what_is_only_asked_takes_the_venue(words: list[str], place: Path) -> None:
    place.write_text('venue = "kraken"\ndepth = 3\n')

    parsed = filled(*words)

    assert parsed.venue == "kraken"
    if words[0] == "book":
        assert parsed.depth == 10  # of what is printed, not of what is recorded


@pytest.mark.parametrize("word", ["export", "verify", "simulate"])
def test_what_follows_no_market_takes_none(
    word: str, place: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    place.write_text("this is no TOML")
    words = {"export": ["no.jsonl", "-o", "-", "--format", "books"], "verify": ["no.jsonl"]}
    if word == "simulate":
        with pytest.raises(SystemExit):
            cli.main([word, "--port", "x"])
    else:
        assert cli.main([word, *words[word]]) == 2

    assert "TOML" not in capfd.readouterr().err


@pytest.mark.parametrize("word", ["--version", "--help"])
def test_what_tells_of_the_program_reads_no_file(
    word: str, place: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    place.write_text("this is no TOML")

    with pytest.raises(SystemExit) as left:
        cli.main([word])

    assert left.value.code == 0
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("named", ["flag", "variable", "both"])
def test_another_file_may_be_named(named: str, place: Path, tmp_path: Path) -> None:
    place.write_text("depth = 1")
    (tmp_path / "a.toml").write_text("depth = 2")
    (tmp_path / "b.toml").write_text("depth = 3")
    flag = ["--config", str(tmp_path / "a.toml")] if named != "variable" else []
    environment = {"OBTUI_CONFIG": str(tmp_path / "b.toml")} if named != "flag" else {}

    assert filled("watch", "BTC", *flag, **environment).depth == (3 if named == "variable" else 2)


def test_an_empty_variable_is_none(place: Path) -> None:
    place.write_text("depth = 2")

    assert filled("watch", "BTC", OBTUI_DEPTH="", OBTUI_CONFIG="").depth == 2


def test_keys_are_those_of_the_file(place: Path) -> None:
    place.write_text('[keys]\nrecord = "R"\nmark = ["M", "f5"]\n')

    options = Options.of(vars(filled("watch", "BTC")))

    assert options.keys == keymap.remapped({"record": ["R"], "mark": ["M", "f5"]})


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("FPS", "0", "0 is not between 1 and 60"),
        ("FPS", "fast", "'fast' is not a number"),
        ("DEPTH", "1.5", "'1.5' is not a whole number"),
        ("MOUSE", "maybe", "'maybe' is neither true nor false"),
        ("VENUE", "\x1b", "there is no venue ' '"),
        ("LAYOUT", "x", "there is no layout 'x'"),
        ("ROTATE", "1", "1: give a size"),
        ("ALERTS", "state;hello", "no alert: 'hello'"),
    ],
)
def test_what_a_variable_cannot_be_is_told_by_its_name(name: str, text: str, told: str) -> None:
    with pytest.raises(UsageError) as refused:
        effective({}, {f"OBTUI_{name}": text})

    assert str(refused.value).startswith(f"OBTUI_{name}: {told}")
    assert str(refused.value).isprintable()


@pytest.mark.parametrize(("text", "mouse"), [("0", False), ("NO", False), ("on", True)])
def test_a_switch_may_be_written_in_several_ways(text: str, mouse: bool) -> None:
    assert filled("watch", "BTC", OBTUI_MOUSE=text).mouse is mouse


@pytest.mark.parametrize(
    ("words", "rotates"),
    [
        ([], True),
        (["--capture", "x.jsonl"], True),
        (["--capture", "x.jsonl", "--record", "y.jsonl"], True),
        (["--record", "y.jsonl"], False),
        (["--capture", "-"], False),
    ],
)
def test_a_rotation_that_is_set_for_all_runs_holds_where_something_rotates(
    words: list[str], rotates: bool
) -> None:
    parsed = filled("record", "BTC", *words, OBTUI_ROTATE="1h")

    assert Options.of(vars(parsed)).rotate == ("1h" if rotates else "")


def test_a_rotation_that_is_asked_for_in_vain_is_refused() -> None:
    parsed = filled("record", "BTC", "--record", "y.jsonl", "--rotate", "1h", OBTUI_ROTATE="2h")

    with pytest.raises(UsageError, match="--rotate is for a capture"):
        Options.of(vars(parsed))


@pytest.mark.parametrize(
    ("words", "venue"),
    [(["demo"], "gemini"), (["demo", "--venue", "okx"], "okx"), (["watch", "BTC"], "okx")],
)
def test_a_demo_is_shown_whatever_venue_is_set(
    words: list[str],
    venue: str,
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    place.write_text("venue = 'okx'")

    def told(options: Options) -> None:
        raise UsageError(options.venue)

    monkeypatch.setattr(watch, "_check_terminal", told)

    assert cli.main(words) == 2
    assert capfd.readouterr().err == f"obtui: {venue}\n"
