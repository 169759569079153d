"""What of a recording belongs on its time line, in words.

It judges nothing: what a frame led to is told by the session that it was fed to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from obtui import figures
from obtui.effects import Effect, Outcome, Reconnect
from obtui.frame import Disconnect, Drop, End, Frame, FrameKind, Gap, Mark, begins_run
from obtui.market import BookState
from obtui.session import Session


def event_of(frame: Frame, outcome: Outcome, session: Session) -> tuple[FrameKind, str] | None:
    """What a frame puts on the time line, and its text; None for nothing."""
    told = told_by(frame, outcome.effects)
    if told is None and frame.kind is FrameKind.TEXT and session.state is BookState.CROSSED:
        return FrameKind.GAP, f"{session.state.value} {session.reason}"
    return told


def moment_of(frame: Frame) -> int:
    """When what a frame tells happened, ns since the epoch: a mark's is before its line."""
    if frame.kind is FrameKind.MARK:
        at_ns = msgspec.json.decode(frame.data, type=Mark).at_ns
        if at_ns is not None:
            return at_ns
    return frame.received_ns


def told_by(frame: Frame, effects: Sequence[Effect]) -> tuple[FrameKind, str] | None:
    """As `event_of`, of what the frame itself says and what its session wanted; a crossing is in
    neither."""
    if frame.kind is FrameKind.TEXT:
        reasons = (effect.reason for effect in effects if isinstance(effect, Reconnect))
        return next(((FrameKind.GAP, reason) for reason in reasons), None)
    words = _WORDS.get(frame.kind)
    if words is None or (frame.kind is FrameKind.HEADER and not begins_run(frame)):
        return None  # the next file of the same run
    return frame.kind, words(frame.data)


def new_run(hole_ns: int) -> str:
    """What is said of a run that began so long after the last line of the one before it; 0 or
    less where that is not known."""
    after = f", {figures.duration(hole_ns / 1e9)} after the last" if hole_ns > 0 else ""
    return f"another run begins{after}"


def _gap_words(data: bytes) -> str:
    gap = msgspec.json.decode(data, type=Gap)
    return f"{gap.state} {gap.reason}"


def _drop_words(data: bytes) -> str:
    drop = msgspec.json.decode(data, type=Drop)
    return drop.reason or f"{drop.count} lines were not recorded"


_WORDS: dict[FrameKind, Callable[[bytes], str]] = {
    FrameKind.HEADER: lambda _data: "a run begins",
    FrameKind.MARK: lambda data: msgspec.json.decode(data, type=Mark).note,
    FrameKind.GAP: _gap_words,
    FrameKind.DROP: _drop_words,
    FrameKind.DISCONNECT: lambda data: msgspec.json.decode(data, type=Disconnect).reason,
    FrameKind.END: lambda data: msgspec.json.decode(data, type=End).reason,
}
