"""How a recording stands, as data and in words.

It computes nothing and asks nobody; the writer fills it in.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WriterStatus:
    """How the recording stands."""

    path: str
    """As it was given; `-` is standard output."""
    open: bool
    """Whether what is put now will be written."""
    bytes_written: int
    """Bytes of whole and partial lines handed to the OS, without what was there before."""
    items_written: int
    """Items wholly handed to the OS."""
    waiting: int
    """Items that are still to be written."""
    dropped: int
    """Items refused: over the bound, after a failure, or after the close."""
    lost: int
    """Items taken, then never written: the writing failed, or did not end before the close."""
    failed: str | None
    """One line on why the writing ended, or None; once there is one, it stays."""
    broken_pipe: bool
    """Whether it failed because nobody reads the pipe any more."""
    last_fsync: float | None
    """When it was last all on the disk, by the monotonic clock; None before that, or a stream."""


def why_it_failed(error: OSError, name: str) -> str:
    """One line on a failed write or sync of the file called `name`."""
    match error.errno:
        case errno.ENOSPC:
            what = "disk full"
        case errno.EDQUOT:
            what = "quota used up"
        case errno.EPIPE:
            what = "nobody reads it any more"
        case _:
            what = "cannot write"
    return f"{what}: {error.strerror} ({name})"
