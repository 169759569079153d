"""The exchange as a child process, for the demo.

A process of its own, so that the flow never takes time from the screen, and so that the screen is
fed by what it is fed by in earnest: a socket. Imports next to nothing: it is on the way to the
first picture.
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections.abc import Iterable
from time import monotonic
from types import TracebackType
from typing import Self

TERM_SECONDS = 0.7
"""How long the child may take to end when asked; then it is killed."""
TAIL_BYTES = 2_000


class SimulatorError(Exception):
    """The simulated exchange did not start; the text says why, in the child's own words."""


class SimulatorProcess:
    """A running child; closed by `close`, by its context, or by the death of this process."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._output = b""
        self._url: str | None = None

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def url(self, timeout: float) -> str:
        """The websocket URL, without a path; waits up to `timeout` seconds for the child.

        Raises SimulatorError where the child ends first, or is not ready in time.
        """
        if self._url is not None:
            return self._url
        assert self._process.stdout is not None
        if self._process.stdout.closed:
            raise SimulatorError("the simulated exchange was closed before it was ready")
        descriptor = self._process.stdout.fileno()
        deadline = monotonic() + timeout
        while b"\n" not in self._output:
            ready, _, _ = select.select([descriptor], [], [], max(0.0, deadline - monotonic()))
            if not ready:
                raise SimulatorError(f"the simulated exchange was not ready after {timeout:g} s")
            chunk = os.read(descriptor, 4096)
            if not chunk:
                raise SimulatorError(self._obituary())
            self._output += chunk
        self._url = self._output.partition(b"\n")[0].decode()
        return self._url

    def close(self) -> None:
        """End the child, within a second, and wait for it; closing twice is closing once."""
        process = self._process
        # Stdin's end is the request; a child that is stuck is killed.
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(TERM_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _obituary(self) -> str:
        assert self._process.stderr is not None
        # Its stdout has ended, so the rest is about to.
        tail = self._process.stderr.read()[-TAIL_BYTES:].decode(errors="replace").strip()
        code = self._process.wait()
        return f"the simulated exchange ended with code {code}: {tail or 'it said nothing'}"


def spawn(
    seed: int, speed: float = 1.0, markets: Iterable[tuple[str, str]] = ()
) -> SimulatorProcess:
    """Start an exchange on a free port of loopback; returns at once.

    `speed` is how many times as fast as life it trades. `markets` trade from the beginning, others
    when somebody asks for them: what `--venue` takes, and the symbol in the venue's spelling.
    """
    command = [
        sys.executable,
        "-P",  # the folder that the user stands in is not a place to import from
        "-m",
        "obtui.simulator",
        f"--seed={seed}",
        f"--speed={speed}",
        *[f"--begin={venue}:{symbol}" for venue, symbol in markets],
        "--until-stdin-closes",
    ]
    pipe = subprocess.PIPE
    return SimulatorProcess(
        subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0)
    )
