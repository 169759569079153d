"""One market of those that are watched: where its frames come from, and how it stands."""

from __future__ import annotations

import contextlib
import os
import time
import traceback
from collections.abc import Callable

import msgspec

from obtui.charts.past import LEVELS, Past
from obtui.frame import Disconnect, Frame, FrameKind
from obtui.market import BookState
from obtui.seams import Source
from obtui.shared import Market
from obtui.text import printable
from obtui.view import MarketView

MOST_PRINTS = 500
"""Trades of one second that are kept for charts."""


class Watched:
    """A market and its source, beside others that it must not touch."""

    def __init__(self, market: Market, source: Source) -> None:
        self.market = market
        self.source = source
        self.fault = ""
        """Why its feed ended by a fault of ours; no connection is tried after it."""
        self.view = MarketView()
        """What the screen shows of it; it stands still while it is frozen."""
        self.frozen = False
        self.past = Past()
        """How it stood, for charts over time."""

    @property
    def name(self) -> str:
        """What a message calls it."""
        return self.market.name

    @property
    def refused(self) -> str:
        """The venue's answer that it has no such symbol, or nothing."""
        return self.market.refused

    def run(
        self,
        is_cancelled: Callable[[], bool] = lambda: False,
        is_alone: Callable[[], bool] = lambda: False,
    ) -> None:
        """Occupy a thread until the source is stopped. A fault ends this market alone: its book is
        no longer trusted, on screen and in the recording. One of the only market is raised."""
        try:
            self.source.run(is_cancelled)
        except Exception as error:
            if is_alone():
                raise
            self.fault = _told(error)
            lost = Disconnect(reason=self.fault, retry_seconds=0)
            data = msgspec.json.encode(lost)
            frame = Frame(FrameKind.DISCONNECT, data, time.time_ns(), time.monotonic_ns(), 0)
            with contextlib.suppress(Exception):  # where this is the defect, the view tells it
                self.market.apply(frame)

    def remember(self, monotonic_ns: int) -> None:
        """Keep how the market stands, once a second."""
        if self.past.due(monotonic_ns):
            view = self.market.view(LEVELS, monotonic_ns, MOST_PRINTS)
            self.past.add(view)

    def look(
        self,
        depth: int,
        monotonic_ns: int,
        prints: int = 100,
        *,
        whole: bool = False,
        extremes: bool = False,
    ) -> MarketView:
        """A picture of now, as `Market.view`, and how it stood before."""
        past = self.past.samples
        view = self.market.view(
            depth, monotonic_ns, prints, whole=whole, past=past, extremes=extremes
        )
        if not self.fault:
            return view
        offline = BookState.OFFLINE
        return msgspec.structs.replace(view, state=offline, reason=self.fault, retry_seconds=0)


def _told(error: BaseException) -> str:
    """A defect in one line: what, and where it was raised."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({os.path.basename(frames[-1].filename)}:{frames[-1].lineno})" if frames else ""
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return printable(f"ended by a defect of obtui: {what}{where}")
