"""Follows a recorded market: the live market's own rules, and beside them what was decoded.

When there is a trusted book and when trust is lost is asked of the very `Market` that a live feed
is applied to, so that an export cannot disagree with what was on screen. What the frames said is
heard at the decoder, the one place where it is known; neither session nor market has to hand it on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from obtui.book import OrderBook
from obtui.export.base import Witness
from obtui.feeds.base import Decoder, Feed
from obtui.frame import Frame
from obtui.market import Event, Instrument
from obtui.session import Session
from obtui.shared import Listeners, Market


class Following:
    """An exporter for a witness of the book."""

    def __init__(self, feed: Feed, witness: Witness) -> None:
        self._heard = _Heard()
        self._witness = witness
        self._market = Market(Session(_listened(feed, self._heard)))
        self._market.listeners = Listeners(books=self)
        self._received_ns = 0

    @property
    def rows(self) -> int:
        """Rows of the witness."""
        return self._witness.rows

    def take(self, frame: Frame) -> None:
        """Apply one frame. No tick is needed: what the clock changed is a frame of its own."""
        self._received_ns = frame.received_ns
        self._market.apply(frame)

    def finish(self) -> None:
        """Tell the witness that there is no more."""
        self._witness.finish(self._received_ns)

    def on_book(self, book: OrderBook, received_ns: int) -> None:
        """From the market: hand it on with what was decoded."""
        self._witness.on_book(book, self._heard.events, received_ns)

    def on_untrusted(self, received_ns: int) -> None:
        """From the market."""
        self._witness.on_untrusted(received_ns)


class _Heard:
    """What the last frame was decoded to."""

    events: Sequence[Event] = ()


class _ListenedDecoder:
    """A decoder, and what it says is kept."""

    def __init__(self, decoder: Decoder, heard: _Heard) -> None:
        self._decoder = decoder
        self._heard = heard
        self.save = decoder.save
        self.load = decoder.load

    def decode(self, data: bytes) -> Sequence[Event]:
        events = self._decoder.decode(data)
        self._heard.events = events
        return events


def _listened(feed: Feed, heard: _Heard) -> Feed:
    """The same feed, whose decoders are listened to."""

    class Listened:
        # What names a feed is its class's, so this one's class is made for it.
        name: ClassVar[str] = feed.name
        check: ClassVar[str] = feed.check
        rest_url: ClassVar[str] = feed.rest_url
        sibling: ClassVar[str] = feed.sibling
        stale_seconds: ClassVar[float] = feed.stale_seconds
        ping_seconds: ClassVar[float] = feed.ping_seconds
        symbol = feed.symbol
        url = feed.url
        instrument_path = feed.instrument_path

        def decoder(self) -> Decoder:
            return _ListenedDecoder(feed.decoder(), heard)

        def subscriptions(self) -> Sequence[str]:
            return feed.subscriptions()

        def ping(self) -> str:
            return feed.ping()

        def instrument(self, status: int, body: str) -> Instrument | None:
            return feed.instrument(status, body)

    return Listened()
