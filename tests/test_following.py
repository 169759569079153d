"""What the markets that were asked for mean, and that each is followed by itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from obtui import exits, following, symbols
from obtui.config import Asked, Options, UsageError
from obtui.feeds.base import VenueFeed
from obtui.market import Instrument
from obtui.recording.control import RecordingControl
from obtui.recording.files import RecordingError
from obtui.recording.group import RecordingGroup
from obtui.symbols import UnknownSymbol

Answer = Callable[[str, str], Instrument]
"""What a venue means by a symbol that was typed."""


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Callable[[Answer], None]:
    def use(answer: Answer) -> None:
        def resolve_all(
            venue: type[VenueFeed], typed: Sequence[str], rest_url: str | None
        ) -> list[Instrument]:
            return [answer(venue.name, symbol) for symbol in typed]

        monkeypatch.setattr(symbols, "resolve_all", resolve_all)

    return use


def asked(*typed: str, **more: str) -> Options:
    return Options.of({"symbols": typed, **more})


def test_a_market_is_of_its_own_venue_or_of_the_option() -> None:
    options = asked("BTCUSD", "gemini-v1:btc-usd", "kraken:BTC/USD", venue="coinbase")

    assert options.markets == (
        Asked("coinbase", "BTCUSD"),
        Asked("gemini-v1", "btc-usd"),
        Asked("kraken", "BTC/USD"),
    )


def test_a_command_of_one_market_takes_its_venue_before_it() -> None:
    options = Options.of({"symbol": "kraken:ETHUSD"})

    assert (options.venue, options.symbol) == ("kraken", "ETHUSD")


def test_all_venues_are_asked_at_once_and_their_markets_kept_in_order(
    answering: Callable[[Answer], None],
) -> None:
    together = threading.Barrier(2)

    def answer(venue: str, typed: str) -> Instrument:
        if typed != "C":
            together.wait(10)  # returns only where both venues are asked
        return Instrument(f"{venue}-{typed}")

    answering(answer)
    markets = asked("A", "kraken:B", "C").markets

    found = following.resolve(markets, "")

    assert [it.symbol for it in found] == ["gemini-A", "kraken-B", "gemini-C"]


def test_an_unknown_symbol_is_said_in_its_line(answering: Callable[[Answer], None]) -> None:
    def answer(venue: str, typed: str) -> Instrument:
        if typed == "NOSUCH":
            raise UnknownSymbol("gemini has no symbol NOSUCH: nearest: NOTSUCH")
        return Instrument(typed)

    answering(answer)

    with pytest.raises(UsageError, match=r"^gemini has no symbol NOSUCH: nearest: NOTSUCH$"):
        following.resolve(asked("BTCUSD", "NOSUCH").markets, "")


def test_a_venue_that_takes_long_is_named_once(
    answering: Callable[[Answer], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = threading.Event()

    def answer(venue: str, typed: str) -> Instrument:
        if venue != "kraken":
            assert told.wait(10)
        return Instrument(typed)

    def say(text: str) -> bool:
        said.append(text)
        told.set()
        return True

    said: list[str] = []
    answering(answer)
    monkeypatch.setattr(following, "TOLD_SECONDS", 0.01)
    monkeypatch.setattr(exits, "say", say)

    following.resolve(asked("A", "B", "coinbase:C", "kraken:D").markets, "")

    assert said in (
        ["obtui: asking gemini, coinbase for their markets\n"],
        ["obtui: asking gemini, coinbase, kraken for their markets\n"],  # a slow machine
    )


def test_a_defect_in_asking_is_not_swallowed(answering: Callable[[Answer], None]) -> None:
    def answer(venue: str, typed: str) -> Instrument:
        raise ZeroDivisionError

    answering(answer)

    with pytest.raises(ZeroDivisionError):
        following.resolve(asked("A").markets, "")


def test_a_market_that_is_named_twice_is_refused() -> None:
    options = asked("BTCUSD", "ETHUSD", "gemini:btc-usd")

    with pytest.raises(UsageError, match=r"^gemini BTCUSD is named twice: name each market once$"):
        following.follow(options, following.resolve(options.markets, None))


def test_what_the_venue_lists_is_what_is_followed() -> None:
    options = asked("kraken:btcusd", "gemini-v1:eth-usd")
    listed = [Instrument("BTC/USD", "BTC", "USD"), Instrument("ETHUSD", "ETH", "USD")]

    first, second = following.follow(options, listed)

    assert (first.name, second.name) == ("kraken BTC/USD", "gemini-v1 ETHUSD")
    view = first.market.view(1, 0)
    assert view.instrument == listed[0]
    assert first.connect("ws://h:1", None).market is first.market
    assert first.recording is not second.recording


def test_one_is_recorded_by_itself_and_several_together() -> None:
    options = asked("BTCUSD", "ETHUSD")
    followed = following.follow(options, following.resolve(options.markets, None))

    assert isinstance(following.recording_of(followed[:1]), RecordingControl)
    assert isinstance(following.recording_of(followed), RecordingGroup)


def test_where_one_file_cannot_be_opened_none_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("gemini-ETHUSD.jsonl").mkdir()
    options = asked("BTCUSD", "ETHUSD", record="{venue}-{symbol}.jsonl", capture="{symbol}.zst")
    followed = following.follow(options, following.resolve(options.markets, None))

    with pytest.raises(RecordingError, match=r"cannot record to gemini-ETHUSD\.jsonl"):
        following.record_all(followed)

    assert [path.name for path in tmp_path.iterdir()] == ["gemini-ETHUSD.jsonl"]


@pytest.mark.parametrize("name", ["{symbol}.jsonl", "{venue}-{symbol}", "a/{symbol}/b"])
def test_a_name_that_tells_the_markets_apart_is_taken(name: str) -> None:
    asked("BTCUSD", "ETHUSD", record=name, capture=f"{name}.capture")


@pytest.mark.parametrize("name", ["x.jsonl", "{venue}.jsonl", "-"])
def test_a_name_that_does_not_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match=rf"^--record {name} names one file for 2 markets"):
        asked("BTCUSD", "ETHUSD", record=name)

    asked("BTCUSD", record=name)


def test_the_venue_alone_is_enough_where_each_is_another() -> None:
    asked("BTCUSD", "kraken:BTCUSD", capture="{venue}.jsonl.zst")
