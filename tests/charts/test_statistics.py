"""How wide the spread was and how figures went, against plain computations on seeded pasts."""

from __future__ import annotations

import random
from operator import attrgetter

import pytest

from obtui.charts import statistics
from obtui.charts.past import Sample
from panel_support import past_of

SECOND = 1_000_000_000


def random_past(chance: random.Random, count: int) -> tuple[Sample, ...]:
    """Gaps, empty sides, locked books and a walk."""
    mid = 60_000.0
    touches: list[tuple[float, float] | None] = []
    for _ in range(count):
        mid += chance.gauss(0, 5)
        half = chance.choice((0.0, 0.25, 3.0, 40.0))
        touches.append(None if chance.random() < 0.1 else (mid - half, mid + half))
    past = list(past_of(touches))
    for at in range(count):
        if chance.random() < 0.05:
            past[at] = past[at]._replace(bid=None)
    return tuple(past)


@pytest.mark.parametrize("seed", range(20))
def test_the_distribution_is_that_of_the_seconds_that_are_known(seed: int) -> None:
    print(f"seed {seed}")
    chance = random.Random(seed)
    past = random_past(chance, chance.choice((1, 2, 19, 20, 21, 100, 900)))

    known = statistics.spreads(past)

    plain = sorted(
        (it.ask - it.bid) / ((it.ask + it.bid) / 2) * 1e4
        for it in past
        if it.live and it.bid is not None and it.ask is not None
    )
    assert (known is None) == (not plain)
    if known is None:
        return
    assert len(known.ordered) == len(plain)
    seen = [it.monotonic_ns for it in past if statistics.spread_bps(it) is not None]
    assert known.seconds == (seen[-1] - seen[0]) / SECOND
    assert (known.least, known.most) == pytest.approx((plain[0], plain[-1]))
    # Half are not above the median and half are not below; so with nineteen of twenty.
    assert sum(it <= known.median + 1e-9 for it in plain) * 2 >= len(plain)
    assert sum(it >= known.median - 1e-9 for it in plain) * 2 >= len(plain)
    assert sum(it <= known.wide for it in plain) * 20 >= len(plain) * 19
    assert sum(it < known.wide for it in plain) * 20 < len(plain) * 19
    assert known.wide in known.ordered


def test_the_distribution_of_some_seconds_is_that_worked_out_by_hand() -> None:
    past = past_of([(99.95, 100.05), None, (99.99, 100.01), (99.9, 100.1), (99.98, 100.02)])

    known = statistics.spreads(past)

    assert known is not None
    assert known.seconds == 4
    assert known.ordered == pytest.approx((2, 4, 10, 20))
    assert (known.median, known.wide) == pytest.approx((7, 20))


def test_it_is_of_a_time_and_not_of_so_many_looks() -> None:
    # A market that is looked at every other second.
    past = past_of([(99.95, 100.05)] * 21)[::2]

    known = statistics.spreads(past)

    assert known is not None
    assert (known.seconds, len(known.ordered)) == (20, 11)


def test_nothing_is_known_of_no_trusted_second() -> None:
    assert statistics.spreads([]) is None
    assert statistics.spreads(past_of([None, None])) is None


@pytest.mark.parametrize("seed", range(10))
def test_the_shape_counts_every_second_once(seed: int) -> None:
    print(f"seed {seed}")
    chance = random.Random(seed)
    known = statistics.spreads(random_past(chance, 300))
    assert known is not None
    cells = chance.randrange(1, 40)

    shape = known.shape(cells)

    edges = [
        known.least + (known.wide - known.least) * at / max(1, cells - 1) for at in range(cells)
    ]
    plain = [0] * cells
    for value in known.ordered:
        plain[max(at for at in range(cells) if value >= edges[at] - 1e-9 or at == 0)] += 1
    assert shape == plain
    assert sum(shape) == len(known.ordered)


def test_the_shape_of_a_spread_that_never_moves_is_one_cell() -> None:
    known = statistics.spreads(past_of([(99.0, 101.0)] * 7))

    assert known is not None
    assert known.shape(4) == [7, 0, 0, 0]


@pytest.mark.parametrize("seed", range(20))
def test_a_course_holds_the_last_known_of_each_cell(seed: int) -> None:
    print(f"seed {seed}")
    chance = random.Random(seed)
    past = random_past(chance, chance.choice((1, 5, 60, 900)))
    past = tuple(it for it in past if chance.random() < 0.9) or past
    cells = chance.randrange(1, 120)

    course = statistics.course(past, cells, attrgetter("mid"))

    assert 1 <= len(course.values) <= cells
    # The last cell is that of the last sample, and none is left out.
    last = past[-1].monotonic_ns // SECOND // course.step
    plain: dict[int, float] = {}
    for it in past:
        if it.live and it.mid is not None:
            plain[it.monotonic_ns // SECOND // course.step] = it.mid
    first = last - len(course.values) + 1
    assert course.values == tuple(plain.get(cell) for cell in range(first, last + 1))
    assert first == past[0].monotonic_ns // SECOND // course.step
    if course.step > 1:
        shorter = max(step for step in statistics.STEPS if step < course.step)
        assert (
            past[-1].monotonic_ns // SECOND // shorter - past[0].monotonic_ns // SECOND // shorter
            >= cells
        )


def test_a_course_stands_still_while_a_cell_lasts() -> None:
    walk = [(100.0 + at, 101.0 + at) for at in range(200)]

    shown = [
        statistics.course(past_of(walk[:end]), 50, attrgetter("mid")) for end in (196, 197, 198)
    ]

    assert {course.step for course in shown} == {4}
    assert {course.values[:-1] for course in shown} == {shown[0].values[:-1]}


def test_a_course_of_more_than_any_cell_can_hold_is_its_end() -> None:
    past = [Sample(at * 3600 * SECOND, 0, live=True, bid=at, ask=at) for at in range(10)]

    assert statistics.course(past, 4, attrgetter("mid")).values == (6, 7, 8, 9)
    assert statistics.course(past, 0, attrgetter("mid")).values == ()
    assert statistics.course([], 4, attrgetter("mid")).values == ()


def dots(rows: list[str]) -> set[tuple[int, int]]:
    """Column from the left and row from below of each dot of a braille drawing."""
    bits = {0: (0, 3), 1: (0, 2), 2: (0, 1), 3: (1, 3), 4: (1, 2), 5: (1, 1), 6: (0, 0), 7: (1, 0)}
    found = set()
    for above, row in enumerate(rows):
        for cell, char in enumerate(row):
            code = ord(char) - 0x2800 if char != " " else 0
            for bit, (x, y) in bits.items():
                if code >> bit & 1:
                    found.add((2 * cell + x, 4 * (len(rows) - 1 - above) + y))
    return found


def test_a_line_goes_through_its_values_and_jumps_are_joined() -> None:
    rows = statistics.drawn([0.0, 7.0, 7.0, None, 3.0], 3, 2)

    # Five columns at the right end of six; the second goes up from above the first.
    joined = {(2, y) for y in range(1, 8)}
    assert dots(rows) == {(1, 0), *joined, (3, 7), (5, 3)}
    assert all(len(row) == 3 for row in rows)


def test_a_line_that_never_moves_is_in_the_middle_and_none_is_blank() -> None:
    assert dots(statistics.drawn([5.0, 5.0], 1, 3)) == {(0, 5), (1, 5)}
    assert statistics.drawn([None, None], 2, 1) == ["  "]
    assert statistics.drawn([], 2, 2) == ["  ", "  "]
    assert statistics.drawn([1.0, 2.0], 0, 2) == ["", ""]


@pytest.mark.parametrize("seed", range(10))
def test_every_value_has_its_dot_where_it_belongs(seed: int) -> None:
    print(f"seed {seed}")
    chance = random.Random(seed)
    cells, rows = chance.randrange(1, 30), chance.randrange(1, 8)
    values = [None if chance.random() < 0.1 else chance.uniform(-5, 5) for _ in range(70)]

    found = dots(statistics.drawn(values, cells, rows))

    seen = values[-2 * cells :]
    known = [value for value in seen if value is not None]
    shift = 2 * cells - len(seen)
    for at, value in enumerate(seen):
        column = {y for x, y in found if x == at + shift}
        if value is None:
            assert not column
        elif len(set(known)) > 1:
            share = (value - min(known)) / (max(known) - min(known))
            assert round(share * (rows * 4 - 1)) in column
