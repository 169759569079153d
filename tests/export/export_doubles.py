"""Recordings made by hand, and books computed from their wire texts by no code of the program."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

import msgspec

from obtui.export.base import Exporter, Shape
from obtui.export.formats import FORMATS
from obtui.feeds import FEEDS
from obtui.frame import Connect, Drop, End, Frame, FrameKind, Gap, Header
from support import frames, wire
from support.books import Levels, set_level

SYMBOL = "BTCUSD"
VENUE_NS = 1_789_456_740_173_524_809


def control(kind: FrameKind, payload: msgspec.Struct, seconds: float) -> Frame:
    """A frame of ours."""
    return Frame(kind, msgspec.json.encode(payload), frames.wall(seconds), frames.at(seconds), 0)


def header(seconds: float = 0.0, **more: object) -> Frame:
    """A recording begins."""
    fields = {"venue": "gemini", "symbol": SYMBOL, "url": "ws://x", "program": "obtui"} | more
    return control(FrameKind.HEADER, msgspec.convert(fields, Header), seconds)


def connect(seconds: float = 0.0, connection: int = 1) -> Frame:
    """A connection, as a capture has it."""
    data = msgspec.json.encode(Connect("ws://loopback"))
    return Frame(FrameKind.CONNECT, data, frames.wall(seconds), frames.at(seconds), connection)


def end(seconds: float) -> Frame:
    """A recording ends."""
    return control(FrameKind.END, End(), seconds)


def drop(seconds: float, count: int = 3) -> Frame:
    """The recorder left lines out."""
    return control(FrameKind.DROP, Drop(count), seconds)


def gap(seconds: float, state: str, *, lost: bool) -> Frame:
    """The clock changed the state."""
    return control(FrameKind.GAP, Gap(state, "told", lost), seconds)


def exported(
    frames_: Iterable[Frame],
    name: str,
    shape: Shape | None = None,
    *,
    venue: str = "gemini",
    symbol: str = SYMBOL,
) -> bytes:
    """What a format makes of frames."""
    out = io.BytesIO()
    exporter = FORMATS[name].make(FEEDS[venue](symbol), out, shape or Shape())
    fill(exporter, frames_)
    return out.getvalue()


def fill(exporter: Exporter, frames_: Iterable[Frame]) -> None:
    """Hand all of them over, to the end."""
    for frame in frames_:
        exporter.take(frame)
    exporter.finish()


class Walk(NamedTuple):
    """A made recording, and what its book was after each message: None where not to be trusted."""

    frames: list[Frame]
    books: list[tuple[int, Levels | None]]
    """By receive time in ns, after each frame that told of the book or ended its trust."""


class _Maker:
    """Makes a recording step by step, and keeps the book the plain way beside it."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.seconds = 0.0
        self.frames: list[Frame] = [header()]
        self.books: list[tuple[int, Levels | None]] = []
        self.book: Levels = ({}, {})
        self.last = 1_000
        self.connection = 0

    def pass_time(self) -> float:
        # Some messages share a microsecond, most do not.
        self.seconds = round(self.seconds + self.random.choice((0.0, 0.000_4, 0.03, 0.8)), 7)
        return self.seconds

    def put(self, data: bytes) -> None:
        self.frames.append(frames.text(data, self.pass_time(), self.connection))

    def told(self, *, trusted: bool) -> None:
        book = (dict(self.book[0]), dict(self.book[1])) if trusted else None
        self.books.append((frames.wall(self.seconds), book))

    def levels(self, side: int, count: int) -> list[tuple[str, str]]:
        low, high = ((9_900, 10_000), (10_001, 10_100))[side]
        prices = self.random.sample(range(low, high), count)
        return [(f"{price / 100:.2f}", self.size()) for price in prices]

    def size(self) -> str:
        return self.random.choice(("0", "1", "2.50", "0.00000001", "123456.789"))

    def connect(self) -> None:
        self.connection += 1
        self.frames.append(connect(self.pass_time(), self.connection))

    def snapshot(self) -> None:
        count = self.random.choice((0, 1, 40))
        bids, asks = self.levels(0, count), self.levels(1, count)
        self.last += 1
        self.book = ({}, {})
        self.apply(bids, asks)
        self.put(wire.depth(self.last, bids, asks, ts=VENUE_NS + self.last))
        self.told(trusted=True)

    def change(self) -> None:
        bids = self.levels(0, self.random.randrange(4))
        asks = self.levels(1, self.random.randrange(4))
        self.apply(bids, asks)
        after, self.last = self.last, self.last + self.random.randint(1, 9)
        self.put(wire.depth(self.last, bids, asks, after=after, ts=VENUE_NS + self.last))
        self.told(trusted=True)

    def apply(self, bids: Sequence[tuple[str, str]], asks: Sequence[tuple[str, str]]) -> None:
        for sizes, levels in zip(self.book, (bids, asks), strict=True):
            for price, size in levels:
                set_level(sizes, price, size)

    def lose(self) -> None:
        """One of the ways to lose the book; the connection is over after each."""
        way = self.random.randrange(4)
        if way == 0:
            self.frames.append(frames.disconnect(self.pass_time(), connection=self.connection))
        elif way == 1:
            self.put(b"{garbled")
        elif way == 2:
            self.put(wire.depth(self.last + 9, [("99.00", "1")], after=self.last + 5))
        else:
            self.frames.append(drop(self.pass_time()))
        self.told(trusted=False)
        self.put(wire.depth(self.last + 20, [("1.00", "1")], after=self.last))  # to be ignored


def walk(seed: int, steps: int = 300) -> Walk:
    """A seeded recording of many connections, snapshots straight after one another among them."""
    maker = _Maker(seed)
    maker.connect()
    maker.snapshot()
    for _ in range(steps):
        way = maker.random.random()
        if way < 0.08:
            maker.lose()
            maker.connect()
            maker.snapshot()
        elif way < 0.2:
            maker.put(wire.trade())
        elif way < 0.25:
            maker.put(wire.ack("ping"))
        else:
            maker.change()
    maker.frames.append(end(maker.pass_time()))
    maker.told(trusted=False)
    return Walk(maker.frames, maker.books)


def decimals(pairs: Iterable[Sequence[object]]) -> dict[Decimal, Decimal]:
    """Size by price, of numbers given as JSON or text."""
    return {Decimal(str(price)): Decimal(str(size)) for price, size in pairs}


def json_lines(data: bytes) -> list[dict[str, list[list[Decimal]]]]:
    """Lines of JSON with exact numbers."""
    return [json.loads(line, parse_float=Decimal, parse_int=Decimal) for line in data.splitlines()]
