"""A recording that a full disk ended is started anew, and says what it missed."""

from __future__ import annotations

import errno
import os
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from control_support import (
    DAY,
    Fed,
    levels,
)
from obtui.feeds.gemini import GeminiFeed
from obtui.frame import Drop, Frame, FrameKind
from obtui.recording.capture import Instant
from obtui.recording.files import Disk
from obtui.recording.rotate import Rotation
from obtui.session import Session
from support.capture_files import captured, kinds
from support.wait import eventually


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


class Room(Disk):
    """A disk with room for so many bytes."""

    def __init__(self, room: int) -> None:
        self.room = room

    def write(self, fd: int, data: memoryview) -> int:
        if not self.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        count = super().write(fd, data[: self.room])
        self.room -= count
        return count


@pytest.mark.parametrize("name", ["wire.jsonl", "wire.jsonl.zst"])
@pytest.mark.parametrize("rotation", [None, Rotation(seconds=1000.0)])
def test_after_a_full_disk_r_goes_on_and_tells_the_gap(
    name: str, rotation: Rotation | None
) -> None:
    disk = Room(900 if name == "wire.jsonl" else 330)
    fed = Fed(instant=Instant.now, disk=disk, rotation=rotation)
    fed.recording.start(capture=name)
    frames = [*DAY[:4], *(levels(n, 0.4 + n / 1000, after=n - 1) for n in range(3, 60))]

    fed.apply(*frames[:20])
    eventually(lambda: fed.recording.failed, "the disk was full")
    words = fed.recording.words()
    fed.apply(*frames[20:30])
    still = fed.recording.words()
    fault = fed.recording.toggle()
    disk.room = 10**9
    faults = [fault, fed.recording.toggle() if fed.recording.failed else ""]
    fed.apply(*frames[30:])
    begun = fed.recording.active
    saved = fed.recording.stop()

    assert words.startswith("RECORDING STOPPED · disk full: No space left on device (")
    assert still == words, "it stays"
    assert faults[-1] == ""
    assert begun
    got = [frame for path in sorted(Path.cwd().iterdir()) for frame in captured(path)]
    drop = next(frame for frame in got if frame.kind is FrameKind.DROP)
    told = msgspec.json.decode(drop.data, type=Drop)
    texts = [frame for frame in got if frame in frames]
    assert len(texts) + told.count >= len(frames), "each is there, or told as missing"
    assert told.reason.startswith("disk full")
    assert saved.startswith("saved "), "it is no failure any more"
    assert saved.endswith(f"; lines lost: {told.count}")
    assert f" to {sorted(Path.cwd().iterdir())[0]}" in saved
    written = int(saved.split()[1])
    assert written <= len(texts)
    assert written + told.count >= len(frames) - kinds(frames).count("connect")
    assert got[-len(frames[30:]) - 1 : -1] == frames[30:]
    alone = Session(GeminiFeed("BTCUSD"))
    for frame in got[:-1]:
        alone.receive(frame)
    assert alone.trusted
    assert alone.book.bids.sizes[Decimal(98)] == 59


def test_what_comes_while_it_is_begun_anew_is_counted() -> None:
    disk = Room(900)
    frames = [*DAY[:4], *(levels(n, 0.4 + n / 1000, after=n - 1) for n in range(3, 60))]
    between: list[Frame] = []

    def instant() -> Instant:
        while between:  # the feed does not wait
            fed.apply(between.pop(0))
        return Instant.now()

    fed = Fed(instant=instant, disk=disk)
    fed.recording.start(capture="wire.jsonl")
    fed.apply(*frames[:20])
    eventually(lambda: fed.recording.failed, "the disk was full")
    disk.room = 10**9
    between += frames[20:25]
    fed.recording.toggle()
    fed.apply(*frames[25:])
    fed.recording.stop()

    got = captured(Path("wire.jsonl"))
    (drop,) = (frame for frame in got if frame.kind is FrameKind.DROP)
    told = msgspec.json.decode(drop.data, type=Drop).count
    assert len([frame for frame in got if frame in frames]) + told == len(frames)


def test_what_a_second_failure_loses_is_told_with_the_first() -> None:
    disk = Room(900)
    fed = Fed(instant=Instant.now, disk=disk)
    fed.recording.start(capture="wire.jsonl")
    frames = [*DAY[:4], *(levels(n, 0.4 + n / 1000, after=n - 1) for n in range(3, 60))]

    for part in (frames[:20], frames[20:30], frames[30:40]):
        fed.apply(*part)
        eventually(lambda: fed.recording.failed, "the disk was full")
        disk.room = 10**9 if part[-1] is frames[39] else 0
        assert fed.recording.toggle() == ""
    fed.apply(*frames[40:])
    saved = fed.recording.stop()

    got = captured(Path("wire.jsonl"))
    texts = [frame for frame in got if frame in frames]
    told = sum(
        msgspec.json.decode(frame.data, type=Drop).count
        for frame in got
        if frame.kind is FrameKind.DROP
    )
    assert len(texts) + told >= len(frames)
    assert int(saved.split("lines lost: ")[1].replace(",", "")) >= told


def test_what_was_missing_is_told_of_its_own_recording_only() -> None:
    disk = Room(900)
    fed = Fed(instant=Instant.now, disk=disk)
    fed.recording.start("books.jsonl", "wire.jsonl")
    frames = [*DAY[:4], *(levels(n, 0.4 + n / 1000, after=n - 1) for n in range(3, 60))]
    fed.apply(*frames[:20])
    eventually(lambda: fed.recording.failed, "the disk was full")
    disk.room = 10**9
    assert fed.recording.toggle() == ""
    fed.apply(*frames[20:30])

    first = fed.recording.stop()
    fed.recording.start("books.jsonl", "wire.jsonl")
    fed.apply(*frames[30:])
    second = fed.recording.stop()

    assert "; lines lost: " in first
    assert first.count("books.jsonl") == first.count("wire.jsonl") == 1
    assert "lost" not in second
