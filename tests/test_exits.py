"""What is said on stderr: all of it where somebody reads, and never at the cost of a wait."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator

import pytest

from obtui import exits
from support.wait import eventually

PATIENCE = 0.05


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[int, int]]:
    """Both ends of a pipe that stands for stderr."""
    reading, writing = os.pipe()
    monkeypatch.setattr(exits, "STDERR", writing)
    yield reading, writing
    for end in (reading, writing):
        with contextlib.suppress(OSError):
            os.close(end)


def fill(writing: int) -> int:
    """Write until the pipe takes no more; returns how much it holds."""
    os.set_blocking(writing, False)
    held = 0
    with contextlib.suppress(BlockingIOError):
        while True:
            held += os.write(writing, b"x" * 4096)
    os.set_blocking(writing, True)
    return held


def test_what_is_said_is_taken_as_it_is(ends: tuple[int, int]) -> None:
    reading, _ = ends

    assert exits.say("né: 1\n")

    assert os.read(reading, 100) == "né: 1\n".encode()


def test_what_nobody_takes_is_given_up_in_time(ends: tuple[int, int]) -> None:
    reading, writing = ends
    held = fill(writing)

    started = time.monotonic()
    taken = exits.say("nobody reads this", PATIENCE)
    took = time.monotonic() - started

    assert not taken
    assert PATIENCE <= took < PATIENCE + 1.0
    # Read after all, so that no thread is left waiting.
    while held > 0:
        held -= len(os.read(reading, 1 << 16))
    eventually(lambda: not any("_write" in each.name for each in threading.enumerate()), "it ended")


def test_more_than_a_pipe_holds_comes_whole_to_who_reads(ends: tuple[int, int]) -> None:
    reading, writing = ends
    text = "".join(f"{number:07}" for number in range(40_000))
    got = bytearray()

    def read() -> None:
        while data := os.read(reading, 5000):
            got.extend(data)

    reader = threading.Thread(target=read)
    reader.start()
    taken = exits.say(text, 10.0)
    os.close(writing)
    reader.join(10)

    assert taken
    assert got.decode() == text


def test_a_reader_that_left_is_no_failure(ends: tuple[int, int]) -> None:
    reading, _ = ends
    os.close(reading)

    assert exits.say("nobody is there")


def test_a_closed_stderr_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    # No descriptor of a test has such a number, now or soon.
    monkeypatch.setattr(exits, "STDERR", 1 << 20)

    assert exits.say("nobody is there")
    assert exits.fail("in vain", exits.USAGE) == exits.USAGE


def test_a_failure_is_one_line_and_a_code(ends: tuple[int, int]) -> None:
    reading, _ = ends

    code = exits.fail("it broke: mend it")

    assert code == exits.FAILED
    assert os.read(reading, 100) == b"obtui: it broke: mend it\n"
