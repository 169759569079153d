"""Several markets on one screen, fed by hand."""

from __future__ import annotations

from collections.abc import Sequence

from obtui.app import ObtuiApp
from obtui.feeds.gemini import GeminiFeed
from obtui.looks import Look
from obtui.watched import Watched
from obtui.widgets.bars import TopBar
from obtui.widgets.ladder_panel import LadderPanel
from obtui.widgets.market_tabs import MarketTabs
from obtui.widgets.overview_panel import OverviewPanel
from screen_support import FakeRecording, FedMarket, StillSource, lines, rows

BTC, ETH, SOL = 0, 1, 2


class Several:
    """Three markets with books of their own, on one screen."""

    def __init__(
        self,
        symbols: Sequence[str] = ("BTCUSD", "ETHUSD", "SOLUSD"),
        recording: FakeRecording | None = None,
    ) -> None:
        self.feds = [FedMarket(GeminiFeed(symbol)) for symbol in symbols]
        self.sources = [StillSource() for _ in symbols]
        for number, fed in enumerate(self.feds, 1):
            fed.book([(f"{number}00.00", "1")], [(f"{number}00.50", "2")])
        self.watched = [
            Watched(fed.market, source) for fed, source in zip(self.feds, self.sources, strict=True)
        ]
        self.app = ObtuiApp(
            self.watched,
            recording or FakeRecording(),
            Look(fps=60),
            clock=lambda: max(fed.clock() for fed in self.feds),
            driver_class=None,
        )

    def tabs(self) -> str:
        return lines(self.app, MarketTabs)[0].rstrip()

    def top(self) -> str:
        return lines(self.app, TopBar)[0]

    def best_bid(self) -> str:
        return next(row[1] for row in rows(lines(self.app, LadderPanel)) if row[0] == "+")

    def overview(self) -> list[str]:
        panel = self.app.screen.query_one(OverviewPanel)
        texts = [panel.render_line(y).text.rstrip() for y in range(panel.size.height)]
        return [text for text in texts if text]
