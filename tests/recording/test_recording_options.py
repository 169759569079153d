"""What may be asked of a recording, and the line that refuses the rest."""

from __future__ import annotations

import pytest

from obtui.config import Options, UsageError


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("", (None, None)),
        ("1MB", (10**6, None)),
        ("100mb", (10**8, None)),
        ("1.5GB", (1_500_000_000, None)),
        ("1000kB", (10**6, None)),
        ("2TB", (2 * 10**12, None)),
        ("90s", (None, 90.0)),
        ("30m", (None, 1800.0)),
        ("1h", (None, 3600.0)),
        ("0.5d", (None, 43200.0)),
    ],
)
def test_sizes_and_times(words: str, wanted: tuple[int | None, float | None]) -> None:
    options = Options(symbol="BTCUSD", capture="x", rotate=words)
    options.check()

    assert options.rotation == wanted


@pytest.mark.parametrize(
    "words",
    [
        "1",
        "h",
        "100M",
        "1H",
        "-1h",
        "1 h",
        "1e9s",
        "１h",
        "0s",
        "0.5s",
        "999kB",
        "20000d",
        "\x1b[1h",
    ],
)
def test_what_is_neither_is_refused_in_one_line(words: str) -> None:
    with pytest.raises(UsageError, match=r"^--rotate ") as refused:
        Options(symbol="BTCUSD", capture="x", rotate=words).check()

    assert str(refused.value).isprintable()


def test_two_recordings_need_two_files() -> None:
    Options(symbol="BTCUSD", record="a", capture="b").check()

    for name in ("a", "-"):
        with pytest.raises(UsageError, match=f"both name {name}: name two files"):
            Options(symbol="BTCUSD", record=name, capture=name).check()


def test_book_lines_have_no_segments() -> None:
    Options(symbol="BTCUSD", rotate="1h").check()

    with pytest.raises(UsageError, match="--rotate is for a capture"):
        Options(symbol="BTCUSD", record="a", rotate="1h").check()


def test_a_stream_has_no_segments() -> None:
    with pytest.raises(UsageError, match="--rotate makes files"):
        Options(symbol="BTCUSD", capture="-", rotate="1h").check()
