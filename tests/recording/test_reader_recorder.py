"""What the recorder writes is what the reader reads: compressed, in segments, torn and mended."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from obtui.feeds.gemini import GeminiFeed
from obtui.frame import Frame, FrameKind
from obtui.recording.capture import CaptureRecorder, Instant, Origin
from obtui.recording.follow import follow
from obtui.recording.index import open_index
from obtui.recording.reader import open_recording
from obtui.recording.rotate import Rotation
from obtui.recording.verify import Verifier
from obtui.session import Session
from support import wire
from support.frames import at, wall
from support.recordings import busy_market, message
from support.wait import eventually

ORIGIN = Origin("gemini", "BTCUSD", lambda: "wss://ws.gemini.com")


def record(
    path: Path, frames: list[Frame], rotation: Rotation | None = None, each: int = 10**9
) -> list[str]:
    """Record as a live feed does, a write for `each` so many frames; returns the files."""
    session = Session(GeminiFeed("BTCUSD"))
    start = Instant(wall(0), at(0))
    recorder = CaptureRecorder(str(path), ORIGIN, start=start, rotation=rotation)
    for nth, frame in enumerate(frames, start=1):
        recorder.on_frame(frame, session)
        session.receive(frame)
        if not nth % each:
            eventually(lambda: recorder.status().waiting == 0, f"{nth} are written")
    last = frames[-1]
    recorder.begin_close(Instant(last.received_ns, last.monotonic_ns))
    status = recorder.close(10)
    assert status.failed is None
    return list(recorder.segments)


def market(count: int = 2000) -> list[Frame]:
    return list(busy_market(count, levels=30))[1:]  # the recorder writes the header


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.zst"])
def test_what_was_recorded_is_what_is_read(tmp_path: Path, name: str) -> None:
    (path,) = record(tmp_path / name, market())

    recording = open_recording([path])
    frames = [located.frame for located in recording.frames()]

    assert frames[1:-1] == market()
    assert [frames[0].kind, frames[-1].kind] == [FrameKind.HEADER, FrameKind.END]
    assert recording.damages == ()


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.zst"])
def test_segments_give_the_book_of_the_live_session_each_alone_too(
    tmp_path: Path, name: str
) -> None:
    frames = market()
    paths = record(tmp_path / name, frames, Rotation(seconds=0.03))
    live = Session(GeminiFeed("BTCUSD"))
    for frame in frames:
        live.receive(frame)

    recording = open_recording(paths[::-1])
    read = [it.frame for it in recording.frames()]
    verifier = Verifier(recording)
    for located in recording.frames():
        verifier.take(located)

    assert len(paths) > 3
    assert [it for it in read if it.kind is FrameKind.TEXT] == frames[1:]
    assert verifier.report().whole
    assert verifier.report().runs == 1
    for alone in (recording, open_recording([paths[-1]])):
        session = Session(GeminiFeed("BTCUSD"))
        for located in alone.frames():
            if located.frame.kind is not FrameKind.END:
                session.receive(located.frame)
        assert session.book.bids.sizes == live.book.bids.sizes
        assert session.book.asks.sizes == live.book.asks.sizes
        assert session.state is live.state
    assert open_index(recording).frames == len(read)


def test_it_is_followed_from_segment_to_segment_while_it_is_written(tmp_path: Path) -> None:
    frames = market()
    session = Session(GeminiFeed("BTCUSD"))
    start = Instant(wall(0), at(0))
    recorder = CaptureRecorder(
        str(tmp_path / "a.jsonl.zst"), ORIGIN, start=start, rotation=Rotation(seconds=0.02)
    )
    coming = iter(frames)
    given: list[Frame] = []

    def write_some(_seconds: float = 0.0) -> None:
        for _, frame in zip(range(300), coming, strict=False):
            recorder.on_frame(frame, session)
            session.receive(frame)
        written = recorder.status().items_written
        eventually(lambda: recorder.status().waiting == 0, f"all is written after {written}")

    write_some()
    recording = open_recording([recorder.segments[0]])
    try:
        growing = follow(recording, stop=lambda: given[-1:] == frames[-1:], wait=write_some)
        given.extend(located.frame for located in growing)
    finally:
        recorder.close(10)

    assert [it for it in given if it.kind is not FrameKind.HEADER] == frames
    assert len(recording.segments) > 3
    assert not [it for it in recording.damages if not it.tail]


def test_a_torn_compressed_capture_is_mended_under_the_eyes_of_its_follower(
    tmp_path: Path,
) -> None:
    (path,) = record(tmp_path / "a.jsonl.zst", market(300), each=40)
    whole = Path(path).read_bytes()
    later = [message(wire.trade(trade_id=nth), 100 + nth) for nth in range(50)]
    cuts = range(len(whole) // 3, len(whole), 97)
    assert len(cuts) > 10
    for cut in cuts:
        Path(path).write_bytes(whole[:cut])
        before = [it.frame for it in open_recording([path]).frames()]

        waits: list[float] = []

        def wait(seconds: float, waits: list[float] = waits) -> None:
            waits.append(seconds)
            if len(waits) == 1:
                record(tmp_path / "a.jsonl.zst", later)

        def stop(waits: list[float] = waits) -> bool:
            return len(waits) > 1

        recording = open_recording([path])
        given = [it.frame for it in follow(recording, stop=stop, wait=wait)]

        assert given == [it.frame for it in open_recording([path]).frames()], cut
        assert given[: len(before)] == before, cut
        assert [it for it in given[len(before) :] if it.kind is FrameKind.TEXT] == later, cut
        assert recording.damages == (), cut
        os.unlink(path)
