"""However long a recording is, reading, verifying and indexing it takes the same memory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from obtui.frame import Frame
from support.recordings import busy_market, header, lines, opened, packed

ROOM = 100 << 20

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")

PROGRAM = """
import sys
from obtui.recording.index import open_index
from obtui.recording.reader import open_recording
from obtui.recording.verify import Verifier

def peak():
    # Not getrusage: its figure begins with that of the program that started this one.
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))

before = peak()
recording = open_recording(sys.argv[2:])
count = 0
if sys.argv[1] == "index":
    count = open_index(recording).frames
else:
    take = Verifier(recording).take if sys.argv[1] == "verify" else lambda located: None
    for located in recording.frames():
        take(located)
        count += 1
print(count, peak() - before)
"""


def write(path: Path, count: int, part: bytes, each: int) -> None:
    """A compressed capture of `count` lines, which are the same ones again and again."""
    with path.open("wb") as file:
        file.write(packed([header(), opened()]))
        for _ in range(count // each):
            file.write(part)


def measure(what: str, path: Path) -> tuple[int, int]:
    """How many frames it read, and how many bytes the memory grew by at most."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(path.parent)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, what, str(path)],
        capture_output=True,
        check=True,
        env=environment,
    )
    count, grown = map(int, done.stdout.split())
    return count, grown


def market_part(each: int) -> tuple[bytes, list[Frame]]:
    frames = list(busy_market(each, levels=50))[2:][:each]
    return packed(frames, each=2000), frames


@pytest.mark.parametrize("what", ["read", "verify", "index"])
def test_many_lines(tmp_path: Path, what: str) -> None:
    count, each = (1_000_000, 20_000) if what == "read" else (200_000, 20_000)
    part, frames = market_part(each)
    assert len(lines(frames[:10])) > 1000
    write(tmp_path / "a.zst", count, part, each)

    read, grown = measure(what, tmp_path / "a.zst")

    assert read == count + 2
    assert grown < ROOM


@pytest.mark.soak
@pytest.mark.parametrize("what", ["read", "verify", "index"])
def test_ten_times_as_many(tmp_path: Path, what: str) -> None:
    part, _ = market_part(20_000)
    write(tmp_path / "a.zst", 10_000_000, part, 20_000)

    read, grown = measure(what, tmp_path / "a.zst")

    assert read == 10_000_002
    assert grown < ROOM


def test_nothing_but_garbage(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with path.open("wb") as file:
        file.write(lines([header(), opened()]))
        for _ in range(50):
            file.write(b"?\n" * 20_000)

    read, grown = measure("verify", path)

    assert read == 2
    assert grown < ROOM


def test_a_few_bytes_that_unpack_to_a_great_many(tmp_path: Path) -> None:
    path = tmp_path / "a.zst"
    path.write_bytes(packed([header(), opened()]) + packed_zeros(4 << 30))

    read, grown = measure("read", path)

    assert read == 2
    assert grown < 2 * ROOM  # a line may be 64 MiB long, and is put together from its pieces


def packed_zeros(count: int) -> bytes:
    """A zstandard frame of so many zeros: blocks of 128 KiB in four bytes each."""
    block = (1 << 17 << 3 | 1 << 1).to_bytes(3, "little") + b"\0"
    head = b"\x28\xb5\x2f\xfd\x00\x38"
    return head + block * (count >> 17) + b"\x01\0\0"
