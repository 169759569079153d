"""Exported book lines: byte for byte what a recorder of the live market wrote."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from export_doubles import SYMBOL, end, exported, header, json_lines, walk

from obtui.export.base import Shape
from obtui.feeds import FEEDS
from obtui.frame import Frame, FrameKind
from obtui.recording.books import BookRecorder
from obtui.session import Session
from obtui.shared import Listeners, Market
from support import frames, wire
from support.captures import books_of_current, incoming


def recorded_live(recorded: list[Frame], path: Path, depth: int) -> bytes:
    """What the recorder wrote while these frames came; closed when the capture ended."""
    market = Market(Session(FEEDS["gemini"](SYMBOL)))
    closed_ns = recorded[-1].received_ns
    recorder = BookRecorder.open(
        str(path), depth, now_ns=lambda: closed_ns, start_ns=recorded[0].received_ns
    )
    market.listeners = Listeners(books=recorder)
    for frame in recorded:
        # Of these a live market is not told: they are the capture's own.
        if frame.kind not in {FrameKind.HEADER, FrameKind.END}:
            market.apply(frame)
    status = recorder.close(10)
    assert status.failed is None
    return path.read_bytes()


@pytest.mark.parametrize("depth", [1, 10, 1000])
@pytest.mark.parametrize("seed", range(5))
def test_it_is_what_was_recorded_live(seed: int, depth: int, tmp_path: Path) -> None:
    recorded = walk(seed).frames

    data = exported(recorded, "books", Shape(depth=depth))

    live = recorded_live(recorded, tmp_path / "live.jsonl", depth)
    assert data == live, f"seed {seed}"
    assert data.count(b'{"bids": [], "asks": [], "ts"') > 5


def later(recorded: list[Frame]) -> list[Frame]:
    """Another day, on another machine's clock."""
    return [
        Frame(it.kind, it.data, it.received_ns + 10**14, it.monotonic_ns // 2, it.connection)
        for it in recorded
    ]


def test_a_run_that_was_appended_begins_as_it_was_recorded_live(tmp_path: Path) -> None:
    runs = [walk(1).frames, later(walk(2).frames)]

    data = exported([*runs[0], *runs[1]], "books")

    for recorded in runs:
        live = recorded_live(recorded, tmp_path / "live.jsonl", 10)
    assert data == live


def test_what_is_appended_to_a_killed_run_ends_its_book(tmp_path: Path) -> None:
    book = frames.text(wire.depth(100, [("99.0", "1")], [("101", "2")]), 1)
    killed = [header(), frames.connect(), book]
    after = [header(5), frames.connect(5.5), *later([book, end(9)])]

    data = exported([*killed, *after], "books")

    def empty(ns: int) -> bytes:
        return b'{"bids": [], "asks": [], "ts": %d}\n' % (ns // 1_000_000)

    line = exported(killed, "books").splitlines(keepends=True)[0]
    assert data.splitlines(keepends=True)[:2] == [line, empty(frames.wall(5))]
    assert data.count(empty(frames.wall(5))) == 1


def test_a_segment_that_goes_on_with_a_run_is_no_run_of_its_own() -> None:
    book = frames.text(wire.depth(100, [("99.0", "1")], [("101", "2")]), 1)

    told = Session(FEEDS["gemini"](SYMBOL))
    begun = [header(), frames.connect(), book]
    for frame in begun:
        told.receive(frame)
    segment = header(2, segment=1, checkpoint=told.checkpoint())

    lines = exported([*begun, segment, end(3)], "books").splitlines()

    assert [line.endswith(b'"ts": %d}' % (frames.wall(2) // 1_000_000)) for line in lines] == [
        *(False, False)
    ]


def test_the_last_line_has_the_time_of_the_end() -> None:
    book = frames.text(wire.depth(100, [("99.0", "1")], [("101", "2")]), 1)

    lines = exported([header(), frames.connect(), book, end(7.25)], "books").splitlines()

    assert lines == [
        b'{"bids": [[99.0, 1]], "asks": [[101, 2]], "ts": %d}' % (frames.wall(1) // 1_000_000),
        b'{"bids": [], "asks": [], "ts": %d}' % (frames.wall(7.25) // 1_000_000),
    ]


def test_a_recording_without_its_end_ends_with_its_last_frame() -> None:
    book = frames.text(wire.depth(100, [("99.0", "1")], [("101", "2")]), 1)
    last = frames.text(wire.ack("ping"), 3)

    lines = exported([header(), frames.connect(), book, last], "books").splitlines()

    assert lines[-1] == b'{"bids": [], "asks": [], "ts": %d}' % (frames.wall(3) // 1_000_000)


@pytest.mark.parametrize("depth", [10, 5000])
def test_a_real_captures_lines_are_its_books(depth: int) -> None:
    texts = incoming("current-btcusd-31s")
    recorded = [header(), frames.connect()]
    recorded += [frames.text(data.encode(), 1 + at * 1e-3) for at, data in enumerate(texts)]

    lines = json_lines(exported([*recorded, end(60)], "books", Shape(depth=depth)))

    books = books_of_current(texts, "btcusd")
    assert len(lines) == len(books) + 1 == 201
    for line, (_, (bids, asks)) in zip(lines, books, strict=False):
        assert line["bids"] == best(bids, depth, highest=True)
        assert line["asks"] == best(asks, depth, highest=False)


def best(sizes: dict[Decimal, Decimal], depth: int, *, highest: bool) -> list[list[Decimal]]:
    prices = sorted(sizes, reverse=highest)[:depth]
    return [[price, sizes[price]] for price in prices]
