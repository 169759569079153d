"""Times in which nobody recorded are not waited out, and that is said."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from obtui.feeds.base import LATEST
from obtui.frame import Frame
from obtui.pace import IDLE_SECONDS, TOLD_SECONDS
from obtui.recording.books import encode_book_line
from obtui.recording.reader import open_recording
from obtui.track import Track
from replay_support import MAX, Playing, append, growing, track
from support import wire
from support.frames import wall
from support.recordings import ASKS, BIDS, header, message, opened, put, run

NIGHT = 8 * 3600.0


def book(seconds: float) -> bytes:
    bid, ask = (Decimal(100), Decimal(1)), (Decimal(101), Decimal(2))
    return encode_book_line([bid], [ask], wall(seconds))


def no_book(seconds: float) -> bytes:
    return encode_book_line((), (), wall(seconds))


def quiet(at: Sequence[float]) -> list[Frame]:
    """A run with messages at these seconds and no other line."""
    frames = [header(), opened(), message(wire.depth(1, BIDS, ASKS))]
    for nth, second in enumerate(at, start=2):
        frames.append(message(wire.depth(nth, [("1", f"{nth}")], after=nth - 1), second))
    return frames


def test_a_night_between_two_runs_of_book_lines_is_not_waited_out(tmp_path: Path) -> None:
    evening = [book(nth) for nth in range(3)] + [no_book(3)]
    morning = [no_book(NIGHT)] + [book(NIGHT + nth) for nth in range(1, 4)]
    path = put(tmp_path / "books.jsonl", b"".join(evening + morning))
    playing = Playing(Track(open_recording([path])))
    told: list[float] = []

    def look() -> None:
        told.append(playing.player.view().skipped_seconds)

    playing.play(timed=[(2.5, look), (3.5, look), (5.0, look)])

    assert playing.applied[-1][0] == pytest.approx(6.0, abs=0.01)
    assert told == [0.0, pytest.approx(NIGHT - 3), pytest.approx(NIGHT - 3)]


def test_what_was_skipped_is_told_for_a_while(tmp_path: Path) -> None:
    frames = quiet([1, 1 + NIGHT, 9 + NIGHT])
    playing = Playing(track(tmp_path, frames))
    told: list[bool] = []

    def look() -> None:
        told.append(playing.player.view().skipped_seconds > 0)

    playing.play(timed=[(0.9, look), (1.5, look), (0.9 + TOLD_SECONDS, look), (8, look)])

    assert told == [False, True, True, False]


def test_a_night_between_two_runs_of_a_capture_is_told(tmp_path: Path) -> None:
    night = round(NIGHT * 1e9)
    second = [
        Frame(it.kind, it.data, it.received_ns + night, it.monotonic_ns // 2, 1) for it in run(9)
    ]
    playing = Playing(track(tmp_path, [*run(3), *second]))
    told: list[float] = []

    playing.play(timed=[(1.0, lambda: told.append(playing.player.view().skipped_seconds))])

    assert told == [pytest.approx(NIGHT, abs=1)]


@pytest.mark.parametrize("speed", [1.0, 10.0])
def test_a_quiet_market_is_waited_for(tmp_path: Path, speed: float) -> None:
    playing = Playing(track(tmp_path, quiet([IDLE_SECONDS - 1])), speed=speed)

    playing.play()

    assert playing.applied[-1][0] == pytest.approx((IDLE_SECONDS - 1) / speed, abs=0.01)
    assert not playing.player.view().skipped_seconds


def test_what_was_waited_for_while_it_was_written_is_not_skipped(tmp_path: Path) -> None:
    frames = quiet([1, 1 + 3 * IDLE_SECONDS])
    path, made = growing(tmp_path, frames[:-1])
    playing = Playing(made)

    write = append(path, frames[-1:])
    playing.play(timed=[(3 * IDLE_SECONDS + 1, write), (3 * IDLE_SECONDS + 2, playing.player.stop)])

    assert playing.applied[-1][1] == frames[-1]
    assert not playing.player.view().skipped_seconds


def test_what_comes_while_it_is_followed_is_shown_when_it_comes(tmp_path: Path) -> None:
    frames = quiet([1, 20, 20.5, 21])
    path, made = growing(tmp_path, frames[:4])
    playing = Playing(made)
    playing.player.seek(LATEST)

    # 12 s after the beginning of the watching, and 19 s after the last message.
    playing.play(timed=[(12, append(path, frames[4:])), (14, playing.player.stop)])

    assert [frame for _, frame in playing.applied] == frames[4:]
    assert [seconds for seconds, _ in playing.applied] == pytest.approx([12, 12.5, 13], abs=0.2)


@pytest.mark.parametrize("speed", [1.0, MAX])
def test_while_it_is_waited_for_what_is_followed_is_as_old_as_it_is(
    tmp_path: Path, speed: float
) -> None:
    frames = quiet([1, 2])
    _, made = growing(tmp_path, frames)
    playing = Playing(made, speed=speed)
    playing.player.seek(LATEST)
    playing.late_ns = 62_000_000_000  # a minute after the last message it is begun to be watched
    ages: list[float] = []

    def look() -> None:
        ages.append((playing.player.monotonic_ns() - frames[-1].monotonic_ns) / 1e9)

    playing.play(timed=[(3, look), (9, look), (9.5, playing.player.stop)])

    assert ages == pytest.approx([63, 69], abs=0.3)
