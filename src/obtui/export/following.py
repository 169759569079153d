"""Follows a recorded market: the live market's own rules, and beside them what was decoded.

When there is a trusted book and when trust is lost is asked of the very `Market` that a live feed
is applied to, so that an export cannot disagree with what was on screen. What the frames said is
heard at the decoder, the one place where it is known; neither session nor market has to hand it on.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

from obtui.book import OrderBook
from obtui.export.base import Witness
from obtui.feeds.base import Decoded, Decoder, Feed, Fetch
from obtui.frame import Frame
from obtui.market import Event
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


class _ListenedDecoder(Decoder):
    """A decoder, and what it says is kept."""

    def __init__(self, decoder: Decoder, heard: _Heard) -> None:
        self._decoder = decoder
        self._heard = heard

    def decode(self, data: bytes) -> Sequence[Decoded]:
        return self._keep(self._decoder.decode(data))

    def reply(self, path: str, status: int, body: str) -> Sequence[Decoded]:
        return self._keep(self._decoder.reply(path, status, body))

    def check(self, book: OrderBook, checksum: int) -> None:
        self._decoder.check(book, checksum)

    def save(self) -> str:
        return self._decoder.save()

    def load(self, saved: str) -> None:
        self._decoder.load(saved)

    def _keep(self, decoded: Sequence[Decoded]) -> Sequence[Decoded]:
        self._heard.events = [event for event in decoded if not isinstance(event, Fetch)]
        return decoded


def _listened(feed: Feed, heard: _Heard) -> Feed:
    """The same feed, whose decoders are listened to."""
    listened = copy.copy(feed)
    vars(listened)["decoder"] = lambda: _ListenedDecoder(feed.decoder(), heard)
    return listened
