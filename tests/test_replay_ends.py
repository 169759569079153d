"""However it stands, it can be stopped."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from obtui.frame import Gap
from obtui.recording.formats import feed_of
from obtui.recording.reader import open_recording
from obtui.replay import Player
from obtui.session import Session
from obtui.shared import Market
from obtui.track import Track
from replay_support import (
    HEADER,
    Playing,
    closely_spaced,
    track,
)
from support.recordings import (
    control,
    header,
    lines,
    opened,
    put,
    run,
)
from support.wait import eventually


@pytest.fixture(autouse=True)
def checkpoints() -> Iterator[None]:
    with closely_spaced():
        yield


@pytest.mark.parametrize("state", ["playing", "paused", "ended", "following"])
def test_stop_ends_it(tmp_path: Path, state: str) -> None:
    path = put(
        tmp_path / "a.jsonl",
        lines(
            [
                header(),
                opened(),
                *([control(Gap("STALE", "", lost=False), 59)] * (state == "playing")),
            ]
        ),
    )
    recording = open_recording([path])
    player = Player(
        Track(recording, grows=state == "following"),
        Market(Session(feed_of(HEADER))),
        lambda: Market(Session(feed_of(HEADER))),
    )
    if state == "paused":
        player.toggle_pause()
    thread = threading.Thread(target=player.run, daemon=True)
    thread.start()
    if state != "paused":
        eventually(lambda: player._way.last is not None, "it plays")
    if state == "ended":
        eventually(lambda: player.view().ended, "the end")

    player.stop()

    thread.join(1)
    assert not thread.is_alive()


def test_what_cancels_the_thread_ends_it_too(tmp_path: Path) -> None:
    playing = Playing(track(tmp_path, run()))
    playing.player.toggle_pause()
    asked: list[int] = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > 3

    playing.player.run(cancelled)

    assert len(asked) <= 4
    assert not playing.applied
