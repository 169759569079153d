"""Exit codes, and the one line on stderr that goes with a failure.

A terminal that is not read must not hold up the program: what it does not take in a moment is
left unsaid.
"""

from __future__ import annotations

import os
import threading

DONE = 0
FAILED = 1
USAGE = 2
"""The command line, its arguments, or the terminal cannot be what they are."""
SIGNAL = 128
"""Plus the signal's number."""
PATIENCE_SECONDS = 0.3
STDERR = 2


def say(text: str, patience: float = PATIENCE_SECONDS) -> bool:
    """Write to stderr as it is; False if it was not taken within `patience` seconds."""
    writing = threading.Thread(target=_write, args=(text.encode("utf-8", "replace"),), daemon=True)
    writing.start()
    writing.join(patience)
    return not writing.is_alive()


def fail(message: str, code: int = FAILED) -> int:
    """Say in one line what went wrong; returns the exit code."""
    say(f"obtui: {message}\n")
    return code


def _write(data: bytes) -> None:
    # Not sys.stderr: whoever waits in it holds its lock, and the program could not leave.
    view = memoryview(data)
    try:
        while view:
            view = view[os.write(STDERR, view) :]
    except OSError:
        return  # nobody is there to be told
