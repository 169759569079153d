"""All venues of one asset in one ladder, over the market that was shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Footer

from obtui.consolidated import combine, same_asset
from obtui.view import MarketView
from obtui.widgets.bars import StatusLine
from obtui.widgets.consolidated_panel import ConsolidatedPanel


class ConsolidatedScreen(Screen[None]):
    """It holds no book of its own: each frame is made of the venues' present books."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,a", "dismiss(None)", "Back", key_display="a"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._panel = ConsolidatedPanel(id="consolidated")
        self.status = StatusLine(id="consolidated-status")

    def compose(self) -> ComposeResult:
        """The ladder, the recording, keys."""
        yield self._panel
        yield self.status
        yield Footer()

    @property
    def depth(self) -> int:
        """Levels a side that fit: what each venue's view must hold."""
        return max(1, self._panel.size.height)

    def show_all(self, views: Sequence[MarketView], shown: int) -> None:
        """Paint these from now on: those that trade what the `shown`th does."""
        panel = self._panel
        panel.combined = combine(views[shown], views, self.depth)
        same = [view for view in views if same_asset(views[shown], view)]
        members = zip(same, panel.combined.members, strict=True)
        panel.places = max(
            (view.price_decimals for view, it in members if not it.left_out), default=0
        )
        panel.show(views[shown])
