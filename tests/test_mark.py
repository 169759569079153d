"""The `m` key: a mark in the capture, with a note or without."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from textual.widgets import Input

from obtui.app import ObtuiApp
from obtui.widgets.note_screen import LONGEST_NOTE, NoteScreen
from screen_support import FakeRecording, FedMarket, shown


@dataclass
class MarkedRecording(FakeRecording):
    """A capture that remembers its marks."""

    capturing: bool = True
    marks: list[str] = field(default_factory=list)

    def mark(self, note: str) -> str:
        self.marks.append(note)
        return self.fault


def toasts(app: ObtuiApp) -> list[str]:
    return [notification.message for notification in app._notifications]


@pytest.fixture
def recording() -> MarkedRecording:
    return MarkedRecording(active=True)


@pytest.fixture
def app(recording: MarkedRecording) -> ObtuiApp:
    return FedMarket().app(recording)


async def test_a_note_is_typed_and_marked(app: ObtuiApp, recording: MarkedRecording) -> None:
    async with shown(app) as pilot:
        await pilot.press("m")
        await pilot.press(*"news", "space", "[")
        await pilot.press("enter")
        await pilot.pause()

        assert recording.marks == ["news ["]
        assert toasts(app) == ["marked: news ["]
        assert not isinstance(app.screen, NoteScreen)


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
