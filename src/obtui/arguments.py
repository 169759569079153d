"""The command line's words: commands, options, and the bounds that can be told of each alone."""

from __future__ import annotations

import argparse
from typing import NoReturn

from obtui import __version__, exits, values

DEFAULT_VENUE = "gemini"

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
    _add_market(watch, several=True)
    _add_recording(watch)
    _add_screen(watch)

    demo = commands.add_parser("demo", help="watch a simulated exchange; needs no network")
    demo.add_argument("symbols", nargs="*", metavar="SYMBOL", help="if none: BTC on the venue")
    _add_venue(demo)
    _add_flow(demo)
    _add_recording(demo)
    _add_screen(demo)

    record = commands.add_parser("record", help="record without a screen until stopped")
    _add_market(record, several=True)
    _add_recording(record)
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

    book = commands.add_parser("book", help="print a market's book, asked once over REST")
    _add_one_market(book)
    book.add_argument(
        "--depth", type=values.count, default=10, metavar="N", help="levels a side (10)"
    )
    book.add_argument("--json", action="store_true", help="as a book line")

    latency = commands.add_parser("latency", help="measure REST against the websocket")
    _add_one_market(latency)
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
    _add_venue(symbols)
    symbols.add_argument(
        "--rest-url", default="", metavar="HTTP", help="replaces the venue's scheme, host and port"
    )
    symbols.add_argument("--json", action="store_true", help="the list as JSON")

    venues = commands.add_parser("venues", help="list the venues, and what each can verify")
    venues.add_argument("--json", action="store_true", help="the list as JSON")

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
    _add_flow(simulate)
    return whole


def _add_venue(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--venue",
        default=DEFAULT_VENUE,
        metavar="V",
        help=f"{DEFAULT_VENUE} (default); obtui venues lists all",
    )


def _add_market(parser: argparse.ArgumentParser, *, several: bool = False) -> None:
    if several:
        parser.add_argument(
            "symbols", nargs="+", metavar="SYMBOL", help="like BTCUSD or kraken:BTCUSD; up to 32"
        )
    else:
        parser.add_argument("symbol", metavar="SYMBOL", help="like BTCUSD or kraken:BTCUSD")
    _add_address(parser)


def _add_one_market(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("symbols", nargs=1, metavar="SYMBOL", help="like BTCUSD or gemini:BTCUSD")
    _add_address(parser)


def _add_address(parser: argparse.ArgumentParser) -> None:
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
        "--depth", type=values.count, default=10, metavar="N", help="levels a side in a line (10)"
    )


def _add_recording(parser: argparse.ArgumentParser) -> None:
    _add_books(parser)
    parser.add_argument(
        "--capture",
        default="",
        metavar="FILE",
        help="append every frame to FILE, to be replayed; either is compressed if it ends in .zst, "
        "and takes several markets with {venue} and {symbol} in its name",
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
    parser.add_argument("--fps", type=values.fps, default=20.0, metavar="N", help="1 to 60 (20)")
    parser.add_argument("--theme", default="obtui", metavar="NAME", help="colours (obtui)")
    parser.add_argument(
        "--no-mouse", dest="mouse", action="store_false", help="leave the mouse to the terminal"
    )


def _add_flow(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--seed", type=values.whole, default=None, metavar="N", help="of the order flow"
    )
    parser.add_argument(
        "--speed", type=values.speed, default=1.0, metavar="X", help="times the usual rate (1)"
    )


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
        type=values.count,
        metavar="N",
        help="levels a side of csv-snapshot (25) and books (10)",
    )
    parser.add_argument(
        "--interval", default="", metavar="TIME", help="one row of csv-snapshot each 100ms, 1s, 5m"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace OUT if it exists")
