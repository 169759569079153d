"""The end of a recording that is followed: does anybody still write it?

It is told the last frame and two clocks. What it finds it tells in a frame, as a recorder tells
what the clock alone brought.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from obtui.frame import Frame, FrameKind, Gap
from obtui.market import BookState
from obtui.recording.follow import is_being_recorded
from obtui.recording.formats import feed_of
from obtui.recording.reader import Recording

SECOND = 1_000_000_000
GRACE_SECONDS = 2.0
"""So long without a line it is not asked who writes: a recorder's lines come sooner, and what is
written through a pipe has no lock."""
LOOK_SECONDS = 0.5
SLACK_SECONDS = 5.0
"""A recorder that lives says that its venue is silent, within so much of the venue's own rule."""
LONG_AGO_SECONDS = 12 * 3600.0
"""From then on a time is said with its day."""


class Present:
    """Looks at the end of what is written, as long as nothing more comes."""

    def __init__(self, clock: Callable[[], int], wall: Callable[[], int]) -> None:
        """`clock` is monotonic, `wall` counts since the epoch, both in ns."""
        self._clock = clock
        self._wall = wall
        self.here = False
        """Whether it is there."""
        self.ended = False
        """Whether the recording was closed whole, and nobody goes on with it."""
        self.fault = ""
        """Why the book is not to be trusted any more, in one line, or nothing."""
        self.doubts = False
        """Whether the file is to be read on at once, to be sure."""
        self._since_ns = self._looked_ns = 0

    def leave(self) -> None:
        """More came, or it was gone elsewhere."""
        self.here = self.ended = self.doubts = False
        self.fault = ""

    def age_ns(self, last: Frame) -> int:
        """Since the last frame was received, by the wall clock."""
        return max(0, self._wall() - last.received_ns)

    def look(
        self, recording: Recording, last: Frame, is_trusted: Callable[[], bool]
    ) -> Frame | None:
        """To be called again and again while nothing comes after `last`, the file being read on
        between two calls. Returns what the market is to be told, once."""
        now = self._clock()
        if not self.here:
            self.here = True
            self._since_ns, self._looked_ns = now, now - round(LOOK_SECONDS * SECOND)
        waited = (now - self._since_ns) / SECOND
        quiet = max(waited, self.age_ns(last) / SECOND)
        if quiet < GRACE_SECONDS or now - self._looked_ns < LOOK_SECONDS * SECOND:
            return None
        held = is_being_recorded(recording)
        if held is False and not self.doubts:
            # It may have written its last lines and left since the file was read: once more.
            self.doubts = True
            return None
        self.doubts = False
        self._looked_ns = now
        self.ended = not held and _is_end(last, recording)
        before, self.fault = self.fault, ""
        if self.ended:
            return None
        if held is False:
            self.fault = f"the recorder is gone: nothing since {self._moment(last)}"
        elif waited > feed_of(recording.header).stale_seconds + SLACK_SECONDS and (
            before or is_trusted()
        ):
            self.fault = f"the recorder is silent: nothing since {self._moment(last)}"
        if self.fault in ("", before):
            return None
        gap = msgspec.json.encode(Gap(BookState.OFFLINE.value, self.fault, lost=False))
        return Frame(FrameKind.GAP, gap, last.received_ns, last.monotonic_ns, last.connection)

    def _moment(self, last: Frame) -> str:
        at = datetime.fromtimestamp(last.received_ns // SECOND, UTC)
        long_ago = self.age_ns(last) > LONG_AGO_SECONDS * SECOND
        return f"{at:%Y-%m-%d %H:%M:%S}" if long_ago else f"{at:%H:%M:%S}"


def _is_end(last: Frame, recording: Recording) -> bool:
    """Book lines end with one that says that there is no book, as they do in between."""
    return last.kind is (FrameKind.GAP if recording.kind == "books" else FrameKind.END)
