"""What a command prints on standard output: columns in line, for a terminal or another program."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence

from obtui import exits


def put(text: str) -> int:
    """Print it, ended by a newline; returns the exit code, which is that of a closed pipe where
    nobody reads on."""
    try:
        print(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # Nothing more can be said there, not even by the interpreter at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exits.SIGNAL + signal.SIGPIPE
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exits.fail(f"standard output: {error.strerror}")
    return exits.DONE


def table(rows: Sequence[Sequence[str]], right: frozenset[int] = frozenset()) -> str:
    """`rows`, of which the first is the heads, in columns two blanks apart; those of `right` end in
    line, for figures."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            f"{cell:>{width}}" if index in right else f"{cell:<{width}}"
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
