"""How a recording stands, as data and in words.

It asks nobody; the writer fills it in.
"""

from __future__ import annotations

import errno
import os
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from obtui import figures

RATE_SECONDS = 10.0
"""Over how long the rate of writing is told."""
SAMPLE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class WriterStatus:
    """How the recording stands."""

    path: str
    """As it was given, or of the present segment; `-` is standard output."""
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
    """All that was written before this time of the monotonic clock is on the disk; None: nothing
    yet, or a stream."""
    free_bytes: int | None = None
    """Bytes left on the disk, within a second or two; None where that is not known."""
    device: int = 0
    """Equal for files on the same disk."""


class Health:
    """How what is being written stands, in one line; it remembers how fast that was of late."""

    def __init__(self, started: float) -> None:
        """`started` is a time of the monotonic clock, in seconds, as all here are."""
        self._started = started
        self._samples: deque[tuple[float, int, dict[int, int]]] = deque()

    def words(self, statuses: Sequence[WriterStatus], now: float) -> str:
        """`REC 1h02m · 412 MB · 1.2 MB/s · 0 dropped · fsync 0.4 s ago · disk 18 h left`.

        Of several files together (one at least): the oldest sync, the disk that is full first.
        """
        by_disk: dict[int, int] = {}
        for status in statuses:
            by_disk[status.device] = by_disk.get(status.device, 0) + status.bytes_written
        written = sum(by_disk.values())
        dropped = sum(status.dropped for status in statuses)
        self._sample(now, written, by_disk)
        then, before, by_disk_before = self._samples[0]
        span = now - then
        words = [f"REC {figures.duration(now - self._started)}", figures.quantity(written)]
        if span >= SAMPLE_SECONDS:
            words.append(f"{figures.quantity((written - before) / span)}/s")
        words.append(f"{figures.count(dropped)} {'DROPPED' if dropped else 'dropped'}")
        syncs = [status.last_fsync for status in statuses if status.last_fsync is not None]
        if syncs:
            words.append(f"fsync {figures.duration(max(0.0, now - min(syncs)))} ago")
        left = [
            status.free_bytes * span / grown
            for status in statuses
            if status.free_bytes is not None
            and (grown := by_disk[status.device] - by_disk_before.get(status.device, 0)) > 0
        ]
        if left and span >= SAMPLE_SECONDS:
            words.append(f"disk {_time_left(min(left))} left")
        if any(status.path == "-" for status in statuses):
            words.append("standard output")
        return " · ".join(words)

    def _sample(self, now: float, written: int, by_disk: dict[int, int]) -> None:
        samples = self._samples
        if not samples or now - samples[-1][0] >= SAMPLE_SECONDS:
            samples.append((now, written, by_disk))
        while len(samples) > 2 and now - samples[1][0] >= RATE_SECONDS:
            samples.popleft()


def _time_left(seconds: float) -> str:
    """Coarse: the rate is that of the last seconds."""
    if seconds < 60:
        return "under 1 min"
    if seconds < 2 * 3600:
        return f"{seconds / 60:.0f} min"
    if seconds < 48 * 3600:
        return f"{seconds / 3600:.0f} h"
    return f"{figures.count(int(seconds / 86400))} d"


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


def place_of(paths: Sequence[str]) -> str:
    """Where a recording is that was written to these files, in their order."""
    first = "standard output" if paths[0] == "-" else os.path.abspath(paths[0])
    return first if len(paths) == 1 else f"{first} up to {os.path.basename(paths[-1])}"


def saved_words(said: Sequence[str], failed: str, missing: int) -> str:
    """What was saved where, and what was not; nothing where no file was left."""
    if not said:
        return ""
    text = f"saved {' and '.join(said)}"
    if failed:
        text = f"recording stopped: {failed}; {text} before it"
    if missing:
        text += f"; lines lost: {figures.count(missing)}"
    return text
