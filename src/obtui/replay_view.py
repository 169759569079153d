"""What the screen is told of the playing of a recording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from obtui.recording.index import Event


@dataclass(frozen=True, slots=True)
class PlayerView:
    """What the screen says of the playing."""

    received_ns: int
    """The recording's time; before the first frame, that of its beginning."""
    speed: float = 1.0
    paused: bool = False
    coming: bool = False
    """Whether nothing is known of it yet: its first line is waited for."""
    ended: bool = False
    gone: bool = False
    """Whether nobody writes any more what is followed, at its end."""
    seeking: bool = False
    """Whether a seek takes its time."""
    failure: str = ""
    """Why it broke off here, in one line, or nothing."""
    limits: str = ""
    """What the recording cannot show, in a few words, or nothing."""
    damage: str = ""
    """What could not be read so far, in a few words, or nothing."""
    skipped_seconds: float = 0.0
    """Of the recording, in which there was nothing, skipped just now."""
    span: tuple[int, int] | None = None
    events: Sequence[Event] = ()
