"""An app whose screen goes to the terminal through `Thin`: the one seam to Textual's output.

Textual's own way out is `App._display`. What is relied upon and is not its public interface is in
`SEAM`, which is held against the installed Textual; where it is not there any more, or with
`--no-thin`, Textual writes its screen itself.
"""

from __future__ import annotations

import inspect
import itertools
import time
from collections.abc import Callable, Mapping

from rich.color import ColorSystem
from rich.segment import Segment
from textual import events, on
from textual._compositor import ChopsUpdate, Compositor, CompositorUpdate, LayoutUpdate
from textual._styles_cache import StylesCache
from textual.app import App
from textual.geometry import NULL_REGION, Region
from textual.screen import Screen
from textual.widget import Widget

from obtui.terminal import TerminalDriver
from obtui.thin.seam import Thin, Traffic

RETRIES, RETRY_SECONDS = 8, 0.004
SEAM: dict[type, tuple[str, ...]] = {
    App: (*("_batch_count", "_sync_available", "_closed", "post_display_hook", "cursor_position"),),
    ChopsUpdate: ("chops", "spans", "chop_ends"),
    LayoutUpdate: ("strips", "region"),
    Compositor: ("visible_widgets",),
    Screen: ("_layout_required", "_compositor"),
    StylesCache: ("_dirty_lines",),
    Widget: ("_styles_cache",),
}
"""Attributes of instances, of the class or set where one is made."""


def seam_holds() -> bool:
    """Whether the installed Textual has all that this rests on."""
    display = getattr(App, "_display", None)
    if display is None or list(inspect.signature(display).parameters) != [
        "self",
        "screen",
        "renderable",
    ]:
        return False
    return all(
        any(hasattr(base, name) or name in _set_by(base) for base in kind.__mro__)
        for kind, names in SEAM.items()
        for name in names
    )


def _set_by(kind: type) -> tuple[str, ...]:
    code = getattr(kind.__dict__.get("__init__"), "__code__", None)
    return code.co_names if code is not None else ()


class ThinApp(App[None]):
    """Shows what changed, when the terminal can take it."""

    def __init__(
        self,
        *,
        thin: bool = True,
        bandwidth: int | None = None,
        driver_class: type[TerminalDriver] | None = None,
        terminal_clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        """`bandwidth` is in bytes a second, at most; the clock is monotonic, in ns."""
        super().__init__(driver_class=driver_class)
        self._thin = thin and seam_holds()
        self._way = Thin(
            self._write, self._ask, terminal_clock, busy=self._busy, bandwidth=bandwidth
        )
        self._listens = False
        self._visible: dict[Widget, tuple[Region, Region]] = {}
        self._open: dict[Widget, Region | None] = {}
        self._retries = 0
        """Looks to come at whether the terminal has taken what was written."""

    @property
    def _terminal(self) -> TerminalDriver | None:
        return self._driver if isinstance(self._driver, TerminalDriver) else None

    @property
    def traffic(self) -> Traffic | None:
        """What goes to the terminal; None where Textual writes."""
        return self._way.traffic if self._thin and self._terminal is not None else None

    def _busy(self) -> bool:
        terminal = self._terminal
        busy = terminal is not None and terminal.pending > 0
        if busy and not self._retries:
            # What was written is on its way through a thread: it takes ms, not a frame's time.
            self._retries = RETRIES
            self.set_timer(RETRY_SECONDS, self._retry)
        return busy

    def _retry(self) -> None:
        self._retries -= 1
        terminal = self._terminal
        if self._retries and terminal is not None and terminal.pending > 0:
            self.set_timer(RETRY_SECONDS, self._retry)
            return
        self._retries = 0
        if terminal is not None and terminal.pending == 0:
            self._way.pump()

    def _write(self, text: str) -> None:
        if (terminal := self._terminal) is not None:
            terminal.write(text)

    def _ask(self) -> None:
        if (terminal := self._terminal) is not None:
            terminal.ask()

    def _display(self, screen: Screen[object], renderable: object) -> None:
        shown = self._thin and isinstance(renderable, CompositorUpdate) and self._show(renderable)
        if shown:
            self.post_display_hook()
        else:
            super()._display(screen, renderable)  # type: ignore[arg-type]

    def _show(self, update: CompositorUpdate) -> bool:
        terminal = self._terminal
        if terminal is None or self._batch_count or not self._running or self._closed:
            return False
        if not self._listens:
            self._listens = True
            terminal.listen(self._replied, self._way.key)
        colours = self.console._color_system or ColorSystem.TRUECOLOR
        cursor = self.screen.outer_size.clamp_offset(self.cursor_position)
        self._way.first = self.first_row()
        sync = self._sync_available
        size = self.size.width, self.size.height
        return self._way.show(update, size, colours, (cursor.x, cursor.y), sync=sync)

    def show_lines(self, widget: Widget, lines: Mapping[int, list[Segment]]) -> bool:
        """Want these lines of a widget, by number, without Textual's compositor, which would cut
        them and put them together again; False where something may lie over the widget, or be done
        to its lines: then they are the compositor's. `flush_lines` sends them."""
        screen = self.screen
        if not (
            self._thin
            and self._listens
            and not screen._layout_required
            and not self.get_line_filters()
            and self._way.holds((self.size.width, self.size.height))
        ):
            return False
        region = self._open_region(widget)
        if region is None:
            return False
        colours = self.console._color_system or ColorSystem.TRUECOLOR
        self._way.put_lines(region.x, region.y, lines, colours)
        # What the compositor draws of it from here on must be these.
        widget._styles_cache._dirty_lines.update(lines)
        return True

    def _open_region(self, widget: Widget) -> Region | None:
        """Where all of a widget is seen; None where it is not placed, another screen is shown, or
        something (a toast, a tooltip) lies over it. Kept until Textual places widgets anew."""
        visible = self.screen._compositor.visible_widgets
        if visible is not self._visible:
            self._visible, self._open = visible, {}
        if widget not in self._open:
            region, clip = visible.get(widget, (NULL_REGION, NULL_REGION))
            # Textual names them from the top down.
            above = itertools.takewhile(lambda item: item[0] is not widget, visible.items())
            open_ = clip.contains_region(region) and not any(
                other.intersection(bound).overlaps(region) for _, (other, bound) in above
            )
            self._open[widget] = region if open_ and region else None
        return self._open[widget]

    def flush_lines(self) -> None:
        """Send what was wanted by `show_lines`."""
        if self._thin and self._listens:
            self._way.pump()

    def first_row(self) -> int:
        """The row that is sent first where not all can be."""
        return 0

    def _replied(self, cursor: tuple[int, int]) -> None:
        self._way.acknowledged(cursor)
        if self._way.ready:
            self.terminal_ready()

    def terminal_ready(self) -> None:
        """The terminal has shown what it was sent: a frame that is due may be painted."""

    def take_frame(self) -> bool:
        """Whether a frame that is painted now is sent now; what waits goes first."""
        terminal = self._terminal
        if terminal is None:
            return True
        if terminal.pending:
            return False
        torn = terminal.take_torn()
        if torn:
            self.repaint_terminal()
        if not self._thin:
            return True
        return self._way.take_frame()

    def repaint_terminal(self) -> None:
        """What the terminal shows is not what it was sent: all is due, also what did not change."""
        self._way.forget()
        if not self._thin:
            self.screen.refresh(layout=True)

    def leave_dead_input(self) -> None:
        """Stop asking a keyboard that has hung up."""
        if (terminal := self._terminal) is not None:
            terminal.leave_dead_input()

    def put_terminal_back(self, deadline: float, words: str) -> None:
        """For a signal's handler: restore the terminal by `deadline` (monotonic), say `words`."""
        if (terminal := self._terminal) is not None:
            terminal.put_back(deadline, words)

    @on(events.Resize)
    def _forget_picture(self) -> None:
        """What a terminal makes of its picture at another size is not known."""
        self._way.forget()
