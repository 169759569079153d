"""Starting and stopping the recording of one market's books, and telling how it stands.

It listens to the market and knows no key and no screen; what the screen shows are its `words`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from obtui import figures
from obtui.recording.books import BookRecorder, default_name
from obtui.recording.files import RecordingError
from obtui.recording.status import WriterStatus
from obtui.shared import BookListener


class Listened(Protocol):
    """What has a place for one listener: a market."""

    listener: BookListener | None


def _utc_now() -> datetime:
    return datetime.now(UTC)


class RecordingControl:
    """One market's book-line recording: on or off, any number of times."""

    def __init__(
        self,
        market: Listened,
        *,
        venue: str,
        symbol: str,
        depth: int = 10,
        limit: int | None = None,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        self._market = market
        self._venue = venue
        self._symbol = symbol
        self._depth = depth
        self._limit = limit
        self._now = now
        self._path = ""
        self._recorder: BookRecorder | None = None
        self.saved: list[str] = []
        """What was saved where, of each recording that was stopped."""
        self.ended: WriterStatus | None = None
        """How the last recording stood when it was closed."""

    @property
    def active(self) -> bool:
        """Whether a recording is being written."""
        return self._recorder is not None and not self.failed

    @property
    def failed(self) -> bool:
        """Whether the recording ended by itself; until it is stopped or started anew."""
        return self._recorder is not None and self._recorder.status().failed is not None

    @property
    def lines(self) -> int:
        """Book lines of the present recording."""
        return self._recorder.lines if self._recorder is not None else 0

    def start(self, path: str = "") -> None:
        """Record to `path`, or to the last one, or to a name made of venue, symbol and time.

        Raises RecordingError, and then nothing has been written.
        """
        path = path or self._path
        made = path or default_name(self._venue, self._symbol, self._now())
        self._recorder = BookRecorder.open(made, self._depth, self._limit)
        self._path = path
        self._market.listener = self._recorder

    def status(self) -> WriterStatus | None:
        """How the present recording stands; None where there is none."""
        return self._recorder.status() if self._recorder is not None else None

    def done(self) -> bool:
        """Whether the limit of lines was reached."""
        return self._recorder is not None and self._recorder.done.is_set()

    def toggle(self) -> str:
        """Start or stop; returns what went wrong, or nothing. One that failed is started anew."""
        active = self.active
        self.stop()
        if not active:
            try:
                self.start()
            except RecordingError as error:
                return str(error)
        return ""

    def stop(self, timeout: float = 1.0) -> str:
        """Close the recording, if there is one, within `timeout` s; returns what was saved where.

        It may be called by a signal's handler.
        """
        recorder = self._recorder
        if recorder is None:
            return ""
        self._market.listener = None
        # What the feed still offers while it closes is not a loss: the recording is at its end.
        dropped = recorder.status().dropped
        status = recorder.close(timeout)
        self._recorder = None
        self.ended = status
        saved = _saved(status, max(0, recorder.lines - status.lost), status.lost + dropped)
        if saved:
            self.saved.append(saved)
        return saved

    def words(self) -> str:
        """How the recording stands, in one line."""
        status = self.status()
        if status is None:
            return "not recording · r records"
        if status.failed:
            return f"RECORDING STOPPED · {status.failed} · r starts it anew"
        name = "standard output" if status.path == "-" else os.path.basename(status.path)
        dropped = f" · {figures.count(status.dropped)} DROPPED" if status.dropped else ""
        written = figures.quantity(status.bytes_written)
        return f"REC {figures.count(self.lines)} lines · {written}{dropped} · {name}"


def _saved(status: WriterStatus, lines: int, missing: int) -> str:
    if not (lines or missing or status.failed):
        return ""  # and so no file was left
    where = "standard output" if status.path == "-" else os.path.abspath(status.path)
    text = f"saved {figures.count(lines)} book lines to {where}"
    if status.failed:
        text = f"recording stopped: {status.failed}; {text} before it"
    if missing:
        text += f"; lines lost: {figures.count(missing)}"
    return text
