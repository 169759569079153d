"""The command line's words: commands, options, and the bounds that can be told of each alone."""

from __future__ import annotations

import argparse
from typing import NoReturn

from obtui import __version__, exits

FASTEST = 1_000_000
"""Times the usual rate: what the simulated exchange takes."""

DESCRIPTION = """\
A live order book in the terminal, checked, and recorded while it is shown.

  obtui BTCUSD        watch it live (= obtui watch BTCUSD)
  obtui demo          watch a simulated exchange: needs no network
  obtui record BTCUSD --capture FILE
                      record without a screen
  obtui replay FILE   watch a recording
  obtui verify FILE   say whether a recording is whole
  obtui export FILE   write a recording in another program's format
  obtui simulate      run the simulated exchange alone
"""


class Parser(argparse.ArgumentParser):
    """Says what was wrong in one line."""

    def error(self, message: str) -> NoReturn:
        """Print and leave."""
        self.exit(exits.USAGE, f"{self.prog}: {message} (see {self.prog} --help)\n")


def parser() -> Parser:
    """All commands and their options."""
    whole = Parser(
        prog="obtui",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="obtui SYMBOL [options] | obtui COMMAND ...",
    )
    whole.add_argument("--version", action="version", version=f"obtui {__version__}")
    commands = whole.add_subparsers(
        dest="command", metavar="COMMAND", prog="obtui", parser_class=Parser
    )

    watch = commands.add_parser("watch", help="watch a market live")
    _add_market(watch)
    _add_recording(watch)
    _add_screen(watch)

    demo = commands.add_parser("demo", help="watch a simulated exchange; needs no network")
    demo.add_argument("symbol", nargs="?", default="BTCUSD", metavar="SYMBOL")
    _add_venue(demo)
    _add_flow(demo)
    _add_recording(demo)
    _add_screen(demo)

    record = commands.add_parser("record", help="record without a screen until stopped")
    _add_market(record)
    _add_recording(record)
    record.add_argument(
        "--duration", type=_positive, metavar="SECONDS", help="end so long after the start"
    )
    record.add_argument(
        "--messages", type=_count, metavar="N", help="end after N book lines, or frames"
    )

    replay = commands.add_parser("replay", help="watch a recording: pause, step, seek, speed")
    _add_replay(replay)

    verify = commands.add_parser("verify", help="say whether a recording is whole")
    verify.add_argument("files", nargs="+", metavar="FILE", help="recordings; -: standard input")
    verify.add_argument("--json", action="store_true", help="the report as JSON")

    export = commands.add_parser("export", help="write a recording in another program's format")
    _add_export(export)

    simulate = commands.add_parser("simulate", help="run the simulated exchange alone")
    simulate.add_argument(
        "--port", type=_port, default=0, metavar="P", help="port on 127.0.0.1; 0, the default: any"
    )
    _add_flow(simulate)
    return whole


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


def _add_books(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--record", default="", metavar="FILE", help="append book lines to FILE; -: to stdout"
    )
    parser.add_argument(
        "--depth", type=_count, default=10, metavar="N", help="levels a side in a line (10)"
    )


def _add_recording(parser: argparse.ArgumentParser) -> None:
    _add_books(parser)
    parser.add_argument(
        "--capture",
        default="",
        metavar="FILE",
        help="append every frame to FILE, to be replayed; either is compressed if it ends in .zst",
    )
    parser.add_argument(
        "--rotate",
        default="",
        metavar="SIZE|TIME",
        help="go on in the capture's next numbered segment after 100MB, 1h, ...",
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="replace files that are there (else: append)"
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


def _add_replay(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="recordings; -: standard input")
    parser.add_argument(
        "--speed", type=_pace, default=1.0, metavar="X", help="0.1 to 1000, or max (1)"
    )
    parser.add_argument(
        "--follow", action="store_true", help="show a capture that is being written, as it grows"
    )
    parser.add_argument(
        "--no-screen", action="store_true", help="with --record: write its books, no screen"
    )
    _add_books(parser)
    _add_screen(parser)


def _add_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="recordings; -: standard input")
    parser.add_argument(
        "-o",
        "--out",
        required=True,
        metavar="OUT",
        help="file to write, compressed if it ends in .gz or .zst; -: standard output",
    )
    parser.add_argument(
        "--format",
        required=True,
        metavar="F",
        help="csv-l2, csv-snapshot, parquet, books or hftbacktest",
    )
    parser.add_argument(
        "--depth",
        type=_count,
        metavar="N",
        help="levels a side of csv-snapshot (25) and books (10)",
    )
    parser.add_argument(
        "--interval", default="", metavar="TIME", help="one row of csv-snapshot each 100ms, 1s, 5m"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace OUT if it exists")


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


def _pace(text: str) -> float:
    if text == "max":
        return float("inf")
    value = _positive(text)
    if not 0.1 <= value <= 1000:
        raise argparse.ArgumentTypeError(f"{text} is not between 0.1 and 1000, nor max")
    return value


def _fps(text: str) -> float:
    value = _number(text)
    if not 1 <= value <= 60:
        raise argparse.ArgumentTypeError(f"{text} is not between 1 and 60")
    return value
