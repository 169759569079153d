"""The command line: which command runs, and how the program leaves.

Exit codes: 0 done, 1 it failed at run time, 2 usage or no terminal, 128 + n on signal n.
Messages go to stderr, data to stdout. Everything heavy is imported by the command that needs it.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from typing import NoReturn

from obtui import arguments, exits


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code."""
    started = time.monotonic()
    words = list(sys.argv[1:] if argv is None else argv)
    if words and words[0] not in (*COMMANDS, "-h", "--help", "--version"):
        words.insert(0, "watch")
    parser = arguments.parser()
    parsed = parser.parse_args(words)
    if parsed.command is None:
        parser.error("give a symbol, like BTCUSD, or a command")
    # `config` reads the file itself: it tells its place even if what is in it cannot be.
    if "config" in parsed and parsed.command != "config":
        from obtui import settings
        from obtui.config import UsageError

        try:
            settings.fill(parsed, os.environ)
        except UsageError as error:
            return exits.fail(str(error), exits.USAGE)
    return COMMANDS[parsed.command](parsed, started)


def entry() -> NoReturn:
    """The console script. It leaves without waiting for threads: recordings are closed by then,
    and one that waits for a name server that does not answer must not hold up the user."""
    try:
        code = main()
    except KeyboardInterrupt:
        code = exits.SIGNAL + signal.SIGINT
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else 0
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            code = code or 1
    os._exit(code)


def _watch(parsed: argparse.Namespace, started: float) -> int:
    from obtui.commands import watch

    return watch.run(parsed, started)


def _demo(parsed: argparse.Namespace, started: float) -> int:
    from obtui.commands import watch

    return watch.run_demo(parsed, started)


def _record(parsed: argparse.Namespace, started: float) -> int:
    from obtui.commands import headless

    return headless.run(parsed, started)


def _replay(parsed: argparse.Namespace, started: float) -> int:
    from obtui.commands import replay_command

    return replay_command.run(parsed, started)


def _verify(parsed: argparse.Namespace, _started: float) -> int:
    from obtui.commands import verify_command

    return verify_command.run(parsed)


def _export(parsed: argparse.Namespace, _started: float) -> int:
    from obtui.commands import export_command

    return export_command.run(parsed)


def _book(parsed: argparse.Namespace, _started: float) -> int:
    from obtui.commands import book_command

    return book_command.run(parsed)


def _latency(parsed: argparse.Namespace, _started: float) -> int:
    from obtui.commands import latency_command

    return latency_command.run(parsed)


def _symbols(parsed: argparse.Namespace, _started: float) -> int:
    from obtui.commands import symbols_command

    return symbols_command.run(parsed)


def _venues(parsed: argparse.Namespace, _started: float) -> int:
    from obtui.commands import venues_command

    return venues_command.run(parsed, parsed.venue)


def _simulate(parsed: argparse.Namespace, _started: float) -> int:
    from obtui.simulator import standalone

    return standalone.run(parsed.port, parsed.seed or 0, parsed.speed)


def _config(parsed: argparse.Namespace, _started: float) -> int:
    from obtui.commands import config_command

    return config_command.run(parsed)


def _completion(parsed: argparse.Namespace, _started: float) -> int:
    from obtui.commands import completion_command

    return completion_command.run(parsed.shell)


def _doctor(parsed: argparse.Namespace, _started: float) -> int:
    from obtui.commands import doctor_command

    return doctor_command.run(parsed)


Command = Callable[[argparse.Namespace, float], int]

COMMANDS: dict[str, Command] = {
    "watch": _watch,
    "demo": _demo,
    "record": _record,
    "replay": _replay,
    "verify": _verify,
    "export": _export,
    "book": _book,
    "latency": _latency,
    "symbols": _symbols,
    "venues": _venues,
    "simulate": _simulate,
    "config": _config,
    "completion": _completion,
    "doctor": _doctor,
}
