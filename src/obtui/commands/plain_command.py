"""`--plain`: no screen, but a line a second for each market on standard output.

It tells the present: while nobody takes its lines none are made, and what is followed and recorded
goes on.
"""

from __future__ import annotations

import argparse
import os
import select
import signal
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from types import FrameType

from obtui import exits, plain
from obtui.config import UsageError
from obtui.plain import SECOND
from obtui.watched import Watched

STEP_SECONDS = 0.05
"""How soon an end is noticed."""
STDOUT = 1


class _Left(Exception):
    """A signal's handler has something better to do than to write."""


class Output:
    """Standard output, and when to end."""

    def __init__(self, deadline: float | None) -> None:
        """`deadline` is monotonic; None: there is none."""
        self.code: int | None = None
        """The exit code, once it is to end."""
        self._deadline = deadline
        self._writing = False

    def catch_signals(self) -> None:
        """They end it."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            # nohup's choice is honoured.
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self.code = exits.SIGNAL + number
        if self._writing:
            raise _Left

    @property
    def over(self) -> bool:
        """Whether it is to end now: after a signal, at the deadline, when nobody reads."""
        late = self._deadline is not None and time.monotonic() >= self._deadline
        if late and self.code is None:
            self.code = exits.DONE
        return self.code is not None

    def put(self, lines: Iterable[str]) -> None:
        """Write each whole, ended by a newline and at once, until it is to end."""
        for line in lines:
            try:
                # Not to be stuck in it: a signal, and the deadline, end a stalled one too.
                while not select.select([], [STDOUT], [], STEP_SECONDS)[1]:
                    if self.over:
                        return
                self._write(f"{line}\n".encode("utf-8", "replace"))
            except _Left:
                return
            except BrokenPipeError:
                self.code = exits.SIGNAL + signal.SIGPIPE  # as any program whose reader is done
                return
            except OSError as error:
                self.code = exits.fail(f"standard output: {error.strerror}")
                return

    def _write(self, data: bytes) -> None:
        self._writing = True
        try:
            while data:
                data = data[os.write(STDOUT, data) :]
        finally:
            self._writing = False


Show = Callable[[Sequence[Watched]], int]


def asked(arguments: argparse.Namespace, started: float) -> Show | None:
    """What shows markets instead of a screen, until the command's duration is over; None where a
    screen was asked for. Raises `UsageError`."""
    deadline = deadline_of(arguments, started)
    if not arguments.plain:
        return None
    for option, path in (("--record", arguments.record), ("--capture", arguments.capture)):
        if path == "-":
            raise UsageError(f"--plain writes its own lines to stdout: name a file for {option}")
    return partial(watch, deadline=deadline)


def deadline_of(arguments: argparse.Namespace, started: float) -> float | None:
    """On the monotonic clock, by which the command `started`. Raises `UsageError`."""
    if arguments.duration is None:
        return None
    if not arguments.plain:
        raise UsageError("--duration goes with --plain, or with obtui record: q ends a screen")
    return started + float(arguments.duration)


def watch(
    watched: Sequence[Watched],
    deadline: float | None = None,
    clock: Callable[[], int] = time.time_ns,
) -> int:
    """Run these markets' sources, until a signal, the deadline (monotonic), or none goes on;
    returns the exit code. `clock` is since the epoch, in ns."""
    output = Output(deadline)
    output.catch_signals()
    threads = [threading.Thread(target=it.run, name="feed", daemon=True) for it in watched]
    for thread in threads:
        thread.start()
    told = begun = clock() // SECOND
    while not output.over and any(thread.is_alive() for thread in threads):
        now = clock()
        if now // SECOND != told:
            told = now // SECOND
            output.put(_lines(watched, now))
        else:
            # In a thread of its own a feed works on; a signal must be noticed meanwhile.
            time.sleep(min(STEP_SECONDS, 1 - now % SECOND / SECOND))
    for it in watched:
        it.source.stop()
    if told == begun and output.code in {None, exits.DONE}:
        output.put(_lines(watched, clock()))
    return output.code or exits.DONE


def _lines(watched: Sequence[Watched], now: int) -> list[str]:
    monotonic_ns = time.monotonic_ns()
    return [plain.line(it.look(1, monotonic_ns, prints=1), now) for it in watched]
