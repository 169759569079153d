"""What is on its way stays what the link holds: held against links simulated in told time."""

from __future__ import annotations

import heapq
import random
import statistics
from typing import NamedTuple

import pytest

from obtui.thin.governor import ECHOES, LEAST_BUDGET, MOST_FLYING, SECOND, Governor

MS = SECOND // 1000


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


def test_where_no_reply_comes_at_all_only_the_local_queue_counts() -> None:
    governor = Governor()

    governor.sent(1_000, 0)
    governor.sent(1_000, 1)
    for now, allowed in ((2, False), (999, False), (1_001, True)):
        assert not governor.must_ask(now * MS)
        assert governor.may_send(now * MS) is allowed
    governor.sent(1_000, 1_001 * MS)
    assert not governor.may_send(1_900 * MS)
    assert not governor.must_ask(5 * SECOND)
    for number in range(2 * MOST_FLYING):
        assert governor.may_send(5 * SECOND)
        governor.sent(1_000, 5 * SECOND + number)

    assert not governor.replies
    assert governor.budget is None
    assert governor.rate is None
    assert governor.shortest_trip_ns is None
    assert len(governor._flying) == MOST_FLYING


def test_one_is_always_allowed_and_an_urgent_one_beside_it() -> None:
    governor = Governor()
    governor.sent(1_000, 0)
    governor.acknowledged(100 * MS)

    assert governor.may_send(100 * MS)
    governor.sent(1_000_000, 100 * MS)
    assert not governor.may_send(100 * MS)
    assert governor.may_send(100 * MS, urgent=True)
    governor.sent(1_000, 101 * MS)
    assert not governor.may_send(101 * MS, urgent=True)


def test_what_it_measured() -> None:
    governor = Governor()
    governor.sent(2_000, 0)
    governor.acknowledged(50 * MS)

    assert governor.round_trip_ns == 50 * MS
    assert governor.shortest_trip_ns == 50 * MS
    assert governor.rate == 40_000
    assert governor.budget == 10_000


def test_a_small_frame_never_makes_the_next_ones_tiny() -> None:
    governor = Governor()
    governor.sent(10, 0)
    governor.acknowledged(80 * MS)

    assert governor.budget == LEAST_BUDGET


def test_until_a_small_frame_had_the_link_for_itself_no_two_are_on_their_way() -> None:
    governor = Governor()
    governor.sent(8_000, 0)
    governor.sent(8_000, 0)
    governor.acknowledged(500 * MS)
    assert not governor.may_send(500 * MS)
    governor.acknowledged(SECOND)

    governor.sent(1_600, SECOND)

    assert governor.may_send(SECOND)


def test_after_some_seconds_a_frame_has_the_link_for_itself_again() -> None:
    governor = Governor()
    governor.sent(400, 0)
    governor.acknowledged(100 * MS)
    governor.sent(400, 100 * MS)
    allowed = []
    for tenth in range(1, 40):
        governor.sent(10, tenth * 100 * MS + 50 * MS)
        governor.acknowledged(tenth * 100 * MS + 100 * MS)
        allowed.append(governor.may_send(tenth * 100 * MS + 100 * MS))

    assert allowed.index(False) == 29
    assert not any(allowed[29:])
    governor.acknowledged(4_050 * MS)
    assert governor.may_send(4_050 * MS)
    governor.sent(10, 4_050 * MS)
    assert governor.may_send(4_050 * MS)


def test_a_bunch_of_replies_is_no_fast_link() -> None:
    governor = Governor()
    for number in range(10):
        governor.sent(1_000, number * 100 * MS)
    for _ in range(10):
        governor.acknowledged(2 * SECOND)

    assert governor.rate is not None
    assert governor.rate <= 10_001


def test_where_no_reply_comes_it_asks_again() -> None:
    governor = Governor()
    governor.sent(100, 0)
    governor.acknowledged(MS)
    governor.sent(1_000, SECOND)
    asked = [second for second in range(1, 100) if governor.must_ask(second * SECOND)]

    assert asked[:4] == [3, 7, 11, 15]


def test_where_replies_come_late_nothing_is_asked_again() -> None:
    governor = Governor()
    governor.sent(100, 0)
    governor.acknowledged(MS)
    for _ in range(4):
        governor.sent(10_000, SECOND)

    for second in range(2, 6):
        assert not governor.must_ask(second * SECOND + 900 * MS)
        governor.acknowledged((second + 1) * SECOND - 1)


def test_a_key_is_echoed_also_into_a_silence_but_not_for_ever() -> None:
    governor = Governor()
    governor.sent(100, 0)
    governor.acknowledged(MS)
    governor.sent(10_000, SECOND)
    governor.sent(10_000, SECOND)
    assert not governor.may_send(SECOND, urgent=True)

    assert governor.must_ask(4 * SECOND)
    governor.sent(10_000, 4 * SECOND)
    echoes = 1
    while governor.may_send(5 * SECOND, urgent=True):
        assert not governor.may_send(5 * SECOND)
        governor.sent(10_000, 5 * SECOND)
        echoes += 1

    assert echoes == ECHOES
    governor.acknowledged(60 * SECOND, mark=True)
    governor.acknowledged(60 * SECOND)
    assert not governor.may_send(60 * SECOND)
    for _ in range(ECHOES - 1):
        governor.acknowledged(60 * SECOND)
    assert governor.may_send(60 * SECOND)


def stalled() -> Governor:
    """Silent with two frames on their way, asked again twice at 4 and 8 s."""
    governor = Governor()
    governor.sent(1_000, 0)
    governor.acknowledged(100 * MS)
    governor.sent(1_000, SECOND)
    governor.sent(1_000, SECOND + 1)
    assert governor.must_ask(4 * SECOND)
    assert governor.must_ask(8 * SECOND)
    return governor


def test_into_a_silence_that_does_not_end_a_frame_goes_now_and_then() -> None:
    governor = Governor()
    governor.sent(100, 0)
    governor.acknowledged(MS)
    governor.sent(1_000, SECOND)
    frames = []
    for second in range(1, 200):
        governor.must_ask(second * SECOND)
        if governor.may_send(second * SECOND):
            governor.sent(1_000, second * SECOND)
            frames.append(second)

    assert frames == [3, 7, 15, 31, 63, 127, 191]
    for _ in range(100):
        governor.acknowledged(200 * SECOND)
    governor.sent(1_000, 200 * SECOND)
    assert governor._gap_ns == 2 * SECOND


def test_from_one_frame_at_a_time_it_finds_more_where_nothing_waits() -> None:
    governor = Governor()
    now = 0
    for _ in range(4):
        governor.sent(1_000, now)
        now += 80 * MS
        governor.acknowledged(now)

    governor.sent(1_000, now)
    assert governor.may_send(now)


def test_after_a_stall_each_reply_is_that_of_its_own_frame() -> None:
    governor = stalled()

    for mark in (False, False, True, True):
        governor.acknowledged(9 * SECOND, mark=mark)
    assert governor.may_send(9 * SECOND)
    governor.sent(1_000, 9 * SECOND)
    governor.acknowledged(9 * SECOND + 100 * MS)

    assert governor.round_trip_ns == 100 * MS
    assert governor.shortest_trip_ns == 100 * MS
    assert governor.rate == 10_000
    assert not governor._flying


@pytest.mark.parametrize("heard", [0, 1])
def test_where_replies_were_lost_the_mark_tells_that_all_before_it_is_over(heard: int) -> None:
    governor = stalled()

    for _ in range(heard):
        governor.acknowledged(9 * SECOND)
    governor.acknowledged(9 * SECOND, mark=True)

    assert governor.may_send(9 * SECOND)
    assert governor.shown_ns == SECOND + 1
    governor.sent(2_000, 9 * SECOND)
    assert not governor.may_send(9 * SECOND)
    governor.acknowledged(9 * SECOND, mark=True)
    assert not governor.may_send(9 * SECOND)
    governor.acknowledged(9 * SECOND + 100 * MS)
    assert governor.shortest_trip_ns == 100 * MS


def test_a_terminal_that_replies_as_if_all_were_marks_answers_the_oldest() -> None:
    governor = Governor()
    for number in range(3):
        governor.sent(1_000, number * SECOND)
        governor.acknowledged(number * SECOND + 100 * MS, mark=True)
    governor.sent(1_000, 3 * SECOND)
    governor.sent(1_000, 3 * SECOND)
    assert governor.must_ask(6 * SECOND)

    governor.acknowledged(7 * SECOND, mark=True)
    governor.sent(1_000, 7 * SECOND)
    governor.acknowledged(7 * SECOND, mark=True)
    governor.acknowledged(7 * SECOND, mark=True)
    assert not governor.may_send(7 * SECOND)
    governor.acknowledged(7 * SECOND + 100 * MS, mark=True)

    assert governor.shortest_trip_ns == 100 * MS
    assert governor.may_send(7 * SECOND + 100 * MS)


def test_what_was_the_best_long_ago_is_forgotten() -> None:
    governor = Governor()
    for second, trip in ((0, 10), (40, 80), (80, 80), (120, 80)):
        governor.sent(1_000, second * SECOND)
        governor.acknowledged(second * SECOND + trip * MS)

    assert governor.shortest_trip_ns == 80 * MS
    assert governor.rate == 12_500


def test_a_reply_that_nobody_asked_for_is_nothing() -> None:
    governor = Governor()

    governor.acknowledged(SECOND)
    governor.acknowledged(SECOND, mark=True)

    assert governor.may_send(SECOND)
    assert governor.rate is None
