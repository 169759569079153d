"""A mark is where `m` was pressed, although its line was written when its note was."""

from __future__ import annotations

from pathlib import Path

import pytest

from obtui.frame import FrameKind, Gap, Mark
from obtui.recording.capture import BadLine, decode_line, encode_line
from obtui.recording.formats import capture_frame
from replay_support import MAX, Playing, Step, growing, track
from support.frames import wall
from support.recordings import control, run

GAP = control(Gap("STALE", "just before", lost=False), 0.7)
NOTED = control(Mark("news", at_ns=wall(0.75)), 1.65)
STALE = control(Gap("STALE", "no word for 1 s", lost=False), 1.05)
FRAMES = sorted([*run(), GAP, NOTED, STALE], key=lambda frame: frame.received_ns)


@pytest.mark.parametrize("indexed", [True, False])
def test_it_is_gone_to_in_the_order_of_moments(tmp_path: Path, indexed: bool) -> None:
    made = track(tmp_path, FRAMES) if indexed else growing(tmp_path, FRAMES)[1]
    playing = Playing(made, speed=MAX)
    went: list[tuple[str, int]] = []

    def go(direction: int) -> Step:
        def do() -> None:
            event = playing.player.seek_event(direction)
            went.append((event.text if event else "", playing.here))

        return do

    def look() -> None:
        went[-1] = (went[-1][0], playing.here)

    steps = [step for way in (-1, -1, -1, -1, 1, 1, 1) for step in (go(way), look)]
    playing.play(playing.player.toggle_pause, *steps)

    assert went == [
        ("before the end", wall(2.2)),
        ("STALE no word for 1 s", wall(1.05)),
        ("news", wall(0.7)),
        ("STALE just before", wall(0.7)),
        ("news", wall(0.7)),
        ("STALE no word for 1 s", wall(1.05)),
        ("before the end", wall(2.2)),
    ]
    (at,) = (event.received_ns for event in made.events if event.text == "news")
    assert at == wall(0.75)


def test_a_line_keeps_its_five_keys_and_its_place_in_time() -> None:
    assert decode_line(encode_line(NOTED)) == NOTED
    assert list(decode_line(encode_line(NOTED)).__struct_fields__) == [
        *("kind", "data", "received_ns", "monotonic_ns", "connection")
    ]
    times = [frame.received_ns for frame in FRAMES]
    assert times == sorted(times)


@pytest.mark.parametrize("at", ["-1", "9" * 30, "1.5", '"now"'])
def test_a_moment_that_never_was_is_damage(at: str) -> None:
    line = encode_line(control(Mark("x"))).replace(b"null", at.replace('"', '\\"').encode())

    with pytest.raises(BadLine, match="a mark line that says nothing"):
        capture_frame(line)


def test_a_mark_of_an_older_capture_is_where_its_line_is(tmp_path: Path) -> None:
    frames = run()
    assert frames[-2].kind is FrameKind.MARK
    old = encode_line(frames[-2]).replace(b',\\"at_ns\\":null', b"")

    assert b"at_ns" not in old
    assert capture_frame(old).received_ns == wall(2.2)
    assert [event.received_ns for event in track(tmp_path, frames).events] == [wall(2.2)]
