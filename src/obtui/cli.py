"""The command line: arguments, commands, exit codes.

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

from obtui import __version__, exits

FASTEST = 1_000_000
"""Times the usual rate: what the simulated exchange takes."""
COMMANDS = ("watch", "demo", "record", "simulate")

DESCRIPTION = """\
A live order book in the terminal, checked, and recorded while it is shown.

  obtui BTCUSD        watch it live (= obtui watch BTCUSD)
  obtui demo          watch a simulated exchange: needs no network
  obtui record BTCUSD --record FILE
                      record without a screen
  obtui simulate      run the simulated exchange alone
"""


class Parser(argparse.ArgumentParser):
    """Says what was wrong in one line."""

    def error(self, message: str) -> NoReturn:
        """Print and leave."""
        self.exit(exits.USAGE, f"{self.prog}: {message} (see {self.prog} --help)\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code."""
    started = time.monotonic()
    words = list(sys.argv[1:] if argv is None else argv)
    if words and words[0] not in (*COMMANDS, "-h", "--help", "--version"):
        words.insert(0, "watch")
    parser = _parser()
    arguments = parser.parse_args(words)
    if arguments.command is None:
        parser.error("give a symbol, like BTCUSD, or a command")
    command: Callable[[argparse.Namespace, float], int] = arguments.run
    return command(arguments, started)


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


def _parser() -> Parser:
    parser = Parser(
        prog="obtui",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="obtui SYMBOL [options] | obtui COMMAND ...",
    )
    parser.add_argument("--version", action="version", version=f"obtui {__version__}")
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", prog="obtui", parser_class=Parser
    )

    watch = commands.add_parser("watch", help="watch a market live")
    _add_market(watch)
    _add_recording(watch)
    _add_screen(watch)
    watch.set_defaults(run=_watch)

    demo = commands.add_parser("demo", help="watch a simulated exchange; needs no network")
    demo.add_argument("symbol", nargs="?", default="BTCUSD", metavar="SYMBOL")
    _add_venue(demo)
    _add_flow(demo)
    _add_recording(demo)
    _add_screen(demo)
    demo.set_defaults(run=_demo)

    record = commands.add_parser("record", help="record without a screen until stopped")
    _add_market(record)
    _add_recording(record)
    record.add_argument(
        "--duration", type=_positive, metavar="SECONDS", help="end so long after the start"
    )
    record.add_argument("--messages", type=_count, metavar="N", help="end after N book lines")
    record.set_defaults(run=_record)

    simulate = commands.add_parser("simulate", help="run the simulated exchange alone")
    simulate.add_argument(
        "--port", type=_port, default=0, metavar="P", help="port on 127.0.0.1; 0, the default: any"
    )
    _add_flow(simulate)
    simulate.set_defaults(run=_simulate)
    return parser


def _add_venue(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--venue", default="gemini", metavar="V", help="gemini (default) or gemini-v1"
    )


def _add_market(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("symbol", metavar="SYMBOL", help="like BTCUSD")
    _add_venue(parser)
    parser.add_argument(
        "--url", default="", metavar="WS", help="replaces the venue's scheme, host and port"
    )
    parser.add_argument(
        "--rest-url",
        default="",
        metavar="HTTP",
        help="the same for REST; with --url and without this, REST is not asked",
    )


def _add_recording(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--record", default="", metavar="FILE", help="append book lines to FILE; -: to stdout"
    )
    parser.add_argument(
        "--depth", type=_count, default=10, metavar="N", help="levels a side in a line (10)"
    )


def _add_screen(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--fps", type=_fps, default=20.0, metavar="N", help="1 to 60 (20)")
    parser.add_argument("--theme", default="obtui", metavar="NAME", help="colours (obtui)")
    parser.add_argument(
        "--no-mouse", dest="mouse", action="store_false", help="leave the mouse to the terminal"
    )


def _add_flow(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=_whole, default=None, metavar="N", help="of the order flow")
    parser.add_argument(
        "--speed", type=_speed, default=1.0, metavar="X", help="times the usual rate (1)"
    )


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number") from None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number") from None


def _count(text: str) -> int:
    value = _whole(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return value


def _port(text: str) -> int:
    value = _whole(text)
    if not 0 <= value <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 65535")
    return value


def _positive(text: str) -> float:
    value = _number(text)
    if not 0 < value < 1e9:
        raise argparse.ArgumentTypeError(f"{text} is not a number above 0")
    return value


def _speed(text: str) -> float:
    value = _positive(text)
    if value > FASTEST:
        raise argparse.ArgumentTypeError(f"{text} is more than {FASTEST:,}")
    return value


def _fps(text: str) -> float:
    value = _number(text)
    if not 1 <= value <= 60:
        raise argparse.ArgumentTypeError(f"{text} is not between 1 and 60")
    return value


def _watch(arguments: argparse.Namespace, _started: float) -> int:
    from obtui import watch

    return watch.run(arguments)


def _demo(arguments: argparse.Namespace, _started: float) -> int:
    from obtui import watch

    return watch.run_demo(arguments)


def _record(arguments: argparse.Namespace, started: float) -> int:
    from obtui import headless

    return headless.run(arguments, started)


def _simulate(arguments: argparse.Namespace, _started: float) -> int:
    from obtui.simulator import standalone

    return standalone.run(arguments.port, arguments.seed or 0, arguments.speed)
