"""What somebody sees of the real command who sits behind a long thin link."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from support.link import Link
from support.serving import served
from support.timekeeper import age_ms
from terminal_support import environment, terminal

SIZE = (120, 50)
ONE_WAY = 0.04


class Measured(NamedTuple):
    """What the far end saw."""

    median: float
    """Age of what the screen shows, in seconds."""
    p95: float
    fps: float
    waiting: float
    """The most that waited in the link, in seconds of it."""
    key: float
    """The longest from a key to its answer, in seconds."""
    rate: float
    """Bytes a second."""

    def __str__(self) -> str:
        return (
            f"age {self.median:.2f} s, p95 {self.p95:.2f} s, {self.fps:.1f} fps, waiting "
            f"{self.waiting:.2f} s, key {self.key:.2f} s, {self.rate / 1000:.1f} kB/s"
        )


@contextmanager
def far_end(folder: Path, rate: float, venue: str, messages: int, *options: str) -> Iterator[Link]:
    """The far end of a link, of a market of so many messages a second."""
    with served(venue, messages) as url:
        arguments = ["BTCUSD", "--url", url, "--fps", "30", "--layout", "book", *options]
        with terminal(arguments, folder, size=SIZE, env=environment()) as running:
            yield Link(running.child.child_fd, SIZE, rate, ONE_WAY)


@contextmanager
def watched(folder: Path, rate: float, *options: str) -> Iterator[Link]:
    """The same, of 1,000 messages a second that tell the time, once that is shown."""
    with far_end(folder, rate, "support.timekeeper", 1_000, *options) as link:
        assert link.run(20, lambda: link.shown_ms is not None), link.text
        link.run(1)
        yield link


def measure(link: Link, seconds: float, keys: int = 3) -> Measured:
    """Watch the far end for a while, then press some keys."""
    ages: list[float] = []
    link.waiting, link.frames = 0.0, []
    began, received = time.monotonic(), link.received
    due = began

    def look() -> bool:
        nonlocal due
        if time.monotonic() >= due:
            due += 0.02
            shown = link.shown_ms
            assert shown is not None
            ages.append(age_ms(shown) / 1000)
        return False

    link.run(seconds, look)
    passed = time.monotonic() - began
    waiting, frames, sent = link.waiting, len(link.frames), link.received - received
    ages.sort()
    answered = [answer(link, "FROZEN" if number % 2 == 0 else "") for number in range(keys * 2)]
    return Measured(
        statistics.median(ages),
        ages[int(0.95 * len(ages))],
        frames / passed,
        waiting,
        max(answered),
        sent / passed,
    )


def answer(link: Link, words: str) -> float:
    """Seconds from pressing space at the far end to seeing what it does there."""
    link.run(0.37)
    began = time.monotonic()
    link.type(" ")
    assert link.run(5, lambda: ("FROZEN" in link.text) is bool(words)), link.text
    return time.monotonic() - began
