"""The venues' own lists, as they are offered for being opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from obtui import rest
from obtui.frame import RestReply
from obtui.opening.live import VenueLists
from obtui.seams import Unavailable
from support.http import closed_port, rest_venue


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def test_a_list_is_asked_for_over_rest() -> None:
    with rest_venue(200, '["btcusd","ethusd"]') as venue:
        lists = VenueLists(venue.url)
        found = [it.symbol for it in lists.symbols("gemini")]

    assert found == ["BTCUSD", "ETHUSD"]
    assert "kraken" in lists.venues()


def test_one_that_was_kept_is_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    async def fetch(base_url: str, path: str, largest: int = 0) -> RestReply:
        asked.append(path)
        return RestReply(path, 200, '["btcusd"]')

    monkeypatch.setattr(rest, "fetch", fetch)
    for _ in range(3):
        assert [it.symbol for it in VenueLists("https://api.example").symbols("gemini")] == [
            "BTCUSD"
        ]

    assert asked == ["/v1/symbols"]


def test_a_list_that_cannot_be_had_is_named() -> None:
    origin = f"http://127.0.0.1:{closed_port()}"
    with pytest.raises(Unavailable, match=rf"^no list of gemini's markets came from {origin}$"):
        VenueLists(origin).symbols("gemini")
    with pytest.raises(Unavailable, match=r"not asked for its markets: --url without --rest-url$"):
        VenueLists(None).symbols("kraken")
