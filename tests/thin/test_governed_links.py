"""What is on its way stays what the link holds: held against links simulated in told time."""

from __future__ import annotations

import heapq
import random
import statistics
from typing import NamedTuple

import pytest

from obtui.thin.governor import SECOND, Governor


class Seen(NamedTuple):
    """What came of a run."""

    fps: float
    median: float
    """Age of what is shown, in seconds."""
    p95: float
    waiting: float
    """The most that ever waited in the link, in seconds of it."""


class Link:
    """A link that buffers without bound, with a terminal at its end that replies at once."""

    def __init__(self, rate: float, one_way: float) -> None:
        self.rate = rate
        self._one_way = one_way
        self._free = 0.0
        self._replies: list[float] = []
        self._shown: list[tuple[float, float]] = []
        self.waiting = 0.0

    def send(self, size: int, now: float) -> None:
        leaves = max(self._free, now) + size / self.rate
        self.waiting = max(self.waiting, leaves - now)
        self._free = leaves
        self._shown.append((leaves + self._one_way, now))
        heapq.heappush(self._replies, leaves + 2 * self._one_way)

    def replies(self, now: float) -> int:
        count = 0
        while self._replies and self._replies[0] <= now:
            heapq.heappop(self._replies)
            count += 1
        return count

    def ages(self, begin: float, end: float) -> list[float]:
        found = []
        now = begin
        while now < end:
            found.append(now - max(sent for arrived, sent in self._shown if arrived <= now))
            now += 0.02
        return found


def run(
    link: Link,
    mean: int,
    fps: float,
    seconds: float = 12.0,
    *,
    slower: float = 0.0,
    first: int = 0,
    settled: float = 3.0,
) -> Seen:
    """Frames of varying size, as often as wanted and allowed, the first two of `first` bytes where
    that is told; from the fourth second on the link may be `slower`. It is looked at from the
    second `settled` on."""
    chance = random.Random(1)
    governor = Governor()
    sent = 0
    due = 0.0
    for tick in range(round(seconds * 500)):
        now = tick / 500
        if slower and tick == 2_000:
            link.rate, link.waiting = slower, 0.0
        if first and tick == round(settled * 500):
            link.waiting = 0.0
        at_ns = round(now * SECOND)
        for _ in range(link.replies(now)):
            governor.acknowledged(at_ns)
        if now < due or not governor.may_send(at_ns):
            continue
        size = round(mean * chance.uniform(0.6, 1.6))
        if first and sent < 2:
            size = first
        size = min(size, governor.budget or size)
        governor.sent(size, at_ns)
        link.send(size, now)
        sent += 1
        due = now + 1 / fps
    ages = sorted(link.ages(settled, seconds))
    return Seen(sent / seconds, statistics.median(ages), ages[int(0.95 * len(ages))], link.waiting)


@pytest.mark.parametrize("mean", [700, 1_400, 3_000])
@pytest.mark.parametrize(
    ("rate", "fps", "median", "p95"),
    [(16e3, 3.5, 0.4, 0.6), (64e3, 13, 0.15, 0.35), (256e3, 25, 0.15, 0.35), (10e6, 28, 0.1, 0.15)],
)
def test_what_is_shown_is_the_present(
    rate: float, fps: float, median: float, p95: float, mean: int
) -> None:
    seen = run(Link(rate, 0.04), mean, fps=30)

    assert seen.fps >= fps
    assert seen.median <= median
    assert seen.p95 <= p95
    assert seen.waiting <= 0.5


@pytest.mark.parametrize("mean", [700, 1_400, 3_000])
def test_a_link_that_the_first_screen_filled_is_not_kept_full(mean: int) -> None:
    seen = run(Link(16e3, 0.04), mean, fps=30, seconds=20, first=12_000, settled=6.0)

    assert seen.median <= 0.4
    assert seen.p95 <= 0.6
    assert seen.waiting <= 0.5


def test_without_it_the_screen_falls_behind() -> None:
    link = Link(16e3, 0.04)
    for number in range(300):
        link.send(1_400, number / 30)

    assert link.waiting > 10


def test_a_link_that_becomes_slower_is_noticed() -> None:
    seen = run(Link(256e3, 0.04), 2_000, fps=30, slower=32e3)

    assert seen.waiting <= 0.5
    assert seen.fps >= 9
