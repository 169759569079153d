"""The recordings of several markets, started and stopped together.

One that fails takes no other with it: the others go on, and it is named.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterable, Mapping

from obtui.recording.books import name_part
from obtui.recording.control import RecordingControl
from obtui.recording.status import Health, WriterStatus

QUIET_SECONDS = 2.0
"""Without a line for so long, a file has nothing that could wait for the disk."""


def file_name(pattern: str, venue: str, symbol: str) -> str:
    """`pattern` with the market in the place of `{venue}` and `{symbol}`, safe in a file name."""
    return pattern.replace("{venue}", name_part(venue)).replace("{symbol}", name_part(symbol))


class RecordingGroup:
    """What is recorded of several markets, or of one: all on or all off, any number of times.

    Markets may come and go while it is recorded.
    """

    def __init__(self, recordings: Mapping[str, RecordingControl]) -> None:
        """By the name that a message gives each market."""
        self._recordings = dict(recordings)
        self._health: Health | None = None
        self._seen: dict[int, tuple[int, float]] = {}
        """Of each file, how many lines were written, and when that changed."""
        self.saved: list[str] = []
        """What was saved where, of each recording that was stopped."""

    @property
    def _only(self) -> RecordingControl | None:
        """Where there is one, it speaks for itself."""
        recordings = list(self._recordings.values())
        return recordings[0] if len(recordings) == 1 else None

    def add(self, name: str, recording: RecordingControl) -> None:
        """One more, which may be recording already."""
        # Anew, as a signal's handler may be going through the old one.
        self._recordings = {**self._recordings, name: recording}

    def remove(self, name: str, timeout: float = 1.0) -> None:
        """One less; it is closed within `timeout` s, and what was saved is told with the others."""
        recordings = dict(self._recordings)
        saved = recordings.pop(name).stop(timeout)
        self._recordings = recordings
        if saved:
            self.saved.append(saved)

    @property
    def active(self) -> bool:
        """Whether any is being written."""
        return any(recording.active for recording in self._recordings.values())

    @property
    def failed(self) -> bool:
        """Whether any ended by itself."""
        return any(recording.failed for recording in self._recordings.values())

    @property
    def capturing(self) -> bool:
        """Whether any capture is being written."""
        return any(recording.capturing for recording in self._recordings.values())

    def mark(self, note: str, at_ns: int | None = None) -> str:
        """Mark a moment, or this one, in all captures; returns what went wrong, or nothing."""
        faults = [recording.mark(note, at_ns) for recording in self._recordings.values()]
        return "" if "" in faults else faults[0]

    def toggle(self) -> str:
        """Start all or stop all; where some failed, start these anew. Returns what went wrong."""
        failed = {name: it for name, it in self._recordings.items() if it.failed}
        if not failed and self.active:
            self.stop()
            return ""
        if self._only is not None:
            return self._only.toggle()
        chosen = failed or self._recordings
        faults = {name: recording.toggle() for name, recording in chosen.items()}
        return "; ".join(f"{name}: {fault}" for name, fault in faults.items() if fault)

    def stop(self, timeout: float = 1.0) -> list[str]:
        """Close all beside one another, within `timeout` s; returns what was saved where.

        It may be called by a signal's handler.
        """
        deadline = time.monotonic() + timeout
        for recording in self._recordings.values():
            recording.begin_stop()
        ended = [recording.end_stop(deadline) for recording in self._recordings.values()]
        saved = [words for words in ended if words]
        self._forget()
        self.saved += saved
        return saved

    def words(self) -> str:
        """How all stand together, in one line."""
        if self._only is not None:
            return self._only.words()
        statuses = {name: it.statuses() for name, it in self._recordings.items()}
        going = {name: all_of for name, all_of in statuses.items() if all_of}
        if not going:
            self._forget()
            return "not recording"
        stopped = [
            f"{name}: {status.failed}"
            for name, all_of in going.items()
            for status in all_of
            if status.failed
        ]
        left = len(going) - sum(any(status.failed for status in it) for it in going.values())
        if stopped:
            rest = f"{left} of {len(statuses)} go on"
            return f"RECORDING STOPPED · {stopped[0]} · {rest} · r starts it anew"
        now = time.monotonic()
        self._health = self._health or Health(now)
        words = self._health.words(self._told(going.values(), now), now)
        if left < len(statuses):
            words += f" · {left} of {len(statuses)} markets"
        return words

    def _forget(self) -> None:
        self._health = None
        self._seen.clear()

    def _told(self, each: Iterable[Iterable[WriterStatus]], now: float) -> list[WriterStatus]:
        """All of them; one to which nothing is written has no sync to be late with."""
        told = []
        for nth, status in enumerate(status for all_of in each for status in all_of):
            count, since = self._seen.get(nth, (-1, now))
            if status.items_written != count:
                since = now
            self._seen[nth] = (status.items_written, since)
            quiet = not status.waiting and now - since > QUIET_SECONDS
            told.append(dataclasses.replace(status, last_fsync=None) if quiet else status)
        return told
