"""Real books of Kraken with the venue's own checksums, right and garbled."""

from __future__ import annotations

import random

import pytest

from obtui.effects import Reconnect
from obtui.feeds.kraken import KrakenFeed
from obtui.frame import BookCheckpoint
from obtui.market import BookState
from obtui.session import Session
from support import kraken_wire as wire
from support.books import Levels, levels_of
from support.captures import incoming
from support.frames import START_NS, connect, text

CAPTURES = [("btcchf-31s", "BTC/CHF", 290), ("adabtc-31s", "ADA/BTC", 348)]
BOOK_FRAME = '{"channel":"book"'
captures = pytest.mark.parametrize(
    ("name", "symbol", "count"), CAPTURES, ids=[name for name, _, _ in CAPTURES]
)


def connected(symbol: str) -> Session:
    session = Session(KrakenFeed(symbol))
    session.receive(connect())
    return session


@captures
@pytest.mark.parametrize("told", [True, False], ids=["precision told", "precision inferred"])
def test_every_checksum_is_right_and_every_book_too(
    name: str, symbol: str, count: int, told: bool
) -> None:
    frames = incoming(name, "kraken")
    truth = iter(wire.books_of(frames))
    session = connected(symbol)
    checked = 0

    for frame in frames:
        if not told and '"instrument"' in frame:
            continue
        if session.receive(text(frame.encode())).book:
            checked += 1
            assert session.state is BookState.VERIFIED
            assert levels_of(session.book) == next(truth)

    assert checked == count
    assert (session.resyncs, session.trouble) == (0, "")


def best_of(levels: Levels) -> object:
    bids, asks = levels
    best_bids = sorted(bids.items(), reverse=True)[:10]
    return best_bids, sorted(asks.items())[:10]


class Recorded:
    """A capture's book frames, the true book after each, and a session just before each."""

    def __init__(self, name: str, symbol: str) -> None:
        frames = incoming(name, "kraken")
        self.symbol = symbol
        self.frames = [frame.encode() for frame in frames if frame.startswith(BOOK_FRAME)]
        self.best = [best_of(levels) for levels in wire.books_of(frames)]
        self.before: list[BookCheckpoint] = []
        session = connected(symbol)
        for frame in frames:
            if frame.startswith(BOOK_FRAME):
                self.before.append(session.checkpoint())
            session.receive(text(frame.encode()))

    def digits(self) -> list[tuple[int, int]]:
        """Every digit of every book frame: which frame, which byte."""
        return [
            (nth, place)
            for nth, frame in enumerate(self.frames)
            for place, byte in enumerate(frame)
            if chr(byte).isdigit()
        ]

    def flipped(self, place: tuple[int, int], chance: random.Random, most: int) -> bool:
        """Play `most` frames, the first with one wrong digit; whether that brought a resync.

        As long as none came, the best levels must be the venue's.
        """
        nth, byte = place
        wrong = bytearray(self.frames[nth])
        wrong[byte] = chance.choice([digit for digit in b"0123456789" if digit != wrong[byte]])
        session = Session(KrakenFeed(self.symbol))
        session.restore(self.before[nth], START_NS)
        for at, frame in enumerate(self.frames[nth : nth + most], nth):
            outcome = session.receive(text(bytes(wrong) if at == nth else frame))
            if any(isinstance(effect, Reconnect) for effect in outcome.effects):
                assert not session.trusted
                return True
            assert session.state is BookState.VERIFIED
            assert best_of(levels_of(session.book)) == self.best[at]
        return False


@captures
def test_a_wrong_digit_is_a_resync_or_is_not_in_the_best_levels(
    name: str, symbol: str, count: int
) -> None:
    seed = 20
    recorded, chance = Recorded(name, symbol), random.Random(seed)
    places = chance.sample([place for place in recorded.digits() if place[0] > 0], 30)

    found = [recorded.flipped(place, chance, 12) for place in places]

    # A third of the digits are the time's, which no checksum covers.
    assert sum(found) > 10, f"seed {seed}"


@captures
def test_a_wrong_digit_of_the_first_book_is_too(name: str, symbol: str, count: int) -> None:
    seed = 21
    recorded, chance = Recorded(name, symbol), random.Random(seed)
    places = chance.sample([place for place in recorded.digits() if place[0] == 0], 20)

    found = [recorded.flipped(place, chance, 5) for place in places]

    assert sum(found) > 2, f"seed {seed}"


@captures
def test_a_wrong_digit_in_the_best_levels_or_the_checksum_is_a_resync_at_once(
    name: str, symbol: str, count: int
) -> None:
    seed = 22
    recorded, chance = Recorded(name, symbol), random.Random(seed)
    first = recorded.frames[0]
    spans = [range(first.index(b'"checksum":'), len(first))]
    for side in (b'"bids":', b'"asks":'):
        start = end = first.index(side)
        for _ in range(10):
            end = first.index(b"}", end + 1)
        spans.append(range(start, end))
    places = [
        (nth, at) for nth, at in recorded.digits() if nth == 0 and any(at in span for span in spans)
    ]

    for place in chance.sample(places, 25):
        assert recorded.flipped(place, chance, 1), f"seed {seed}: digit {place[1]}"


@captures
def test_every_digit(name: str, symbol: str, count: int) -> None:
    recorded, chance = Recorded(name, symbol), random.Random(23)

    for place in recorded.digits():
        recorded.flipped(place, chance, 2)


@captures
def test_any_lost_frame_is_a_resync_or_has_not_touched_the_best_levels(
    name: str, symbol: str, count: int
) -> None:
    seed = 24
    recorded, chance = Recorded(name, symbol), random.Random(seed)
    noticed = 0

    for lost in chance.sample(range(1, count - 1), 30):
        session = Session(KrakenFeed(symbol))
        session.restore(recorded.before[lost], START_NS)
        for at, frame in enumerate(recorded.frames[lost + 1 : lost + 12], lost + 1):
            session.receive(text(frame))
            if not session.trusted:
                noticed += 1
                break
            assert best_of(levels_of(session.book)) == recorded.best[at], f"seed {seed}"

    assert noticed > 15, f"seed {seed}"
