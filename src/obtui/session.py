"""One market's session: the state of its book, and what it wants from the world. Sans-IO.

It is told frames and the time, and never asks for either; what it wants it returns as effects,
which the driver carries out. It knows no socket, no file and no screen.

A connection whose book is lost (a gap, an undecodable frame, a crossed book, silence) is given up:
one `Reconnect`, and whatever else that connection still holds is counted but not decoded. A new
connection starts from a new decoder, and its snapshot makes a new book, so nothing is inherited.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import msgspec

from obtui.applied import Applied
from obtui.book import OrderBook
from obtui.effects import NOTHING, Outcome, Reconnect, Refuse, Send
from obtui.feeds.base import Decoder, Feed, FeedError, SymbolRefused
from obtui.frame import (
    BookCheckpoint,
    Disconnect,
    Drop,
    End,
    Frame,
    FrameKind,
    Gap,
    Header,
    RestReply,
)
from obtui.market import BookState, Day, Instrument
from obtui.overdue import overdue
from obtui.text import printable

SECOND = 1_000_000_000
PROVEN_SECONDS = 30.0
MOST_NEWS = 100


class Session:
    """The state of one market."""

    def __init__(self, feed: Feed, instrument: Instrument | None = None) -> None:
        """`instrument`, where the venue's list has told it already."""
        self.feed = feed
        self.instrument = instrument or Instrument(symbol=feed.symbol)
        self.applied = Applied()
        self.state = BookState.SYNCING
        self.reason = "connecting"
        """Why the state is what it is, where the word alone does not say; one line."""
        self.resyncs = 0
        """How often a book was lost and had to be fetched anew."""
        self.connections = 0
        self.trouble = ""
        """The last thing that went wrong, kept after it is mended."""
        self.refused = ""
        """The venue's answer that it has no such symbol; no connection is tried after it."""
        self.retry_ns = 0
        """Monotonic time of the next try, while offline."""
        self.alive_ns = 0
        """Monotonic time of the last frame of this connection."""
        self.proven = False
        """Whether this connection's book has been trusted for `PROVEN_SECONDS` without a break:
        only then may the back-off start afresh."""
        self.day: Day | None = None
        """What the venue says of the last 24 hours; None where it has not."""
        self.day_ns = 0
        """Monotonic time of that."""
        self.news: deque[tuple[str, str]] = deque(maxlen=MOST_NEWS)
        """What befell it, a word and why, in order, until somebody takes them."""
        self._trusted = BookState.VERIFIED if feed.check else BookState.UNVERIFIED
        self._decoder: Decoder | None = None
        self._trusted_ns = 0
        self._connected_ns = 0
        self._crossed_ns: int | None = None
        self._ping_ns = 0
        self._control: dict[FrameKind, Callable[[Frame], Outcome]] = {
            FrameKind.CONNECT: self._connect,
            FrameKind.DISCONNECT: self._disconnect,
            FrameKind.REST: self._rest,
            FrameKind.GAP: self._gap,
            FrameKind.HEADER: self._header,
            FrameKind.DROP: self._drop,
            FrameKind.END: self._end,
        }

    @property
    def book(self) -> OrderBook:
        """The last book; not to be taken for the market's unless the state is trusted."""
        return self.applied.book

    @property
    def trusted(self) -> bool:
        """Whether the book may be shown as live and recorded."""
        return self.state.trusted

    def receive(self, frame: Frame) -> Outcome:
        """Take one frame."""
        if frame.kind is FrameKind.TEXT:
            return self._text(frame)
        take = self._control.get(frame.kind)
        return NOTHING if take is None else take(frame)

    def tick(self, monotonic_ns: int) -> Outcome:
        """Take the time; to be called a few times a second, whatever comes."""
        if self._decoder is None:
            return NOTHING
        if self.trusted and monotonic_ns - self._trusted_ns >= PROVEN_SECONDS * SECOND:
            self.proven = True
        silence = (monotonic_ns - self.alive_ns) / SECOND
        limit = self.feed.stale_seconds
        fault = self._overdue(monotonic_ns, silence)
        if fault:
            return self._change(BookState.SYNCING, fault)
        if silence > limit and self.applied.present and self.state is not BookState.STALE:
            return self._change(BookState.STALE, f"no word for {limit:.0f} s")
        if self.feed.ping_seconds and monotonic_ns >= self._ping_ns:
            self._ping_ns = monotonic_ns + int(self.feed.ping_seconds * SECOND)
            return Outcome(effects=(Send(self.feed.ping()),))
        return NOTHING

    def _overdue(self, monotonic_ns: int, silence: float) -> str:
        """Why the connection is to be given up by now, or nothing."""
        crossed = self._crossed_ns
        bookless = 0 if self.applied.present else (monotonic_ns - self._connected_ns) / SECOND
        since = 0 if crossed is None else (monotonic_ns - crossed) / SECOND
        return overdue(
            self.feed, silence=silence, bookless=bookless, crossed=since, top=self.applied.top
        )

    def _change(self, state: BookState, reason: str) -> Outcome:
        """A change that the clock alone brought: told, so that a replay takes its time from it."""
        gap = Gap(state=state.value, reason=reason, lost=state is BookState.SYNCING)
        return Outcome(effects=self._take_gap(gap).effects, gap=gap)

    def _gap(self, frame: Frame) -> Outcome:
        return self._take_gap(msgspec.json.decode(frame.data, type=Gap))

    def _take_gap(self, gap: Gap) -> Outcome:
        if gap.lost:
            return self._lose(gap.reason)
        self.retry_ns = 0
        self._set(BookState(gap.state), gap.reason)
        return NOTHING

    def _text(self, frame: Frame) -> Outcome:
        decoder = self._decoder
        if decoder is None:
            return NOTHING  # the rest of a connection that was given up
        try:
            events = decoder.decode(frame.data)
            self.alive_ns = frame.monotonic_ns
            outcome = self.applied.apply(decoder, events, frame.received_ns)
        except SymbolRefused as error:
            return self._refuse(str(error))
        except FeedError as error:
            return self._lose(str(error))
        if self.applied.present:
            self._judge(frame.monotonic_ns)
        return outcome

    def _judge(self, monotonic_ns: int) -> None:
        """Name the state that the book of a good frame is in."""
        if not self.book.crossed:
            self._crossed_ns = None
            if self.state is not self._trusted:
                self._trusted_ns = monotonic_ns
                self._set(self._trusted, "")
            return
        if self._crossed_ns is None:
            self._crossed_ns = monotonic_ns
        if self.state is not BookState.CROSSED:
            self.trouble = f"crossed: {self.applied.top()}"
            self._set(BookState.CROSSED, self.applied.top())

    def _connect(self, frame: Frame) -> Outcome:
        self._decoder = self.feed.decoder()
        self.applied.begin()
        self._crossed_ns = None
        self.proven = False
        self.connections += 1
        self._connected_ns = self.alive_ns = frame.monotonic_ns
        self._ping_ns = frame.monotonic_ns + int(self.feed.ping_seconds * SECOND)
        # While no book has ever come, what was wrong with the last try is all that can be said.
        last = "" if self.applied.ever else self.trouble
        reason = " · last: ".join(filter(None, ("waiting for the book", last)))
        self._set(BookState.SYNCING, reason, "connected")
        return Outcome(effects=tuple(Send(text) for text in self.feed.subscriptions()))

    def _disconnect(self, frame: Frame) -> Outcome:
        lost = msgspec.json.decode(frame.data, type=Disconnect)
        if self.applied.present:
            self.resyncs += 1
        self._decoder = None
        self.applied.forget()
        # Only the first try after a healthy connection is at once; the next ones must wait.
        self.proven = False
        self.retry_ns = frame.monotonic_ns + int(lost.retry_seconds * SECOND)
        self.trouble = printable(lost.reason)
        if not self.refused:
            self._set(BookState.OFFLINE, lost.reason)
        return NOTHING

    def _header(self, frame: Frame) -> Outcome:
        """A recorded run begins, or goes on in its next segment."""
        header = msgspec.json.decode(frame.data, type=Header)
        if header.instrument is not None:
            self.instrument = header.instrument
        fresh = header.segment == 0
        if header.checkpoint is not None and (fresh or not self.applied.present):
            self.restore(header.checkpoint, frame.monotonic_ns)
        elif fresh:
            self._forget("the recording begins")
        return NOTHING

    def _drop(self, frame: Frame) -> Outcome:
        """Lines are missing from a recording: the book cannot be known until it is sent anew."""
        drop = msgspec.json.decode(frame.data, type=Drop)
        missing = f"{drop.count} lines were not recorded"
        self._forget(missing if drop.count or not drop.reason else drop.reason)
        return NOTHING

    def _end(self, frame: Frame) -> Outcome:
        end = msgspec.json.decode(frame.data, type=End)
        self._forget(f"the recording ends{': ' if end.reason else ''}{end.reason}")
        return NOTHING

    def _forget(self, reason: str) -> None:
        self._decoder = None
        self.applied.forget()
        self._crossed_ns = None
        self._set(BookState.SYNCING, reason)

    def checkpoint(self) -> BookCheckpoint:
        """All that another session needs to go on from here."""
        return BookCheckpoint(
            state=self.state.value,
            reason=self.reason,
            bids=list(self.book.bids.sizes.items()),
            asks=list(self.book.asks.sizes.items()),
            has_book=self.applied.present,
            decoder=None if self._decoder is None else self._decoder.save(),
            crossed_ns=self._crossed_ns,
            crosscheck=self.applied.crosscheck.save(),
        )

    def restore(self, checkpoint: BookCheckpoint, monotonic_ns: int) -> None:
        """Go on from there; what was before is forgotten."""
        self.applied.restore(checkpoint)
        self._decoder = None
        if checkpoint.decoder is not None:
            self._decoder = self.feed.decoder()
            self._decoder.load(checkpoint.decoder)
        self._crossed_ns = checkpoint.crossed_ns
        self._connected_ns = self.alive_ns = self._trusted_ns = monotonic_ns
        self._set(BookState(checkpoint.state), checkpoint.reason)

    def _rest(self, frame: Frame) -> Outcome:
        reply = msgspec.json.decode(frame.data, type=RestReply)
        if reply.path and reply.path == self.feed.day_path:
            day = self.feed.day(reply.body) if reply.status == 200 else None
            if day is not None:
                self.day, self.day_ns = day, frame.monotonic_ns
            return NOTHING
        decoder = self._decoder
        try:
            # With no connection: the refused handshake of one, whose path names the symbol.
            refused = decoder is None and reply.status >= 400
            if reply.path == self.feed.instrument_path or refused:
                instrument = self.feed.instrument(reply.status, reply.body)
                self.instrument = instrument or self.instrument
                return NOTHING
            if decoder is None:
                return NOTHING
            events = decoder.reply(reply.path, reply.status, reply.body)
            outcome = self.applied.apply(decoder, events, frame.received_ns)
        except SymbolRefused as error:
            return self._refuse(str(error))
        except FeedError as error:
            return self._lose(str(error))
        if self.applied.present:
            self._judge(frame.monotonic_ns)
        return outcome

    def _lose(self, reason: str) -> Outcome:
        """Give the connection up: exactly one resync, whatever else it still sends."""
        word = "resync" if self.applied.present else ""
        self.resyncs += self.applied.present
        self._decoder = None
        self.applied.forget()
        self._crossed_ns = None
        self.trouble = printable(reason)
        self._set(BookState.SYNCING, self.trouble, word)
        return Outcome(effects=(Reconnect(self.trouble),))

    def _refuse(self, reason: str) -> Outcome:
        self._decoder = None
        self.applied.forget()
        self.refused = self.trouble = printable(reason)
        self._set(BookState.OFFLINE, self.refused)
        return Outcome(effects=(Refuse(self.refused),))

    def _set(self, state: BookState, reason: str, word: str = "") -> None:
        self.state = state
        self.reason = printable(reason)
        self.news.append((word or state.value.lower(), self.reason))
