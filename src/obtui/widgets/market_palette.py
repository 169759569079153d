"""What the palette offers: commands, layouts, themes, venues and the markets that these list.

A list that is not here yet is asked for, and said to be; what is typed is looked for again when it
comes. Names from a venue are shown as they are, never as markup.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from typing import NamedTuple, Protocol, cast

from textual.app import App
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.markup import escape

from obtui.layouts import LAYOUTS
from obtui.market import Instrument
from obtui.opening.finding import BEGINS, SCATTERED, WHOLE, WITHIN, WORD, Match, Name
from obtui.opening.market_lists import Listed, Lists
from obtui.spelling import letters
from obtui.text import printable
from obtui.widgets.palette import Palette

MOST_MARKETS = 20
"""Of a venue's, in one list."""
LAYOUT_WORDS = {
    "book": "The ladder, with statistics and prints",
    "tape": "The prints first",
    "map": "The heatmap first",
    "all": "Every panel that has room",
}
KINDS = (1.0, WHOLE, BEGINS, WORD, WITHIN, SCATTERED)
"""Of likeness: what has a name here keeps its order within each."""
COMMAND = 0.19
"""What that is likelier to be meant than a market, where the kind is the same."""
OWN_THEMES = "obtui"
USUAL = ("USD", "USDT", "USDC", "EUR", "GBP", "BTC")
"""Currencies that most is traded against."""


class Markets(Protocol):
    """Who opens markets."""

    @property
    def lists(self) -> Lists:
        """What the venues list."""
        ...

    @property
    def shown(self) -> tuple[str, Instrument]:
        """Venue and instrument of the market on screen."""
        ...

    @property
    def watched(self) -> Collection[tuple[str, str]]:
        """Venue and symbol of all that are open."""
        ...

    def open(self, venue: str, symbol: str) -> None:
        """Show this market, and watch it from now on."""
        ...

    def open_same(self, venue: str) -> None:
        """The same for the asset on screen, on another venue."""
        ...


class PaletteApp(Protocol):
    """What the palette needs of the app."""

    markets: Markets | None
    """None where no market can be opened."""

    def action_choose_layout(self, name: str) -> None:
        """One of `LAYOUTS`."""
        ...

    def open_palette(self, text: str = "") -> None:
        """With this text typed already."""
        ...


class Offer(NamedTuple):
    """One line of the palette."""

    score: float
    text: str
    help: str
    run: Callable[[], object]
    at: Sequence[int] = ()
    """Characters of `text` that were typed."""


class MarketCommands(Provider):
    """All that there is, the likeliest first."""

    @property
    def _here(self) -> PaletteApp:
        return cast("PaletteApp", self.app)

    async def startup(self) -> None:
        """A palette that is opened anew asks again for what could not be had."""
        if self._here.markets is not None:
            self._here.markets.lists.forget_faults()

    async def discover(self) -> Hits:
        """Commands, and a line for each of the rest."""
        here, markets = self._here, self._here.markets
        shelves = [("Layout", "layout ", " · ".join(LAYOUTS))]
        if markets is not None:
            venue = markets.shown[0]
            shelves[:0] = [
                ("Market", f"{venue}:", f"Open another of {venue}'s; venue:SYMBOL of any"),
                ("Venue", "venue ", f"Open {_asset(markets.shown[1])} on another venue"),
            ]
        for text, typed, told in shelves:
            yield DiscoveryHit(Content(text), partial(here.open_palette, typed), help=escape(told))
        for command in self.app.get_system_commands(self.screen):
            yield DiscoveryHit(Content(command.title), command.callback, help=command.help)

    async def search(self, query: str) -> Hits:
        """What the typed letters may mean."""
        offers = sorted(self._found(query), key=lambda it: -it.score)
        for nth, it in enumerate(offers):
            shown = Content(it.text)
            for at in it.at:
                shown = shown.stylize(self.match_style or "", at, at + 1)
            # The order is ours: the palette sorts by the score again.
            yield Hit(1 - nth / 10_000, shown, it.run, text=it.text, help=escape(it.help) or None)

    def _found(self, query: str) -> Iterator[Offer]:
        markets = self._here.markets
        if markets is None:
            yield from self._named(query)
            return
        venue, rest = _narrowed(query, markets.lists.venues)
        if ":" not in query:
            yield from self._named(query)
        yield from self._markets(markets, venue or markets.shown[0], rest if venue else query)

    def _named(self, query: str) -> Iterator[Offer]:
        """Of what has a name here."""
        for text, told, run in self._names():
            found = Name(text).match(query)
            if found is not None:
                yield Offer(_kind(found) + COMMAND, text, told, run, found.at)

    def _names(self) -> Iterator[tuple[str, str, Callable[[], object]]]:
        here, markets = self._here, self._here.markets
        for command in self.app.get_system_commands(self.screen):
            # The themes themselves are found here.
            if command.callback != self.app.action_change_theme:
                yield command.title, command.help, command.callback
        for layout in LAYOUTS:
            told = LAYOUT_WORDS.get(layout, "")
            yield f"Layout {layout}", told, partial(here.action_choose_layout, layout)
        if not self.app.no_color:
            for theme in _themes(self.app):
                told = "The present one" if theme == self.app.theme else ""
                yield f"Theme {theme}", told, partial(setattr, self.app, "theme", theme)
        if markets is not None:
            asset = _asset(markets.shown[1])
            for venue in markets.lists.venues:
                told = f"Open {asset} there; {venue}: lists its markets"
                yield f"Venue {venue}", told, partial(markets.open_same, venue)

    def _markets(self, markets: Markets, venue: str, typed: str) -> Iterator[Offer]:
        lists = markets.lists
        listed, fault = lists.listed(venue), lists.fault(venue)
        if listed is not None:
            yield from _chosen(markets, venue, listed, typed)
        elif fault:
            again = partial(self._here.open_palette, f"{venue}:{typed}")
            yield Offer(-1, f"{venue}'s markets are not known", f"{fault}: Enter asks again", again)
            if typed:
                symbol = typed.upper()
                run = partial(markets.open, venue, symbol)
                yield Offer(-2, f"{venue} {symbol}", "Open it as it is typed", run)
        else:
            self._ask(lists, venue)
            waiting = partial(self._here.open_palette, f"{venue}:{typed}")
            yield Offer(-1, f"asking {venue} for its markets …", "", waiting)

    def _ask(self, lists: Lists, venue: str) -> None:
        app = self.app

        async def ask() -> None:
            await lists.ask(venue)
            if isinstance(app.screen, Palette):
                app.screen.look_again()

        app.run_worker(ask(), name="asking", group=f"asking {venue}", exclusive=True)


def _chosen(markets: Markets, venue: str, listed: Sequence[Listed], typed: str) -> Iterator[Offer]:
    """The likeliest of its markets."""
    shown = markets.shown[1]
    watched = markets.watched
    wanted = letters(typed)

    def order(found: tuple[float, Match, Instrument]) -> tuple[object, ...]:
        """Among equals: what has the currency that was typed, then what is most like the one on
        screen, then what is traded most."""
        kind, _, it = found
        quotes = [shown.quote, *USUAL]
        usual = quotes.index(it.quote) if it.quote in quotes else len(quotes)
        named = it.base != wanted, it.quote != wanted
        return (-kind, *named, it.base != shown.base, usual, len(it.symbol), it.symbol)

    matches = ((one.name.match(typed), one.instrument) for one in listed)
    found = [(_kind(match), match, it) for match, it in matches if match is not None]
    for nth, (kind, match, it) in enumerate(heapq.nsmallest(MOST_MARKETS, found, key=order)):
        start = len(venue) + 1
        told = [_asset(it), f"tick {it.tick.normalize():f}" if it.tick is not None else ""]
        told += [printable(it.status, 20), "watched" if (venue, it.symbol) in watched else ""]
        yield Offer(
            kind - nth / 10_000,
            f"{venue} {printable(it.symbol, 40)}",
            " · ".join(filter(None, told)),
            partial(markets.open, venue, it.symbol),
            [start + at for at in match.at],
        )


def _kind(match: Match) -> float:
    return next(kind for kind in KINDS if match.score >= kind)


def _narrowed(query: str, venues: Collection[str]) -> tuple[str, str]:
    """The venue that stands before a colon, or as the first word, and the rest; else nothing."""
    for mark in (":", " "):
        first, _, rest = query.strip().partition(mark)
        if first.strip().lower() in venues:
            return first.strip().lower(), rest.strip()
    return "", query


def _asset(it: Instrument) -> str:
    pair = f"{it.base}/{it.quote}" if it.base and it.quote else printable(it.symbol, 40)
    return f"{pair} {it.contract}".rstrip()


def _themes(app: App[object]) -> list[str]:
    """Our own first."""
    names = [name for name in app.available_themes if name.startswith(OWN_THEMES)]
    return names + sorted(set(app.available_themes) - {*names})
