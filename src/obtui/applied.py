"""What a venue's decoders have said, applied: the book, held against the venue's own word on it.

It knows no state and no time; whether its book may be trusted is the session's to say.
"""

from __future__ import annotations

from collections.abc import Sequence

from obtui.book import OrderBook
from obtui.crosscheck import CrossCheck
from obtui.effects import BOOK, NOTHING, Outcome
from obtui.feeds.base import Decoded, Decoder, Fetch
from obtui.frame import BookCheckpoint
from obtui.market import BookDelta, BookSnapshot, TopOfBook, Trade


class Applied:
    """One market's book and what came with it."""

    def __init__(self) -> None:
        self.book = OrderBook()
        """The last book; not to be taken for the market's unless the session trusts it."""
        self.present = False
        """Whether the book is the present connection's."""
        self.ever = False
        """Whether there has been a book on any connection."""
        self.checksums = 0
        """How often the venue's checksum was that of our book."""
        self.crosscheck = CrossCheck()
        self.lag_ns: int | None = None
        """Our receive time less the venue's time of the last event; the clocks' offset is in it."""
        self.last_trade: Trade | None = None

    def forget(self) -> None:
        """The connection is gone, or given up: its book is only shown from here on."""
        self.present = False

    def begin(self) -> None:
        """A new connection: nothing is inherited."""
        self.present = False
        self.crosscheck.clear()

    def apply(self, decoder: Decoder, events: Sequence[Decoded], received_ns: int) -> Outcome:
        """Take what a frame was decoded to. Raises a `FeedError` where the venue's own word on the
        book (a checksum, its best bid and offer) is another."""
        if not events:
            return NOTHING
        first = events[0]
        if len(events) == 1 and type(first) is BookDelta:
            self._delta(decoder, first)
            self._stamp(first, received_ns)
            return BOOK
        book = False
        trades: list[Trade] = []
        wishes: list[Fetch] = []
        for event in events:
            match event:
                case BookSnapshot():
                    self._snapshot(decoder, event)
                    book = True
                case BookDelta():
                    self._delta(decoder, event)
                    book = True
                case Trade():
                    trades.append(event)
                    self.last_trade = event
                    if event.history:
                        continue  # its age is no lag
                case TopOfBook():
                    self.crosscheck.add(event, self.book)
                    continue
                case Fetch():
                    wishes.append(event)
                    continue
                case _:
                    continue
            self._stamp(event, received_ns)
        return Outcome(book=book, trades=tuple(trades), effects=tuple(wishes))

    def top(self) -> str:
        """Best bid and ask of a crossed book, in words."""
        bid, ask = self.book.bids.best(), self.book.asks.best()
        if bid is None or ask is None:
            return "one side is empty"
        return f"bid {bid.price:f} at or above ask {ask.price:f}"

    def restore(self, checkpoint: BookCheckpoint) -> None:
        """Go on from a moment in the middle of a connection."""
        self.replace(BookSnapshot(checkpoint.bids, checkpoint.asks))
        self.present = checkpoint.has_book
        if checkpoint.crosscheck is not None:
            self.crosscheck.restore(checkpoint.crosscheck)

    def replace(self, snapshot: BookSnapshot) -> None:
        """A new book, in the place of the old one, which others may still look at."""
        self.book = OrderBook()
        self.book.apply_snapshot(snapshot)

    def _snapshot(self, decoder: Decoder, snapshot: BookSnapshot) -> None:
        self.replace(snapshot)
        self.present = self.ever = True
        self._check(decoder, snapshot)

    def _delta(self, decoder: Decoder, delta: BookDelta) -> None:
        self.book.apply_delta(delta)
        self._check(decoder, delta)

    def _check(self, decoder: Decoder, event: BookSnapshot | BookDelta) -> None:
        if event.checksum is not None:
            decoder.check(self.book, event.checksum)
            self.checksums += 1
        if event.update_id is not None:
            self.crosscheck.after_book(event.update_id, self.book)

    def _stamp(self, event: BookSnapshot | BookDelta | Trade, received_ns: int) -> None:
        if event.ts_event is not None:
            self.lag_ns = received_ns - event.ts_event
