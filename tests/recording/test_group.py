"""The recordings of several markets: together on and off, one that fails beside the others."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from recording_doubles import HeldDisk, WatchedDisk

from obtui.feeds.gemini import GeminiFeed
from obtui.frame import FrameKind
from obtui.recording.control import RecordingControl
from obtui.recording.group import RecordingGroup, file_name
from obtui.recording.status import WriterStatus
from obtui.session import Session
from obtui.shared import Market
from support import wire
from support.capture_files import captured
from support.frames import connect, text
from support.wait import eventually

SYMBOLS = ("BTCUSD", "ETHUSD", "SOLUSD")


class Trio:
    """Three markets and their recordings."""

    def __init__(self) -> None:
        self.markets = [Market(Session(GeminiFeed(symbol))) for symbol in SYMBOLS]
        self.disks = [WatchedDisk() for _ in SYMBOLS]
        self.controls = [
            RecordingControl(market, venue="gemini", symbol=symbol, disk=disk)
            for market, symbol, disk in zip(self.markets, SYMBOLS, self.disks, strict=True)
        ]
        self.group = RecordingGroup(
            {f"gemini {symbol}": it for symbol, it in zip(SYMBOLS, self.controls, strict=True)}
        )

    def start(self, books: str = "{symbol}.jsonl", capture: str = "") -> None:
        for control, symbol in zip(self.controls, SYMBOLS, strict=True):
            names = [file_name(name, "gemini", symbol) for name in (books, capture)]
            control.start(*names)

    def feed(self, number: int = 1) -> None:
        for market, symbol in zip(self.markets, SYMBOLS, strict=True):
            market.apply(connect(number))
            market.apply(text(wire.depth(1, [("9", "1")], symbol=symbol.lower()), number))


@pytest.fixture
def trio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trio]:
    monkeypatch.chdir(tmp_path)
    made = Trio()
    yield made
    made.group.stop()


def test_a_name_holds_the_market_and_nothing_unsafe() -> None:
    assert file_name("x-{venue}-{symbol}.jsonl", "kraken", "BTC/USD") == "x-kraken-BTC_USD.jsonl"
    assert file_name("{symbol}/{venue}{x}", "okx", "../A") == "_A/okx{x}"
    assert file_name("plain.jsonl", "kraken", "BTC/USD") == "plain.jsonl"


def test_all_begin_and_all_end(trio: Trio, tmp_path: Path) -> None:
    assert trio.group.words() == "not recording"

    faults = trio.group.toggle()
    active = [control.active for control in trio.controls]
    trio.feed()
    words = trio.group.words()
    again = trio.group.toggle()

    assert (faults, again) == ("", "")
    assert active == [True] * 3
    assert words.startswith("REC 0.")
    assert "0 dropped" in words
    assert not trio.group.active
    files = sorted(path.name.rsplit("-", 1)[0] for path in tmp_path.iterdir())
    assert files == [f"gemini-{symbol}" for symbol in SYMBOLS]
    assert [it.split(" to ")[0] for it in trio.group.saved] == ["saved 1 book lines"] * 3


def test_sizes_are_told_together(trio: Trio) -> None:
    trio.start()
    for number in range(1, 4):
        trio.feed(number)
    eventually(
        lambda: all(it.statuses()[0].items_written >= 3 for it in trio.controls), "all are written"
    )
    words = trio.group.words()
    trio.group.stop()

    # Without the line that ends each.
    written = sum(sum(map(len, lines[:-1])) for lines in map(lines_of, SYMBOLS))
    assert f" · {written} B · " in words


def lines_of(symbol: str) -> list[bytes]:
    return Path(f"{symbol}.jsonl").read_bytes().splitlines(keepends=True)


def test_one_that_fails_is_named_and_the_others_go_on(trio: Trio) -> None:
    trio.start()
    trio.disks[1].fail_write = no_space
    trio.feed()
    eventually(lambda: trio.group.failed, "the disk is full")

    words, active = trio.group.words(), trio.group.active
    trio.feed(2)
    eventually(lambda: trio.controls[0].statuses()[0].items_written > 1, "the others go on")

    assert words == (
        "RECORDING STOPPED · gemini ETHUSD: disk full: No space left on device (ETHUSD.jsonl) · "
        "2 of 3 go on · r starts it anew"
    )
    assert active

    trio.disks[1].fail_write = None
    before = [control._books for control in trio.controls]
    assert trio.group.toggle() == ""

    assert not trio.group.failed
    assert [control.active for control in trio.controls] == [True] * 3
    now = [control._books for control in trio.controls]
    assert [one is other for one, other in zip(before, now, strict=True)] == [True, False, True]


def no_space(data: memoryview) -> int:
    raise OSError(28, "No space left on device")


def test_one_that_cannot_begin_is_told_and_the_others_record(trio: Trio) -> None:
    trio.start()
    trio.group.stop()
    Path("ETHUSD.jsonl").unlink(missing_ok=True)
    Path("ETHUSD.jsonl").mkdir()

    fault = trio.group.toggle()

    assert fault == (
        "gemini ETHUSD: cannot record to ETHUSD.jsonl: it is a folder; name a file in it"
    )
    assert [control.active for control in trio.controls] == [True, False, True]
    assert trio.group.words().endswith(" · 2 of 3 markets")


def test_all_are_closed_within_one_bound(trio: Trio, tmp_path: Path) -> None:
    trio.start()
    held = RecordingControl(
        trio.markets[1], venue="gemini", symbol="ETHUSD", disk=(disk := HeldDisk())
    )
    held.start("held.jsonl")
    group = RecordingGroup({"a": held, "b": trio.controls[0], "c": trio.controls[2]})
    trio.feed()

    started = time.monotonic()
    saved = group.stop(0.3)
    took = time.monotonic() - started
    disk.let_go.set()

    assert 0.3 <= took < 0.45
    assert "not all was taken within 0.3 s (held.jsonl)" in saved[0]
    # They were closing while the first was waited for.
    assert [it.split(" to ")[0] for it in saved[1:]] == ["saved 1 book lines"] * 2
    assert lines_of("BTCUSD")[-1].startswith(b'{"bids": [], "asks": []')
    assert lines_of("SOLUSD")[-1].startswith(b'{"bids": [], "asks": []')


def test_a_mark_is_put_into_every_capture(trio: Trio) -> None:
    assert trio.group.mark("x") == "no capture is being written (--capture FILE)"

    trio.start("", "{symbol}.jsonl")
    trio.feed()
    assert trio.group.capturing
    assert trio.group.mark("news", 7) == ""
    trio.group.stop()

    for symbol in SYMBOLS:
        marks = [it.data for it in captured(Path(f"{symbol}.jsonl")) if it.kind is FrameKind.MARK]
        assert marks == [b'{"note":"news","at_ns":7}']


class Told(RecordingControl):
    """A recording that stands as it is told."""

    def __init__(self, path: str) -> None:
        super().__init__(Market(Session(GeminiFeed("BTCUSD"))), venue="gemini", symbol=path)
        self.standing = WriterStatus(path, True, 100, 1, 0, 0, 0, None, False, 10.0)

    def statuses(self) -> list[WriterStatus]:
        return [self.standing]


def test_a_market_to_which_nothing_comes_does_not_make_the_sync_seem_late(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    idle, busy = Told("a"), Told("b")
    group = RecordingGroup({"a": idle, "b": busy})
    now = 10.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    group.words()

    now = 70.0
    busy.standing = dataclasses.replace(busy.standing, items_written=9, last_fsync=69.5)
    assert "fsync 0.5 s ago" in group.words()

    # What waits and is not on the disk is late.
    idle.standing = dataclasses.replace(idle.standing, waiting=1)
    assert "fsync 1m00s ago" in group.words()
