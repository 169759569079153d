"""`obtui doctor`: what the terminal has, and what to do for what it lacks."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata

import msgspec

from obtui import __version__, asking, doctor, exits, printed
from obtui.doctor import Answers, Facts, Finding, Folder

PACKAGES = ("textual", "websockets", "msgspec")


def run(arguments: argparse.Namespace) -> int:
    """Returns the exit code: 0 also where something is limited, 1 where no screen can be shown."""
    environment = dict(os.environ)
    try:
        findings = doctor.judge(environment, _facts(environment))
    except asking.Interrupted as interrupted:
        return exits.SIGNAL + interrupted.number
    text = _json(findings) if arguments.json else _lines(findings)
    fatal = any(it.fatal for it in findings)
    return printed.put(text) or (exits.FAILED if fatal else exits.DONE)


def _lines(findings: list[Finding]) -> str:
    """A mark, what, what was found, and what to do."""
    width = max(len(it.what) for it in findings)
    lines = []
    for it in findings:
        mark = "✗" if it.fatal else "!" if it.advice else " "
        advice = f" → {it.advice}" if it.advice else ""
        lines.append(f"{mark} {it.what:<{width}}  {it.found}{advice}")
    if any(it.fatal for it in findings):
        lines.append("no screen can be shown here")
    text = "\n".join(lines)
    encoding = sys.stdout.encoding
    return text.encode(encoding, "replace").decode(encoding)


def _json(findings: list[Finding]) -> str:
    """One object; `limited` where there is advice."""
    told = {
        "screen": not any(it.fatal for it in findings),
        "findings": [
            {
                "what": it.what,
                "found": it.found,
                "limited": bool(it.advice),
                "fatal": it.fatal,
                "advice": it.advice,
            }
            for it in findings
        ],
    }
    return msgspec.json.format(msgspec.json.encode(told)).decode()


def _facts(environment: dict[str, str]) -> Facts:
    streams = (("stdin", sys.__stdin__), ("stderr", sys.__stderr__))
    missing = tuple([name for name, it in streams if it is None or not it.isatty()])
    colours, mouse = _terminfo(environment.get("TERM", ""))
    size: tuple[int, int] | None = None
    answers: Answers | None = None
    unasked = "there is no terminal"
    with _terminal() as terminal:
        if terminal is not None:
            columns, lines = os.get_terminal_size(terminal)
            size = columns, lines
            # Whoever asks from there is stopped by the system.
            unasked = "it runs in the background"
            if os.tcgetpgrp(terminal) == os.getpgrp():
                try:
                    answers = asking.ask(terminal)
                except (termios.error, OSError):
                    unasked = "the terminal has hung up"
    return Facts(
        missing=missing,
        size=size,
        encoding=sys.__stderr__.encoding if sys.__stderr__ else "ascii",
        terminfo_colours=colours,
        terminfo_mouse=mouse,
        answers=answers,
        unasked=unasked,
        deadline_ms=asking.DEADLINE_SECONDS * 1000,
        versions=_versions(),
        folders=_folders(),
    )


@contextmanager
def _terminal() -> Iterator[int | None]:
    """The one that the program runs in, whatever its streams are; None where there is none."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        yield None
        return
    try:
        yield terminal
    finally:
        os.close(terminal)


def _terminfo(term: str) -> tuple[int | None, bool]:
    """How many colours the terminfo database knows of, and whether of a mouse."""
    try:
        import curses

        curses.setupterm(term, 2)
        colours = curses.tigetnum("colors")
        return (colours if colours > 0 else None), bool(curses.tigetstr("kmous"))
    except (ImportError, curses.error):
        return None, False


def _versions() -> tuple[tuple[str, str], ...]:
    packages = [(name, metadata.version(name)) for name in PACKAGES]
    return (("obtui", __version__), ("Python", platform.python_version()), *packages)


def _folders() -> list[Folder]:
    from platformdirs import user_cache_dir, user_config_dir, user_state_dir

    paths = (
        ("config folder", user_config_dir("obtui")),
        ("state folder", user_state_dir("obtui")),
        ("cache folder", user_cache_dir("obtui")),
    )
    return [Folder(what, path, _fault(path)) for what, path in paths]


def _fault(path: str) -> str:
    """Why nothing can be written there, or nothing; it need not be there yet."""
    while not os.path.lexists(path):
        path = os.path.dirname(path)
    if not os.path.isdir(path):
        return f"cannot be made: {path} is no folder"
    return "" if os.access(path, os.W_OK | os.X_OK) else "cannot be written"
