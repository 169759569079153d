"""Options that several commands have.

Those of settings are absent from what was parsed unless they were given: what holds then is the
business of `settings`, which goes on from the environment to the file to the defaults.
"""

from __future__ import annotations

import argparse

from obtui import values


def add_config_file(parser: argparse.ArgumentParser) -> None:
    """What makes a command take the settings, too."""
    parser.add_argument(
        "--config", default="", metavar="FILE", help="settings; else obtui config --path"
    )


def add_venue(parser: argparse.ArgumentParser) -> None:
    """Of symbols that name none."""
    parser.add_argument(
        "--venue",
        default=argparse.SUPPRESS,
        metavar="V",
        help=f"{values.DEFAULT_VENUE} (default); obtui venues lists all",
    )


def add_markets(parser: argparse.ArgumentParser) -> None:
    """What is followed, and where."""
    parser.add_argument(
        "symbols", nargs="+", metavar="SYMBOL", help="like BTCUSD or kraken:BTCUSD; up to 32"
    )
    add_address(parser)


def add_one_market(parser: argparse.ArgumentParser) -> None:
    """What is asked about, and where."""
    parser.add_argument("symbols", nargs=1, metavar="SYMBOL", help="like BTCUSD or gemini:BTCUSD")
    add_address(parser)


def add_address(parser: argparse.ArgumentParser) -> None:
    """Of the venue, or of what stands in for it."""
    add_venue(parser)
    parser.add_argument(
        "--url", default="", metavar="WS", help="replaces the venue's scheme, host and port"
    )
    parser.add_argument(
        "--rest-url",
        default="",
        metavar="HTTP",
        help="the same for REST; with --url and without this, REST is not asked",
    )


def add_books(parser: argparse.ArgumentParser) -> None:
    """Of book lines."""
    parser.add_argument(
        "--record", default="", metavar="FILE", help="append book lines to FILE; -: to stdout"
    )
    add_depth(parser)


def add_depth(parser: argparse.ArgumentParser) -> None:
    """Of a book line."""
    parser.add_argument(
        "--depth",
        type=values.count,
        default=argparse.SUPPRESS,
        metavar="N",
        help="levels a side in a line (10)",
    )


def add_recording(parser: argparse.ArgumentParser) -> None:
    """Of both kinds of files."""
    add_books(parser)
    parser.add_argument(
        "--capture",
        default="",
        metavar="FILE",
        help="append every frame to FILE, to be replayed; either is compressed if it ends in .zst, "
        "and takes several markets with {venue} and {symbol} in its name",
    )
    add_rotate(parser)
    parser.add_argument(
        "--overwrite", action="store_true", help="replace files that are there (else: append)"
    )


def add_rotate(parser: argparse.ArgumentParser) -> None:
    """Of a capture."""
    parser.add_argument(
        "--rotate",
        default=argparse.SUPPRESS,
        metavar="SIZE|TIME",
        help="go on in the capture's next numbered segment after 100MB, 1h, ...",
    )


def add_screen(parser: argparse.ArgumentParser) -> None:
    """What a screen looks like, and how often it is painted."""
    absent = argparse.SUPPRESS
    parser.add_argument("--fps", type=values.fps, default=absent, metavar="N", help="1 to 60 (20)")
    parser.add_argument("--theme", default=absent, metavar="NAME", help="colours (obtui)")
    parser.add_argument(
        "--layout",
        type=values.layout,
        default=absent,
        metavar="NAME",
        help="book, tape, map or all (as it was left)",
    )
    parser.add_argument(
        "--mouse", action="store_true", default=absent, help="take the mouse (default)"
    )
    parser.add_argument(
        "--bandwidth",
        type=values.bandwidth,
        default=None,
        metavar="RATE",
        help="bytes a second to the terminal at most, like 20k",
    )
    parser.add_argument(
        "--no-thin",
        dest="thin",
        action="store_false",
        help="let Textual write the screen: more bytes, no pacing",
    )
    parser.add_argument(
        "--no-mouse",
        dest="mouse",
        action="store_false",
        default=absent,
        help="leave the mouse to the terminal",
    )
    parser.add_argument(
        "--alert",
        dest="alerts",
        type=values.alert,
        action="append",
        default=absent,
        metavar="TEXT",
        help="tell when 'price > 65000', 'BTCUSD spread > 5 bps', 'state'; again for another",
    )


def add_plain(parser: argparse.ArgumentParser) -> None:
    """What takes the place of a screen."""
    parser.add_argument(
        "--plain", action="store_true", help="no screen: a line a second, for scripts and ears"
    )
    parser.add_argument(
        "--duration",
        type=values.positive,
        metavar="SECONDS",
        help="with --plain: end so long after the start",
    )


def add_flow(parser: argparse.ArgumentParser) -> None:
    """Of the simulated exchange."""
    parser.add_argument(
        "--seed", type=values.whole, default=None, metavar="N", help="of the order flow"
    )
    parser.add_argument(
        "--speed", type=values.speed, default=1.0, metavar="X", help="times the usual rate (1)"
    )
