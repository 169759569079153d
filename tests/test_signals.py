"""Signals and a terminal that is not read: the recording is whole, the terminal put back.

The stall is the one place in the tests where time must pass: it is what is tested.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import signal
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pexpect
import pyte
import pytest

from support.wait import eventually
from terminal_support import (
    PYTHON,
    Terminal,
    Touch,
    assert_closed_whole,
    book_lines,
    children,
    environment,
    freeze,
    process_state,
    simulated,
    terminal,
)

SIGNALS = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]
BAR_SECONDS = 1.0
"""In which a signal ends the command, and a screen that is read again shows the present."""
SPEED = 20.0
"""So many times as fast as life, so that every frame differs and the terminal is soon full."""
TOUCH = re.compile(r"\b(ask|bid) +(\d[\d.]*) × (\d[\d.]*)")

every_signal = pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)


@contextlib.contextmanager
def recording(folder: Path, *more: str, speed: float = SPEED) -> Iterator[tuple[Terminal, Path]]:
    """`obtui demo --record`, with a trusted book on screen and lines in the file."""
    path = folder / "books.jsonl"
    arguments = ["demo", "--seed=3", f"--speed={speed}", f"--record={path}", *more]
    with terminal(arguments, folder) as running:
        running.wait_for("VERIFIED")
        running.wait_until(lambda: len(book_lines(path)) > 3, "book lines")
        yield running, path


def stall(running: Terminal, seconds: float) -> None:
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


def touch_of(line: dict[str, Any]) -> Touch:
    (bid, bid_size), (ask, ask_size) = line["bids"][0], line["asks"][0]
    return bid, bid_size, ask, ask_size


def touch_on(running: Terminal) -> Touch | None:
    """Best bid and ask as the figures beside the ladder tell them."""
    found = {word: (Decimal(p), Decimal(s)) for word, p, s in TOUCH.findall(running.text)}
    if len(found) < 2:
        return None
    return *found["bid"], *found["ask"]


def unread_for(folder: Path, seconds: float) -> None:
    """A viewer whose terminal is not read, beside a recorder without a screen."""
    theirs, ours = folder / "theirs.jsonl", folder / "ours.jsonl"
    with (
        simulated(SPEED) as url,
        terminal(["record", "BTCUSD", f"--url={url}", f"--record={theirs}"], folder),
    ):
        eventually(lambda: bool(book_lines(theirs)), "the recorder has a book", 20)
        viewer = folder / "viewer"
        viewer.mkdir()
        # Large and frequent frames: what is painted unread would take long to read.
        arguments = ["BTCUSD", f"--url={url}", f"--record={ours}", "--fps=60"]
        with terminal(arguments, viewer, size=(160, 50)) as running:
            running.wait_for("VERIFIED")
            running.fill()
            began = time.time()
            time.sleep(seconds)
            # Read again: the screen must soon show what the market is now.
            resumed = time.monotonic()
            resumed_wall = time.time()
            already = len(running.raw)
            seen: list[tuple[int, Touch]] = []
            looked = 0.0
            while time.monotonic() - resumed < BAR_SECONDS:
                running.read(0.01)
                if time.monotonic() - looked > 0.04:
                    looked = time.monotonic()
                    touch = touch_on(running)
                    if touch is not None:
                        seen.append((len(running.raw) - already, touch))
            running.send("q")
            assert running.wait_for_exit() == 0
        eventually(lambda: len(book_lines(theirs)) >= len(book_lines(ours)), "as many lines", 20)

    lines = assert_closed_whole(ours)[:-1]
    others = [line for line in book_lines(theirs) if line["bids"]]
    fresh = {touch_of(line) for line in lines if line["ts"] >= int(resumed_wall * 1000)}
    shown = [size for size, touch in seen if touch in fresh]
    assert shown, "the present book within the bar"
    # No frame that was due meanwhile comes first: only what the terminal had room for.
    assert shown[0] < 300_000

    # Not one message was lost, nor came late: both have the same books at the same times.
    def sides(line: dict[str, Any]) -> tuple[object, object]:
        return line["bids"], line["asks"]

    count = len(lines)
    starts = [
        start
        for start in range(len(others) - count + 1)
        if all(sides(a) == sides(b) for a, b in zip(lines, others[start:], strict=False))
    ]
    assert len(starts) == 1, "the recorder without a screen has the same lines"
    pairs = list(zip(lines, others[starts[0] :], strict=False))
    assert max(abs(a["ts"] - b["ts"]) for a, b in pairs) < 1000
    during = [int(line["ts"]) for line in lines if line["ts"] / 1000 >= began]
    assert len(during) > 5 * seconds
    assert max(b - a for a, b in itertools.pairwise(during)) < 1000


def test_an_unread_terminal_costs_no_message_and_then_shows_the_present(tmp_path: Path) -> None:
    unread_for(tmp_path, 2.0)


@pytest.mark.soak
def test_half_a_minute_unread_costs_no_message_and_then_shows_the_present(tmp_path: Path) -> None:
    unread_for(tmp_path, 30.0)


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
        running.screen.reset()
        running.resize(110, 32)
        running.wait_for("VERIFIED")
        running.send("q")
        assert running.wait_for_exit() == 0


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
        running.screen.reset()
        running.resize(110, 32)
        running.wait_for("VERIFIED")
        running.send("q")
        assert running.wait_for_exit() == 0


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


def test_two_signals_are_as_one(tmp_path: Path) -> None:
    with recording(tmp_path, speed=5.0) as (running, path):
        sent = running.signal(signal.SIGTERM)
        with contextlib.suppress(ProcessLookupError):
            running.signal(signal.SIGINT)

        assert running.wait_for_exit() in {128 + signal.SIGTERM, 128 + signal.SIGINT}
        assert running.ended_at - sent < BAR_SECONDS
        assert_closed_whole(path)
        running.assert_put_back()
