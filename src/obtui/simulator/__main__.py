"""`python -m obtui.simulator`: the exchange alone, as the demo's child."""

from __future__ import annotations

import signal
import sys


def main() -> int:
    """Run the exchange as the arguments say; returns the exit code."""
    if "--until-stdin-closes" in sys.argv:
        # Ctrl+C goes to the whole group of the terminal; the parent decides what it means. First
        # of all, because the imports below take long enough to be hit.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    import argparse

    from obtui.simulator.standalone import run

    parser = argparse.ArgumentParser(prog="python -m obtui.simulator", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of the order flow")
    parser.add_argument("--speed", type=_speed, default=1.0, help="times as fast as life")
    parser.add_argument("--port", type=_port, default=0, help="0 for any")
    parser.add_argument(
        "--begin",
        action="append",
        default=[],
        type=_market,
        metavar="VENUE:SYMBOL",
        help="a market to begin at once",
    )
    parser.add_argument("--until-stdin-closes", action="store_true", help="end with the parent")
    arguments = parser.parse_args()
    return run(
        arguments.port,
        arguments.seed,
        arguments.speed,
        markets=arguments.begin,
        until_stdin_closes=arguments.until_stdin_closes,
    )


def _market(text: str) -> tuple[str, str]:
    from argparse import ArgumentTypeError

    from obtui.simulator.markets import listed

    protocol, _, symbol = text.partition(":")
    if symbol not in listed(protocol):
        raise ArgumentTypeError(f"there is no market {text}")
    return protocol, symbol


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise ValueError(text)
    return port


def _speed(text: str) -> float:
    speed = float(text)
    if not 0 < speed <= 1e6:
        raise ValueError(text)
    return speed


if __name__ == "__main__":
    sys.exit(main())
