"""Markets that are followed live, with a screen or without: each has a session, a connection and a
recording of its own, and none knows of another.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from obtui import exits, symbols
from obtui.config import Asked, Options, UsageError
from obtui.feeds import FEEDS
from obtui.feeds.base import Feed
from obtui.live import LiveFeed
from obtui.market import Instrument
from obtui.recording.control import RecordingControl
from obtui.recording.files import RecordingError
from obtui.recording.group import RecordingGroup, file_name
from obtui.recording.rotate import Rotation
from obtui.session import Session
from obtui.shared import Market
from obtui.watched import Watched

TOLD_SECONDS = 0.5
"""A venue that takes longer to say what it lists is named meanwhile."""


class Following:
    """One market that is followed."""

    def __init__(self, asked: Asked, instrument: Instrument, options: Options) -> None:
        """`instrument` is what `asked` means on its venue; nothing is connected yet."""
        self.feed: Feed = FEEDS[asked.venue](instrument.symbol)
        self.market = Market(Session(self.feed, instrument))
        self.name = self.market.name
        """What a message calls it."""
        self._url = ""
        self.files = (
            file_name(options.record, self.feed.name, self.feed.symbol),
            file_name(options.capture, self.feed.name, self.feed.symbol),
        )
        """Those that were asked for, of book lines and of a capture; empty for none."""
        self.recording = RecordingControl(
            self.market,
            venue=self.feed.name,
            symbol=self.feed.symbol,
            url=lambda: self._url,
            depth=options.depth,
            limit=options.messages,
            rotation=Rotation(*options.rotation) if options.rotate else None,
            overwrite=options.overwrite,
        )

    def connect(self, url: str, rest_url: str | None) -> Watched:
        """Make its source, which begins when it is run; the addresses are as `LiveFeed`'s."""
        source = LiveFeed(self.feed, self.market, url=url, rest_url=rest_url)
        self._url = source.url
        return Watched(self.market, source)

    def record(self) -> None:
        """Record to the files that were asked for. Raises `RecordingError`."""
        self.recording.start(*self.files)


def follow(options: Options, instruments: Sequence[Instrument]) -> list[Following]:
    """What was asked for, in its order; raises `UsageError` for a market that is named twice."""
    found: dict[str, Following] = {}
    for asked, instrument in zip(options.markets, instruments, strict=True):
        following = Following(asked, instrument, options)
        if following.name in found:
            raise UsageError(f"{following.name} is named twice: name each market once")
        found[following.name] = following
    return list(found.values())


def recording_of(followed: Sequence[Following]) -> RecordingControl | RecordingGroup:
    """What starts and stops the recordings of them all."""
    if len(followed) == 1:
        return followed[0].recording
    return RecordingGroup({it.name: it.recording for it in followed})


def record_all(followed: Sequence[Following]) -> None:
    """Record each to its own files, or, where one cannot be opened, none: raises
    `RecordingError`."""
    try:
        for following in followed:
            following.record()
    except RecordingError:
        recording_of(followed).stop()
        raise


def resolve(markets: Sequence[Asked], rest_url: str | None) -> list[Instrument]:
    """What each means on its venue, all asked at once; `rest_url` as of `symbols.resolve`.

    Raises `UsageError` for a symbol that its venue does not list.
    """
    venues = dict.fromkeys(asked.venue for asked in markets)
    asking = [
        _Asking(venue, [it.symbol for it in markets if it.venue == venue], rest_url)
        for venue in venues
    ]
    deadline = time.monotonic() + TOLD_SECONDS
    for it in asking:
        it.join(max(0.0, deadline - time.monotonic()))
    late = [it.venue for it in asking if it.is_alive()]
    if late:
        whose = "its" if len(late) == 1 else "their"
        exits.say(f"obtui: asking {', '.join(late)} for {whose} markets\n")
    found = {it.venue: iter(it.answer()) for it in asking}
    return [next(found[asked.venue]) for asked in markets]


class _Asking(threading.Thread):
    """A daemon: the user may leave while a venue does not answer."""

    def __init__(self, venue: str, typed: Sequence[str], rest_url: str | None) -> None:
        super().__init__(name="asking", daemon=True)
        self.venue = venue
        self._typed = typed
        self._rest_url = rest_url
        self._found: list[Instrument] = []
        self._error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self._found = symbols.resolve_all(FEEDS[self.venue], self._typed, self._rest_url)
        except Exception as error:  # noqa: BLE001 - raised where it is asked for
            self._error = error

    def answer(self) -> list[Instrument]:
        """Waits for it."""
        self.join()
        if isinstance(self._error, symbols.UnknownSymbol):
            raise UsageError(str(self._error))
        if self._error is not None:
            raise self._error
        return self._found
