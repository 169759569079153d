from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

import pytest
from websockets.sync.client import connect

from obtui.simulator.process import SimulatorError, SimulatorProcess, spawn

PATIENCE = 10.0


def ended(pidfd: int) -> bool:
    """Whether the process ends within a second."""
    return bool(select.select([pidfd], [], [], 1.0)[0])


@contextmanager
def handle_of(pid: int) -> Iterator[int]:
    """A descriptor that becomes readable when the process ends; it may be nobody's child."""
    if not hasattr(os, "pidfd_open"):
        pytest.skip("this system cannot watch a process that is not a child")
    pidfd = os.pidfd_open(pid)
    try:
        yield pidfd
    finally:
        os.close(pidfd)


@contextmanager
def standalone() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "obtui.simulator"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def test_the_child_serves_what_it_says_and_ends_within_a_second() -> None:
    with spawn(3, speed=2.0) as child:
        url = child.url(PATIENCE)

        # Without a bound of its queue: a full one holds up the closing handshake for ten seconds.
        options: dict[str, None] = {"proxy": None, "max_size": None, "max_queue": None}
        with connect(f"{url}/v1/marketdata/BTCUSD", **options) as connection:
            frame = connection.recv(PATIENCE)
        started = monotonic()
        child.close()

    assert b'"initial"' in (frame if isinstance(frame, bytes) else frame.encode())
    assert monotonic() - started < 1
    assert child.url(0) == url


def test_the_child_ignores_ctrl_c_and_ends_on_sigterm() -> None:
    with spawn(3) as child, handle_of(child.pid) as pidfd:
        child.url(PATIENCE)

        os.kill(child.pid, signal.SIGINT)
        survived = not select.select([pidfd], [], [], 0.1)[0]
        os.kill(child.pid, signal.SIGTERM)

        assert survived
        assert ended(pidfd)


def test_the_child_ends_with_a_parent_that_was_killed() -> None:
    program = (
        "from obtui.simulator.process import spawn; child = spawn(1); "
        "print(child.pid, child.url(10), flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline().split()[0])
        with handle_of(pid) as pidfd:
            parent.kill()

            assert ended(pidfd)


def test_a_child_that_cannot_start_says_why() -> None:
    why = r"(?s)code 2.*there is no market kraken:NOSUCH"

    with (
        spawn(1, markets=[("kraken", "NOSUCH")]) as child,
        pytest.raises(SimulatorError, match=why),
    ):
        child.url(PATIENCE)


def test_a_child_that_is_not_ready_in_time_is_named_so() -> None:
    with spawn(1) as child, pytest.raises(SimulatorError, match="not ready after 0 s"):
        child.url(0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_alone_it_ends_on_a_signal_with_its_code_and_without_a_word(number: signal.Signals) -> None:
    with standalone() as process:
        assert process.stdout is not None
        url = process.stdout.readline()

        process.send_signal(number)
        _, error = process.communicate(timeout=PATIENCE)

    assert url.startswith("ws://127.0.0.1:")
    assert process.returncode == 128 + number
    assert error == ""


def test_importing_it_imports_neither_a_server_nor_a_loop() -> None:
    program = (
        "import sys, obtui.simulator.process; "
        "print(sorted({'asyncio', 'websockets', 'msgspec', 'random'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)

    assert done.stdout == b"[]\n"


def test_closing_twice_is_closing_once() -> None:
    child: SimulatorProcess = spawn(1)

    child.close()
    child.close()

    with pytest.raises(SimulatorError, match="closed"):
        child.url(1)
