"""A capture that is still being written, as it grows.

It gives what `Recording.frames` gives, and at the end waits for more: of the file, and of the
segment that the recorder goes on in. It never gives half a line. It knows no clock: who follows
says how to wait, and when to stop.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence

from obtui.recording.formats import NothingYet
from obtui.recording.reader import Located, Position, Recording, open_recording
from obtui.recording.rotate import segment_name, split_name
from obtui.recording.segment import More, Segment

POLL_SECONDS = 0.1
"""How long is waited before looking again: the recorder hands its lines over every 0.05 s."""

_NUMBERED = re.compile(r"(?P<series>.*)-(?P<number>\d{6,})")

Stop = Callable[[], bool]
Wait = Callable[[float], object]


def open_growing(paths: Sequence[str], *, stop: Stop, wait: Wait) -> Recording | None:
    """As `open_recording`, but waits for the first whole line; None if stopped before it came.

    `stop` is asked whether to give up, `wait` told for how many seconds to wait. Raises
    `RecordingUnreadable` for what waiting does not mend.
    """
    while True:
        try:
            return open_recording(paths)
        except NothingYet:
            if stop():
                return None
            wait(POLL_SECONDS)


def follow(
    recording: Recording, position: Position | None = None, *, stop: Stop, wait: Wait
) -> Iterator[Located]:
    """Every frame from `position` on, and what is written meanwhile, until stopped.

    Segments that the recorder opens after the last one are added to `recording`. `wait` is told
    how many seconds to wait, when there is no more for now, and may return earlier; `stop` is
    asked before each. Raises as `Recording.frames`.
    """
    return recording.read(position, lambda segment: _Growth(recording, segment, stop, wait).more)


class _Growth:
    """Decides at the end of a file whether more of it is to be waited for."""

    def __init__(self, recording: Recording, segment: Segment, stop: Stop, wait: Wait) -> None:
        self._recording = recording
        self._segment = segment
        self._stop = stop
        self._wait = wait
        self._next: Segment | None = None

    @property
    def more(self) -> More:
        """For `Segment.frames`."""
        return self._more

    def _more(self) -> bool:
        if self._segment is not self._recording.segments[-1]:
            return False
        if self._next is not None:
            # Looked at once more after the next one was there: so nothing was left behind.
            self._recording.add(self._next)
            return False
        if self._stop():
            return False
        self._next = next_segment(self._segment)
        if self._next is None:
            self._wait(POLL_SECONDS)
        return True


def next_segment(segment: Segment) -> Segment | None:
    """The file that the recorder goes on in: the numbered one after this; None where there is none
    yet, or none that has a whole line."""
    folder, name = os.path.split(segment.path)
    stem, suffix = split_name(name)
    mine = _NUMBERED.fullmatch(stem)
    if segment.pipe is not None or mine is None:
        return None
    is_one = re.compile(re.escape(mine["series"]) + r"-(\d{6,})" + re.escape(suffix))
    numbers = [int(found[1]) for found in map(is_one.fullmatch, _names(folder)) if found]
    later = [number for number in numbers if number > int(mine["number"])]
    if not later:
        return None
    path = segment_name(os.path.join(folder, mine["series"] + suffix), min(later))
    try:
        return Segment.open(path)
    except NothingYet:
        return None


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder or ".")
    except OSError:
        return []  # the file itself is open, and goes on
