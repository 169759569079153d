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
from obtui.recording.raw import Stop, Stopped, is_being_written, never
from obtui.recording.reader import Located, Position, Recording, open_recording
from obtui.recording.rotate import segment_name, segment_numbers, split_name
from obtui.recording.segment import More, Segment

POLL_SECONDS = 0.1
"""How long is waited before looking again: the recorder hands its lines over every 0.05 s."""

_NUMBERED = re.compile(r"(?P<series>.*)-(?P<number>\d{6,})")

Wait = Callable[[float], object]


def open_growing(paths: Sequence[str], *, wait: Wait, stop: Stop = never) -> Recording:
    """As `open_recording`, but waits for the first whole line.

    `wait` is told for how many seconds to wait; `stop` is asked before, and `Stopped` is raised
    when it says so. Raises `RecordingUnreadable` for what waiting does not mend.
    """
    while True:
        try:
            return open_recording(paths, stop=stop)
        except NothingYet:
            if stop():
                raise Stopped from None
            wait(POLL_SECONDS)


def follow(
    recording: Recording, position: Position | None = None, *, stop: Stop, wait: Wait
) -> Iterator[Located]:
    """Every frame from `position` on, and what is written meanwhile, until stopped.

    Segments that the recorder opens after the last one are added to `recording`. `wait` is told
    how many seconds to wait, when there is no more for now, and may return earlier; `stop` is
    asked before each. Raises as `Recording.frames`.
    """
    return recording.read(
        position, lambda segment: _Growth(recording, segment, stop, wait).more, stop
    )


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
    later = _later(segment)
    if not later:
        return None
    try:
        return Segment.open(later[0])
    except NothingYet:
        return None


def is_being_recorded(recording: Recording) -> bool | None:
    """Whether a recorder has the last file, or one after it that has no line yet; None where that
    cannot be told."""
    last = recording.segments[-1]
    # In this order: a recorder has its next file before it leaves the last one.
    held = is_being_written(last.path)
    return held or any(map(is_being_written, _later(last))) or held


def _later(segment: Segment) -> list[str]:
    """The files with a higher number than this one has, if it has one."""
    folder, name = os.path.split(segment.path)
    stem, suffix = split_name(name)
    mine = _NUMBERED.fullmatch(stem)
    if segment.pipe is not None or mine is None:
        return []
    series = os.path.join(folder, mine["series"] + suffix)
    numbers = segment_numbers(series)
    return [segment_name(series, number) for number in numbers if number > int(mine["number"])]
