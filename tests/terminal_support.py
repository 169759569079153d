"""The real command in a real pseudo-terminal, read through pyte.

The command runs as a shell would run it: under a session leader that waits for it. A command that
leads the session itself would hide what it forgot to restore, because the kernel resets the
terminal when the leader ends.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pexpect
import pyte

PATIENCE = 20.0
"""Seconds in which a slow machine does what has no bar of its own."""

# Ignored signals would be inherited by the command; caught ones are not.
LEADER = """
import os, signal, subprocess, sys, time
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGTSTP):
    signal.signal(number, lambda *_: None)
child = subprocess.Popen(sys.argv[2:])
# A lost terminal is told to the leader alone; shells hand it on to their jobs.
signal.signal(signal.SIGHUP, lambda *_: child.send_signal(signal.SIGHUP))
def tell(text):
    with open(sys.argv[1] + ".new", "w") as file:
        file.write(text)
    os.rename(sys.argv[1] + ".new", sys.argv[1])
tell(f"{child.pid}")
code = child.wait()
tell(f"{child.pid} {code} {time.monotonic()}")
while True:
    signal.pause()
"""

ALTERNATE_SCREEN, CURSOR = 1049 << 5, 25 << 5
MOUSE = {mode << 5 for mode in (1000, 1003, 1006, 1015)}
PASTE = 2004 << 5

PYTHON = (sys.executable, "-m", "obtui")


def environment(**extra: str | None) -> dict[str, str]:
    """What the command runs in: a plain terminal of 256 colours, and nothing of the tester's."""
    strays = ("NO_COLOR", "COLORTERM", "PYTHONIOENCODING", "COLUMNS", "LINES")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TEXTUAL", "OBTUI", "COV_")) and name not in strays
    }
    kept |= {"TERM": "xterm-256color", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
    kept |= {"TEXTUAL_DISABLE_KITTY_KEY": "1"}
    for name, value in extra.items():
        kept.pop(name, None)
        if value is not None:
            kept[name] = value
    return kept


class Terminal:
    """A command in a terminal that is read only when a test reads it."""

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        *,
        size: tuple[int, int] = (100, 30),
        env: Mapping[str, str] | None = None,
    ) -> None:
        width, height = size
        self._told = folder / "leader"
        self._told.unlink(missing_ok=True)
        self.child: Any = pexpect.spawn(
            sys.executable,
            ["-S", "-E", "-c", LEADER, str(self._told), *command],
            dimensions=(height, width),
            env=dict(env or environment()),
            cwd=str(folder),
            timeout=PATIENCE,
        )
        # No delay of pexpect's own: signals are timed.
        self.child.delaybeforesend = None
        self.child.ptyproc.delayafterclose = self.child.ptyproc.delayafterterminate = 0.01
        self.raw = b""
        self.screen: Any = pyte.Screen(width, height)
        self._stream: Any = pyte.ByteStream(self.screen)
        self.attributes = termios.tcgetattr(self.child.child_fd)
        self.slave = -1

    # The command's life

    @property
    def pid(self) -> int:
        """The command's process id."""
        self.wait_until(lambda: bool(self._words()), "the command started")
        return int(self._words()[0])

    @property
    def exit_code(self) -> int | None:
        """As of subprocess: negative where a signal killed it; None while it runs."""
        words = self._words()
        return int(words[1]) if len(words) > 1 else None

    @property
    def ended_at(self) -> float:
        """When it ended, by the monotonic clock that all processes share."""
        return float(self._words()[2])

    def _words(self) -> list[str]:
        return self._told.read_text().split() if self._told.exists() else []

    def signal(self, number: int) -> float:
        """Send a signal to the command; returns when, by the monotonic clock."""
        pid = self.pid
        at = time.monotonic()
        os.kill(pid, number)
        return at

    def wait_for_exit(self, seconds: float = PATIENCE, *, reading: bool = True) -> int:
        """The exit code; while waiting, the terminal is read, or is not."""
        deadline = time.monotonic() + seconds
        while self.exit_code is None:
            assert time.monotonic() < deadline, f"it did not end\n{self.text}"
            if reading:
                self.read(0.01)
            else:
                time.sleep(0.01)
        code = self.exit_code
        while reading and self.read(0.05):
            pass
        assert code is not None
        return code

    # The terminal

    def read(self, seconds: float = 0.0) -> bool:
        """Take what there is, or what comes within `seconds`; False if there was nothing."""
        if not select.select([self.child.child_fd], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.child.child_fd, 1 << 16)
        except OSError:
            return False
        self.raw += data
        # pyte would print the `u` of a sequence that it does not know.
        self._stream.feed(data.replace(b"\x1b[<u", b""))
        return bool(data)

    def wait_until(
        self, condition: Callable[[], bool], what: str, seconds: float = PATIENCE
    ) -> None:
        """Read until `condition` holds."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}\n{self.text}"
            self.read(0.02)

    def wait_for(self, text: str, seconds: float = PATIENCE) -> None:
        """Read until `text` stands on the screen."""
        self.wait_until(lambda: text in self.text, repr(text), seconds)

    def send(self, keys: str) -> None:
        """Type."""
        os.write(self.child.child_fd, keys.encode())

    def resize(self, width: int, height: int) -> None:
        """Change the window's size, as a person drags it."""
        self.screen.resize(height, width)
        self.child.setwinsize(height, width)

    @property
    def text(self) -> str:
        """What stands on the screen."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def fill(self) -> None:
        """Read nothing until the terminal takes no more."""
        self.slave = os.open(
            f"/proc/{self.pid}/fd/2", os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC
        )
        deadline = time.monotonic() + PATIENCE
        full_since = time.monotonic()
        # A while at a stretch: between two frames it may be full for a moment.
        while time.monotonic() - full_since < 0.2:
            assert time.monotonic() < deadline, "the terminal was never full"
            if select.select([], [self.slave], [], 0)[1]:
                full_since = time.monotonic()
            time.sleep(0.01)

    def assert_put_back(self) -> None:
        """The terminal is as it was before the command."""
        modes = self.screen.mode
        assert ALTERNATE_SCREEN not in modes
        assert CURSOR in modes
        assert not MOUSE & modes
        assert PASTE not in modes
        assert termios.tcgetattr(self.child.child_fd) == self.attributes
        last = self.raw.rfind(b"\x1b[?1049l")
        assert last > self.raw.rfind(b"\x1b[?1049h")
        # Nothing is painted after it: of colours, places and modes only what ends them.
        after = self.raw[last:]
        assert b"\x1b[?25h" in after
        assert b"\x1b[48;" not in after
        assert b"H" not in after.replace(b"obtui: ", b"").split(b"saved")[0]

    def hang_up(self) -> float:
        """Close the terminal's other end, as a lost connection does."""
        at = time.monotonic()
        self.child.ptyproc.fileobj.close()
        return at

    def close(self) -> None:
        """End what is left."""
        if self.slave >= 0:
            os.close(self.slave)
        words = self._words()
        if len(words) == 1:
            os.kill(int(words[0]), signal.SIGKILL)
        os.kill(self.child.pid, signal.SIGKILL)
        os.waitpid(self.child.pid, 0)
        self.child.ptyproc.terminated = True
        self.child.ptyproc.fileobj.close()
        self.child.closed = self.child.ptyproc.closed = True
        self.child.ptyproc.fd = self.child.child_fd = -1


@contextmanager
def terminal(
    arguments: Sequence[str],
    folder: Path,
    *,
    size: tuple[int, int] = (100, 30),
    env: Mapping[str, str] | None = None,
    command: Sequence[str] = PYTHON,
) -> Iterator[Terminal]:
    """`obtui` with these arguments in a terminal."""
    running = Terminal([*command, *arguments], folder, size=size, env=env)
    try:
        yield running
    finally:
        running.close()


def freeze(running: Terminal) -> list[str]:
    """Stop the view; returns the lines below the top one, which stay as they are from then on."""
    running.send(" ")
    running.wait_for("FROZEN")
    below: list[str] = []
    since = time.monotonic()

    def still() -> bool:
        nonlocal below, since
        if running.screen.display[1:] != below:
            below, since = running.screen.display[1:], time.monotonic()
        return time.monotonic() - since > 0.3

    running.wait_until(still, "nothing changes any more")
    return below


@contextmanager
def simulated(speed: float = 1.0, seed: int = 1) -> Iterator[str]:
    """`obtui simulate` on a port of its own; gives its URL."""
    command = [*PYTHON, "simulate", f"--speed={speed}", f"--seed={seed}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment()) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().decode().strip()
        finally:
            process.kill()


Touch = tuple[Decimal, Decimal, Decimal, Decimal]
"""Best bid and its size, best ask and its size."""


def book_lines(path: Path) -> list[dict[str, Any]]:
    """The whole lines of a recording; numbers are exact."""
    text = path.read_text() if path.exists() else ""
    whole = text[: text.rfind("\n") + 1]
    return [json.loads(line, parse_float=Decimal, parse_int=Decimal) for line in whole.splitlines()]


def assert_closed_whole(path: Path) -> list[dict[str, Any]]:
    """The lines of a recording that ends with a whole line that says that there is no book."""
    text = path.read_text()
    assert text.endswith("\n")
    assert text.splitlines()[-1].startswith('{"bids": [], "asks": [], "ts": ')
    found = book_lines(path)
    assert all(line["bids"] and line["asks"] for line in found[:-1])
    return found


def process_state(pid: int) -> str:
    """The letter of `/proc`: R, S, T, Z, or nothing where there is no such process."""
    return "".join(_stat(pid)[:1])


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def children(pid: int) -> list[int]:
    """The processes that a process started and that live."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        state, parent = [*_stat(int(entry.name)), "", "0"][:2]
        if int(parent) == pid and state != "Z":
            found.append(int(entry.name))
    return found
