"""The screen of one market: the ladder, the panels beside it, and the keys that act on them.

It is given pictures to show and asks for none: what they must hold is in `wants_book`, `depth`
and `prints`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Footer

from obtui import keymap, layouts
from obtui.arrangement import LADDER
from obtui.ladder.rows import LadderSettings
from obtui.layouts import LAYOUTS, Layout
from obtui.view import MarketView
from obtui.widgets.bars import StatusLine, TopBar
from obtui.widgets.body import Body
from obtui.widgets.day_line import DayLine
from obtui.widgets.depth_panel import DepthPanel
from obtui.widgets.events_panel import EventsPanel
from obtui.widgets.heat_panel import HeatPanel
from obtui.widgets.ladder_panel import LadderPanel
from obtui.widgets.lines import LineWidget
from obtui.widgets.market_tabs import MarketTabs
from obtui.widgets.size_screen import SizeScreen
from obtui.widgets.stats_panel import StatsPanel
from obtui.widgets.sweep_panel import SweepPanel
from obtui.widgets.trades_panel import PRINTS_WANTED, TradesPanel

DAY_HEIGHT = 20
"""Lines of a terminal in which one can be spared for the last day."""
NAMES = {
    "stats": "statistics",
    "trades": "prints",
    "heat": "heatmap",
    "depth": "depth chart",
    "events": "events",
    "sweep": "sweep cost",
}
"""What a message calls a panel."""


class MarketScreen(Screen[None]):
    """One market, and a row of the others where there are any."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("l", "next_layout", "Layout", id="layout", tooltip="book, tape, map, all"),
        Binding("v", "form", id="form", show=False),
        Binding("left_square_bracket", "group(-1)", "Finer", id="finer", show=False),
        Binding("right_square_bracket", "group(1)", "Coarser", id="coarser", show=False),
        Binding("c", "recentre", show=False, id="recentre"),
        Binding("s", "unit", show=False, id="unit"),
        Binding("b", "bars", show=False, id="bars"),
        Binding("t", "traded", show=False, id="traded"),
        Binding("p", "panel('trades')", show=False, id="prints"),
        Binding("d", "panel('depth')", show=False, id="depth"),
        Binding("h", "panel('heat')", show=False, id="heatmap"),
        Binding("x", "panel('stats')", show=False, id="statistics"),
        Binding("e", "panel('events')", show=False, id="events"),
        Binding("dollar_sign", "sweep", show=False, id="sweep"),
        Binding("z", "maximise", show=False, id="maximise"),
        Binding("f", "filter", show=False, id="filter"),
        Binding("up", "cursor(-1)", show=False, id="cursor_up"),
        Binding("down", "cursor(1)", show=False, id="cursor_down"),
        Binding("left", "scroll_back(1)", show=False, id="earlier"),
        Binding("right", "scroll_back(-1)", show=False, id="later"),
        Binding("escape", "clear", show=False, id="clear"),
    ]

    def __init__(
        self,
        *,
        tabs: bool = False,
        foot: Iterable[LineWidget] = (),
        on_change: Callable[[], None] = lambda: None,
        keys: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        """`tabs`: whether other markets may be shown. `foot` stands above the keys; `on_change` is
        called when something was chosen that the next run is to remember. `keys` by action, where
        they are not the default ones."""
        super().__init__()
        self._keys = keys or {}
        self.top = TopBar(id="top")
        self.day = DayLine(id="day")
        self.tabs = MarketTabs(id="tabs")
        self.tabs.display = tabs
        self.ladder = LadderPanel(id=LADDER)
        self.trades = TradesPanel(id="trades")
        self.heat = HeatPanel(id="heat")
        self.depth = DepthPanel(id="depth")
        self.sweep = SweepPanel(id="sweep")
        self.sweep.key = self.key_of("sweep")
        self.stats = StatsPanel(id="stats")
        panels: Sequence[LineWidget] = (
            *(self.ladder, self.heat, self.depth, self.stats, self.sweep, self.trades),
            EventsPanel(id="events"),
        )
        self.body = Body(panels, id="body")
        self.status = StatusLine(id="status")
        self._foot = foot
        self._on_change = on_change

    def compose(self) -> ComposeResult:
        """Top line, the day, tabs, ladder and panels, status, keys."""
        yield self.top
        yield self.day
        yield self.tabs
        yield self.body
        yield self.status
        yield from self._foot
        yield Footer()

    @property
    def wants_book(self) -> bool:
        """Whether what is on screen needs the whole book."""
        boxes = self.body.boxes
        swept = "sweep" in boxes and self.sweep.amount is not None
        return "depth" in boxes or swept or self.ladder.wants_book

    @property
    def levels(self) -> int:
        """Levels a side that are needed."""
        return self.ladder.depth_wanted

    @property
    def prints(self) -> int:
        """Trades that are needed."""
        return PRINTS_WANTED if "trades" in self.body.boxes else 1

    @property
    def touch_row(self) -> int:
        """The row of the screen, from 0, where the best prices stand, about."""
        region = self.ladder.region
        return region.y + region.height // 2

    @property
    def fading(self) -> bool:
        """Whether something on screen still changes though nothing comes."""
        return self.ladder.fading

    def show(self, view: MarketView) -> None:
        """Paint this, where it is another than before; what is not on screen costs nothing."""
        # Nothing is known of the day before the first trade, or the venue's word.
        known = view.day is not None or view.since_start is not None
        self.day.display = known and self.size.height >= DAY_HEIGHT
        self.stats.visible_levels = self.ladder.levels_shown
        self.body.show(view)
        if self.day.view is not view:
            self.day.show(view)

    def show_present(self, view: MarketView, *, label: str, behind: int | None) -> None:
        """What is never frozen: state and recording."""
        self.top.label, self.top.behind = label, behind
        self.top.show(view)

    def without_colours(self, told: bool) -> None:
        """Draw charts by glyphs, or by colours again."""
        for panel in (self.heat, self.depth):
            panel.glyphs = told
            panel.repaint()

    @property
    def layout_shown(self) -> Layout:
        """Which panels are wanted."""
        return self.body.shown

    @property
    def ladder_settings(self) -> LadderSettings:
        """How the ladder looks."""
        return self.ladder.settings

    def lay_out(self, layout: Layout) -> None:
        """Show these panels."""
        self._wanted = ""
        self.body.shown = layout
        self.call_after_refresh(self._on_change)

    def action_next_layout(self) -> None:
        """The next by name."""
        self.choose_layout(layouts.after(self.layout_shown.name))

    def choose_layout(self, name: str) -> None:
        """One of `LAYOUTS`."""
        self.lay_out(LAYOUTS[name])
        self.notify(f"layout: {name}", markup=False, timeout=2)

    def action_panel(self, panel: str) -> None:
        """Show or hide it."""
        shown = self.layout_shown
        if panel in shown.shown and panel not in self.body.boxes:
            # It is wanted, and not seen: it is asked for, before the others.
            shown = shown.toggle(panel)
        self.lay_out(shown.toggle(panel))
        if panel in self.layout_shown.shown and panel not in self.body.boxes:
            alone = f": {self.key_of('maximise')} shows it alone"
            self.notify(f"no room for the {NAMES[panel]} here{alone}", markup=False)
            self._wanted = panel

    _wanted: str = ""
    """A panel that was asked for and has no room: the one that is maximised next."""

    def action_maximise(self) -> None:
        """The focused panel, or the one that had no room, or the ladder: alone, or not any more."""
        focused = self.focused.id if self.focused is not None else None
        wanted = self._wanted if self._wanted not in self.body.boxes else ""
        panel = wanted or (focused if focused in self.body.boxes else "") or LADDER
        self._wanted = ""
        self.lay_out(self.layout_shown.maximise(panel or LADDER))

    def action_group(self, step: int) -> None:
        """Finer or coarser: of the focused chart, or of the ladder."""
        if self.focused is self.heat:
            self.heat.zoom(-step)
        elif self.focused is self.depth:
            self.depth.zoom(-step)
        else:
            self.ladder.group(step)
            self._on_change()

    def action_form(self) -> None:
        """The ladder's next form."""
        self.ladder.next_form()
        self._on_change()

    def action_recentre(self) -> None:
        """Bring the touch to the middle of an anchored ladder."""
        self.ladder.recentre()

    def action_unit(self) -> None:
        """Sizes in base or in quote currency."""
        self.ladder.switch_unit()
        self._on_change()

    def action_bars(self) -> None:
        """The ladder's next kind of bars."""
        self.ladder.next_bars()
        self._on_change()

    def action_traded(self) -> None:
        """Volume traded at each price, or not."""
        self.ladder.switch_traded()
        self._on_change()

    def action_cursor(self, rows: int) -> None:
        """Move the ladder's cursor."""
        self.ladder.move_cursor(rows)
        self._on_change()

    def action_scroll_back(self, columns: int) -> None:
        """Move the heatmap in time."""
        if "heat" in self.body.boxes:
            self.heat.scroll_back(columns * max(1, self.heat.size.width // 8))

    def on_descendant_focus(self) -> None:
        """What is focused is what is meant from now on."""
        self._wanted = ""

    def key_of(self, action: str) -> str:
        """The first key of an action, as people read it."""
        keys = self._keys.get(action) or keymap.ACTIONS[action].keys
        return keymap.written(keys[0])

    def action_clear(self) -> None:
        """Leave cursor, focus and a maximised panel."""
        self._wanted = ""
        self.ladder.clear_cursor()
        self.set_focus(None)
        if self.layout_shown.alone:
            self.lay_out(self.layout_shown.maximise(""))

    def action_filter(self) -> None:
        """The next size filter of the prints."""
        self.trades.next_filter()

    def action_sweep(self) -> None:
        """Ask for a size; show what sweeping it costs."""
        base = self.body.view.instrument.base
        self.app.push_screen(SizeScreen(base), self._swept)

    def _swept(self, size: Decimal | None) -> None:
        if size is None:
            return
        self.sweep.show(self.body.view)  # the size is meant for this market
        self.sweep.amount = size
        if "sweep" not in self.body.boxes:
            shown = self.layout_shown
            self.lay_out(shown if "sweep" in shown.shown else shown.toggle("sweep"))
        self._on_change()
