"""The one object that two threads share: the feed applies to it, the screen looks at it.

One lock, held for one apply or one view and never across I/O. Who records books is told of them
here, on the feed's thread, so that live and replay record alike.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple, Protocol

import msgspec

from obtui import metrics
from obtui.book import OrderBook
from obtui.charts.past import Sample
from obtui.effects import Effect, Outcome
from obtui.frame import Frame, FrameKind
from obtui.log import EventLog
from obtui.market import BookState, Level
from obtui.rate import RateMeter
from obtui.session import Session
from obtui.tape import Tape
from obtui.view import MarketView

DAY_NS = 300 * 1_000_000_000
"""For how long a word on the last 24 hours holds: it is asked for each minute."""
SCALE_DEPTH = 200
"""Levels a side from which the number of decimals is inferred."""


class BookListener(Protocol):
    """Who records books. Both calls are on the feed's thread and must not block."""

    def on_book(self, book: OrderBook, received_ns: int) -> None:
        """A book message was applied and the book is trusted; wall-clock ns."""
        ...

    def on_untrusted(self, received_ns: int) -> None:
        """The book is no longer trusted, from this wall-clock time on."""
        ...


class FrameListener(Protocol):
    """Who records frames, before they are decoded, on the feed's thread; it must not block."""

    def on_frame(self, frame: Frame, session: Session) -> None:
        """A frame arrived, or a state changed by the clock; `session` is as before it."""
        ...


class Listeners(NamedTuple):
    """Who is told of what is applied."""

    books: BookListener | None = None
    frames: FrameListener | None = None


class Market:
    """A session with its tape and meters, behind a lock."""

    def __init__(self, session: Session) -> None:
        self._session = session
        # Re-entrant for `settled` alone: the handler that asks may have interrupted a view.
        self._lock = threading.RLock()
        self._tape = Tape()
        self._rate = RateMeter()
        self._version = 0
        self._places = 0
        self._received_ns = 0
        self._log = EventLog()
        self._losses = 0
        self._loss = ""
        self._moment = 0
        self.listeners = Listeners()
        """May be set from any thread, and by a signal's handler: it takes effect with the next
        frame, for both at once."""

    @property
    def name(self) -> str:
        """Venue and symbol."""
        return f"{self._session.feed.name} {self._session.feed.symbol}"

    @property
    def refused(self) -> str:
        """The venue's answer that it has no such symbol, or nothing."""
        return self._session.refused

    @property
    def proven(self) -> bool:
        """Whether this connection has been healthy for long enough to forget earlier failures."""
        return self._session.proven

    @property
    def version(self) -> int:
        """Grows with every frame and every change of state."""
        return self._version

    @property
    def messages(self) -> int:
        """Messages since the start."""
        return self._rate.total

    def note(self, kind: str, text: str, received_ns: int) -> None:
        """Add a line to the log of what befell this market; wall-clock ns. From any thread."""
        with self._lock:
            self._log.add(received_ns, kind, text)
            self._version += 1

    def settled(self, timeout: float) -> bool:
        """Wait until what is being applied is applied, for at most `timeout` s (>= 0); whether it
        is. Listeners that were replaced before hear nothing after it.

        From any thread, also from a signal's handler.
        """
        if not self._lock.acquire(timeout=timeout):
            return False
        self._lock.release()
        return True

    def apply(self, frame: Frame) -> tuple[Effect, ...]:
        """Take a frame; returns what the driver is to do."""
        with self._lock:
            session = self._session
            listeners = self.listeners
            if listeners.frames is not None:
                listeners.frames.on_frame(frame, session)
            trusted = session.state.trusted
            outcome = session.receive(frame)
            self._received_ns = frame.received_ns
            if frame.kind is FrameKind.TEXT:
                self._rate.add(frame.monotonic_ns)
            else:
                self._log.take(frame)
            if session.news:
                self._log.tell(frame.received_ns, session.news)
            if outcome.trades:
                self._tape.add(outcome.trades, frame.received_ns)
            self._after(outcome, trusted, frame.received_ns, listeners.books)
        return outcome.effects

    def tick(self, received_ns: int, monotonic_ns: int) -> tuple[Effect, ...]:
        """Take the time, wall and monotonic; returns what the driver is to do."""
        with self._lock:
            trusted = self._session.state.trusted
            session = self._session
            outcome = session.tick(monotonic_ns)
            if session.news:
                self._log.tell(received_ns, session.news)
            listeners = self.listeners
            if outcome.gap is not None and listeners.frames is not None:
                data = msgspec.json.encode(outcome.gap)
                gap = Frame(FrameKind.GAP, data, received_ns, monotonic_ns, 0)
                listeners.frames.on_frame(gap, session)
            if trusted is not self._session.state.trusted or outcome.effects:
                self._after(outcome, trusted, received_ns, listeners.books)
        return outcome.effects

    def _after(
        self,
        outcome: Outcome,
        was_trusted: bool,
        received_ns: int,
        listener: BookListener | None,
    ) -> None:
        self._version += 1
        session = self._session
        trusted = session.state.trusted
        if was_trusted and not trusted:
            self._losses += 1
            self._loss = " · ".join(filter(None, (session.state.value, session.reason)))
        if listener is None:
            return
        if trusted:
            # Also when trust came back without a book message: what took it must not stand.
            if outcome.book or not was_trusted:
                listener.on_book(session.book, received_ns)
        elif was_trusted:
            listener.on_untrusted(received_ns)

    def go_on(self, restore: Callable[[Session], None], messages: int, since_ns: int) -> None:
        """Go on from a moment of a recording, with so many messages before it. Trades are counted
        from there: `since_ns` is its wall-clock time, 0 where it is the start."""
        with self._lock:
            restore(self._session)
            self._rate.total = messages
            self._tape.since_ns = since_ns
            self._version += 1

    def adopt(self, other: Market) -> None:
        """Become `other`, at once and with its history; `other` is not to be used after it."""
        with self._lock:
            self._session = other._session
            self._tape = other._tape
            self._rate = other._rate
            self._log = other._log
            self._received_ns = other._received_ns
            self._places = other._places
            self._losses, self._loss = other._losses, other._loss
            self._moment += 1
            self._version += other._version + 1

    def view(
        self,
        depth: int,
        monotonic_ns: int,
        prints: int = 100,
        *,
        whole: bool = False,
        past: tuple[Sample, ...] = (),
        extremes: bool = False,
    ) -> MarketView:
        """A picture of now: the best `depth` levels a side and the last `prints` trades; with
        `whole`, the whole book too; with `extremes`, those of the trades since the last picture
        that had them, which is for one who looks. `past` is put into it."""
        with self._lock:
            session = self._session
            bids = session.book.bids.top(depth)
            asks = session.book.asks.top(depth)
            latest = self._tape.latest(prints)
            offline = session.state is BookState.OFFLINE and not session.refused
            alive = session.alive_ns
            return MarketView(
                venue=session.feed.name,
                house=session.feed.house or session.feed.name,
                instrument=session.instrument,
                version=self._version,
                state=session.state,
                reason=session.reason,
                hint=self._hint(),
                retry_seconds=max(0.0, (session.retry_ns - monotonic_ns) / 1e9) if offline else 0,
                trouble=session.trouble,
                resyncs=session.resyncs,
                losses=self._losses,
                loss=self._loss,
                moment=self._moment,
                check=session.feed.check,
                agreed=session.applied.crosscheck.agreed,
                day=session.day if monotonic_ns - session.day_ns < DAY_NS else None,
                since_start=self._tape.since_start(),
                since_ns=self._tape.since_ns,
                bids=bids,
                asks=asks,
                book=session.book.copy() if whole else None,
                limited=session.feed.levels > 0,
                traded=self._tape.traded(),
                past=past,
                log=self._log.lines,
                received_ns=self._received_ns,
                monotonic_ns=monotonic_ns,
                bid_levels=len(session.book.bids),
                ask_levels=len(session.book.asks),
                price_decimals=self._price_decimals(bids, asks),
                prints=latest,
                trades=self._tape.total,
                heard=self._tape.heard,
                extremes=self._tape.take_extremes() if extremes else None,
                messages=self._rate.total,
                rates=self._rate.history(monotonic_ns),
                age_seconds=max(0.0, (monotonic_ns - alive) / 1e9) if alive else None,
                lag_ms=None if session.applied.lag_ns is None else session.applied.lag_ns / 1e6,
            )

    def _hint(self) -> str:
        session = self._session
        if session.state is BookState.OFFLINE and not session.connections and session.feed.sibling:
            return f"try --venue {session.feed.sibling}"
        return ""

    def _price_decimals(self, bids: tuple[Level, ...], asks: tuple[Level, ...]) -> int:
        """Enough for every visible price; sticky, so that the column does not jump."""
        tick = self._session.instrument.tick
        prices: list[Decimal] = [level.price for level in (*bids, *asks)]
        if tick is not None:
            return max(metrics.decimals([tick]), metrics.decimals(prices))
        if not self._places:
            book = self._session.book
            prices += [level.price for level in book.bids.top(SCALE_DEPTH)]
            prices += [level.price for level in book.asks.top(SCALE_DEPTH)]
        self._places = max(self._places, metrics.decimals(prices))
        return self._places
