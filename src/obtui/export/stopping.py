"""Signals while a file is written: each ends it as an exception, so that nothing half-written is
left."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType
from typing import NoReturn

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """A signal ended it."""

    def __init__(self, number: int) -> None:
        self.number = number


@contextlib.contextmanager
def signals() -> Iterator[None]:
    """Within it a signal raises `Stopped`."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    try:
        for number, handler in before.items():
            # nohup's choice is honoured.
            if handler is not signal.SIG_IGN:
                signal.signal(number, _stop)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def held() -> Iterator[None]:
    """Within it signals wait: `Stopped` is raised at its end."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _stop(number: int, _frame: FrameType | None) -> NoReturn:
    for other in SIGNALS:  # the clearing up must not be interrupted
        signal.signal(other, signal.SIG_IGN)
    raise Stopped(number)
