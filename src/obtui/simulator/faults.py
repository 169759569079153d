"""What can go wrong on purpose: faults that a test or a person injects into the exchange.

Which frames go out, changed or not, is decided here; sending and closing is the connection's.
Frames of one connection are counted from 1. Nothing here is random: the same faults always hit
the same frames.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

import msgspec

from obtui.simulator import gemini


class FrameKind(enum.Enum):
    """What an outgoing frame is, as far as faults care."""

    BOOK = "book"
    """A snapshot or changes of the book, of either protocol."""
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """Each is off unless set; each strikes the first `connections` websockets, then never again."""

    connections: int = 1
    """How many websockets are struck; the exchange behaves afterwards."""
    drop_book_frame: int | None = None
    """The book frame that is lost on the way; 1 is the snapshot."""
    garble_frame: int | None = None
    """The frame, of any kind, that arrives cut in half."""
    close_after: int | None = None
    """The socket is cut, without a closing handshake, when this many frames are sent."""
    accept_then_close: bool = False
    """The socket is accepted and closed at once."""
    oversize_frame: int | None = None
    """Bytes of a frame of padding that follows the first frame."""
    silent_after: int | None = None
    """Nothing more is sent, heartbeats included, after this many frames."""
    crossed_frame: int | None = None
    """The book frame in which a bid appears above every ask, and stays."""


class Verdict(msgspec.Struct, frozen=True):
    """What becomes of a frame."""

    frames: tuple[bytes, ...]
    """What is sent in its place, in order."""
    close: bool = False
    """Whether the socket is cut afterwards."""


class FaultScript:
    """The faults of one connection: counts its frames and strikes those that are meant."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self._frames = 0
        self._book_frames = 0

    def judge(self, frame: bytes, kind: FrameKind) -> Verdict:
        """Decide what becomes of the next frame."""
        faults = self.faults
        if faults.silent_after is not None and self._frames >= faults.silent_after:
            return Verdict(())
        self._frames += 1
        frames = [frame]
        if kind is FrameKind.BOOK:
            self._book_frames += 1
            if self._book_frames == faults.drop_book_frame:
                frames = []
            if self._book_frames == faults.crossed_frame:
                frames = [_crossed(frame)]
        if self._frames == faults.garble_frame:
            frames = [frame[: len(frame) // 2]]
        if self._frames == 1 and faults.oversize_frame is not None:
            frames.append(
                b'{"padding":"' + b"x" * (faults.oversize_frame - len(b'{"padding":""}')) + b'"}'
            )
        return Verdict(tuple(frames), self._frames == faults.close_after)


def _crossed(frame: bytes) -> bytes:
    """The same frame with a bid at a price that no ask reaches."""
    price = "99999999.99"
    if b'"depthUpdate"' in frame:
        update = msgspec.json.decode(frame, type=gemini.DepthUpdate)
        update.bids.append((price, "1"))
        return msgspec.json.encode(update)
    v1 = msgspec.json.decode(frame, type=gemini.V1Update)
    v1.events.append(gemini.V1Change("1", price, "place", "1", "bid"))
    return msgspec.json.encode(v1)
