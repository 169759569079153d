"""A signal or a lost terminal ends it: the recording is whole, the terminal put back."""

from __future__ import annotations

import contextlib
import signal
import time
from pathlib import Path

import pytest

from signals_support import BAR_SECONDS, recording
from support.wait import eventually
from terminal_support import (
    Terminal,
    assert_closed_whole,
    book_lines,
    children,
    process_state,
    terminal,
)

SIGNALS = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]

every_signal = pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)


def stall(running: Terminal, seconds: float) -> None:
    """The one thing here for which time must pass: it is what is tested."""
    running.fill()
    time.sleep(seconds)


@every_signal
def test_a_signal_closes_the_recording_and_puts_the_terminal_back(
    number: signal.Signals, tmp_path: Path
) -> None:
    with recording(tmp_path, speed=5.0) as (running, path):
        sent = running.signal(number)
        code = running.wait_for_exit()

        assert code == 128 + number
        assert running.ended_at - sent < BAR_SECONDS
        lines = assert_closed_whole(path)
        running.assert_put_back()
        assert f"saved {len(lines) - 1} book lines to {path}" in running.text.replace("\n", "")


@pytest.mark.parametrize("signalled", [False, True], ids=["q", "SIGTERM"])
def test_what_a_key_stopped_is_named_at_the_end(signalled: bool, tmp_path: Path) -> None:
    with terminal(["demo", "--seed=3", "--speed=5"], tmp_path) as running:
        running.wait_for("VERIFIED")
        running.send("r")
        running.wait_for(" REC ")
        (path,) = tmp_path.glob("gemini-BTCUSD-*.jsonl")
        running.wait_until(lambda: len(book_lines(path)) > 3, "book lines")
        running.send("r")
        running.wait_for("not recording")
        if signalled:
            running.signal(signal.SIGTERM)
        else:
            running.send("q")
        code = running.wait_for_exit()

        assert code == (128 + signal.SIGTERM if signalled else 0)
        lines = assert_closed_whole(path)
        after = running.raw.rpartition(b"\x1b[?1049l")[2].decode()
        assert after.count("obtui: ") == 1
        assert f"obtui: saved {len(lines) - 1} book lines to {path}\r" in after


def stalled_and_signalled(number: signal.Signals, folder: Path, seconds: float) -> None:
    with recording(folder) as (running, path):
        before = len(book_lines(path))
        stall(running, seconds)

        sent = running.signal(number)
        code = running.wait_for_exit(reading=False)

        assert code == 128 + number
        assert running.ended_at - sent < BAR_SECONDS
        while running.read(0.1):
            pass
        running.assert_put_back()
        lines = assert_closed_whole(path)
        assert len(lines) - before > 5 * seconds, "ten books a second came during the stall"


@every_signal
def test_a_signal_does_so_also_while_the_terminal_is_not_read(
    number: signal.Signals, tmp_path: Path
) -> None:
    stalled_and_signalled(number, tmp_path, 0.5)


@pytest.mark.soak
@every_signal
def test_a_signal_does_so_also_after_half_a_minute_unread(
    number: signal.Signals, tmp_path: Path
) -> None:
    stalled_and_signalled(number, tmp_path, 30.0)


def test_a_lost_terminal_ends_it_and_closes_the_recording(tmp_path: Path) -> None:
    with recording(tmp_path, speed=5.0) as (running, path):
        pid = running.pid

        at = running.hang_up()
        code = running.wait_for_exit(reading=False)

        assert code == 128 + signal.SIGHUP
        assert running.ended_at - at < BAR_SECONDS
        assert_closed_whole(path)
        assert process_state(pid) in {"", "Z"}


def test_killing_the_viewer_ends_the_simulated_exchange(tmp_path: Path) -> None:
    with terminal(["demo"], tmp_path) as running:
        running.wait_for("VERIFIED")
        (exchange,) = children(running.pid)

        running.signal(signal.SIGKILL)

        eventually(lambda: process_state(exchange) in {"", "Z"}, "the child ended", 20)


def test_a_signal_to_the_viewer_ends_the_simulated_exchange(tmp_path: Path) -> None:
    with terminal(["demo"], tmp_path) as running:
        running.wait_for("VERIFIED")
        (exchange,) = children(running.pid)

        running.signal(signal.SIGTERM)

        assert running.wait_for_exit() == 128 + signal.SIGTERM
        eventually(lambda: process_state(exchange) in {"", "Z"}, "the child ended", 20)


def test_two_signals_are_as_one(tmp_path: Path) -> None:
    with recording(tmp_path, speed=5.0) as (running, path):
        sent = running.signal(signal.SIGTERM)
        with contextlib.suppress(ProcessLookupError):
            running.signal(signal.SIGINT)

        assert running.wait_for_exit() in {128 + signal.SIGTERM, 128 + signal.SIGINT}
        assert running.ended_at - sent < BAR_SECONDS
        assert_closed_whole(path)
        running.assert_put_back()
