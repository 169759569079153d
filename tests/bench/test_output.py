"""What each way sends to a terminal and costs, side by side on the same pictures; and what is seen
behind links.

    pytest tests/bench/test_output.py --benchmark-only --no-cov -n 0 -s

The pictures are those that obtui shows of a real capture, 20 a second of its time, 120x50, the
ladder alone. The floor is a differ written by hand that sends the changed cells alone.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Sequence
from pathlib import Path

import pexpect
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from support import far_end, screens
from support.screens import Cost, Picture
from terminal_support import environment

SECONDS = 30.0
LINK_SECONDS, LINK_KEYS = 10.0, 5
RATES = (16e3, 64e3, 256e3)
"""Bytes a second of the links."""


def of_curses(pictures: Sequence[Picture], folder: Path) -> Cost:
    """A curses program; what comes after its first picture is counted."""
    made = folder / "pictures"
    made.write_bytes(pickle.dumps(list(pictures)))
    script = str(Path(screens.__file__).with_name("curses_ladder.py"))
    width, height = screens.SIZE
    master = pexpect.spawn(
        sys.executable,
        [script, str(made)],
        dimensions=(height, width),
        env=dict(environment()),
        timeout=60,
    )
    data = b""
    while True:
        try:
            data += master.read_nonblocking(1 << 16, 30)
        except pexpect.EOF:
            break
    first = data.index(b"first")
    return Cost((len(data) - first) / (len(pictures) - 1), 0.0)


async def compare(folder: Path) -> dict[str, Cost]:
    """All of them, on the same pictures."""
    obtui, pictures = await screens.of_obtui(SECONDS, thin=True)
    textual, _ = await screens.of_obtui(SECONDS, thin=False)
    return {
        "floor": screens.of_floor(pictures),
        "obtui": obtui,
        "curses": of_curses(pictures, folder),
        "obtui --no-thin": textual,
        "DataTable": await screens.of_textual(screens.TableApp, pictures),
        "Static, rich Table": await screens.of_textual(screens.StaticApp, pictures),
    }


def test_bytes_and_cpu(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    if not screens.CAPTURE.exists():
        pytest.skip("the real captures (../shared/data) are not on this machine")
    import asyncio

    found = benchmark.pedantic(lambda: asyncio.run(compare(tmp_path)), rounds=1)  # type: ignore[no-untyped-call]

    floor = found["floor"].size
    print(f"\n{'':20} bytes a frame   x floor   CPU ms   fps at most")
    for name, cost in found.items():
        most = f"{1000 / cost.cpu_ms:.0f}" if cost.cpu_ms else "-"
        figures = f"{cost.size:13,.0f} {cost.size / floor:9.2f} {cost.cpu_ms:8.1f} {most:>13}"
        print(f"{name:20} {figures}")
    assert found["obtui"].size <= 1.25 * floor
    assert found["obtui"].size < found["curses"].size
    assert found["obtui"].size <= found["DataTable"].size / 10


def look_behind_links(folder: Path) -> dict[float, far_end.Measured]:
    """Each link after the other."""
    found = {}
    for rate in RATES:
        with far_end.watched(folder, rate) as link:
            found[rate] = far_end.measure(link, LINK_SECONDS, LINK_KEYS)
    return found


def test_behind_links(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    found = benchmark.pedantic(lambda: look_behind_links(tmp_path), rounds=1)  # type: ignore[no-untyped-call]

    for rate, seen in found.items():
        print(f"\n{rate / 1000:4.0f} kB/s: {seen}", end="")
    print()
