"""Exit codes, and the one line on stderr that goes with a failure."""

from __future__ import annotations

import sys

DONE = 0
FAILED = 1
USAGE = 2
"""The command line, its arguments, or the terminal cannot be what they are."""
SIGNAL = 128
"""Plus the signal's number."""


def fail(message: str, code: int = FAILED) -> int:
    """Say in one line what went wrong; returns the exit code."""
    print(f"obtui: {message}", file=sys.stderr)
    return code
