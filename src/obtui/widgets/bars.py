"""The line on top (what is watched, and how far it may be trusted) and the one at the foot."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment

from obtui import figures
from obtui.market import BookState
from obtui.widgets.lines import LineWidget


class TopBar(LineWidget):
    """Venue, symbol, the state of the book by word, and why.

    It always shows the present, also while the rest of the screen is frozen.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "top--name",
        "top--text",
        "top--trusted",
        "top--waiting",
        "top--broken",
        "top--frozen",
    }
    DEFAULT_CSS = "TopBar { height: 1; }"

    label: str = ""
    """Said instead of why, where the market is not live: a replay's own time."""
    behind: int | None = None
    """Messages since the view was frozen; None while it is not."""

    def paint(self, width: int, height: int) -> list[list[Segment]]:
        """One line."""
        view = self.view
        instrument = view.instrument
        quote = f" in {instrument.quote}" if instrument.quote else ""
        quote += " (guessed)" if instrument.guessed else ""
        state, part = self._state()
        venue = f" {view.venue} "
        # The state is never pushed out: the name takes what it leaves.
        name = figures.fit(f"{instrument.symbol}{quote}", width - len(venue) - len(state) - 3)
        line = [
            Segment(venue, self.part("top--text")),
            Segment(f"{name} ", self.part("top--name")),
            Segment(f" {state} ", self.part(part)),
        ]
        used = sum(len(segment.text) for segment in line)
        if self.label:
            label = f" {self.label} "
            line.append(Segment(figures.fit(label, width - used), self.part("top--frozen")))
            used += len(label)
        if self.behind is not None:
            messages = "message" if self.behind == 1 else "messages"
            frozen = f" FROZEN · {figures.count(self.behind)} {messages} behind "
            line.append(Segment(figures.fit(frozen, width - used), self.part("top--frozen")))
            return [line]
        note = self._note()
        # Beside a replay's time there is seldom room: what is no trouble is not begun.
        if note and not (self.label and view.live and len(note) >= width - used):
            line.append(Segment(figures.fit(f" {note}", width - used), self.part("top--text")))
        return [line]

    def _state(self) -> tuple[str, str]:
        view = self.view
        if view.live:
            return view.state.value, "top--trusted"
        if view.state is BookState.STALE and view.age_seconds is not None:
            return f"STALE {view.age_seconds:.0f} s", "top--broken"
        waiting = view.state is BookState.SYNCING
        return view.state.value, "top--waiting" if waiting else "top--broken"

    def _note(self) -> str:
        """Why, and what comes next; while all is well, what it is checked by."""
        view = self.view
        if view.state is BookState.VERIFIED:
            return view.check
        if view.state is BookState.UNVERIFIED:
            return "the venue gives no way to find a lost message"
        notes = [view.reason]
        if view.state is BookState.OFFLINE and view.retry_seconds > 0:
            notes.append(f"retry in {view.retry_seconds:.0f} s")
        if view.hint:
            notes.append(view.hint)
        return " · ".join(note for note in notes if note)


class StatusLine(LineWidget):
    """Recording on the left; the last trouble on the right."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "status--text",
        "status--recording",
        "status--failed",
        "status--trouble",
    }
    DEFAULT_CSS = "StatusLine { height: 1; }"

    recording: str = ""
    """What the recorder does, in words."""
    failed: bool = False
    """Whether a recording stopped by itself."""
    active: bool = False
    """Whether one is being written."""
    wire: str = ""
    """What goes to the terminal, in words, where it is to be told."""

    def paint(self, width: int, height: int) -> list[list[Segment]]:
        """One line."""
        view = self.view
        part = "failed" if self.failed else "recording" if self.active else "text"
        left = figures.fit(" " + " │ ".join(filter(None, (self.recording, self.wire))), width)
        trouble = "" if view.trouble == view.reason else view.trouble  # it stands on top
        if view.resyncs:
            times = "once" if view.resyncs == 1 else f"{view.resyncs} times"
            trouble = f"resynced {times}" + (f" · last: {trouble}" if trouble else "")
        room = width - len(left) - 2
        trouble = figures.fit(trouble, room) if room > 8 else ""
        gap = " " * max(0, width - len(left) - len(trouble) - 1)
        return [
            [
                Segment(left, self.part(f"status--{part}")),
                Segment(gap, self.part("status--text")),
                Segment(f"{trouble} " if trouble else "", self.part("status--trouble")),
            ]
        ]
