"""Whether a terminal shows all that the screen has, and what to do where it does not.

It judges what it is told, and asks nothing: neither the terminal nor the environment.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

SMALLEST = (60, 16)
"""Columns and lines from which on the screen is whole."""
TRUECOLOUR = 1 << 24
FEW_COLOURS = 16
SLOW_MS = 100.0
"""A terminal that answers later is behind what is shown, to be seen with the eye."""
TMUX_SYNCHRONIZED = (3, 7)
"""3.6a does not answer whether it has synchronized output, 3.7b does (tmux's issue 5470)."""
NO_TERMINAL = {"", "dumb", "unknown"}
"""Of TERM: what cannot show a screen."""


class Answers(NamedTuple):
    """What a terminal answered; None where it did not."""

    cursor_ms: float | None = None
    """After so long, where the cursor is."""
    synchronized: bool | None = None
    """Whether it shows a frame at once that is sent as one."""
    mouse: bool | None = None


class Folder(NamedTuple):
    """Where obtui keeps something."""

    what: str
    path: str
    fault: str = ""
    """Why it cannot be written, or nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What was measured."""

    missing: tuple[str, ...] = ()
    """Of stdin and stderr, which are no terminal."""
    size: tuple[int, int] | None = None
    """Columns and lines; None where they are not known."""
    encoding: str = "utf-8"
    """Of stderr, where the screen is drawn."""
    terminfo_colours: int | None = None
    """By the terminfo database; None where it does not know the terminal."""
    terminfo_mouse: bool = False
    answers: Answers | None = None
    """None where it could not be asked..."""
    unasked: str = "there is no terminal"
    """...for this reason."""
    deadline_ms: float = 500.0
    """How long an answer was waited for."""
    versions: tuple[tuple[str, str], ...] = ()
    folders: Sequence[Folder] = ()


class Finding(NamedTuple):
    """One line."""

    what: str
    found: str
    advice: str = ""
    """What to do where it is limited; nothing where it is not."""
    fatal: bool = False
    """Whether no screen can be shown for it."""


def judge(environment: Mapping[str, str], facts: Facts) -> list[Finding]:
    """What was found, in a constant order; `environment` is the program's."""
    return [
        _terminal(environment, facts),
        _size(facts),
        _text(facts),
        _colours(environment, facts),
        _multiplexer(environment),
        *_answers(environment, facts),
        Finding("ssh", "yes" if _has(environment, "SSH_CONNECTION", "SSH_TTY") else "no"),
        Finding("versions", " · ".join(f"{name} {version}" for name, version in facts.versions)),
        *[_folder(folder) for folder in facts.folders],
    ]


def hint(environment: Mapping[str, str], encoding: str) -> str:
    """One short line where the terminal is limited, as far as it can be told without asking it;
    else nothing. `encoding` is that of stderr."""
    if not is_utf_8(encoding):
        return f"the locale's encoding is {encoding}: set LANG=C.UTF-8"
    term = environment.get("TERM", "")
    if colours(environment) <= FEW_COLOURS and not environment.get("NO_COLOR"):
        return f"only 16 colours by TERM={term}: obtui doctor says what to do"
    if _tmux_synchronized(environment) is False:
        which = f"tmux {environment.get('TERM_PROGRAM_VERSION', '')}".rstrip()
        return f"{which} may show half a frame: 3.7 has synchronized output"
    return ""


def colours(environment: Mapping[str, str]) -> int:
    """How many will be used: judged as Rich judges it, from COLORTERM and how TERM ends."""
    if environment.get("COLORTERM", "").strip().lower() in {"truecolor", "24bit"}:
        return TRUECOLOUR
    ending = environment.get("TERM", "").strip().lower().rpartition("-")[2]
    return 256 if ending in {"256color", "kitty"} else FEW_COLOURS


def is_utf_8(encoding: str) -> bool:
    """By any of the names that it goes by."""
    return encoding.lower().replace("-", "").replace("_", "") in {"utf8", "cp65001"}


def _has(environment: Mapping[str, str], *names: str) -> bool:
    return any(environment.get(name) for name in names)


def _terminal(environment: Mapping[str, str], facts: Facts) -> Finding:
    term = environment.get("TERM", "")
    shown = f"TERM={term}"
    if facts.missing:
        which = " and ".join(facts.missing)
        verb = "is not a terminal" if len(facts.missing) == 1 else "are not terminals"
        advice = "run it in a terminal, or use --plain: a line a second"
        return Finding("terminal", f"{which} {verb}", advice, fatal=True)
    if term in NO_TERMINAL:
        advice = "set it to what your terminal is, like TERM=xterm-256color"
        return Finding("terminal", f"{shown} cannot show a screen", advice, fatal=True)
    return Finding("terminal", shown)


def _size(facts: Facts) -> Finding:
    if facts.size is None or not all(facts.size):
        return Finding("size", "not known")
    (columns, lines), (fewest, lowest) = facts.size, SMALLEST
    found = f"{columns}×{lines}"
    if columns < fewest or lines < lowest:
        return Finding("size", found, f"make the window larger: {fewest}×{lowest} shows all")
    return Finding("size", found)


def _text(facts: Facts) -> Finding:
    if is_utf_8(facts.encoding):
        return Finding("text", "UTF-8")
    return Finding("text", f"{facts.encoding}, not UTF-8", "set LANG=C.UTF-8", fatal=True)


def _colours(environment: Mapping[str, str], facts: Facts) -> Finding:
    if environment.get("NO_COLOR"):
        return Finding("colours", "none, as NO_COLOR is set")
    used = colours(environment)
    if used == TRUECOLOUR:
        return Finding("colours", f"16 million, by COLORTERM={environment['COLORTERM']}")
    term = environment.get("TERM", "")
    found = f"{used}, by TERM={term}"
    if used > FEW_COLOURS:
        return Finding("colours", found)
    known = facts.terminfo_colours
    if known is not None and known > FEW_COLOURS:
        found += f", though terminfo knows {known}"
        return Finding("colours", found, "set COLORTERM=truecolor, or TERM=xterm-256color")
    advice = "choose --theme obtui-mono; or set TERM=xterm-256color if your terminal has them"
    return Finding("colours", found, advice)


def _multiplexer(environment: Mapping[str, str]) -> Finding:
    if environment.get("TMUX"):
        ours = environment.get("TERM_PROGRAM") == "tmux"
        version = environment.get("TERM_PROGRAM_VERSION", "") if ours else ""
        return Finding("multiplexer", f"tmux {version}".rstrip())
    return Finding("multiplexer", "GNU screen" if environment.get("STY") else "none")


def _tmux_synchronized(environment: Mapping[str, str]) -> bool | None:
    """Whether tmux has synchronized output, by its version; None where it cannot be told."""
    if not environment.get("TMUX"):
        return None
    # tmux tells its version since 3.2; a program that was started in it may tell its own.
    program = environment.get("TERM_PROGRAM", "")
    found = re.search(r"(\d+)\.(\d+)", environment.get("TERM_PROGRAM_VERSION", ""))
    if program == "tmux" and found:
        return (int(found[1]), int(found[2])) >= TMUX_SYNCHRONIZED
    return None if program else False


def _answers(environment: Mapping[str, str], facts: Facts) -> list[Finding]:
    answers = facts.answers
    if answers is None:
        found = f"not asked: {facts.unasked}"
        return [Finding(what, found) for what in ("answers", "synchronized output", "mouse")]
    return [
        _delay(answers, facts.deadline_ms),
        _synchronized(environment, answers),
        _mouse(answers, facts),
    ]


def _delay(answers: Answers, deadline_ms: float) -> Finding:
    if answers.cursor_ms is None:
        advice = "the screen cannot notice a slow link: where it falls behind, use --fps 5"
        return Finding("answers", f"none within {deadline_ms:.0f} ms", advice)
    found = f"in {answers.cursor_ms:.0f} ms" if answers.cursor_ms >= 1 else "in less than 1 ms"
    if answers.cursor_ms > SLOW_MS:
        return Finding("answers", found, "the link is slow: where the screen lags, use --fps 5")
    return Finding("answers", found)


def _synchronized(environment: Mapping[str, str], answers: Answers) -> Finding:
    if answers.synchronized:
        return Finding("synchronized output", "yes")
    found = "no" if answers.synchronized is False else "no answer"
    if environment.get("TMUX"):
        advice = "half a frame may be seen: tmux 3.7 has it"
    elif environment.get("STY"):
        advice = "half a frame may be seen: GNU screen has none, tmux 3.7 has it"
    else:
        advice = "half a frame may be seen: newer terminals have it"
    return Finding("synchronized output", found, advice)


def _mouse(answers: Answers, facts: Facts) -> Finding:
    if answers.mouse or (answers.mouse is None and facts.terminfo_mouse):
        return Finding("mouse", "yes" if answers.mouse else "yes, by terminfo")
    return Finding("mouse", "no", "every action has a key: the help lists them")


def _folder(folder: Folder) -> Finding:
    if not folder.fault:
        return Finding(folder.what, folder.path)
    advice = "nothing can be kept there: see to its owner and mode"
    return Finding(folder.what, f"{folder.path} {folder.fault}", advice)
