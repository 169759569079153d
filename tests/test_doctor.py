"""What is said of a terminal, by what was found."""

from __future__ import annotations

import itertools
import time
from dataclasses import replace

import pytest
from rich.console import Console

from obtui import doctor
from obtui.doctor import Answers, Facts, Finding, Folder

GOOD = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
ANSWERS = Answers(cursor_ms=3.2, synchronized=True, mouse=True)
FACTS = Facts(
    size=(120, 40),
    terminfo_colours=256,
    terminfo_mouse=True,
    answers=ANSWERS,
    versions=(("obtui", "1.0"), ("Python", "3.11.2")),
    folders=(Folder("state folder", "/home/a/.local/state/obtui"),),
)


def found(what: str, environment: dict[str, str] | None = None, facts: Facts = FACTS) -> Finding:
    judged = doctor.judge({**GOOD, **(environment or {})}, facts)
    return next(it for it in judged if it.what == what)


def changed(**fields: object) -> Facts:
    return replace(FACTS, **fields)  # type: ignore[arg-type]


def test_a_good_terminal_needs_no_advice() -> None:
    judged = doctor.judge(GOOD, FACTS)

    assert not [it for it in judged if it.advice or it.fatal]
    assert [(it.what, it.found) for it in judged] == [
        ("terminal", "TERM=xterm-256color"),
        ("size", "120×40"),
        ("text", "UTF-8"),
        ("colours", "16 million, by COLORTERM=truecolor"),
        ("multiplexer", "none"),
        ("answers", "in 3 ms"),
        ("synchronized output", "yes"),
        ("mouse", "yes"),
        ("ssh", "no"),
        ("versions", "obtui 1.0 · Python 3.11.2"),
        ("state folder", "/home/a/.local/state/obtui"),
    ]


@pytest.mark.parametrize(
    ("what", "environment", "fields", "told"),
    [
        ("terminal", {}, {"missing": ("stdin",)}, "stdin is not a terminal"),
        ("terminal", {}, {"missing": ("stdin", "stderr")}, "stdin and stderr are not terminals"),
        ("terminal", {"TERM": "dumb"}, {}, "TERM=dumb cannot show a screen"),
        ("terminal", {"TERM": ""}, {}, "TERM= cannot show a screen"),
        ("text", {}, {"encoding": "iso8859-1"}, "iso8859-1, not UTF-8"),
    ],
)
def test_what_shows_no_screen_is_fatal(
    what: str, environment: dict[str, str], fields: dict[str, object], told: str
) -> None:
    finding = found(what, environment, changed(**fields))

    assert finding.found == told
    assert finding.fatal
    assert finding.advice


@pytest.mark.parametrize(
    ("what", "environment", "fields", "told", "advice"),
    [
        ("size", {}, {"size": (59, 40)}, "59×40", "60×16"),
        ("size", {}, {"size": (60, 15)}, "60×15", "60×16"),
        ("colours", {"COLORTERM": "", "TERM": "xterm"}, {"terminfo_colours": 8}, "16, by", "mono"),
        (
            *("colours", {"COLORTERM": "", "TERM": "alacritty"}, {}),
            *("16, by TERM=alacritty, though terminfo knows 256", "COLORTERM=truecolor"),
        ),
        ("answers", {}, {"answers": Answers()}, "none within 500 ms", "--fps"),
        ("answers", {}, {"answers": Answers(240.4)}, "in 240 ms", "--fps"),
        ("synchronized output", {}, {"answers": Answers(1, False)}, "no", "newer"),
        ("synchronized output", {"TMUX": "x"}, {"answers": Answers(1)}, "no answer", "tmux 3.7"),
        ("synchronized output", {"STY": "x"}, {"answers": Answers(1)}, "no answer", "GNU screen"),
        ("mouse", {}, {"answers": Answers(1, True, False)}, "no", "key"),
        (
            *(
                "state folder",
                {},
                {"folders": (Folder("state folder", "/x", "cannot be written"),)},
            ),
            *("/x cannot be written", "owner"),
        ),
    ],
)
def test_what_is_limited_has_advice_and_is_not_fatal(
    what: str, environment: dict[str, str], fields: dict[str, object], told: str, advice: str
) -> None:
    finding = found(what, environment, changed(**fields))

    assert told in finding.found
    assert advice in finding.advice
    assert "\n" not in finding.advice
    assert not finding.fatal


@pytest.mark.parametrize(
    ("what", "environment", "fields", "told"),
    [
        ("size", {}, {"size": None}, "not known"),
        ("size", {}, {"size": (0, 0)}, "not known"),
        ("size", {}, {"size": (60, 16)}, "60×16"),
        ("colours", {"COLORTERM": ""}, {}, "256, by TERM=xterm-256color"),
        ("colours", {"NO_COLOR": "1"}, {}, "none, as NO_COLOR is set"),
        ("colours", {"NO_COLOR": ""}, {}, "16 million, by COLORTERM=truecolor"),
        (
            *("multiplexer", {"TMUX": "x", "TERM_PROGRAM": "tmux", "TERM_PROGRAM_VERSION": "3.4"}),
            *({}, "tmux 3.4"),
        ),
        (
            *("multiplexer", {"TMUX": "x", "TERM_PROGRAM": "vscode", "TERM_PROGRAM_VERSION": "1"}),
            *({}, "tmux"),
        ),
        ("multiplexer", {"STY": "1.x"}, {}, "GNU screen"),
        ("answers", {}, {"answers": Answers(0.2)}, "in less than 1 ms"),
        ("answers", {}, {"answers": None, "unasked": "it is gone"}, "not asked: it is gone"),
        ("mouse", {}, {"answers": Answers(1)}, "yes, by terminfo"),
        ("ssh", {"SSH_TTY": "/dev/pts/1"}, {}, "yes"),
        ("ssh", {"SSH_CONNECTION": "10.0.0.1 5 10.0.0.2 22"}, {}, "yes"),
    ],
)
def test_what_is_found_is_told(
    what: str, environment: dict[str, str], fields: dict[str, object], told: str
) -> None:
    finding = found(what, environment, changed(**fields))

    assert finding == Finding(what, told)


TERMS = (
    *("xterm", "xterm-256color", "xterm-kitty", "xterm-16color", "alacritty", "linux", "tmux"),
    *("screen", "screen-256color", "XTERM-256COLOR", "foot", "vt100", "xterm-direct"),
)


@pytest.mark.parametrize(
    ("term", "more"),
    list(itertools.product(TERMS, ("", "truecolor", "24bit", " TrueColor ", "yes"))),
)
def test_colours_are_judged_as_they_will_be_sent(term: str, more: str) -> None:
    environment = {"TERM": term, "COLORTERM": more}
    console = Console(force_terminal=True, _environ=environment)

    assert {16: "standard", 256: "256", 1 << 24: "truecolor"}[
        doctor.colours(environment)
    ] == console.color_system


TMUX = {"TERM": "tmux-256color", "TMUX": "/tmp/tmux,1,0", "TERM_PROGRAM": "tmux"}


@pytest.mark.parametrize(
    ("environment", "encoding", "told"),
    [
        (GOOD, "utf-8", ""),
        (GOOD, "UTF8", ""),
        (GOOD, "iso8859-1", "the locale's encoding is iso8859-1: set LANG=C.UTF-8"),
        ({"TERM": "linux"}, "utf-8", "only 16 colours by TERM=linux: obtui doctor says what to do"),
        ({"TERM": "linux", "NO_COLOR": "1"}, "utf-8", ""),
        ({}, "utf-8", "only 16 colours by TERM=: obtui doctor says what to do"),
        (
            {**TMUX, "TERM_PROGRAM_VERSION": "3.3a"},
            "utf-8",
            "tmux 3.3a may show half a frame: 3.7 has synchronized output",
        ),
        (
            {**TMUX, "TERM_PROGRAM_VERSION": "3.6a"},
            "utf-8",
            "tmux 3.6a may show half a frame: 3.7 has synchronized output",
        ),
        ({**TMUX, "TERM_PROGRAM_VERSION": "3.7"}, "utf-8", ""),
        ({**TMUX, "TERM_PROGRAM_VERSION": "next-3.8"}, "utf-8", ""),
        ({**TMUX, "TERM_PROGRAM_VERSION": "3.10"}, "utf-8", ""),
        # Before 3.2 it told nothing of itself.
        (
            {"TERM": "screen-256color", "TMUX": "x"},
            "utf-8",
            "tmux may show half a frame: 3.7 has synchronized output",
        ),
        # What another program in it says of itself says nothing of tmux.
        ({**TMUX, "TERM_PROGRAM": "vscode", "TERM_PROGRAM_VERSION": "1.2"}, "utf-8", ""),
        # Outside of tmux the version is another program's.
        ({**GOOD, "TERM_PROGRAM": "x", "TERM_PROGRAM_VERSION": "1.0"}, "utf-8", ""),
    ],
)
def test_the_hint_is_one_short_line_or_nothing(
    environment: dict[str, str], encoding: str, told: str
) -> None:
    assert doctor.hint(environment, encoding) == told
    assert len(told) <= 70


def test_the_hint_costs_nothing() -> None:
    environment = {**TMUX, "TERM_PROGRAM_VERSION": "3.3a"}
    started = time.perf_counter()
    for _ in range(100):
        doctor.hint(environment, "utf-8")

    assert time.perf_counter() - started < 100 * 0.001
