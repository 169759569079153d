"""Frames as the driver makes them, with a told clock."""

from __future__ import annotations

import msgspec

from obtui.frame import Disconnect, Frame, FrameKind, RestReply

SECOND = 1_000_000_000
START_NS = 5_000 * SECOND
"""Monotonic time at which the told clock of these tests starts."""
WALL_NS = 1_700_000_000 * SECOND


def at(seconds: float) -> int:
    """Monotonic ns, `seconds` after the start."""
    return START_NS + round(seconds * SECOND)


def wall(seconds: float) -> int:
    """Wall-clock ns, `seconds` after the start."""
    return WALL_NS + round(seconds * SECOND)


def _frame(kind: FrameKind, data: bytes, seconds: float, connection: int) -> Frame:
    return Frame(kind, data, wall(seconds), at(seconds), connection)


def text(data: bytes, seconds: float = 0.0, connection: int = 1) -> Frame:
    """A message of the venue."""
    return _frame(FrameKind.TEXT, data, seconds, connection)


def connect(seconds: float = 0.0, connection: int = 1) -> Frame:
    """An opened connection."""
    return _frame(FrameKind.CONNECT, b"ws://loopback", seconds, connection)


def disconnect(
    seconds: float = 0.0, reason: str = "lost", retry: float = 1.0, connection: int = 1
) -> Frame:
    """A connection's end, or a failed try."""
    data = msgspec.json.encode(Disconnect(reason=reason, retry_seconds=retry))
    return _frame(FrameKind.DISCONNECT, data, seconds, connection)


def rest(path: str, status: int, body: str, seconds: float = 0.0) -> Frame:
    """A REST reply."""
    return _frame(FrameKind.REST, msgspec.json.encode(RestReply(path, status, body)), seconds, 0)
