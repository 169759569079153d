"""What the whole program costs (feed, book, recording, screen), beside Textual's own output.

    pytest tests/bench/test_all_in.py --benchmark-only --no-cov -n 0 -s

The real command in a pseudo-terminal of 120x50 at 20 frames a second, recording, fed by a server of
its own process. CPU is the command's, of one core; `SECONDS=600` in the environment tells whether
memory stays flat.
"""

from __future__ import annotations

import os
import select
import time
from pathlib import Path
from typing import NamedTuple

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from support.serving import served
from terminal_support import Terminal, environment, terminal

SECONDS = float(os.environ.get("SECONDS", "10"))
SIZE = (120, 50)
QUERY, REPLY = b"\x1b[6n", b"\x1b[9;9R"


class AllIn(NamedTuple):
    """Of one run."""

    cpu: float
    """Share of a core."""
    rate: float
    """Bytes a second to the terminal."""
    memory: tuple[float, float]
    """Resident megabytes, at the beginning and at the end."""


def take(running: Terminal, seconds: float) -> int:
    """Read for so long what is sent, as a terminal that answers; returns how many bytes."""
    handle = running.child.child_fd
    end = time.monotonic() + seconds
    taken = 0
    tail = b""
    while (left := end - time.monotonic()) > 0:
        if select.select([handle], [], [], left)[0]:
            data = os.read(handle, 1 << 16)
            taken += len(data)
            seen = tail + data
            for _ in range(seen.count(QUERY)):
                os.write(handle, REPLY)
            tail = b"" if seen.endswith(QUERY) else seen[-3:]
    return taken


def cpu_seconds(pid: int) -> float:
    """What a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> float:
    """Resident megabytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def run(folder: Path, rate: int, *options: str) -> AllIn:
    """The command on so many messages a second."""
    with served("support.flood", rate) as url:
        # What a run is to show is not what the last one was left with.
        shown = ["--layout", "book", "--url", url]
        arguments = ["BTCUSD", *shown, "--record", "x.jsonl", "--overwrite", *options]
        with terminal(arguments, folder, size=SIZE, env=environment()) as running:
            pid = running.pid
            take(running, 4)
            before, began, megabytes = cpu_seconds(pid), time.monotonic(), memory(pid)
            taken = take(running, SECONDS)
            passed = time.monotonic() - began
            used = (cpu_seconds(pid) - before) / passed
            return AllIn(used, taken / passed, (megabytes, memory(pid)))


@pytest.mark.parametrize("rate", [200, 1_000])
def test_all_in(benchmark: BenchmarkFixture, tmp_path: Path, rate: int) -> None:
    def both() -> tuple[AllIn, AllIn]:
        return run(tmp_path, rate), run(tmp_path, rate, "--no-thin")

    thin, textual = benchmark.pedantic(both, rounds=1)  # type: ignore[no-untyped-call]

    print(f"\n{rate:,} messages/s, {SIZE[0]}x{SIZE[1]}, 20 fps, recording, {SECONDS:.0f} s")
    for name, it in (("obtui", thin), ("obtui --no-thin", textual)):
        print(
            f"{name:16} {it.cpu:6.1%} of a core  {it.rate / 1000:7.1f} kB/s  "
            f"{it.memory[0]:.0f} to {it.memory[1]:.0f} MB"
        )
    print(f"{'ratio':16} {thin.cpu / textual.cpu:6.2f}            {thin.rate / textual.rate:7.2f}")
