"""The name of a recording that was given none: when and of what it is, and safe as a file's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from obtui.recording.books import default_name


def test_the_default_name() -> None:
    now = datetime(2026, 11, 23, 2, 45, 12, 999_999, timezone(timedelta(hours=2)))

    assert default_name("gemini", "BTCUSD", now) == "gemini-BTCUSD-20261123T004512Z.jsonl"


@pytest.mark.parametrize(
    ("symbol", "part"),
    [
        ("BTC/USD", "BTC_USD"),
        ("../../etc/x", "_.._etc_x"),
        ("BTC-USD_PERP.x", "BTC-USD_PERP.x"),
        ("a b\n$;'ü", "a_b_"),
        ("", "unknown"),
        ("Q" * 300, "Q" * 64),
    ],
)
def test_a_default_name_is_safe(symbol: str, part: str) -> None:
    name = default_name("x", symbol, datetime(2026, 1, 2, tzinfo=UTC))

    assert name == f"x-{part}-20260102T000000Z.jsonl"


def test_a_default_name_never_looks_like_an_option_or_hides() -> None:
    now = datetime(2026, 1, 2, tzinfo=UTC)

    assert default_name("--x", "A", now).startswith("x-A-")
    assert default_name(".x", "A", now).startswith("x-A-")
    with pytest.raises(ValueError, match="without a zone"):
        default_name("x", "A", datetime(2026, 1, 2))
