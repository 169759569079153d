"""What capturing costs each message, on the feed's thread and the writer's, beside the naive way.

    pytest tests/bench --benchmark-only --no-cov

The time shown is that of `MESSAGES` messages of about 300 bytes; divided by it, the bars are 1 µs
for `on_frame` and 3 µs for the writer. The naive way is that of the crawler this began with: for
each message it opens the file, appends the line and closes it again. `test_the_bars` runs with all
tests, and holds the bars themselves.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from obtui.feeds.gemini import GeminiFeed
from obtui.frame import Frame
from obtui.recording.capture import CaptureRecorder, Origin, encode_line
from obtui.recording.compress import ZstdSink
from obtui.recording.files import Disk, RecordFile
from obtui.recording.sinks import PlainSink
from obtui.session import Session
from support import wire
from support.frames import text

MESSAGES = 1_000
ON_FRAME_SECONDS = 1e-6
ENCODE_SECONDS = 3e-6

ORIGIN = Origin("gemini", "BTCUSD", str)

pytestmark = pytest.mark.benchmark(group=f"capturing {MESSAGES} messages of 300 bytes")


def frames() -> list[Frame]:
    made = []
    for number in range(MESSAGES):
        bids = [
            (f"{60000 - step - number % 50:.2f}", f"{number % 7}.25000000") for step in range(8)
        ]
        made.append(text(wire.depth(number + 1, bids, after=number), number / 1000))
    assert 290 < sum(len(frame.data) for frame in made) / MESSAGES < 330
    return made


def on_frames(recorder: CaptureRecorder, made: list[Frame]) -> Callable[[], None]:
    session = Session(GeminiFeed("BTCUSD"))
    recorder.on_frame(made[0], session)

    def run() -> None:
        for frame in made:
            recorder.on_frame(frame, session)

    return run


def idle(recorder: CaptureRecorder) -> None:
    """Let the writer's thread come to rest, so that it takes no time of the next round."""
    while recorder.status().waiting:
        time.sleep(0.001)


def test_on_frame(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    recorder = CaptureRecorder(str(tmp_path / "wire.jsonl"), ORIGIN)
    run = on_frames(recorder, frames())

    benchmark.pedantic(  # type: ignore[no-untyped-call]
        run, setup=lambda: idle(recorder), rounds=50, warmup_rounds=1
    )

    recorder.close()


def test_encode(benchmark: BenchmarkFixture) -> None:
    made = frames()

    benchmark(lambda: [encode_line(frame) for frame in made])


@pytest.mark.parametrize("name", ["wire.jsonl", "wire.jsonl.zst"])
def test_encode_and_write(benchmark: BenchmarkFixture, tmp_path: Path, name: str) -> None:
    made = frames()
    file = RecordFile.open(str(tmp_path / name), disk=Disk())
    sink = ZstdSink(file) if name.endswith(".zst") else PlainSink(file)

    benchmark(lambda: sink.write([encode_line(frame) for frame in made], lambda: False))

    file.close()


def test_open_append_close_each(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    made = frames()
    path = tmp_path / "wire.jsonl"

    def run() -> None:
        for frame in made:
            with path.open("ab") as file:
                file.write(frame.data + b"\n")

    benchmark(run)


def best(run: Callable[[], object], between: Callable[[], None], rounds: int = 50) -> float:
    """Seconds a message, in the best round: what the others took is the machine's."""
    times = []
    for _ in range(rounds):
        between()
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times) / MESSAGES


def main(path: str) -> None:
    """Print both figures, in seconds a message."""
    made = frames()
    recorder = CaptureRecorder(path, ORIGIN)
    on_frame = best(on_frames(recorder, made), lambda: idle(recorder))
    encode = best(lambda: [encode_line(frame) for frame in made], lambda: None)
    recorder.close()
    print(on_frame, encode)


@pytest.mark.soak
def test_the_bars(tmp_path: Path) -> None:
    # In a process of its own: under a coverage tracer it would be the tracer's time.
    done = subprocess.run(
        [sys.executable, __file__, str(tmp_path / "wire.jsonl")],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    on_frame, encode = map(float, done.stdout.split())
    assert on_frame < ON_FRAME_SECONDS
    assert encode < ENCODE_SECONDS


if __name__ == "__main__":
    main(sys.argv[1])
