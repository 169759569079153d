"""Compressed recordings: whole frames of a second at most, and torn ends that cost nothing."""

from __future__ import annotations

import errno
import random
import sys
from pathlib import Path

import pytest
from recording_doubles import (
    ORIGIN,
    Line,
    LineWriter,
    WatchedDisk,
    fail_after,
    feed,
    put_all,
    until,
)

from obtui.recording.capture import CaptureRecorder
from obtui.recording.compress import MAGIC
from obtui.recording.files import RecordingError
from support import wire
from support.capture_files import captured, content, kinds, readable
from support.frames import connect, text

if sys.version_info >= (3, 14):
    from compression.zstd import ZstdCompressor, ZstdDecompressor, compress
else:
    from backports.zstd import ZstdCompressor, ZstdDecompressor, compress


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "book.jsonl.zst"


def test_lines_are_compressed_and_counted_whole(path: Path) -> None:
    writer = LineWriter.open(str(path))

    put_all(writer, *(f"line {number} größe" for number in range(5000)))
    status = writer.close()

    assert content(path) == "".join(f"line {n} größe\n" for n in range(5000)).encode()
    assert status.items_written == 5000
    assert status.bytes_written == path.stat().st_size < 50_000


def test_a_line_can_be_read_before_its_frame_has_ended(path: Path) -> None:
    disk = WatchedDisk()
    writer = LineWriter.open(str(path), disk=disk)

    put_all(writer, "alone")
    disk.wait_for("write")

    assert readable(path) == b"alone\n"
    writer.close()


def test_a_frame_ends_each_second_and_needs_no_other(path: Path) -> None:
    disk = WatchedDisk()
    now = [100.0]
    writer = LineWriter.open(str(path), disk=disk, clock=lambda: now[0], sync_seconds=1.0)

    sizes = []
    for number in range(3):
        put_all(writer, f"a {number}")
        disk.wait_for("write")
        now[0] += 1.0
        put_all(writer, f"b {number}")
        disk.wait_for("fsync")
        sizes.append(path.stat().st_size)
    writer.close()

    data = path.read_bytes()
    parts = [data[start:end] for start, end in zip([0, *sizes], sizes, strict=False)]
    for number, part in enumerate(parts):
        decompressor = ZstdDecompressor()
        assert decompressor.decompress(part) == f"a {number}\nb {number}\n".encode()
        assert decompressor.eof


# Torn ends


def recorded(path: Path) -> tuple[bytes, int]:
    """A capture of two frames, the second of three blocks, and where that begins."""
    disk = WatchedDisk()
    now = [100.0]
    writer = LineWriter.open(str(path), disk=disk, clock=lambda: now[0], sync_seconds=1.0)
    put_all(writer, "first größe")
    disk.wait_for("write")
    now[0] += 1.0
    put_all(writer, "second")
    disk.wait_for("fsync")
    begins = path.stat().st_size
    for number in range(3):
        put_all(writer, f"größe {number} " + "€" * 9)
        disk.wait_for("write")
    writer.close()
    return path.read_bytes(), begins


def test_cut_at_every_offset_nothing_readable_is_lost(tmp_path: Path) -> None:
    whole, begins = recorded(tmp_path / "whole.zst")
    seen = set()
    for cut in range(begins - 20, len(whole)):
        path = tmp_path / f"{cut}.zst"
        path.write_bytes(whole[:cut])
        before = readable(path)

        writer = LineWriter.open(str(path))
        put_all(writer, "appended größe")
        status = writer.close()

        apart = b"" if before.endswith(b"\n") or not before else b"\n"
        assert content(path) == before + apart + "appended größe\n".encode(), f"cut at {cut}"
        assert status.failed is None
        assert status.items_written == 1
        seen.add(before)
        path.unlink()
    assert len(seen) >= 4, "the blocks of the torn frame were seen one by one"


def test_a_whole_compressed_file_of_another_tool_is_gone_on_with(path: Path) -> None:
    path.write_bytes(compress(b"theirs\nwithout a newline"))

    writer = LineWriter.open(str(path))
    put_all(writer, "ours")
    writer.close()

    assert content(path) == b"theirs\nwithout a newline\nours\n"


def test_a_torn_frame_without_a_checksum_is_ended_too(path: Path) -> None:
    compressor = ZstdCompressor()
    torn = compressor.compress(b"one\n", ZstdCompressor.FLUSH_BLOCK)
    torn += compressor.compress(b"two\n", ZstdCompressor.FLUSH_BLOCK)
    path.write_bytes(torn)

    writer = LineWriter.open(str(path))
    put_all(writer, "three")
    writer.close()

    assert content(path) == b"one\ntwo\nthree\n"


def test_zeros_that_a_lost_power_left_are_taken_off(path: Path) -> None:
    writer = LineWriter.open(str(path))
    put_all(writer, "one")
    writer.close()
    whole = path.read_bytes()
    for zeros in (1, 3, 18, 4096):
        path.write_bytes(whole + bytes(zeros))

        writer = LineWriter.open(str(path))
        put_all(writer, "two")
        writer.close()

        assert content(path) == b"one\ntwo\n"


def test_what_looks_like_a_frame_by_chance_is_none(path: Path) -> None:
    # The magic number in the middle of a block that is stored as it is, and then a torn end.
    chance = random.Random(5)
    noise = chance.randbytes(3000) + MAGIC + b"\x04" + chance.randbytes(3000)
    compressor = ZstdCompressor()
    torn = compressor.compress(noise + b"\n", ZstdCompressor.FLUSH_BLOCK)
    assert MAGIC in torn[4:]
    path.write_bytes(compress(b"before\n") + torn)

    writer = LineWriter.open(str(path))
    put_all(writer, "after")
    writer.close()

    assert content(path) == b"before\n" + noise + b"\nafter\n"


def test_a_torn_end_is_left_alone_when_nothing_is_put(tmp_path: Path) -> None:
    whole, _ = recorded(tmp_path / "whole.zst")
    path = tmp_path / "torn.zst"
    path.write_bytes(whole[:-5])

    LineWriter.open(str(path)).close()

    assert path.read_bytes() == whole[:-5]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'{"bids": []}\n', "its name ends in .zst, but what is in it is not compressed so"),
        (b"\x28\xb5", ""),
        (compress(b"a\n") + b"plain text\n", "what it ends with cannot be read"),
    ],
    ids=["plain", "torn at once", "plain appended"],
)
def test_what_is_not_compressed_is_refused(path: Path, data: bytes, said: str) -> None:
    path.write_bytes(data)

    if said:
        with pytest.raises(RecordingError, match=said):
            LineWriter.open(str(path))
        assert path.read_bytes() == data
    else:
        writer = LineWriter.open(str(path))
        put_all(writer, "anew")
        writer.close()
        assert content(path) == b"anew\n"


# Failing


def written(writer: LineWriter) -> None:
    until(lambda: not writer.status().waiting)


def test_a_full_disk_leaves_what_can_be_read_and_gone_on_with(tmp_path: Path) -> None:
    chance = random.Random(7)
    for room in range(0, 400, 23):
        path = tmp_path / f"{room}.zst"
        disk = WatchedDisk()
        disk.fail_write = fail_after(room, errno.ENOSPC)
        writer = LineWriter.open(str(path), disk=disk)
        lines = [chance.randbytes(60).hex() for _ in range(4)]
        for line in lines:
            if writer.put(Line(line)):
                written(writer)
        status = writer.close()
        count = status.items_written

        left = readable(path) if path.exists() else b""
        assert left == "".join(f"{line}\n" for line in lines[:count]).encode(), room
        if count < 4:
            assert status.failed == f"disk full: No space left on device ({path})"
        writer = LineWriter.open(str(path))
        put_all(writer, "when there was room again")
        writer.close()
        assert content(path).endswith(b"when there was room again\n")
        assert content(path).startswith(left)


def test_captures_are_compressed_by_their_name_and_gone_on_with(path: Path) -> None:
    frames = [connect(), text(wire.depth(1, [("1", "1")], [("2", "2")]))]
    for _ in range(2):
        recorder = CaptureRecorder(str(path), ORIGIN)
        feed(recorder, frames)
        recorder.close()

    assert kinds(captured(path)) == " ".join(["header connect frame end"] * 2)
    data = path.read_bytes()
    assert data.startswith(MAGIC)
    assert data.count(MAGIC) == 2


def test_a_torn_compressed_capture_is_gone_on_with_at_every_offset(tmp_path: Path) -> None:
    first = tmp_path / "first.zst"
    frames = [connect(), text(wire.depth(1, [("1", "1")], [("2", "2")]))]
    recorder = CaptureRecorder(str(first), ORIGIN)
    feed(recorder, frames)
    recorder.close()
    whole = first.read_bytes()
    path = tmp_path / "again.zst"
    for cut in range(1, len(whole), 3):
        path.write_bytes(whole[:cut])

        recorder = CaptureRecorder(str(path), ORIGIN)
        feed(recorder, frames)
        recorder.close()

        assert kinds(captured(path)[-4:]) == "header connect frame end"
