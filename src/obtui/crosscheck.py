"""The venue's own best bid and offer, held against the top of our book.

Where a venue streams both with ids of one sequence, the newest best bid and offer that is not
younger than the book must be the book's top, in price and size. It is a check of everything at
once: what was lost, what was applied wrongly, and what the venue itself sent wrong.
"""

from __future__ import annotations

from collections import deque

from obtui.book import OrderBook
from obtui.feeds.base import Disagreement
from obtui.frame import SavedCheck
from obtui.market import Level, TopOfBook

MOST_WAITING = 10_000
"""Best bids and offers that may be younger than the book; the venues send some hundred a second,
and the book follows within a second."""


class CrossCheck:
    """One connection's check; the count goes on over connections."""

    def __init__(self) -> None:
        self.agreed = 0
        """How often book and best bid and offer were the same."""
        self._newest: TopOfBook | None = None
        self._waiting: deque[TopOfBook] = deque(maxlen=MOST_WAITING)
        self._unchecked: int | None = None
        """Update id of a book that is still the present one, and that nothing was held against:
        the first, where the venue tells its best bid and offer after it."""

    def clear(self) -> None:
        """A new connection: what another one said is not held against its book."""
        self._newest = None
        self._waiting.clear()
        self._unchecked = None

    def add(self, top: TopOfBook, book: OrderBook) -> None:
        """The venue's best bid and offer came, after `book`."""
        self._waiting.append(top)
        if self._unchecked is None or top.update_id > self._unchecked:
            return
        # Where they differ a newer one may be on its way: the next book frame judges that.
        if (book.bids.best(), book.asks.best()) == (top.bid, top.ask):
            self.agreed += 1
            self._unchecked = None

    def after_book(self, update_id: int, book: OrderBook) -> None:
        """The book is as of `update_id`: raises `Disagreement` unless its top is the venue's."""
        waiting = self._waiting
        while waiting and waiting[0].update_id <= update_id:
            self._newest = waiting.popleft()
        newest = self._newest
        self._unchecked = update_id if newest is None else None
        if newest is None:
            return
        for ours, its, side in (
            (book.bids.best(), newest.bid, "bid"),
            (book.asks.best(), newest.ask, "ask"),
        ):
            if ours != its:
                raise Disagreement(
                    f"the book's best {side} is {_shown(ours)}, the venue's own {_shown(its)}"
                )
        self.agreed += 1

    def save(self) -> SavedCheck:
        """All that another needs to go on from here."""
        return SavedCheck(self.agreed, self._newest, list(self._waiting))

    def restore(self, saved: SavedCheck) -> None:
        """Go on from there."""
        self.agreed = saved.agreed
        self._newest = saved.newest
        self._waiting = deque(saved.waiting, maxlen=MOST_WAITING)


def _shown(level: Level | None) -> str:
    return "none" if level is None else f"{level.price:.12g} x {level.size:.12g}"
