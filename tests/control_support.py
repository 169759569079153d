"""What the tests of starting and stopping share: a market that is recorded, told by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from obtui.book import OrderBook
from obtui.feeds.gemini import GeminiFeed
from obtui.frame import Frame
from obtui.market import BookSnapshot
from obtui.recording.books import BookRecorder
from obtui.recording.capture import Instant
from obtui.recording.control import RecordingControl
from obtui.recording.files import Disk
from obtui.recording.rotate import Rotation
from obtui.session import Session
from obtui.shared import Listeners, Market
from support import wire
from support.books import side_of
from support.capture_files import captured
from support.frames import at, connect, disconnect, text, wall

NOW = datetime(2026, 3, 31, 12, 0, 0, tzinfo=UTC)

NAME = "gemini-BTCUSD-20260331T120000Z.jsonl"

WALL_NS = 1_700_000_000_000_000_000


class Place:
    """A market as the control knows it."""

    listeners: Listeners = Listeners()

    def settled(self, timeout: float) -> bool:
        return True


def control(place: Place, limit: int | None = None) -> RecordingControl:
    return RecordingControl(
        place, venue="gemini", symbol="BTCUSD", depth=2, limit=limit, now=lambda: NOW
    )


def book() -> OrderBook:
    made = OrderBook()
    bids = [("99.5", "1"), ("99", "2"), ("98", "3")]
    asks = [("100.5", "0.25")]
    made.apply_snapshot(BookSnapshot(list(side_of(bids).items()), list(side_of(asks).items())))
    return made


def put(place: Place, count: int = 1) -> None:
    books = place.listeners.books
    assert books is not None
    for index in range(count):
        books.on_book(book(), WALL_NS + index * 1_000_000)


class Fed:
    """A market that is told of frames by hand, and recorded."""

    def __init__(
        self,
        limit: int | None = None,
        instant: Callable[[], Instant] | None = None,
        overwrite: bool = False,
        disk: Disk | None = None,
        rotation: Rotation | None = None,
    ) -> None:
        self.market = Market(Session(GeminiFeed("BTCUSD")))
        told = [Instant(wall(0) + 777_777, at(0)), Instant(wall(50) + 888_888, at(50))]
        self.recording = RecordingControl(
            self.market,
            venue="gemini",
            symbol="BTCUSD",
            url=lambda: "wss://venue",
            depth=2,
            limit=limit,
            now=lambda: NOW,
            instant=instant or (lambda: told.pop(0)),
            overwrite=overwrite,
            disk=disk,
            rotation=rotation,
        )

    def apply(self, *frames: Frame) -> None:
        for frame in frames:
            self.market.apply(frame)

    def tick(self, seconds: float) -> None:
        self.market.tick(wall(seconds), at(seconds))


def levels(number: int, seconds: float, *, after: int | None = None) -> Frame:
    bids, asks = [("98", str(number))], [("101", "2")]
    return text(wire.depth(number, bids, asks, after=after), seconds)


DAY = [
    connect(0.1),
    text(wire.ack(), 0.2),
    levels(1, 0.3),
    levels(2, 0.4, after=1),
    text(wire.trade(), 0.5),
    levels(9, 0.6, after=7),  # a message was lost
    disconnect(0.7),
    connect(1.0, 2),
    levels(20, 1.1),
    levels(21, 1.2, after=20),
]


def replayed(*paths: str | Path) -> bytes:
    """The book lines that a capture leads to, by the same market and recorder."""
    market = Market(Session(GeminiFeed("BTCUSD")))
    books = BookRecorder.open("replayed.jsonl", 2, overwrite=True)
    market.listeners = Listeners(books=books)
    for path in paths:
        for frame in captured(Path(path)):
            market.apply(frame)
    books.close()
    return Path("replayed.jsonl").read_bytes()
