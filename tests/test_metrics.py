"""What is derived from a book's levels, in figures worked out by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from obtui import metrics
from obtui.market import Level


def level(price: str, size: str = "1") -> Level:
    return Level(Decimal(price), Decimal(size))


def test_midpoint_and_spread_are_exact() -> None:
    bid, ask = level("60707.59"), level("60713.38")

    assert str(metrics.midpoint(bid, ask)) == "60710.485"
    assert str(metrics.spread(bid, ask)) == "5.79"


def test_the_spread_of_a_crossed_book_is_negative() -> None:
    assert metrics.spread(level("101"), level("100")) == -1
    assert metrics.spread_bps(level("101"), level("100")) < 0


def test_spread_in_basis_points_is_of_the_midpoint() -> None:
    assert metrics.spread_bps(level("99.95"), level("100.05")) == pytest.approx(10.0)


def test_microprice_leans_to_the_side_that_would_be_taken_first() -> None:
    # Nine times as much is bid as offered: the ask is taken first.
    assert metrics.microprice(level("100", "9"), level("101", "1")) == pytest.approx(100.9)
    assert metrics.microprice(level("100", "2"), level("101", "2")) == pytest.approx(100.5)


@pytest.mark.parametrize(
    ("bids", "asks", "value"),
    [(["3"], ["1"], 0.5), (["1", "1"], ["2"], 0.0), ([], ["1"], -1.0), (["1"], [], 1.0)],
)
def test_imbalance_is_between_all_asks_and_all_bids(
    bids: list[str], asks: list[str], value: float
) -> None:
    bid_levels = [level("99", size) for size in bids]
    ask_levels = [level("100", size) for size in asks]

    assert metrics.imbalance(bid_levels, ask_levels) == value


def test_imbalance_of_nothing_is_zero() -> None:
    assert metrics.imbalance([], []) == 0.0


@pytest.mark.parametrize(
    ("values", "places"),
    [
        ([], 0),
        (["100"], 0),
        (["1E+3"], 0),
        (["1.500"], 1),
        (["77401.500", "0.25"], 2),
        (["1E-8"], 8),
        (["0.00"], 0),
        (["NaN", "0.1"], 1),
    ],
)
def test_decimals_passes_over_padding(values: list[str], places: int) -> None:
    assert metrics.decimals(map(Decimal, values)) == places


def test_cumulative_sums_from_the_best_level_down() -> None:
    levels = [level("99", "0.1"), level("98", "0.2"), level("97", "3")]

    assert metrics.cumulative(levels) == [Decimal("0.1"), Decimal("0.3"), Decimal("3.3")]
    assert metrics.cumulative([]) == []
