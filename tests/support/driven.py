"""A market behind the real driver, with its waits made short, and looked at as a screen does."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import msgspec
import pytest

from obtui import conversation
from obtui import live as driver
from obtui.feeds.base import Feed
from obtui.frame import Frame, FrameKind, RestReply
from obtui.live import back_off
from obtui.market import BookState
from obtui.session import Session
from obtui.shared import Listeners, Market
from obtui.view import MarketView
from support.books import BookLog, Levels


def shorten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tries come a hundred times sooner after one another."""

    def short(chance: random.Random, *, at_once: bool) -> Iterator[float]:
        return (delay / 100 for delay in back_off(chance, at_once=at_once))

    monkeypatch.setattr(driver, "back_off", short)
    monkeypatch.setattr(driver, "TICK_SECONDS", 0.01)
    monkeypatch.setattr(conversation, "TICK_SECONDS", 0.01)


class Looked:
    """A market whose every book is kept, and held against what it can have been."""

    def __init__(self, feed: Feed, truth: list[Levels]) -> None:
        self.session = Session(feed)
        self.market = Market(self.session)
        self.log = BookLog()
        self.market.listeners = Listeners(self.log, self)
        self.replies: list[str] = []
        """Paths of what REST answered; it is applied when a view can be taken."""
        self._truth = truth

    def on_frame(self, frame: Frame, session: Session) -> None:
        """Told by the market, before it applies a frame."""
        if frame.kind is FrameKind.REST:
            self.replies.append(msgspec.json.decode(frame.data, type=RestReply).path)

    @property
    def view(self) -> MarketView:
        """What the screen is told; a book shown as live must be one of the true ones."""
        view = self.market.view(100_000, time.monotonic_ns())
        if view.live:
            assert (dict(view.bids), dict(view.asks)) in self._truth
        return view

    def shows(self, state: BookState, reason: str = "") -> bool:
        """Whether the screen says so."""
        view = self.view
        return view.state is state and reason in view.reason

    def has(self, book: Levels) -> bool:
        """Whether the screen shows this book as live."""
        view = self.view
        return view.live and (dict(view.bids), dict(view.asks)) == book

    def assert_all_true(self) -> None:
        """Every book that was ever told is one of the true ones, in their order."""
        numbers = [self._truth.index(book) for book in self.log.books]  # type: ignore[arg-type]
        runs = "".join("b" if call == "book" else " " for call in self.log.calls).split()
        for run in runs:
            of_run, numbers = numbers[: len(run)], numbers[len(run) :]
            assert of_run == sorted(of_run)
