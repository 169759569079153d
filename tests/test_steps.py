"""The steps of scales."""

from __future__ import annotations

import random
from decimal import Decimal

from obtui import steps


def test_the_steps_are_1_2_5_and_their_tenfolds() -> None:
    found = [steps.step(number) for number in range(-4, 7)]

    expected = ["0.05", "0.1", "0.2", "0.5", "1", "2", "5", "10", "20", "50", "100"]
    assert found == [Decimal(it) for it in expected]


def test_the_smallest_that_reaches() -> None:
    chance = random.Random(8)
    for _ in range(300):
        value = Decimal(chance.randrange(1, 10**6)).scaleb(-chance.randrange(9))

        number = steps.reaching(value)

        assert steps.step(number) >= value > steps.step(number - 1)
    assert [steps.reaching(Decimal(it)) for it in ("1", "2", "2.1", "10", "0.5")] == [
        0,
        1,
        2,
        3,
        -1,
    ]


def test_multiples_lie_around_a_value() -> None:
    chance = random.Random(9)
    for _ in range(300):
        value = Decimal(chance.randrange(-(10**6), 10**6)).scaleb(-2)
        width = steps.step(chance.randrange(-6, 6))

        low = steps.floor(value, width)

        assert low * width <= value < (low + 1) * width
        assert abs(steps.nearest(value, width) * width - value) <= width / 2
