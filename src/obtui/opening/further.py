"""Markets that are opened while the program runs: by the palette, and beside the others.

One that its venue refuses is named, and closed again; none of the others is touched.
"""

from __future__ import annotations

from obtui.app import ObtuiApp
from obtui.consolidated import same_currencies
from obtui.market import Instrument
from obtui.opening.market_lists import Lists
from obtui.opening.opener import Opener
from obtui.seams import Unavailable
from obtui.watched import Watched

LOOK_SECONDS = 0.2
"""How often it is looked whether a venue refused what was opened."""


class Further:
    """Opens markets on a running screen."""

    def __init__(self, app: ObtuiApp, opener: Opener) -> None:
        self.lists = Lists(opener)
        """What the venues list."""
        self._app = app
        self._opener = opener
        self._opened: dict[Watched, Watched] = {}
        """Those that may yet be refused, and what was shown before each."""

    @property
    def shown(self) -> tuple[str, Instrument]:
        """Venue and instrument of the market on screen."""
        view = self._app.shown.look(1, 0, prints=1)
        return view.venue, view.instrument

    @property
    def watched(self) -> set[tuple[str, str]]:
        """Venue and symbol of all that are open."""
        views = (it.look(1, 0, prints=1) for it in self._app.watched)
        return {(view.venue, view.instrument.symbol) for view in views}

    def open(self, venue: str, symbol: str) -> None:
        """Show this market, and watch it from now on."""
        self._app.run_worker(self._open(venue, symbol), name="opening")

    def open_same(self, venue: str) -> None:
        """The same for the asset on screen, on another venue."""
        self._app.run_worker(self._open_same(venue, self.shown[1]), name="opening")

    async def _open(self, venue: str, symbol: str) -> None:
        if venue in self.lists.venues:
            await self.lists.ask(venue)  # what it lists is known now, or cannot be had
        try:
            opened = self._opener.open(venue, symbol)
        except Unavailable as error:
            self._app.notify(str(error), severity="error", markup=False)
            return
        if opened.told:
            self._app.notify(opened.told, severity="warning", timeout=10, markup=False)
        before = self._app.shown
        if self._app.show_market(opened.watched):
            if not self._opened:
                self._app.set_timer(LOOK_SECONDS, self._look)
            self._opened[opened.watched] = before

    async def _open_same(self, venue: str, shown: Instrument) -> None:
        await self.lists.ask(venue)
        pair = f"{shown.base}/{shown.quote}" if shown.base and shown.quote else shown.symbol
        listed = self.lists.listed(venue)
        if listed is not None:
            same = [it.instrument for it in listed if same_currencies(it.instrument, shown)]
            if len(same) != 1:
                self._app.notify(f"{venue} lists no {pair}: choose a market", markup=False)
                self._app.open_palette(f"{venue}:{shown.base or pair}")
                return
            pair = same[0].symbol
        await self._open(venue, pair)

    def _look(self) -> None:
        for watched, before in list(self._opened.items()):
            if watched.refused:
                del self._opened[watched]
                self._app.leave_market(watched, before)
                self._opener.close(watched)
                told = f"{watched.refused}: it is closed again"
                self._app.notify(told, severity="error", timeout=10, markup=False)
        if self._opened:
            self._app.set_timer(LOOK_SECONDS, self._look)
