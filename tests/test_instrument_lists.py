"""The kept lists: for a day, never of this machine's own exchange, and only if they are whole."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from obtui import instrument_lists, rest
from obtui.feeds.gemini import GeminiFeed
from obtui.feeds.gemini_v1 import GeminiV1Feed
from obtui.feeds.kraken import KrakenFeed
from obtui.frame import RestReply
from obtui.market import Instrument
from obtui.symbols import resolve

ORIGIN = "https://api.example:8443"
NOW = 1_795_000_000.0
DAY = 86400.0


class Venue:
    """Stands for REST of a host that is not this machine."""

    def __init__(self, body: str = '["btcusd","ethusd"]') -> None:
        self.body = body
        self.asked: list[str] = []

    async def fetch(self, base_url: str, path: str, largest: int = 0) -> RestReply:
        self.asked.append(base_url + path)
        return RestReply(path, 200, self.body)


class Clock:
    now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("obtui.instrument_lists.time.time", clock)
    return clock


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "obtui" / "instruments"


@pytest.fixture
def venue(monkeypatch: pytest.MonkeyPatch) -> Venue:
    venue = Venue()
    monkeypatch.setattr(rest, "fetch", venue.fetch)
    return venue


def ask(origin: str = ORIGIN) -> list[Instrument] | None:
    return asyncio.run(instrument_lists.ask(GeminiFeed, origin))


def test_a_list_is_asked_once_a_day(venue: Venue, clock: Clock) -> None:
    for age in (0, 1, DAY - 1):
        clock.now = NOW + age
        assert resolve(GeminiFeed, "btc-usd", ORIGIN).symbol == "BTCUSD"
    assert venue.asked == [f"{ORIGIN}/v1/symbols"]

    clock.now = NOW + DAY
    resolve(GeminiFeed, "btc-usd", ORIGIN)

    assert len(venue.asked) == 2


def test_what_is_kept_is_the_instruments_and_not_the_reply(
    venue: Venue, clock: Clock, folder: Path
) -> None:
    pair = {"wsname": "XBT/USD", "tick_size": "0.10", "status": "online", "altname": "XBTUSD"}
    venue.body = json.dumps({"error": [], "result": {"XXBTZUSD": pair}})

    found = asyncio.run(instrument_lists.ask(KrakenFeed, ORIGIN))
    kept = instrument_lists.kept(KrakenFeed, ORIGIN)

    assert kept is not None
    assert kept.instruments == found
    assert found == [Instrument("BTC/USD", "BTC", "USD", Decimal("0.10"), "online")]
    assert "altname" not in next(folder.iterdir()).read_text()


def test_each_venue_and_each_host_has_a_file_of_its_own(venue: Venue, folder: Path) -> None:
    for feed, origin in (
        (GeminiFeed, ORIGIN),
        (GeminiV1Feed, ORIGIN),
        (GeminiFeed, "https://user:secret@other.example"),
    ):
        asyncio.run(instrument_lists.ask(feed, origin))

    assert sorted(path.name for path in folder.iterdir()) == [
        "gemini-api.example_8443.json",
        "gemini-other.example.json",
        "gemini-v1-api.example_8443.json",
    ]
    assert not any("secret" in path.read_text() for path in folder.iterdir())


@pytest.mark.parametrize("host", ["127.0.0.1:9000", "localhost", "[::1]:80"])
def test_a_list_of_this_machine_is_not_kept(venue: Venue, folder: Path, host: str) -> None:
    assert ask(f"http://{host}")

    assert not folder.exists()
    assert instrument_lists.kept(GeminiFeed, f"http://{host}") is None


@pytest.mark.parametrize("body", ["[]", "{}", "<html>", '["btc'])
def test_what_is_no_list_is_not_kept(venue: Venue, folder: Path, body: str) -> None:
    venue.body = body

    assert ask() is None
    assert not folder.exists()


def damage(kept: dict[str, object]) -> dict[str, bytes]:
    whole = json.dumps(kept).encode()
    return {
        "torn": whole[: len(whole) // 2],
        "empty": b"",
        "no text": b"\xff\xfe" + whole,
        "another format": json.dumps({**kept, "format": 2}).encode(),
        "another venue": json.dumps({**kept, "venue": "kraken"}).encode(),
        "another host": json.dumps({**kept, "host": "evil.example"}).encode(),
        "another program": b'{"instruments": "none"}',
        "of the future": json.dumps({**kept, "at": NOW + 60}).encode(),
        "no time": json.dumps({**kept, "at": None}).encode(),
        "an empty list": json.dumps({**kept, "instruments": []}).encode(),
        "no number": whole.replace(b'"tick": null', b'"tick": "much"'),
        "nested": b"[" * 100_000,
    }


@pytest.mark.parametrize("how", sorted(damage({})))
def test_what_is_damaged_or_foreign_is_asked_anew_and_mended(
    venue: Venue, clock: Clock, folder: Path, how: str
) -> None:
    ask()
    (path,) = folder.iterdir()
    kept = json.loads(path.read_bytes())
    assert kept["instruments"][0]["tick"] is None
    path.write_bytes(damage(kept)[how])

    assert instrument_lists.kept(GeminiFeed, ORIGIN) is None
    assert resolve(GeminiFeed, "ethusd", ORIGIN).symbol == "ETHUSD"

    assert len(venue.asked) == 2
    assert instrument_lists.kept(GeminiFeed, ORIGIN) is not None


def test_a_file_is_replaced_whole_and_leaves_nothing_beside_it(
    venue: Venue, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask()
    before = [path.read_bytes() for path in folder.iterdir()]
    venue.body = '["dogeusd"]'

    def full(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(Path, "replace", full)

    assert [it.symbol for it in ask() or ()] == ["DOGEUSD"]
    assert [path.read_bytes() for path in folder.iterdir()] == before


def test_a_cache_that_cannot_be_written_costs_nothing_else(
    venue: Venue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))

    assert resolve(GeminiFeed, "btcusd", ORIGIN) == Instrument("BTCUSD", "BTC", "USD")
    assert instrument_lists.kept(GeminiFeed, ORIGIN) is None


def test_a_file_larger_than_any_list_is_not_read(
    venue: Venue, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask()
    monkeypatch.setattr(instrument_lists, "LARGEST_FILE", 10)

    assert instrument_lists.kept(GeminiFeed, ORIGIN) is None


def test_a_kept_list_is_what_was_listed(venue: Venue) -> None:
    found = ask()
    kept = instrument_lists.kept(GeminiFeed, ORIGIN)

    assert kept is not None
    assert msgspec.json.encode(kept.instruments) == msgspec.json.encode(found)
