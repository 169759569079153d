"""Markets that are opened while others are followed: what they are, and how they are recorded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from obtui import following
from obtui.config import MOST_MARKETS, Options
from obtui.following import Following
from obtui.market import Instrument
from obtui.opening.live import Opening
from obtui.opening.opener import Opened
from obtui.recording.group import RecordingGroup
from obtui.seams import Unavailable
from obtui.watched import Watched
from screen_support import StillSource
from support import wire
from support.capture_files import captured
from support.frames import connect, text
from terminal_support import assert_closed_whole, book_lines

BTC, ETH = "BTCUSD", "ETHUSD"
PATTERN = "{venue}-{symbol}.jsonl"


class Listing:
    """A catalogue that is there."""

    def venues(self) -> Sequence[str]:
        return ["gemini", "kraken"]

    def symbols(self, venue: str) -> Sequence[Instrument]:
        return [Instrument(BTC, "BTC", "USD"), Instrument(ETH, "ETH", "USD"), Instrument("[x]")]


class Desk:
    """One market that is followed, and others that are opened."""

    def __init__(self, *symbols: str, listed: bool = True, **options: object) -> None:
        self.options = Options.of({"symbols": symbols or (BTC,), **options})
        followed = following.follow(self.options, following.resolve(self.options.markets, None))
        self.only = followed[0].recording
        self.group = RecordingGroup({it.name: it.recording for it in followed})
        self.opening = Opening(self.options, Listing(), self.connect, self.group)
        self.first, *_ = self.opening.begin(followed)
        if self.options.record or self.options.capture:
            following.record_all(followed)
        if listed:
            self.opening.symbols("gemini")

    @staticmethod
    def connect(it: Following) -> Watched:
        return Watched(it.market, StillSource())

    def open(self, symbol: str = ETH, venue: str = "gemini") -> Opened:
        return self.opening.open(venue, symbol)


def feed(watched: Watched, symbol: str = ETH, frames: int = 3) -> None:
    watched.market.apply(connect(1))
    for number in range(1, frames + 1):
        after = number - 1 if number > 1 else None
        levels = [("9", str(number))], [("10", "1")]
        data = wire.depth(number, *levels, after=after, symbol=symbol.lower())
        watched.market.apply(text(data, number))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def files() -> list[str]:
    return sorted(path.name for path in Path().iterdir())


def sizes(name: str) -> list[str]:
    """Of the best bid in each line."""
    return [str(line["bids"][0][1]) for line in assert_closed_whole(Path(name)) if line["bids"]]


def test_a_market_that_is_open_is_only_shown() -> None:
    desk = Desk()
    opened = desk.open()

    assert desk.open("eth-usd").watched is opened.watched
    assert desk.open(BTC).watched is desk.first
    assert desk.opening.watched == [desk.first, opened.watched]
    assert opened.watched.name == "gemini ETHUSD"


def test_the_instrument_is_that_of_the_list_or_a_guess() -> None:
    listed = Desk().open().watched.look(1, 0).instrument
    guessed = Desk(listed=False).open("doge/usd").watched.look(1, 0).instrument

    assert listed == Instrument(ETH, "ETH", "USD")
    assert guessed == Instrument("DOGEUSD", "DOGE", "USD", guessed=True)


@pytest.mark.parametrize(
    ("venue", "symbol", "told"),
    [
        ("gemini", "NOSUCH", "gemini has no symbol NOSUCH"),
        ("nowhere", BTC, "there is no venue 'nowhere'"),
        ("gemini", "\x1b[2J", "' [2J' is not a symbol: give letters and digits, like BTCUSD"),
        ("gemini", "", "'' is not a symbol: give letters and digits, like BTCUSD"),
    ],
)
def test_what_cannot_be_is_named_and_changes_nothing(venue: str, symbol: str, told: str) -> None:
    desk = Desk()

    with pytest.raises(Unavailable) as refused:
        desk.open(symbol, venue)

    assert str(refused.value) == told
    assert desk.opening.watched == [desk.first]


def test_so_many_are_open_at_most() -> None:
    desk = Desk(*(f"A{number}USD" for number in range(MOST_MARKETS - 1)), listed=False)
    desk.open()

    with pytest.raises(Unavailable, match=r"^gemini BTCUSD is not opened: 32 markets are open$"):
        desk.open(BTC)

    assert desk.open().watched in desk.opening.watched


def test_names_that_cannot_be_asked_for_are_not_offered() -> None:
    assert [it.symbol for it in Desk().opening.symbols("gemini")] == [BTC, ETH]


# Recording


def test_a_recording_that_is_started_later_has_it_too() -> None:
    desk = Desk()
    opened = desk.open()
    feed(opened.watched, frames=1)
    before = files()

    desk.group.toggle()
    for watched, symbol in ((desk.first, BTC), (opened.watched, ETH)):
        feed(watched, symbol)
    desk.group.toggle()

    assert opened.told == ""
    assert before == []
    assert [name[:13] for name in files()] == ["gemini-BTCUSD", "gemini-ETHUSD"]
    for name in files():
        assert sizes(name)[-3:] == ["1", "2", "3"]


@pytest.mark.parametrize("named", [PATTERN, ""])
def test_one_that_is_being_written_has_it_from_its_beginning(named: str) -> None:
    desk = Desk(record=named)
    if not named:
        desk.group.toggle()
    feed(desk.first, BTC)
    opened = desk.open()
    feed(opened.watched)
    words = desk.group.words()
    saved = desk.group.stop()

    assert opened.told == ""
    assert "markets" not in words
    assert len(saved) == 2
    assert [name[:13] for name in files()] == ["gemini-BTCUSD", "gemini-ETHUSD"]
    assert sizes(files()[1]) == ["1", "2", "3"]
    if named:
        assert files()[1] == "gemini-ETHUSD.jsonl"


def test_a_capture_has_it_from_its_first_frame() -> None:
    desk = Desk(capture="{symbol}.capture")
    feed(desk.open().watched)
    desk.group.stop()

    frames = [frame.kind.value for frame in captured(Path("ETHUSD.capture"))]
    assert frames[:5] == ["header", "connect", "frame", "frame", "frame"]


@pytest.mark.parametrize(("option", "name"), [("record", "x.jsonl"), ("capture", "{venue}.zst")])
def test_a_file_of_one_market_takes_no_other_and_that_is_said(option: str, name: str) -> None:
    named: dict[str, Any] = {option: name}
    desk = Desk(**named)
    feed(desk.first, BTC)
    opened = desk.open()
    feed(opened.watched)
    words = desk.group.words()
    before = len(files())
    desk.group.toggle()
    desk.group.toggle()
    feed(opened.watched, frames=5)
    desk.group.stop()

    assert opened.told == (
        f"gemini ETHUSD is not recorded: {name.replace('{venue}', 'gemini')} is another market's "
        "(stop recording and begin again to record all)"
    )
    assert words.endswith(" · 1 of 2 markets")
    assert before == 1
    (other,) = (name for name in files() if name.startswith("gemini-ETHUSD-"))
    assert sizes(other)[-5:] == ["1", "2", "3", "4", "5"]


def test_where_nothing_is_written_nothing_is_said_of_it() -> None:
    desk = Desk(record="x.jsonl")
    desk.group.stop()

    assert desk.open().told == ""


def test_a_name_of_its_own_is_kept_for_when_all_are_recorded_again() -> None:
    desk = Desk(record=PATTERN)
    desk.group.stop()
    opened = desk.open()
    desk.group.toggle()
    feed(opened.watched)
    desk.group.stop()

    assert files() == ["gemini-ETHUSD.jsonl"]


def test_a_file_that_cannot_be_opened_is_said_and_the_market_is_open() -> None:
    Path("gemini-ETHUSD.jsonl").mkdir()
    desk = Desk(record=PATTERN)
    opened = desk.open()

    assert opened.told.startswith(
        "gemini ETHUSD is not recorded: cannot record to gemini-ETHUSD.jsonl"
    )
    assert opened.watched in desk.opening.watched
    assert desk.group.active
    desk.group.stop()


def test_one_that_is_closed_again_has_its_recording_closed_and_never_overwritten() -> None:
    desk = Desk(record=PATTERN, overwrite=True)
    feed(desk.first, BTC)
    opened = desk.open()
    feed(opened.watched)
    desk.opening.close(opened.watched)
    first = sizes("gemini-ETHUSD.jsonl")
    going = desk.group.active
    again = desk.open()
    feed(again.watched)
    desk.group.stop()

    assert going
    assert first == ["1", "2", "3"]
    assert again.watched is not opened.watched
    both = book_lines(Path("gemini-ETHUSD.jsonl"))
    assert [str(line["bids"][0][1]) for line in both if line["bids"]] == first * 2
    assert len(desk.group.saved) == 3


def test_closing_what_is_not_open_is_nothing() -> None:
    desk = Desk()
    desk.opening.close(Desk().first)

    assert desk.opening.watched == [desk.first]


def test_one_market_is_recorded_as_if_there_were_no_group() -> None:
    desk = Desk()
    words = desk.group.words()
    Path("x").mkdir()
    desk.only.asked = ("x", "")
    fault = desk.group.toggle()

    assert words == "not recording"
    assert fault == "cannot record to x: it is a folder; name a file in it"
