"""`obtui record`: how it ends, in processes of its own: in time, and with whole files."""

from __future__ import annotations

import fcntl
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from headless_support import SIGNALS, command, process, recorder, steady
from support.venue import LoopbackVenue
from support.wait import eventually
from terminal_support import assert_closed_whole, environment


def test_the_duration_is_that_of_the_command(tmp_path: Path) -> None:
    path = tmp_path / "books.jsonl"
    with LoopbackVenue(steady()) as venue:
        started = time.monotonic()
        result = process(
            *command("BTCUSD", "--url", venue.url, "--record", str(path), "--duration", "0.8"),
            folder=tmp_path,
        )
        took = time.monotonic() - started

    assert result.returncode == 0
    # Python's own start comes before the command's, and on a slow machine takes its time.
    assert 0.8 <= took < 3.3
    lines = assert_closed_whole(path)
    assert float(lines[-1]["ts"] - lines[0]["ts"]) < 800


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_a_signal_ends_it_with_a_whole_file(number: signal.Signals, tmp_path: Path) -> None:
    path = tmp_path / "books.jsonl"
    with (
        LoopbackVenue(steady()) as venue,
        recorder(
            *("BTCUSD", "--url", venue.url, "--record", str(path)), folder=tmp_path, ready=path
        ) as process,
    ):
        sent = time.monotonic()
        process.send_signal(number)
        _, said = process.communicate(timeout=20)
        took = time.monotonic() - sent

    assert process.returncode == 128 + number
    assert took < 1.0
    lines = assert_closed_whole(path)
    assert said.decode() == f"obtui: saved {len(lines) - 1} book lines to {path}\n"


def test_an_ignored_hangup_is_honoured(tmp_path: Path) -> None:
    path = tmp_path / "books.jsonl"
    with (
        LoopbackVenue(steady()) as venue,
        subprocess.Popen(
            ["nohup", *command("BTCUSD", "--url", venue.url, "--record", str(path))],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment(),
        ) as process,
    ):
        try:
            eventually(lambda: path.exists() and path.stat().st_size > 0, "a line", 20)
            process.send_signal(signal.SIGHUP)
            size = path.stat().st_size
            eventually(lambda: path.stat().st_size > size + 500, "more lines", 20)

            assert process.poll() is None
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 128 + signal.SIGTERM
        finally:
            process.kill()
    assert_closed_whole(path)


def test_a_reader_that_has_enough_ends_it_without_a_word(tmp_path: Path) -> None:
    with LoopbackVenue(steady(0.005)) as venue:
        result = process(
            *("sh", "-c", '("$@"; echo $? >code) | head -3', "sh"),
            *command("BTCUSD", "--url", venue.url, "--record", "-"),
            folder=tmp_path,
        )

    assert result.stdout.count("\n") == 3
    assert result.stderr == ""
    assert (tmp_path / "code").read_text() == f"{128 + signal.SIGPIPE}\n"


def test_a_disk_that_takes_nothing_more_is_a_failure(tmp_path: Path) -> None:
    with LoopbackVenue(steady()) as venue:
        result = process(
            *("sh", "-c", 'exec "$@" >/dev/full', "sh"),
            *command("BTCUSD", "--url", venue.url, "--record", "-"),
            folder=tmp_path,
        )

    assert result.returncode == 1
    assert result.stderr.startswith("obtui: recording stopped: disk full")
    assert result.stderr.count("\n") == 1


def test_lines_that_a_pipe_did_not_take_are_told_and_are_a_failure(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    try:
        with LoopbackVenue(steady(0.002)) as venue:
            result = process(
                *command("BTCUSD", "--url", venue.url, "--record", "-", "--duration", "0.6"),
                folder=tmp_path,
                stdout=writing,
            )
        got = os.read(reading, 1 << 16)
    finally:
        os.close(reading)
        os.close(writing)

    assert result.returncode == 1
    told = re.fullmatch(
        r"obtui: recording stopped: not all was taken within 0\.5 s \(standard output\); "
        r"saved (\d+) book lines to standard output before it; lines lost: [1-9]\d*\n",
        result.stderr,
    )
    assert told, result.stderr
    assert int(told[1]) <= got.count(b"\n")
