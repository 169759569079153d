"""Killed in the middle of 20,000 messages a second: whole lines, nearly all of them, and a clean
next run."""

from __future__ import annotations

import mmap
import random
import struct
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from recording_doubles import ORIGIN, feed

from obtui.frame import FrameKind
from obtui.recording.capture import CaptureRecorder, decode_line
from support import wire
from support.capture_files import content, kinds, readable
from support.frames import connect, text

RATE = 20_000
LOST_NS = 250_000_000

# Puts RATE messages a second, and notes after each put, where a kill does not reach, its time.
RECORDER = """
    import mmap, struct, sys, time
    from obtui.feeds.gemini import GeminiFeed
    from obtui.frame import Frame, FrameKind
    from obtui.recording.capture import CaptureRecorder, Origin
    from obtui.session import Session
    path, notes, rate = sys.argv[1], sys.argv[2], int(sys.argv[3])
    file = open(notes, "r+b")
    note = mmap.mmap(file.fileno(), 16)
    recorder = CaptureRecorder(path, Origin("gemini", "BTCUSD", str))
    session = Session(GeminiFeed("BTCUSD"))
    start = time.monotonic_ns()
    number = 0
    while True:
        due = (time.monotonic_ns() - start) * rate // 10**9
        while number < due:
            now = time.time_ns()
            pad = b"x" * (number % 400)
            data = b'{"n":%d,"s":"gr\\xc3\\xb6\\xc3\\x9fe","pad":"%b"}' % (number, pad)
            frame = Frame(FrameKind.TEXT, data, now, time.monotonic_ns(), 1)
            recorder.on_frame(frame, session)
            number += 1
            note[:] = struct.pack("<QQ", number, now)
        time.sleep(0.0005)
"""


@pytest.mark.parametrize("name", ["wire.jsonl", "wire.jsonl.zst"])
def test_kill_9_at_20_000_messages_a_second(tmp_path: Path, name: str) -> None:
    kill(tmp_path, name, seed=1)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("name", ["wire.jsonl", "wire.jsonl.zst"])
def test_kill_9_twenty_times(tmp_path: Path, name: str, seed: int) -> None:
    kill(tmp_path, name, seed)


def kill(folder: Path, name: str, seed: int) -> None:
    path, notes = folder / name, folder / "notes"
    notes.write_bytes(bytes(16))
    with notes.open("r+b") as file, mmap.mmap(file.fileno(), 16) as note:
        with subprocess.Popen(
            [
                *(sys.executable, "-W", "error", "-c", textwrap.dedent(RECORDER)),
                *(str(path), str(notes), str(RATE)),
            ]
        ) as child:
            deadline = time.monotonic() + 30
            wanted = random.Random(seed).randrange(RATE, 3 * RATE)
            while struct.unpack("<QQ", note[:])[0] < wanted:
                assert child.poll() is None
                assert time.monotonic() < deadline
            child.kill()
        put, put_ns = struct.unpack("<QQ", note[:])

    text_left = readable(path)
    *lines, torn = text_left.split(b"\n")
    frames = [decode_line(line) for line in lines]
    written = [frame for frame in frames if frame.kind is FrameKind.TEXT]

    assert frames[0].kind is FrameKind.HEADER
    assert len(written) == len(frames) - 1
    for number, frame in enumerate(written):
        assert frame.data.startswith(b'{"n":%d,' % number), "none is missing before the end"
    assert len(written) <= put + 1
    lost_ns = put_ns - written[-1].received_ns
    assert lost_ns <= LOST_NS, f"seed {seed}: {lost_ns / 1e6:.0f} ms of messages were lost"

    again = CaptureRecorder(str(path), ORIGIN)
    feed(again, [connect(), text(wire.depth(1, [("1", "1")], [("2", "2")]))])
    again.close()

    after = content(path)
    apart = b"\n" if torn else b""
    assert after.startswith(text_left + apart)
    added = [decode_line(line) for line in after[len(text_left + apart) :].splitlines()]
    assert kinds(added) == "header connect frame end"
