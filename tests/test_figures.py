"""How figures are written: exact strings."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from obtui import figures


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        ("11398.73", 2, "11398.73"),
        ("11398.7", 2, "11398.70"),
        ("100", 0, "100"),
        ("1E+2", 0, "100"),
        ("1E-8", 8, "0.00000001"),
        ("0", 2, "0.00"),
    ],
)
def test_a_price_has_exactly_its_places(value: str, places: int, text: str) -> None:
    assert figures.price(Decimal(value), places) == text


def test_a_price_with_enough_places_is_the_same_number() -> None:
    chance = random.Random(1)

    for _ in range(500):
        places = chance.randrange(12)
        value = Decimal(chance.randrange(1, 10**12)).scaleb(-places)

        assert Decimal(figures.price(value, places)) == value


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        ("0.25", 8, "0.25      "),
        ("0.02127916", 8, "0.02127916"),
        ("3.000", 3, "3    "),
        ("12", 0, "12"),
        ("100", 0, "100"),
        ("0.0004", 4, "0.0004"),
        ("0.00004", 4, "<0.0001"),
        ("0.4", 0, "<1"),
        ("0", 3, "0    "),
    ],
)
def test_a_size_keeps_its_point_in_line_and_shows_no_padding(
    value: str, places: int, text: str
) -> None:
    assert figures.size(Decimal(value), places) == text


def test_an_amount_is_a_size_without_the_blanks() -> None:
    assert figures.amount(Decimal("10.50"), 4) == "10.5"
    assert figures.amount(Decimal("10"), 4) == "10"
    assert figures.amount(Decimal("0"), 2) == "0"


def test_points_of_sizes_stay_in_line() -> None:
    chance = random.Random(2)
    sizes = [Decimal(chance.randrange(1, 10**9)).scaleb(-8) for _ in range(200)]

    texts = [figures.size(size, 8) for size in sizes]

    ends = {len(text) - (text + ".").index(".") for text in texts if not text.startswith("<")}
    assert ends == {9}


@pytest.mark.parametrize(
    "value", ["1" * 40 + "." + "3" * 40, "1E+60", "0." + "0" * 50 + "1", "9" * 39 + ".5"]
)
def test_no_number_of_the_wire_fills_the_screen(value: str) -> None:
    number = Decimal(value)

    for places in (0, 2, 40):
        assert len(figures.price(number, places)) <= figures.LARGEST_WIDTH
        assert len(figures.size(number, places)) <= figures.LARGEST_WIDTH + 3


def test_a_price_too_long_to_show_says_that_it_is_cut() -> None:
    assert figures.price(Decimal("7" * 60), 0).endswith("…")


def test_thousands_are_apart() -> None:
    assert figures.count(1234567) == "1,234,567"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (9_949, "9.9 kB"),
        (12_300, "12 kB"),
        (412_000_000, "412 MB"),
        (2_500_000_000, "2.5 GB"),
        (7e12, "7000.0 GB"),
    ],
)
def test_bytes_are_short(value: float, text: str) -> None:
    assert figures.quantity(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0 s"),
        (0.34, "0.3 s"),
        (9.96, "10 s"),
        (12.9, "12 s"),
        (59.9, "59 s"),
        (187, "3m07s"),
        (3599, "59m59s"),
        (3720, "1h02m"),
        (90_000, "25h00m"),
    ],
)
def test_an_age_is_coarse(seconds: float, text: str) -> None:
    assert figures.duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.4, "0 ms"), (-12.0, "-12 ms"), (59_999, "59999 ms"), (3_600_000, "3,600 s")],
)
def test_a_lag_beyond_a_minute_is_told_in_seconds(value: float, text: str) -> None:
    assert figures.milliseconds(value) == text


def test_the_time_of_day_is_utc() -> None:
    assert figures.clock(1_562_558_996_535_000_000) == "04:09:56"


def test_a_sparkline_shows_the_highest_of_each_share() -> None:
    assert figures.sparkline([0, 1, 4, 8], 4) == " ▁▄█"
    assert figures.sparkline([0, 8, 0, 0], 2) == "█ "
    assert figures.sparkline([0] * 60, 10) == " " * 10
    assert figures.sparkline([], 10) == ""
    assert figures.sparkline([1], 0) == ""


def test_a_sparkline_hides_no_activity_and_keeps_its_width() -> None:
    chance = random.Random(3)

    for _ in range(300):
        values = [chance.choice([0, 1, 7, 100_000]) for _ in range(chance.randrange(1, 80))]
        width = chance.randrange(1, 90)

        line = figures.sparkline(values, width)

        assert len(line) == min(width, len(values))
        assert (line.strip() != "") == any(values)
        if width >= len(values):
            blanks = [char == " " for char in line]
            assert blanks == [value == 0 for value in values]


def test_a_trend_shows_the_last_of_each_share_between_the_lowest_and_the_highest() -> None:
    assert figures.trend([100.0, 100.5, 101.0], 3) == "▁▅█"
    assert figures.trend([1.0, 5.0, 3.0, 1.0], 2) == "█▁"
    assert figures.trend([2.0, None, None, 1.0, 1.5, None], 3) == "█▁▅"
    assert figures.trend([7.0, None, 7.0], 3) == "▄ ▄"
    assert figures.trend([None, None], 2) == "  "
    assert figures.trend([], 10) == ""
    assert figures.trend([1.0], 0) == ""


def test_a_trend_agrees_with_the_plain_way() -> None:
    chance = random.Random(4)

    for _ in range(100):
        values = [chance.choice([None, chance.uniform(-5, 5)]) for _ in range(chance.randrange(60))]
        width = chance.randrange(1, 70)

        line = figures.trend(values, width)

        cells = min(width, len(values))
        assert len(line) == cells
        shares = [
            [value for index, value in enumerate(values) if _cell(index, len(values), cells) == at]
            for at in range(cells)
        ]
        lasts = [([None] + [value for value in it if value is not None])[-1] for it in shares]
        assert [char == " " for char in line] == [last is None for last in lasts]
        known = [(last, char) for last, char in zip(lasts, line, strict=True) if last is not None]
        assert [char for _, char in sorted(known)] == sorted(char for _, char in known)
        if len({last for last, _ in known}) > 1:
            assert {min(known)[1], max(known)[1]} == {"▁", "█"}


def _cell(index: int, count: int, cells: int) -> int:
    """The cell of a value: the last that begins at or before it."""
    return max(at for at in range(cells) if at * count // cells <= index)


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (0.0, 2, "0.00"),
        (100.0, 2, "100.00"),
        (0.1, 2, "0.10"),
        (0.0996, 2, "0.10"),
        (0.05, 2, "0.05"),
        (0.0123, 2, "0.012"),
        (0.0012006, 2, "0.0012"),
        (-0.0012, 2, "-0.0012"),
        (3.6, 0, "4"),
        (0.4, 0, "0.4"),
        (0.04, 1, "0.04"),
    ],
)
def test_basis_points_that_are_not_none_do_not_look_like_it(
    value: float, places: int, text: str
) -> None:
    assert figures.bps(value, places) == text
    assert figures.bps(Decimal(str(value)), places) == text


def test_basis_points_have_their_sign_and_thousands_and_nothing_of_a_float() -> None:
    assert figures.bps(0.0012, form="+") == "+0.0012"
    assert figures.bps(12345.678, form=",") == "12,345.68"
    # 99.99999999999999 of a float is no less than 100.
    assert figures.bps(0.99999999999999 * 100, bound="≥") == "≥100.00"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *(("0", "0.00"), ("423.5", "423.50"), ("1083.5", "1,083.50"), ("0.5", "0.50")),
        *(("0.00713", "0.00713"), ("1.00713", "1.007"), ("1.2345e-9", "0.000000001234")),
    ],
)
def test_an_amount_of_money_keeps_four_digits(value: str, text: str) -> None:
    assert figures.worth(Decimal(value)) == text


@pytest.mark.parametrize("seed", range(5))
def test_a_bound_is_true(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(300):
        value = Decimal(chance.randrange(1, 10**9)).scaleb(-chance.randrange(0, 12))
        places = chance.randrange(0, 6)
        for write in (figures.price, figures.amount, figures.worth, figures.bps):
            least, most = write(value, places, bound="≥"), write(value, places, bound="≤")
            told = Decimal(least[1:].replace(",", ""))
            assert told <= value, (seed, value, places, write)
            assert (told < value) if least[0] == ">" else least[0] == "≥"
            assert Decimal(most[1:].replace(",", "")) >= value, (seed, value, places, write)


def test_at_least_less_than_one_is_more_than_none() -> None:
    assert figures.amount(Decimal("0.4"), 0, "≥") == ">0"
