"""How soon a key is answered while 20,000 messages a second come, with every panel open.

    pytest tests/bench/test_keys.py --benchmark-only --no-cov -n 0 -s

The real command in a pseudo-terminal, fed by a server of its own process; read without a terminal
emulator, which would take the time that is measured. A key is answered when its words have come.
"""

from __future__ import annotations

import os
import select
import statistics
import time
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from support.serving import served
from terminal_support import Terminal, environment, terminal

RATE = 20_000
ROUNDS = 20
QUERY, REPLY = b"\x1b[6n", b"\x1b[9;9R"
KEYS = (
    (" ", b"FROZEN"),
    (" ", b"update"),
    ("?", b"Keys"),
    ("?", b"imbal"),
    ("x", b""),
    ("x", b"imbal"),
    ("\x10", b"venue:"),
    ("\x1b", b"imbal"),
)
"""A key, and words of its answer that the terminal did not show in those cells before."""
PALETTE = "\x10\x1b"
"""Opening it is Textual's work; closing it waits until Esc is known to be no longer sequence."""


def read_for(running: Terminal, seconds: float, wanted: bytes = b"") -> float | None:
    """Seconds until `wanted` came; None where it did not. Without it, all that comes is read. The
    queries for a reply are answered."""
    handle = running.child.child_fd
    began = time.monotonic()
    seen = b""
    while (left := began + seconds - time.monotonic()) > 0:
        if select.select([handle], [], [], left)[0]:
            data = os.read(handle, 1 << 16)
            for _ in range((seen[-3:] + data).count(QUERY)):
                os.write(handle, REPLY)
            seen = seen[-64:] + data
            if wanted and wanted in seen:
                return time.monotonic() - began
    return None


def measure(running: Terminal) -> dict[str, list[float]]:
    """Seconds from each key to its answer."""
    found: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for key, words in KEYS:
            read_for(running, 0.12)
            running.send(key)
            if words:
                took = read_for(running, 5, words)
                assert took is not None, f"{key!r} was not answered"
                found.setdefault(f"{key} {words.decode()}", []).append(took)
    return found


@pytest.mark.parametrize("rate", [100, RATE])
def test_keys_are_answered(benchmark: BenchmarkFixture, tmp_path: Path, rate: int) -> None:
    with served("support.flood", rate) as url:
        arguments = ["BTCUSD", "--url", url, "--layout", "all"]
        with terminal(arguments, tmp_path, size=(200, 60), env=environment()) as running:
            assert read_for(running, 20, b"VERIFIED") is not None
            read_for(running, 3)
            found = benchmark.pedantic(measure, (running,), rounds=1)  # type: ignore[no-untyped-call]
    print(f"\n{rate:,} messages/s, every panel, 200x60, ms to the answer of a key:")
    market = [it for name, some in found.items() if name[0] not in PALETTE for it in some]
    for words, times in (*found.items(), ("all but the palette", market)):
        p95 = statistics.quantiles(times, n=20)[-1]
        print(
            f"  {words!r:22} median {statistics.median(times) * 1000:4.0f}  p95 {p95 * 1000:4.0f}  "
            f"worst {max(times) * 1000:4.0f}"
        )
