"""The steps of scales: 1, 2 and 5 times the powers of ten, and multiples that begin at 0."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal

_MANTISSAS = (Decimal(1), Decimal(2), Decimal(5))


def step(number: int) -> Decimal:
    """The steps in their order: 1 is number 0, 2 is 1, 5 is 2, 10 is 3; 0.5 is -1."""
    decade, rest = divmod(number, 3)
    return _MANTISSAS[rest].scaleb(decade)


def reaching(value: Decimal) -> int:
    """The number of the smallest step that is no less than `value` (> 0, finite)."""
    number = value.adjusted() * 3
    while step(number) < value:
        number += 1
    return number


def floor(value: Decimal, width: Decimal) -> int:
    """The highest multiple of `width` (> 0) that is no more than `value`."""
    return int((value / width).to_integral_value(ROUND_FLOOR))


def nearest(value: Decimal, width: Decimal) -> int:
    """The multiple of `width` (> 0) that is nearest to `value`."""
    return int((value / width).to_integral_value())
