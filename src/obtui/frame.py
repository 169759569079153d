"""What arrived, with the time it arrived: the one thing that live feed, capture and replay share.

It knows no venue and no file; nothing after it can tell a live frame from a replayed one.
"""

from __future__ import annotations

import enum

import msgspec


class FrameKind(enum.Enum):
    """What happened on the wire. The values are the `k` of a capture line."""

    CONNECT = "connect"
    """A connection opened; `data` is its URL."""
    TEXT = "frame"
    """A message came; `data` is the venue's text byte for byte."""
    DISCONNECT = "disconnect"
    """The connection ended or could not be made; `data` is a `Disconnect` as JSON."""
    REST = "rest"
    """A REST reply came; `data` is a `RestReply` as JSON."""


class Frame(msgspec.Struct, frozen=True, gc=False):
    """One thing that arrived."""

    kind: FrameKind
    data: bytes
    received_ns: int
    """Wall clock, ns since the epoch."""
    monotonic_ns: int
    """Monotonic clock: the only one that ages are computed from."""
    connection: int
    """1 for the first connection of a run, counting up; 0 before there is one."""


class Disconnect(msgspec.Struct, frozen=True):
    """Why there is no connection, and when the next try comes."""

    reason: str
    retry_seconds: float
    """Seconds from the frame's time to the next try, >= 0."""


class RestReply(msgspec.Struct, frozen=True):
    """A reply of the venue's REST interface that the book or the instrument is built on."""

    path: str
    status: int
    body: str
