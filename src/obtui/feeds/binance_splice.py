"""Binance's changes spliced onto its REST book, by the documented procedure.

Source: "How to manage a local order book correctly" in web-socket-streams.md, in the wordings of
Binance.US (2024-06-17) and of Binance (2026-07-21).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec

from obtui.feeds.base import LATEST, Decoded, Fetch, SequenceGap, VenueError, load_json
from obtui.feeds.binance_rest import Book, Id, Levels
from obtui.market import BookDelta, BookSnapshot, Event

MOST_WAITING = 600
"""Changes, each of 100 ms, that wait for the book; the session gives up long before."""
MOST_TRIES = 5
"""Books of REST that may be older than the stream."""
REFETCH_SECONDS = 1.0
QUIET_SECONDS = 3.0
"""A book that REST gives so long after the stream was open, without a change on it, is whole."""

Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=LATEST // 1_000_000)]


class Diff(msgspec.Struct, gc=False):
    """`depthUpdate`: changed levels with their new absolute sizes."""

    E: Milliseconds
    """Event time, since the epoch."""
    U: Id
    """First update id of the frame: one more than `u` of the frame before."""
    u: Id
    """Last update id of the frame."""
    b: Levels
    a: Levels


class State(msgspec.Struct):
    """How far a connection is on its way from changes to a book."""

    last: int | None = None
    """Newest id in the book; None before it."""
    joined: bool = False
    """Whether a change has followed the book: only the first may begin before it."""
    asked: bool = False
    answers: int = 0
    waiting: list[Diff] = []
    """Changes since the stream opened, without a gap, while there is no book."""
    held: Book | None = None
    """A book that came before any change."""


class Splice:
    """One connection's book: changes and replies in, events and wishes out.

    REST is asked once the stream is known to be open, so that no change falls between the two. A
    book will do where the first change after it covers the next id. The wording of 2026 wants the
    book's own id covered instead, which no change does where one ends in just that id; and it
    refuses a book that ends where the first change begins. Nothing is missing in either.
    """

    def __init__(self, path: str) -> None:
        """`path` is the book's at REST."""
        self._path = path
        self._at = State()

    @property
    def done(self) -> bool:
        """Whether there is a book."""
        return self._at.last is not None

    def opened(self) -> Sequence[Decoded]:
        """The stream is open: asks for the book, once."""
        if self._at.asked:
            return ()
        self._at.asked = True
        return (Fetch(self._path),)

    def change(self, diff: Diff) -> Sequence[Decoded]:
        """Take a change of the stream; raises `SequenceGap`, `VenueError`."""
        last = self._at.last
        return self._wait(diff) if last is None else self._follow(diff, last)

    def answer(self, book: Book) -> Sequence[Decoded]:
        """Take a book of REST, before there is one; raises `VenueError`."""
        at = self._at
        at.asked = True
        at.answers += 1
        if not at.waiting:
            if at.held is not None:
                return self._begin(max(book, at.held, key=lambda one: one.lastUpdateId))
            # It may be older than the stream, which only time or a change can tell.
            at.held = book
            return (Fetch(self._path, QUIET_SECONDS),)
        first = at.waiting[0].U
        if first <= book.lastUpdateId + 1:
            return self._begin(book)
        if at.answers >= MOST_TRIES:
            raise VenueError(
                f"REST gives no book as new as the stream: {at.answers} times one before "
                f"{first}, the last of {book.lastUpdateId}"
            )
        return (Fetch(self._path, REFETCH_SECONDS),)

    def save(self) -> str:
        """All of its state."""
        return msgspec.json.encode(self._at).decode()

    def load(self, saved: str) -> None:
        """Go on from there; raises `Malformed`."""
        self._at = load_json(saved, State)

    def _wait(self, diff: Diff) -> Sequence[Decoded]:
        at, waiting = self._at, self._at.waiting
        if waiting:
            last = waiting[-1].u
            if diff.u <= last:
                return ()
            _check_follows(diff.U, last)
        if len(waiting) >= MOST_WAITING:
            raise VenueError(f"{len(waiting)} changes came, and no book over REST")
        waiting.append(diff)
        if at.held is None:
            return self.opened()
        held, at.held = at.held, None
        # Where it is too old, another one has been asked for already.
        return self._begin(held) if held.lastUpdateId + 1 >= diff.U else ()

    def _follow(self, diff: Diff, last: int) -> Sequence[Event]:
        first = diff.U
        if diff.u <= last:
            return ()
        if self._at.joined or first > last:
            _check_follows(first, last)
        self._at.last = diff.u
        self._at.joined = True
        return (BookDelta(diff.b, diff.a, diff.E * 1_000_000, diff.u),)

    def _begin(self, book: Book) -> Sequence[Event]:
        """The book, and what changed since it."""
        waiting = self._at.waiting
        last = book.lastUpdateId
        self._at = State(last=last, asked=True)
        # Without its id: best prices up to it may still be on their way.
        events: list[Event] = [BookSnapshot(book.bids, book.asks)]
        for diff in waiting:
            events += self._follow(diff, last)
            last = max(last, diff.u)
        return events


def _check_follows(first: int, last: int) -> None:
    if first != last + 1:
        raise SequenceGap(f"gap in update ids: {last} is followed by {first}")
