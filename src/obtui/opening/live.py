"""Markets that are opened while others are followed already: each joins their recordings."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

from obtui import instrument_lists, rest, spelling, symbols
from obtui.address import with_origin
from obtui.config import MOST_MARKETS, SYMBOL, Asked, Options
from obtui.feeds import FEEDS
from obtui.following import Following
from obtui.market import Instrument
from obtui.opening.opener import Opened
from obtui.recording.files import RecordingError
from obtui.recording.group import RecordingGroup
from obtui.seams import Catalogue, Unavailable
from obtui.text import printable
from obtui.watched import Watched


class VenueLists:
    """What the venues themselves list: kept for a day, or asked over REST."""

    def __init__(self, rest_url: str | None) -> None:
        """`rest_url` as of `symbols.resolve`."""
        self._rest_url = rest_url

    def venues(self) -> Sequence[str]:
        """All that are known."""
        return list(FEEDS)

    def symbols(self, venue: str) -> Sequence[Instrument]:
        """As `Catalogue.symbols`; for `symbols.ASK_SECONDS` at most."""
        if self._rest_url is None:
            raise Unavailable(f"{venue} is not asked for its markets: --url without --rest-url")
        feed = FEEDS[venue]
        origin = with_origin(feed.rest_url, self._rest_url)
        kept = instrument_lists.kept(feed, origin)
        if kept is not None:
            return kept.instruments
        listed = rest.wait_for(instrument_lists.ask(feed, origin), symbols.ASK_SECONDS)
        if not listed:
            raise Unavailable(f"no list of {venue}'s markets came from {origin}")
        return listed


class Opening:
    """Opens markets beside those that are followed."""

    def __init__(
        self,
        options: Options,
        catalogue: Catalogue,
        connect: Callable[[Following], Watched],
        recording: RecordingGroup,
    ) -> None:
        """`connect` makes the source of each, `recording` is what theirs joins."""
        self._options = options
        self._catalogue = catalogue
        self._connect = connect
        self._recording = recording
        self._open: dict[str, tuple[Following, Watched]] = {}
        self._closed: set[str] = set()
        self._listed: dict[str, Sequence[Instrument]] = {}

    @property
    def watched(self) -> list[Watched]:
        """All that are open, in the order in which they were opened."""
        return [watched for _, watched in self._open.values()]

    def begin(self, followed: Sequence[Following]) -> list[Watched]:
        """Connect those that the program was started with; their recordings are in the group."""
        for it in followed:
            self._open[it.name] = (it, self._connect(it))
        return self.watched

    def venues(self) -> Sequence[str]:
        """As `Catalogue.venues`."""
        return self._catalogue.venues()

    def symbols(self, venue: str) -> Sequence[Instrument]:
        """As `Catalogue.symbols`: what can be asked for by its name."""
        listed = [it for it in self._catalogue.symbols(venue) if SYMBOL.fullmatch(it.symbol)]
        self._listed[venue] = listed
        return listed

    def open(self, venue: str, symbol: str) -> Opened:
        """As `Opener.open`."""
        following = self._following(venue, self._instrument(venue, symbol))
        known = self._open.get(following.name)
        if known is not None:
            return Opened(known[1])
        if len(self._open) >= MOST_MARKETS:
            raise Unavailable(f"{following.name} is not opened: {MOST_MARKETS} markets are open")
        # Before anything comes: its recording begins with it.
        watched = self._connect(following)
        told = self._record(following)
        self._open[following.name] = (following, watched)
        self._recording.add(following.name, following.recording)
        return Opened(watched, told)

    def close(self, watched: Watched) -> None:
        """As `Opener.close`."""
        name = next((name for name, it in self._open.items() if it[1] is watched), "")
        if name:
            del self._open[name]
            self._closed.add(name)
            self._recording.remove(name)

    def _following(self, venue: str, instrument: Instrument) -> Following:
        asked = Asked(venue, instrument.symbol)
        following = Following(asked, instrument, self._options)
        if following.name not in self._closed:
            return following
        # What this run has recorded is not replaced.
        return Following(asked, instrument, dataclasses.replace(self._options, overwrite=False))

    def _instrument(self, venue: str, symbol: str) -> Instrument:
        """What is meant: one that the venue lists, or, without its list, a guess."""
        shown = printable(symbol, 40)
        if venue not in self._catalogue.venues():
            raise Unavailable(f"there is no venue '{printable(venue, 40)}'")
        if not SYMBOL.fullmatch(symbol):
            raise Unavailable(f"'{shown}' is not a symbol: give letters and digits, like BTCUSD")
        listed = self._listed.get(venue)
        if listed is None:
            return symbols.guess(FEEDS[venue], symbol)
        found = spelling.find(listed, symbol)
        if len(found) != 1:
            raise Unavailable(f"{venue} has no symbol {shown}")
        return found[0]

    def _record(self, following: Following) -> str:
        """From the beginning, if the others are recorded, and to a file of its own; says if not."""
        taken = {name for it, _ in self._open.values() for name in it.files}
        shared = next((name for name in following.files if name and name in taken), "")
        going = self._recording.active or self._recording.failed
        if shared:
            file = "standard output" if shared == "-" else printable(shared)
            lost = f"{following.name} is not recorded: {file} is another market's"
            return f"{lost} (stop recording and begin again to record all)" if going else ""
        following.recording.asked = following.files
        if going:
            try:
                following.recording.start()
            except RecordingError as error:
                return f"{following.name} is not recorded: {error}"
        return ""
