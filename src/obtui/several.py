"""The markets of a screen: which one is shown, and what lies over it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from obtui.shared import Market
from obtui.terminal import TerminalDriver
from obtui.thin.app import ThinApp
from obtui.view import MarketView
from obtui.watched import Watched
from obtui.widgets.consolidated_screen import ConsolidatedScreen
from obtui.widgets.overview_screen import OverviewScreen


class SeveralApp(ThinApp):
    """One market is shown; there may be others beside it."""

    def __init__(
        self,
        watched: Sequence[Watched],
        clock: Callable[[], int],
        *,
        thin: bool,
        bandwidth: int | None,
        driver_class: type[TerminalDriver] | None,
    ) -> None:
        """`watched` are the markets, at least one; the first is shown first. `clock` is theirs."""
        super().__init__(thin=thin, bandwidth=bandwidth, driver_class=driver_class)
        self._watched = list(watched)
        self._index = 0
        self._clock = clock

    @property
    def _shown(self) -> Watched:
        """The market that keys act on."""
        return self._watched[self._index]

    @property
    def _market(self) -> Market:
        return self._shown.market

    @property
    def _several(self) -> bool:
        return len(self._watched) > 1

    @property
    def _overview(self) -> OverviewScreen | None:
        """Where it lies over the market."""
        return next((it for it in self.screen_stack if isinstance(it, OverviewScreen)), None)

    @property
    def _consolidated(self) -> ConsolidatedScreen | None:
        """Where it lies over the market."""
        return next((it for it in self.screen_stack if isinstance(it, ConsolidatedScreen)), None)

    def _look_at_all(self) -> list[MarketView]:
        """Which is cheap: each one's best levels."""
        now = self._clock()
        return [watched.look(1, now, prints=1) for watched in self._watched]
