"""The lines of hftbacktest's collector: receive time in ns, a space, the venue's frame as it came.

Source: `collector/src/file.rs` of https://github.com/nkaz001/hftbacktest, whose converters take the
first 19 characters of a line as the time and what follows the space as JSON. Its collector writes
gzip; so does an export whose name ends in `.gz`. Nothing is decoded: hftbacktest does that itself,
for the venues that it knows.
"""

from __future__ import annotations

from typing import IO

from obtui.export.base import Exporter, Shape
from obtui.feeds.base import Feed
from obtui.frame import Frame, FrameKind

_BREAKS = bytes.maketrans(b"\r\n", b"  ")


def exporter(_feed: Feed, out: IO[bytes], _shape: Shape) -> Exporter:
    """Writes `out` from frames of any feed."""
    return CollectorLines(out)


class CollectorLines:
    """Every frame of the venue, and nothing of ours."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out
        self.rows = 0

    def take(self, frame: Frame) -> None:
        """Write a frame of the venue; others are passed over."""
        if frame.kind is FrameKind.TEXT:
            # A line break in JSON is white space; in this format it would be two lines.
            data = frame.data.translate(_BREAKS)
            self._out.write(b"%d %s\n" % (frame.received_ns, data))
            self.rows += 1

    def finish(self) -> None:
        """Nothing waits."""
