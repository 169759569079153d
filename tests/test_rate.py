"""The rate meter over a told clock."""

from __future__ import annotations

import random

import pytest

from obtui.rate import SECOND, RateMeter


def test_the_history_is_the_last_whole_seconds_oldest_first() -> None:
    meter = RateMeter(seconds=3)
    for second, count in ((100, 1), (101, 2), (102, 3), (103, 4)):
        for _ in range(count):
            meter.add(second * SECOND + 5)

    assert meter.history(103 * SECOND + 9) == (1, 2, 3)
    assert meter.history(104 * SECOND) == (2, 3, 4)
    assert meter.history(105 * SECOND) == (3, 4, 0)
    assert meter.total == 10


def test_the_second_that_is_still_filling_is_not_shown() -> None:
    meter = RateMeter()

    meter.add(7 * SECOND)

    assert sum(meter.history(7 * SECOND + SECOND - 1)) == 0
    assert meter.history(8 * SECOND)[-1] == 1


def test_a_minute_is_remembered_and_no_more() -> None:
    meter = RateMeter()
    meter.add(1_000 * SECOND)

    history = meter.history(1_060 * SECOND)

    assert len(history) == 60
    assert history[0] == 1
    assert sum(meter.history(1_061 * SECOND)) == 0


@pytest.mark.parametrize("gap", [60, 61, 62, 122, 600, 86_400, 10**12])
def test_a_gap_of_minutes_leaves_nothing_behind(gap: int) -> None:
    meter = RateMeter()
    for second in range(61):
        meter.add(second * SECOND)

    meter.add((60 + gap) * SECOND)

    assert meter.history((61 + gap) * SECOND) == (*[0] * 59, 1)
    assert meter.total == 62


def test_a_frame_stamped_before_a_later_look_is_still_counted_in_its_second() -> None:
    meter = RateMeter()
    meter.add(100 * SECOND)
    meter.history(102 * SECOND)  # the screen is ahead of a frame that is about to be applied

    meter.add(101 * SECOND + 999_999_999)

    assert meter.history(102 * SECOND)[-2:] == (1, 1)
    meter.add(102 * SECOND)
    assert meter.history(103 * SECOND)[-3:] == (1, 1, 1)


@pytest.mark.parametrize("seed", range(4))
def test_any_run_agrees_with_counting_every_event(seed: int) -> None:
    chance = random.Random(seed)
    meter = RateMeter()
    now = chance.randint(0, 10**12)
    seconds: list[int] = []

    for step in range(600):
        now += chance.choice((0, 1, SECOND // 7, SECOND, 3 * SECOND, 70 * SECOND))
        if chance.random() < 0.3:
            due = now // SECOND
            counted = tuple(seconds.count(due - back) for back in range(60, 0, -1))
            assert meter.history(now) == counted, f"seed {seed}, step {step}"
        else:
            meter.add(now)
            seconds.append(now // SECOND)

    assert meter.total == len(seconds)
