"""Ctrl-z: the terminal is put back and taken again, and where it would do harm it is refused."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path
from typing import Any

import pexpect
import pyte

from signals_support import SPEED, recording
from support.wait import eventually
from terminal_support import (
    PYTHON,
    Terminal,
    book_lines,
    environment,
    freeze,
    process_state,
    terminal,
)


def assert_goes_on(running: Terminal) -> None:
    """It paints, follows the window, and leaves when it is told to."""
    running.screen.reset()
    running.resize(110, 32)
    running.wait_for("VERIFIED")
    running.send("q")
    assert running.wait_for_exit() == 0


def test_ctrl_z_stops_the_viewer_and_going_on_brings_it_back(tmp_path: Path) -> None:
    with terminal(["demo", "--speed=5"], tmp_path) as running:
        running.wait_for("VERIFIED")
        pid = running.pid

        running.send("\x1a")
        running.wait_until(lambda: process_state(pid) == "T", "suspended")
        while running.read(0.05):
            pass
        running.assert_put_back()
        os.kill(pid, signal.SIGCONT)

        running.wait_until(lambda: running.raw.rstrip().count(b"\x1b[?1049h") == 2, "back")
        assert_goes_on(running)


def test_ctrl_z_works_also_where_the_terminal_was_not_read(tmp_path: Path) -> None:
    with terminal(["demo", f"--speed={SPEED}"], tmp_path) as running:
        running.wait_for("VERIFIED")
        pid = running.pid
        running.fill()

        running.send("\x1a")
        eventually(lambda: process_state(pid) == "T", "suspended", 20)
        while running.read(0.1):
            pass
        running.assert_put_back()
        os.kill(pid, signal.SIGCONT)

        running.wait_until(lambda: running.raw.count(b"\x1b[?1049h") == 2, "back")
        assert_goes_on(running)


def test_going_on_without_having_stopped_only_paints_anew(tmp_path: Path) -> None:
    with terminal(["demo", "--seed=3"], tmp_path) as running:
        running.wait_for("VERIFIED")
        before = freeze(running)
        running.screen.erase_in_display(2)

        running.signal(signal.SIGCONT)

        running.wait_until(lambda: running.screen.display[1:] == before, "the whole picture")
        assert running.raw.count(b"\x1b[?1049h") == 1
        running.send("q")
        assert running.wait_for_exit() == 0


def test_ctrl_z_is_refused_while_recording(tmp_path: Path) -> None:
    with recording(tmp_path, speed=5.0) as (running, path):
        running.send("\x1a")
        running.wait_for("not suspended")
        lines = len(book_lines(path))

        running.wait_until(lambda: len(book_lines(path)) > lines + 2, "the recording goes on")
        assert process_state(running.pid) != "T"


def until_shown(child: pexpect.spawn, words: str) -> None:
    """Read what a command paints from now on until `words` stand there."""
    screen: Any = pyte.Screen(100, 30)
    stream: Any = pyte.ByteStream(screen)
    deadline = time.monotonic() + 20
    while words not in "\n".join(screen.display):
        assert time.monotonic() < deadline, "\n".join(screen.display)
        with contextlib.suppress(pexpect.TIMEOUT):
            stream.feed(child.read_nonblocking(1 << 16, 0.1))


def test_ctrl_z_is_refused_where_there_is_no_shell(tmp_path: Path) -> None:
    # It leads the session, as `ssh -t host obtui` and a terminal's -e start it.
    child: Any = pexpect.spawn(
        PYTHON[0],
        [*PYTHON[1:], "demo", "--seed=3"],
        dimensions=(30, 100),
        env=environment(),
        cwd=str(tmp_path),
        timeout=20,
    )
    try:
        child.expect("VERIFIED")
        child.send("\x1a")
        until_shown(child, "there is no shell here")

        assert process_state(child.pid) not in {"T", "Z", ""}
        child.send("q")
        child.expect(pexpect.EOF)
        assert child.wait() == 0
    finally:
        child.close(force=True)
