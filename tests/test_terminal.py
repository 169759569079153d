"""The terminal: output that never waits, and the whole program in a real pseudo-terminal."""

from __future__ import annotations

import os
import pty
import re
import select
import threading
import time
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from obtui.terminal import RESTORE, TerminalDriver
from obtui.terminal_output import MOST_WAITING, TerminalOutput
from support.wait import eventually
from terminal_support import Terminal, environment, freeze, terminal

LEVEL = re.compile(r"^([+-]) (\d+\.\d+) +(\d[\d.]*)", re.MULTILINE)


@pytest.fixture
def ends() -> Iterator[tuple[int, int]]:
    """Both ends of a terminal that changes no byte."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    os.set_blocking(master, False)
    try:
        yield master, slave
    finally:
        os.close(master)
        os.close(slave)


def drained(master: int, seconds: float = 0.2) -> bytes:
    """All that comes until nothing has come for a while."""
    data = b""
    while select.select([master], [], [], seconds)[0]:
        data += os.read(master, 1 << 16)
    return data


def test_what_is_written_comes_in_order(ends: tuple[int, int]) -> None:
    master, slave = ends
    output = TerminalOutput(slave)
    text = "".join(f"{number:07}" for number in range(30_000))

    for start in range(0, len(text), 5000):
        output.write(text[start : start + 5000])
    got = b""
    while len(got) < len(text):
        assert select.select([master], [], [], 10)[0]
        got += os.read(master, 1 << 16)

    assert got.decode() == text
    eventually(lambda: output.pending == 0, "nothing waits")
    output.close()


def test_writing_to_a_terminal_that_is_not_read_never_waits(ends: tuple[int, int]) -> None:
    master, slave = ends
    output = TerminalOutput(slave)
    big = "x" * 100_000

    started = time.monotonic()
    for _ in range(50):
        output.write(big)
    took = time.monotonic() - started

    assert took < 1.0
    # What is old is dropped: neither memory nor a slow link is filled with pictures of the past.
    assert output.torn
    assert output.pending <= MOST_WAITING + 2 * len(big)
    assert not output.drain(0.05)
    deadline = time.monotonic() + 20.0
    while output.pending:
        assert time.monotonic() < deadline
        # The last bytes may be read before they are counted as taken: then no more come.
        if select.select([master], [], [], 0.05)[0]:
            os.read(master, 1 << 16)
    assert output.drain(5.0)
    output.close()


FRAME = re.compile(rb"<(\d{4}):x{5000}>")


def frame(number: int) -> str:
    return f"<{number:04}:{'x' * 5000}>"


def test_what_is_dropped_is_whole_writes_and_what_is_new_is_kept(ends: tuple[int, int]) -> None:
    master, slave = ends
    output = TerminalOutput(slave)

    for number in range(30):
        output.write(frame(number))
    eventually(lambda: not select.select([], [slave], [], 0)[1], "the terminal is full")
    most = 0
    for number in range(30, 500):
        output.write(frame(number))
        most = max(most, output.pending)
    got = b""
    while output.pending:
        assert select.select([master], [], [], 10)[0]
        got += os.read(master, 1 << 16)
    got += drained(master)
    numbers = [int(number) for number in FRAME.findall(got)]

    assert most <= MOST_WAITING + 2 * len(frame(0))
    assert got == "".join(frame(number) for number in numbers).encode()
    assert numbers == sorted(set(numbers))
    assert numbers[0] == 0
    assert numbers[-1] == 499
    assert len(got) < MOST_WAITING + 200_000
    output.close()


def test_what_fits_is_not_torn(ends: tuple[int, int]) -> None:
    _, slave = ends
    driver = object.__new__(TerminalDriver)
    before = driver.take_torn()
    driver.output = TerminalOutput(slave)

    driver.output.write("x" * MOST_WAITING)
    driver.output.write("x")

    assert not before
    assert not driver.take_torn()
    driver.output.close()


def test_that_something_was_dropped_is_told_once(ends: tuple[int, int]) -> None:
    _, slave = ends
    driver = object.__new__(TerminalDriver)
    driver.output = TerminalOutput(slave)

    for _ in range(10):
        driver.output.write("x" * 100_000)

    assert [driver.take_torn() for _ in range(3)] == [True, False, False]
    driver.output.close()


def test_restoring_throws_away_what_waits(ends: tuple[int, int]) -> None:
    master, slave = ends
    output = TerminalOutput(slave)
    output.write("x" * 1_000_000)
    eventually(lambda: not select.select([], [slave], [], 0)[1], "the terminal is full")

    started = time.monotonic()
    output.restore(RESTORE + "bye", started + 0.5)

    assert time.monotonic() - started < 1.0
    got = drained(master)
    assert got.endswith(RESTORE.encode() + b"bye")
    assert len(got) < 200_000
    output.write("more")
    assert drained(master) == b""
    output.close()


def test_a_terminal_that_is_gone_is_no_failure() -> None:
    master, slave = pty.openpty()
    output = TerminalOutput(slave)
    os.close(master)

    output.write("x" * 100_000)

    eventually(lambda: output.pending == 0, "it was thrown away")
    output.restore(RESTORE, time.monotonic() + 0.2)
    output.close()
    os.close(slave)


def test_closing_ends_the_thread_and_gives_back_the_descriptor(ends: tuple[int, int]) -> None:
    _, slave = ends
    before = len(os.listdir("/proc/self/fd"))
    output = TerminalOutput(slave)
    output.write("x" * 1_000_000)

    output.close()

    assert "obtui-output" not in [thread.name for thread in threading.enumerate()]
    assert len(os.listdir("/proc/self/fd")) == before


def test_the_shells_descriptor_stays_as_it_was(ends: tuple[int, int]) -> None:
    _, slave = ends

    output = TerminalOutput(slave)

    assert os.get_blocking(slave)
    output.close()


def ladder(running: Terminal) -> list[tuple[str, str]]:
    return [(sign, price) for sign, price, _ in LEVEL.findall(running.text)]


@pytest.mark.parametrize("keys", ["q", "\x03"], ids=["q", "ctrl-c"])
def test_the_demo_shows_a_verified_book_and_leaves_no_trace(keys: str, tmp_path: Path) -> None:
    with terminal(["demo", "--seed=1"], tmp_path) as running:
        running.wait_for(" gemini BTCUSD in USD  VERIFIED ")
        # With the first trade the line of the last day takes a row.
        running.wait_until(lambda: len(ladder(running)) in {24, 25}, "both sides fill the height")
        spread = re.compile(r"spread [\d.]+ USD · [\d.]+ bps")
        running.wait_until(lambda: spread.search(running.text) is not None, "the spread")
        signs = "".join(sign for sign, _ in ladder(running))
        prices = [float(price) for _, price in ladder(running)]

        assert signs in {"-" * 12 + "+" * bids for bids in (12, 13)}
        assert prices == sorted(prices, reverse=True)
        running.wait_until(lambda: set(running.text.split()) >= ALL_KEYS, "the keys below")

        running.send(keys)
        assert running.wait_for_exit() == 0
        running.assert_put_back()
        assert running.screen.mode.isdisjoint({1049 << 5})


ALL_KEYS = {"Quit", "Freeze", "Record", "Help", "palette"}


def test_the_window_is_followed(tmp_path: Path) -> None:
    with terminal(["demo", "--seed=1"], tmp_path) as running:
        running.wait_for("VERIFIED")
        for width, height in ((60, 16), (200, 60), (61, 17), (250, 80)):
            running.resize(width, height)

            # With the first trade the line of the last day takes a row.
            rows = {height - 4, height - 5, height - 6}  # and the columns' names another
            running.wait_until(
                lambda rows=rows: len(ladder(running)) in rows,  # type: ignore[misc]
                f"{width}x{height} is filled",
            )
            running.wait_until(lambda: "q Quit" in running.screen.display[-1], "the keys below")

        running.send("q")
        assert running.wait_for_exit() == 0


def test_a_window_that_is_dragged_unread_ends_in_the_present_picture(tmp_path: Path) -> None:
    width, height = 160, 50
    with terminal(["demo", "--seed=1"], tmp_path, size=(width, height)) as running:
        running.wait_for("VERIFIED")
        running.wait_until(lambda: len(ladder(running)) in {height - 5, height - 6}, "it is filled")
        before = freeze(running)
        already = len(running.raw)
        for number in range(60):
            running.child.setwinsize(height - number % 7, width - number % 11 * 2)
            time.sleep(0.03)
        running.child.setwinsize(height, width)
        running.fill()

        running.screen.erase_in_display(2)
        running.wait_until(lambda: running.screen.display[1:] == before, "the whole picture")

        assert len(running.raw) - already < 600_000
        running.wait_for("FROZEN")
        running.send("q")
        assert running.wait_for_exit() == 0


def test_recording_is_started_and_stopped_by_a_key(tmp_path: Path) -> None:
    with terminal(["demo", "--seed=1"], tmp_path) as running:
        running.wait_for("VERIFIED")
        running.send("r")
        running.wait_for(" REC ")
        (path,) = tmp_path.glob("gemini-BTCUSD-*.jsonl")
        running.wait_until(lambda: path.stat().st_size > 1000, "lines")
        running.send("r")
        running.wait_for("not recording")
        text = path.read_text()
        running.send("q")

        assert running.wait_for_exit() == 0
        assert text.endswith("}\n")
        assert path.read_text() == text


def test_no_colours_on_a_real_terminal(tmp_path: Path) -> None:
    env = environment(NO_COLOR="1")
    with terminal(["demo", "--seed=1"], tmp_path, env=env) as running:
        running.wait_for("VERIFIED")
        running.send("?")
        running.wait_for("q, Ctrl+C")
        running.send("\x03")

        assert running.wait_for_exit() == 0
        running.assert_put_back()


def test_without_a_mouse_the_terminal_keeps_it(tmp_path: Path) -> None:
    with terminal(["demo", "--no-mouse"], tmp_path) as running:
        running.wait_for("VERIFIED")

        assert b"\x1b[?1000h" not in running.raw
        running.send("q")
        assert running.wait_for_exit() == 0
