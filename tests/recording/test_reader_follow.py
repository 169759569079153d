"""A capture read while it is written: by the real writer where it matters, else by hand."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from obtui.frame import Frame
from obtui.recording.capture import encode_line
from obtui.recording.follow import follow, open_growing
from obtui.recording.reader import RecordingUnreadable, open_recording
from support.recordings import header, lines, message, opened, pack, packed, put, run

ASKED_TOO_OFTEN = 10_000


class Writing:
    """Does one step of the writing each time the follower waits, and then stops it."""

    def __init__(self, *steps: Callable[[], object]) -> None:
        self._steps: Iterator[Callable[[], object]] = iter(steps)
        self._over = False
        self.waits = 0

    def wait(self, seconds: float) -> None:
        self.waits += 1
        assert 0 < seconds < 1
        assert self.waits < ASKED_TOO_OFTEN
        step = next(self._steps, None)
        if step is None:
            self._over = True
        else:
            step()

    def stop(self) -> bool:
        return self._over


def append(path: Path, data: bytes) -> Callable[[], object]:
    def do() -> None:
        with path.open("ab") as file:
            file.write(data)

    return do


def cut(path: Path, size: int) -> Callable[[], object]:
    def do() -> None:
        with path.open("r+b") as file:
            file.truncate(size)

    return do


def followed(path: Path, writing: Writing) -> list[Frame]:
    recording = open_growing([str(path)], wait=writing.wait)
    return [it.frame for it in follow(recording, stop=writing.stop, wait=writing.wait)]


def test_every_byte_of_a_growing_capture_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.touch()
    data = lines(run(2))
    writing = Writing(*(append(path, data[at : at + 1]) for at in range(len(data))))

    assert followed(path, writing) == run(2)


def test_every_byte_of_a_growing_compressed_capture_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "a.zst"
    path.touch()
    data = packed(run(2), each=2)
    writing = Writing(*(append(path, data[at : at + 1]) for at in range(len(data))))

    assert followed(path, writing) == run(2)


def test_half_a_line_is_not_given(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    whole = encode_line(message(b"x", 1))
    path.write_bytes(lines([header()]) + whole[:-1])
    writing = Writing(lambda: None, lambda: None)
    recording = open_recording([str(path)])
    given = []

    for located in follow(recording, stop=writing.stop, wait=writing.wait):
        given.append(located.frame)
        if located.frame != header():
            assert writing.stop(), "given only at the stop, as the whole line that it is"

    assert given == [header(), message(b"x", 1)]


def test_a_torn_line_that_the_recorder_takes_back_is_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines([header(), opened()]))
    size = path.stat().st_size
    writing = Writing(
        append(path, encode_line(message(b"lost", 1))[:60]),
        cut(path, size),
        append(path, encode_line(message(b"other", 2))),
        # And so fast that the follower never sees the file short.
        append(path, encode_line(message(b"lost again", 3))[:60]),
        lambda: (
            cut(path, size + len(encode_line(message(b"other", 2))))(),
            append(path, encode_line(message(b"a much longer one than that" * 9, 4)))(),
        ),
    )

    frames = followed(path, writing)

    assert frames[2:] == [message(b"other", 2), message(b"a much longer one than that" * 9, 4)]


def test_the_recorder_goes_on_in_numbered_segments(tmp_path: Path) -> None:
    paths = [tmp_path / f"btc-{nth:06}.jsonl.zst" for nth in range(4)]
    other = tmp_path / "btcx-000001.jsonl.zst"
    other.write_bytes(packed([header(9, symbol="ETHUSD")]))
    paths[0].write_bytes(packed([header(), opened()]))
    writing = Writing(
        append(paths[0], packed([message(b"1", 1)])),
        append(paths[1], b""),
        # The last of one, just before the first of the next.
        lambda: (
            append(paths[0], packed([message(b"2", 2)]))(),
            append(paths[1], packed([header(3, segment=1), message(b"3", 3)]))(),
        ),
        # Another run, whose number is not the next.
        append(paths[3], packed([header(4), message(b"4", 4)])),
    )

    frames = followed(paths[0], writing)

    texts = [frame.data for frame in frames if frame.kind.value == "frame"]
    assert texts == [b"1", b"2", b"3", b"4"]


def test_what_a_segment_got_at_the_last_moment_is_not_left_behind(tmp_path: Path) -> None:
    first, second = (tmp_path / f"btc-{nth:06}.jsonl" for nth in range(2))
    first.write_bytes(lines([header()]))
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        if asked == 1:  # the end was seen already, and then the recorder goes on in the next
            append(first, lines([message(b"last", 1)]))()
            append(second, lines([header(2, segment=1), message(b"first", 3)]))()
        return asked > 3

    recording = open_recording([str(first)])
    given = [it.frame for it in follow(recording, stop=stop, wait=lambda _seconds: None)]

    assert [it.data for it in given if it.kind.value == "frame"] == [b"last", b"first"]


def test_following_from_a_position_gives_what_is_after_it(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines(run()))
    recording = open_recording([str(path)])
    last = list(recording.frames())[-1]
    writing = Writing(append(path, encode_line(message(b"new", 9))))

    given = follow(recording, last.position, stop=writing.stop, wait=writing.wait)

    assert [it.frame for it in given] == [last.frame, message(b"new", 9)]


def test_what_waiting_does_not_mend_is_not_waited_for(tmp_path: Path) -> None:
    writing = Writing()

    with pytest.raises(RecordingUnreadable, match="no such file"):
        open_growing([str(tmp_path / "nosuch")], wait=writing.wait)
    assert not writing.waits


@pytest.mark.parametrize("how", ["plain", "zst"])
def test_a_file_that_loses_what_was_read_of_it_is_not_followed_on(tmp_path: Path, how: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(pack(how, run(20)))
    longer = pack(how, run(40))
    again = [cut(path, 0), append(path, pack(how, run(2)))]

    with pytest.raises(RecordingUnreadable, match=r"a\.jsonl was cut short while it was read"):
        followed(path, Writing(*again))

    path.write_bytes(longer)
    with pytest.raises(RecordingUnreadable, match="was cut short"):
        followed(path, Writing(cut(path, 0), *[lambda: None] * 3))


def test_a_file_that_is_removed_is_followed_to_its_last_byte(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines(run()))
    late = message(b"late", 9)
    seen: list[Frame] = []

    def remove() -> None:
        append(path, encode_line(late))()
        path.unlink()

    writing = Writing(remove, *[lambda: None] * 9)
    recording = open_growing([str(path)], wait=writing.wait)
    given = follow(recording, stop=writing.stop, wait=writing.wait)
    with pytest.raises(RecordingUnreadable, match=r"a\.jsonl was removed"):
        seen.extend(it.frame for it in given)

    assert seen == [*run(), late]


def test_a_file_that_is_replaced_by_another_is_not_taken_for_it(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines(run()))
    put(tmp_path / "b.jsonl", lines(run(99)))
    replace = partial(os.replace, tmp_path / "b.jsonl", path)

    with pytest.raises(RecordingUnreadable, match="was removed"):
        followed(path, Writing(replace, *[lambda: None] * 9))
