"""What can go wrong on purpose: faults that a test or a person injects into the exchange.

Which frames go out, changed or not, is decided here; sending and closing is the connection's.
Frames of one connection are counted from 1. Nothing here is random: the same faults always hit
the same frames. It knows no protocol.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

Cross = Callable[[bytes], bytes]
"""Makes of a frame with levels the same frame with a bid above every ask."""

HIGHEST_BID = "99999999.99"
"""The price of a bid that no ask reaches."""

_LISTED_NUMBER = re.compile(rb"(\[[^\[\]0-9]*[0-9.]*)([0-9])")
"""The first number within the innermost list, and its last digit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """Each is off unless set; each strikes the first `connections` websockets, then never again.

    Those of plain GETs are counted apart. A book frame tells levels, all of them or changed ones.
    """

    connections: int = 1
    """How many websockets are struck; the exchange behaves afterwards."""
    drop_book_frame: int | None = None
    """The book frame that is lost on the way; 1 is the first."""
    garble_frame: int | None = None
    """The frame, of any kind, that arrives cut in half."""
    alter_book_frame: int | None = None
    """The book frame in which one digit of the first number of a list is another: a price, where
    the list is one of levels."""
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
    failed_gets: int = 0
    """How many plain GETs of each address, from the first, fail with status 503."""
    stale_gets: int = 0
    """How many plain GETs of each address that follow its first reply are answered with it."""


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

    def judge(self, frame: bytes, cross: Cross | None = None) -> Verdict:
        """Decide what becomes of the next frame; book frames come with what crosses them."""
        faults = self.faults
        if faults.silent_after is not None and self._frames >= faults.silent_after:
            return Verdict(())
        self._frames += 1
        frames = [frame]
        if cross is not None:
            self._book_frames += 1
            if self._book_frames == faults.drop_book_frame:
                frames = []
            if self._book_frames == faults.crossed_frame:
                frames = [cross(frame)]
            if self._book_frames == faults.alter_book_frame:
                frames = [_altered(frame)]
        if self._frames == faults.garble_frame:
            frames = [frame[: len(frame) // 2]]
        if self._frames == 1 and faults.oversize_frame is not None:
            frames.append(
                b'{"padding":"' + b"x" * (faults.oversize_frame - len(b'{"padding":""}')) + b'"}'
            )
        return Verdict(tuple(frames), self._frames == faults.close_after)


def _altered(frame: bytes) -> bytes:
    """The same frame with another digit."""
    return _LISTED_NUMBER.sub(
        lambda found: found[1] + b"%d" % ((int(found[2]) + 1) % 10), frame, count=1
    )


Reply = TypeVar("Reply")


class GetScript(Generic[Reply]):
    """The faults of plain GETs: counts those of each address over all connections."""

    def __init__(self, faults: Faults, failure: Reply) -> None:
        self._faults = faults
        self._failure = failure
        self._counts: Counter[str] = Counter()
        self._first: dict[str, Reply] = {}

    def answer(self, address: str, respond: Callable[[], Reply]) -> Reply:
        """What the next GET of this address is answered with."""
        failed, stale = self._faults.failed_gets, self._faults.stale_gets
        if not (failed or stale):
            return respond()
        self._counts[address] += 1
        count = self._counts[address] - failed
        if count <= 0:
            return self._failure
        if count > 1 + stale:
            return respond()
        return self._first[address] if count > 1 else self._first.setdefault(address, respond())
