"""The seek index: what it leads to is what reading from the start gives, and it never lies."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from obtui.feeds.gemini import GeminiFeed
from obtui.frame import BookCheckpoint, Drop, Frame, FrameKind, Header, Mark
from obtui.recording import indexing
from obtui.recording.formats import feed_of
from obtui.recording.index import Index, open_index
from obtui.recording.reader import (
    Located,
    Position,
    Recording,
    RecordingUnreadable,
    open_recording,
)
from obtui.session import Session
from support.recordings import (
    busy_market,
    control,
    eventful_market,
    header,
    lines,
    pack,
    packed,
    put,
    run,
)


@pytest.fixture(autouse=True)
def closely_spaced(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(indexing, "SPACING_BYTES", 20_000)
    monkeypatch.setattr(indexing, "SPACING_FRAMES", 150)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def plain_book(checkpoint: BookCheckpoint) -> tuple[object, ...]:
    it = checkpoint
    return (it.state, it.reason, sorted(it.bids), sorted(it.asks), it.has_book, it.decoder)


def states(recording: Recording) -> Iterator[tuple[Located, tuple[object, ...]]]:
    """Each frame, and the session before it."""
    session = Session(feed_of(recording.header))
    for located in recording.frames():
        yield located, plain_book(session.checkpoint())
        session.receive(located.frame)


def index_of(path: str) -> Index:
    return open_index(open_recording([path]))


@pytest.mark.parametrize("how", ["plain", "gz", "zst"])
def test_a_checkpoint_is_the_session_that_read_from_the_start(tmp_path: Path, how: str) -> None:
    path = put(tmp_path / "a", pack(how, eventful_market()))
    recording = open_recording([path])
    index = open_index(recording)

    checked = 0
    read_on = 0
    for located, before in states(recording):
        checkpoint = index.before_position(located.position)
        if checkpoint is None or checkpoint.position != located.position:
            read_on += 1
            continue
        checked += 1
        assert plain_book(checkpoint.book) == before
        assert checkpoint.frames == read_on + checked - 1
        rest = next(recording.frames(checkpoint.position))
        assert rest == located

    assert checked == index.checkpoints - 1
    # Each costs at most its share of the file, and this one is packed as a whole.
    assert checked >= (5 if how == "gz" else len(eventful_market()) // 170)
    index.close()


@pytest.mark.parametrize("how", ["plain", "zst"])
def test_any_time_is_reached_through_the_index(tmp_path: Path, how: str) -> None:
    frames = eventful_market()
    recording = open_recording([put(tmp_path / "a", pack(how, frames))])
    index = open_index(recording)
    chance = random.Random(11)

    for _ in range(40):
        goal = chance.choice(frames).received_ns + chance.randint(-1, 1)
        session, straight = (Session(feed_of(recording.header)) for _ in range(2))
        checkpoint = index.before(goal)
        position = None
        if checkpoint is not None:
            checkpoint.restore(session)
            position = checkpoint.position
        for located in recording.frames(position):
            if located.frame.received_ns > goal:
                break
            session.receive(located.frame)
        for frame in frames:
            if frame.received_ns > goal:
                break
            straight.receive(frame)
        assert plain_book(session.checkpoint()) == plain_book(straight.checkpoint()), "seed 11"
        assert session.resyncs == straight.resyncs
        assert session.connections == straight.connections
        assert session.trouble == straight.trouble
        assert session.instrument == straight.instrument


def test_the_time_line_has_what_happened(tmp_path: Path) -> None:
    frames = [*eventful_market(), control(Drop(7), 41), header(42), control(Mark("\x1b[31m"), 43)]
    recording = open_recording([put(tmp_path / "a", lines(frames))])

    index = open_index(recording)

    assert [(it.kind.value, it.text) for it in index.events] == [
        ("header", "a run begins"),
        ("mark", "in it"),
        ("gap", "gap in update ids: 1201 is followed by 999999999"),
        ("disconnect", "gone"),
        ("mark", "in it"),
        ("gap", "STALE no word for 30 s"),
        ("drop", "7 lines were not recorded"),
        ("header", "another run begins, 1.0 s after the last"),
        ("mark", " [31m"),
    ]
    for event in index.events:
        there = next(recording.frames(event.position)).frame
        assert there.received_ns == event.received_ns
    assert (index.first_ns, index.last_ns) == (frames[0].received_ns, frames[-1].received_ns)
    assert index.frames == len(frames)
    assert index.messages == sum(frame.kind is FrameKind.TEXT for frame in frames)


def test_several_segments_are_indexed_each_and_read_as_one(tmp_path: Path) -> None:
    frames = eventful_market()
    third = len(frames) // 3
    paths = []
    for nth in range(3):
        session = Session(GeminiFeed("BTCUSD"))
        for frame in frames[: nth * third]:
            session.receive(frame)
        first = frames[nth * third]
        book = session.checkpoint() if nth else None
        made = Header("gemini", "BTCUSD", "", "obtui", segment=nth, checkpoint=book)
        data = msgspec.json.encode(made)
        opening = Frame(FrameKind.HEADER, data, first.received_ns, first.monotonic_ns, 1)
        part = frames[nth * third :] if nth == 2 else frames[nth * third : (nth + 1) * third]
        paths.append(put(tmp_path / f"s-{nth:06}.zst", packed([opening, *part])))
    recording = open_recording(paths)
    index = open_index(recording)

    checked = 0
    for number, (located, before) in enumerate(states(recording)):
        checkpoint = index.before_position(located.position)
        if checkpoint is None or checkpoint.position != located.position:
            continue
        assert checkpoint.frames == number
        if located.position.offset:  # a segment's header itself brings its book
            assert plain_book(checkpoint.book) == before
            checked += 1
    assert checked > 10
    last = index.before(frames[-1].received_ns)
    assert last is not None
    assert last.position.file == 2
    assert index.before(frames[0].received_ns) is None
    assert index.before_position(Position(1, 0)) is not None


def test_a_clock_that_was_set_back_leads_to_the_first_time(tmp_path: Path) -> None:
    frames = list(busy_market(1000, levels=5))
    set_back = [
        Frame(it.kind, it.data, it.received_ns - 10**9, it.monotonic_ns, 1) for it in frames[500:]
    ]
    index = index_of(put(tmp_path / "a", lines(frames[:500] + set_back)))
    goal = frames[450].received_ns

    checkpoint = index.before(goal)

    assert checkpoint is not None
    assert checkpoint.received_ns <= goal
    assert checkpoint.position.offset < len(lines(frames[:450]))


def test_a_pipe_has_no_index() -> None:
    ours, theirs = os.pipe()
    os.write(theirs, lines(run()))
    os.close(theirs)
    try:
        with pytest.raises(RecordingUnreadable, match="a pipe"):
            open_index(open_recording(["-"], stdin=ours))
    finally:
        os.close(ours)
