"""What the tests of verify share: its report of files, and the frames of a small market."""

from __future__ import annotations

from pathlib import Path

from obtui.frame import Frame
from obtui.recording.reader import open_recording
from obtui.recording.report import Incident, Report
from obtui.recording.verify import Verifier
from support import wire
from support.recordings import ASKS, BIDS, lines, message, put


def verify(*paths: str) -> Report:
    recording = open_recording(paths)
    verifier = Verifier(recording)
    for located in recording.frames():
        verifier.take(located)
    return verifier.report()


def of(folder: Path, frames: list[Frame], tail: bytes = b"") -> Report:
    return verify(put(folder / "a.jsonl", lines(frames) + tail))


def gaps(report: Report) -> list[Incident]:
    assert report.gaps is not None
    assert report.gaps.count == len(report.gaps.first)
    return list(report.gaps.first)


def book(u: int = 1, seconds: float = 0.0, connection: int = 1) -> Frame:
    return message(wire.depth(u, BIDS, ASKS), seconds, connection)


def change(u: int, seconds: float, connection: int = 1) -> Frame:
    return message(wire.depth(u, [("99.0", "1")], after=u - 1), seconds, connection)
