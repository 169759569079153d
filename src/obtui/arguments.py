"""The command line's words: commands, options, and the bounds that can be told of each alone."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn, TypeAlias

from obtui import __version__, exits, values
from obtui import argument_groups as groups

DESCRIPTION = """\
A live order book in the terminal, checked, and recorded while it is shown.

  obtui BTCUSD        watch it live (= obtui watch BTCUSD)
  obtui gemini:BTCUSD kraken:BTCUSD
                      watch several at once
  obtui demo          watch a simulated exchange: needs no network
  obtui record BTCUSD --capture FILE
                      record without a screen
  obtui replay FILE   watch a recording
  obtui verify FILE   say whether a recording is whole
  obtui export FILE   write a recording in another program's format
  obtui book BTCUSD   print the book, asked once over REST
  obtui latency BTCUSD
                      measure REST against the websocket
  obtui symbols       list what a venue trades
  obtui venues        list the venues, and what each can verify
  obtui simulate      run the simulated exchange alone
  obtui config        print the settings, and where each comes from
  obtui doctor        say what this terminal has, and what it lacks
  obtui completion SHELL
                      print what completes commands and options in a shell
"""


class Parser(argparse.ArgumentParser):
    """Says what was wrong in one line."""

    def error(self, message: str) -> NoReturn:
        """Print and leave."""
        self.exit(exits.USAGE, f"{self.prog}: {message} (see {self.prog} --help)\n")

    _mixing = False

    def parse_known_args(  # type: ignore[override]  # of its overloads, the one that is used
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Options may stand between symbols, or files: `BTCUSD --venue kraken ETHUSD`."""
        words = list(sys.argv[1:] if args is None else args)
        several = any(it.nargs in {"+", "*"} for it in self._get_positional_actions())
        # After -- all are names, which is told from the place where it stands.
        if self._mixing or not several or "--" in words:
            return super().parse_known_args(words, namespace)
        self._mixing = True
        try:
            return self.parse_known_intermixed_args(words, namespace)
        finally:
            self._mixing = False


Commands: TypeAlias = "argparse._SubParsersAction[Parser]"


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

    _add_following(commands)
    _add_asking(commands)
    _add_rest(commands)
    return whole


def _add_following(commands: Commands) -> None:
    """Commands that follow markets, or are about what was recorded of them."""
    watch = commands.add_parser("watch", help="watch a market live")
    groups.add_markets(watch)
    groups.add_recording(watch)
    groups.add_screen(watch)
    groups.add_plain(watch)
    groups.add_config_file(watch)

    demo = commands.add_parser("demo", help="watch a simulated exchange; needs no network")
    demo.add_argument("symbols", nargs="*", metavar="SYMBOL", help="if none: BTC on the venue")
    groups.add_venue(demo)
    groups.add_flow(demo)
    groups.add_recording(demo)
    groups.add_screen(demo)
    groups.add_plain(demo)
    groups.add_config_file(demo)

    record = commands.add_parser("record", help="record without a screen until stopped")
    groups.add_markets(record)
    groups.add_recording(record)
    groups.add_config_file(record)
    record.add_argument(
        "--duration", type=values.positive, metavar="SECONDS", help="end so long after the start"
    )
    record.add_argument(
        "--messages", type=values.count, metavar="N", help="end after N book lines, or frames"
    )

    replay = commands.add_parser("replay", help="watch a recording: pause, step, seek, speed")
    _add_replay(replay)

    verify = commands.add_parser("verify", help="say whether a recording is whole")
    verify.add_argument("files", nargs="+", metavar="FILE", help="recordings; -: standard input")
    verify.add_argument("--json", action="store_true", help="the report as JSON")

    export = commands.add_parser("export", help="write a recording in another program's format")
    _add_export(export)


def _add_asking(commands: Commands) -> None:
    """Commands that print what a venue says, or what is known of it."""
    book = commands.add_parser("book", help="print a market's book, asked once over REST")
    groups.add_one_market(book)
    groups.add_config_file(book)
    book.add_argument(
        "--depth", type=values.count, default=10, metavar="N", help="levels a side (10)"
    )
    book.add_argument("--json", action="store_true", help="as a book line")

    latency = commands.add_parser("latency", help="measure REST against the websocket")
    groups.add_one_market(latency)
    groups.add_config_file(latency)
    latency.add_argument(
        "-n",
        type=values.times,
        default=10,
        dest="times",
        metavar="N",
        help="of each, 1 to 1000 (10)",
    )
    latency.add_argument("--json", action="store_true", help="the figures as JSON")

    symbols = commands.add_parser("symbols", help="list what a venue trades")
    symbols.add_argument("filter", nargs="?", default="", metavar="FILTER", help="like BTC")
    groups.add_venue(symbols)
    groups.add_config_file(symbols)
    symbols.add_argument(
        "--rest-url", default="", metavar="HTTP", help="replaces the venue's scheme, host and port"
    )
    symbols.add_argument("--json", action="store_true", help="the list as JSON")

    venues = commands.add_parser("venues", help="list the venues, and what each can verify")
    groups.add_config_file(venues)
    venues.add_argument("--json", action="store_true", help="the list as JSON")


def _add_rest(commands: Commands) -> None:
    """Commands that know no market."""
    simulate = commands.add_parser(
        "simulate",
        help="run the simulated exchange alone",
        description="A simulated exchange on one port of 127.0.0.1: Gemini (both protocols), "
        "Kraken, Coinbase and Binance, each with BTC and ETH, websocket and REST. It prints its "
        "URL.",
    )
    simulate.add_argument(
        "--port",
        type=values.port,
        default=0,
        metavar="P",
        help="port on 127.0.0.1; 0, the default: any",
    )
    groups.add_flow(simulate)

    config = commands.add_parser("config", help="print the settings, and where each comes from")
    _add_config(config)

    completion = commands.add_parser(
        "completion", help="print what completes commands and options in a shell"
    )
    completion.add_argument("shell", choices=("bash", "zsh", "fish"), help="the shell it is for")

    doctor = commands.add_parser("doctor", help="say what this terminal has, and what it lacks")
    doctor.add_argument("--json", action="store_true", help="the findings as JSON")


def _add_replay(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="recordings; -: standard input")
    parser.add_argument(
        "--speed", type=values.pace, default=1.0, metavar="X", help="0.1 to 1000, or max (1)"
    )
    parser.add_argument(
        "--follow", action="store_true", help="show a capture that is being written, as it grows"
    )
    parser.add_argument(
        "--no-screen", action="store_true", help="with --record: write its books, no screen"
    )
    groups.add_books(parser)
    groups.add_screen(parser)
    groups.add_plain(parser)
    groups.add_config_file(parser)


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
        type=values.count,
        metavar="N",
        help="levels a side of csv-snapshot (25) and books (10)",
    )
    parser.add_argument(
        "--interval", default="", metavar="TIME", help="one row of csv-snapshot each 100ms, 1s, 5m"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace OUT if it exists")


def _add_config(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Flags go before OBTUI_* variables, these before the file, and that before the defaults. "
        "Flags that are given here are shown as if they were given to another command."
    )
    groups.add_venue(parser)
    groups.add_depth(parser)
    groups.add_rotate(parser)
    groups.add_screen(parser)
    groups.add_plain(parser)
    groups.add_config_file(parser)
    parser.add_argument("--path", action="store_true", help="print the file's name alone")
    parser.add_argument("--json", action="store_true", help="the settings as JSON")
