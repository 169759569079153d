"""The venue of many messages a second, running in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]


@contextmanager
def flood(rate: int) -> Iterator[str]:
    """The URL of a server that sends so many messages a second."""
    command = [sys.executable, "-m", "support.flood", str(rate)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=TESTS) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().decode().strip()
        finally:
            server.kill()
