"""Reading a capture, indexing it, and going to a moment in it.

    pytest tests/bench/test_read.py --benchmark-only --no-cov            a capture of 100 MB
    pytest tests/bench/test_read.py --benchmark-only --no-cov -m soak    one of 1 GB

The captures are of a book of 1,000 levels a side, 20,000 messages a second. Seeking is timed from
the key to the very frame: a session restored from the checkpoint, and read on.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from obtui.recording.capture import encode_line
from obtui.recording.formats import feed_of
from obtui.recording.index import Index, open_index
from obtui.recording.lines import decode_line
from obtui.recording.reader import Recording, open_recording
from obtui.recording.verify import Verifier
from obtui.session import Session
from support import wire
from support.recordings import message, write_busy_market

SEEK_SECONDS = 0.5
LINES_PER_SECOND = 300_000
SIZES = [
    pytest.param(100_000_000, id="100MB"),
    pytest.param(1_000_000_000, id="1GB", marks=pytest.mark.soak),
]


@pytest.fixture(scope="module")
def capture(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("read") / "capture.jsonl"
    write_busy_market(path, request.param)
    return path


@pytest.fixture
def recording(capture: Path) -> Recording:
    return open_recording([str(capture)])


@pytest.fixture
def index(recording: Recording) -> Iterator[Index]:
    made = open_index(recording)
    yield made
    made.close()


def longest(
    benchmark: BenchmarkFixture,
    action: Callable[[], object],
    *,
    rounds: int = 1,
    setup: Callable[[], None] | None = None,
) -> float:
    """Measure `action`; returns the seconds of its slowest round."""
    times: list[float] = []

    def timed() -> None:
        started = time.perf_counter()
        action()
        times.append(time.perf_counter() - started)

    benchmark.pedantic(timed, rounds=rounds, setup=setup)  # type: ignore[no-untyped-call]
    return max(times)


def test_a_line(benchmark: BenchmarkFixture) -> None:
    line = encode_line(message(wire.depth(8, [("60000.50", "1.25")], after=7)))
    many = [line] * 1000

    slowest = longest(benchmark, lambda: [decode_line(it) for it in many], rounds=20)

    assert 1000 / slowest > LINES_PER_SECOND


@pytest.mark.parametrize("capture", SIZES, indirect=True)
def test_reading(benchmark: BenchmarkFixture, recording: Recording) -> None:
    count = 0

    def read() -> None:
        nonlocal count
        count = sum(1 for _ in recording.frames())

    seconds = longest(benchmark, read)

    benchmark.extra_info["lines a second"] = round(count / seconds)
    assert count / seconds > LINES_PER_SECOND


@pytest.mark.parametrize("capture", SIZES, indirect=True)
def test_verifying(benchmark: BenchmarkFixture, recording: Recording) -> None:
    def verify() -> None:
        verifier = Verifier(recording)
        for located in recording.frames():
            verifier.take(located)
        assert verifier.report().whole

    longest(benchmark, verify)


@pytest.mark.parametrize("capture", SIZES, indirect=True)
def test_indexing(benchmark: BenchmarkFixture, recording: Recording, capture: Path) -> None:
    sizes = []

    def forget() -> None:
        Path(f"{capture}.idx").unlink(missing_ok=True)

    longest(benchmark, lambda: sizes.append(open_index(recording).size), setup=forget)

    share = sizes[0] / capture.stat().st_size
    benchmark.extra_info["share of the capture"] = share
    assert share < 0.05


@pytest.mark.parametrize("capture", SIZES, indirect=True)
def test_seeking(benchmark: BenchmarkFixture, recording: Recording, index: Index) -> None:
    chance = random.Random(7)

    def seek() -> None:
        goal = chance.randint(index.first_ns, index.last_ns)
        session = Session(feed_of(recording.header))
        checkpoint = index.before(goal)
        position = None
        if checkpoint is not None:
            checkpoint.restore(session)
            position = checkpoint.position
        for located in recording.frames(position):
            if located.frame.received_ns > goal:
                break
            session.receive(located.frame)

    assert longest(benchmark, seek, rounds=30) < SEEK_SECONDS


@pytest.mark.parametrize("capture", SIZES, indirect=True)
def test_opening_a_recording_that_has_its_index(
    benchmark: BenchmarkFixture, capture: Path, index: Index
) -> None:
    def begin() -> None:
        open_index(open_recording([str(capture)])).close()

    assert longest(benchmark, begin, rounds=5) < SEEK_SECONDS
