"""The `m` key: a mark in the capture, with a note or without."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from textual.widgets import Input

from obtui.app import ObtuiApp
from obtui.watched import Watched
from obtui.widgets.note_screen import LONGEST_NOTE, NoteScreen
from screen_support import FakeRecording, FedMarket, StillSource, shown


@dataclass
class MarkedRecording(FakeRecording):
    """A capture that remembers its marks."""

    capturing: bool = True
    marks: list[str] = field(default_factory=list)
    moments: list[int] = field(default_factory=list)

    def mark(self, note: str, at_ns: int) -> str:
        self.marks.append(note)
        self.moments.append(at_ns)
        return self.fault


def toasts(app: ObtuiApp) -> list[str]:
    return [notification.message for notification in app._notifications]


@pytest.fixture
def recording() -> MarkedRecording:
    return MarkedRecording(active=True)


class WallClock:
    now_ns = 1_700_000_000_000_000_000

    def __call__(self) -> int:
        return self.now_ns


@pytest.fixture
def wall_clock() -> WallClock:
    return WallClock()


@pytest.fixture
def app(recording: MarkedRecording, wall_clock: WallClock) -> ObtuiApp:
    watched = [Watched(FedMarket().market, StillSource())]
    return ObtuiApp(watched, recording, wall_clock=wall_clock, driver_class=None)


async def test_a_note_is_typed_and_marked(app: ObtuiApp, recording: MarkedRecording) -> None:
    async with shown(app) as pilot:
        await pilot.press("m")
        await pilot.press(*"news", "space", "[")
        await pilot.press("enter")
        await pilot.pause()

        assert recording.marks == ["news ["]
        assert toasts(app) == ["marked: news ["]
        assert not isinstance(app.screen, NoteScreen)


async def test_the_moment_is_that_of_m_and_not_of_enter(
    app: ObtuiApp, recording: MarkedRecording, wall_clock: WallClock
) -> None:
    async with shown(app) as pilot:
        pressed = wall_clock.now_ns
        await pilot.press("m", "x")
        wall_clock.now_ns += 20_000_000_000
        await pilot.press("enter")
        await pilot.pause()

        assert recording.moments == [pressed]


async def test_enter_alone_marks_without_a_note(app: ObtuiApp, recording: MarkedRecording) -> None:
    async with shown(app) as pilot:
        await pilot.press("m", "enter")
        await pilot.pause()

        assert recording.marks == [""]
        assert toasts(app) == ["marked"]


async def test_escape_marks_nothing(app: ObtuiApp, recording: MarkedRecording) -> None:
    async with shown(app) as pilot:
        await pilot.press("m", "x", "escape")
        await pilot.pause()

        assert recording.marks == []
        assert toasts(app) == []
        assert not isinstance(app.screen, NoteScreen)


async def test_a_note_has_an_end_and_keys_are_letters_in_it(
    app: ObtuiApp, recording: MarkedRecording
) -> None:
    async with shown(app, (60, 16)) as pilot:
        await pilot.press("m")
        assert app.screen.query_one(Input).max_length == LONGEST_NOTE
        await pilot.press("q", "r", "m", "enter")
        await pilot.pause()

        assert recording.marks == ["qrm"]
        assert recording.toggles == []


@pytest.mark.parametrize("fake", [FakeRecording(active=True), MarkedRecording(capturing=False)])
async def test_without_a_capture_it_is_said(fake: FakeRecording) -> None:
    app = FedMarket().app(fake)

    async with shown(app) as pilot:
        await pilot.press("m")
        await pilot.pause()

        assert toasts(app) == ["not marked: no capture is being written (--capture FILE)"]
        assert not isinstance(app.screen, NoteScreen)


async def test_a_capture_that_ended_meanwhile_is_said(
    app: ObtuiApp, recording: MarkedRecording
) -> None:
    recording.fault = "no capture is being written"

    async with shown(app) as pilot:
        await pilot.press("m", "enter")
        await pilot.pause()

        assert toasts(app) == ["not marked: no capture is being written"]
