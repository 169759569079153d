"""`obtui record` in a terminal: how it stands is told there, and a stall of it holds up nothing."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from headless_support import steady
from support.venue import LoopbackVenue
from terminal_support import Terminal, assert_closed_whole, book_lines, terminal

STALLED_BAR_SECONDS = 1.5
"""The bar of a signal is 1 s; a slow machine has the rest."""


def test_progress_is_told_where_a_person_looks(tmp_path: Path) -> None:
    path = tmp_path / "books.jsonl"
    with (
        LoopbackVenue(steady()) as venue,
        terminal(
            ["record", "BTCUSD", "--url", venue.url, "--record", str(path)],
            tmp_path,
            size=(72, 10),
        ) as running,
    ):
        running.wait_for("gemini BTCUSD VERIFIED")
        running.wait_for("kB/s")
        # One line that is written over, never a second.
        progress = [text for text in running.text.splitlines() if "VERIFIED" in text]
        assert len(progress) == 1
        running.send("\x03")
        code = running.wait_for_exit()
        shown = running.text

    assert code == 128 + signal.SIGINT
    assert "VERIFIED" not in shown
    assert "obtui: saved" in shown
    assert_closed_whole(path)


def test_a_narrow_terminal_keeps_progress_on_one_line(tmp_path: Path) -> None:
    with (
        LoopbackVenue(steady()) as venue,
        terminal(
            ["record", "BTCUSD", "--url", venue.url, "--record", "x.jsonl"],
            tmp_path,
            size=(20, 6),
        ) as running,
    ):
        running.wait_for("VER")
        running.wait_until(lambda: running.raw.count(b"\r") > 1, "it was written over")

        assert len([text for text in running.text.splitlines() if text.strip()]) == 1


def ctrl_s(running: Terminal) -> None:
    running.send("\x13")


def unread(running: Terminal) -> None:
    """Fill what the terminal takes without being read."""
    stderr = os.open(f"/proc/{running.pid}/fd/2", os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(stderr, b"x" * 4096)
    finally:
        os.close(stderr)


@contextlib.contextmanager
def stalled(
    folder: Path, *more: str, stall: Callable[[Terminal], None] = ctrl_s
) -> Iterator[tuple[Terminal, Path]]:
    """A recorder that had a progress line to tell after its terminal stopped taking any."""
    path = folder / "books.jsonl"
    with (
        LoopbackVenue(steady()) as venue,
        terminal(
            ["record", "BTCUSD", "--url", venue.url, "--record", str(path), *more], folder
        ) as running,
    ):
        running.wait_for("VERIFIED")
        stall(running)
        running.fill()
        lines = len(book_lines(path))
        time.sleep(0.7)
        assert len(book_lines(path)) > lines + 5, "the recording goes on"
        yield running, path


@pytest.mark.parametrize(
    ("number", "stall"),
    [
        (signal.SIGTERM, ctrl_s),
        (signal.SIGINT, ctrl_s),
        (signal.SIGHUP, ctrl_s),
        (signal.SIGTERM, unread),
    ],
    ids=lambda value: getattr(value, "name", getattr(value, "__name__", "")),
)
def test_a_signal_ends_it_also_while_its_terminal_is_stalled(
    number: signal.Signals, stall: Callable[[Terminal], None], tmp_path: Path
) -> None:
    with stalled(tmp_path, stall=stall) as (running, path):
        sent = running.signal(number)
        code = running.wait_for_exit(reading=False)

        assert code == 128 + number
        assert running.ended_at - sent < STALLED_BAR_SECONDS
        assert_closed_whole(path)


def test_the_duration_ends_it_also_while_its_terminal_is_stalled(tmp_path: Path) -> None:
    started = time.monotonic()
    with stalled(tmp_path, "--duration", "3") as (running, path):
        code = running.wait_for_exit(reading=False)

        assert code == 0
        # Python's own start comes before the command's.
        assert 3.0 <= running.ended_at - started < 3.0 + STALLED_BAR_SECONDS + 2.0
        assert_closed_whole(path)
