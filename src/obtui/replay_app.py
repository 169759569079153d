"""The screen of a replay: the same, with a time line and keys that move through the recording."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import ClassVar

from textual.binding import Binding, BindingType

from obtui import figures
from obtui.app import ObtuiApp
from obtui.frame import FrameKind
from obtui.looks import Look
from obtui.pace import MAX
from obtui.replay import Player
from obtui.replay_view import PlayerView
from obtui.shared import Market
from obtui.terminal import TerminalDriver
from obtui.watched import Watched
from obtui.widgets.lines import LineWidget
from obtui.widgets.time_line import TimeLine
from obtui.widgets.time_screen import TimeScreen

SECOND = 1_000_000_000
JUMP_SECONDS = 10.0
FOUND_SECONDS = 5.0
"""Of ours: how long it is said what was gone to, while it is played on."""
NARROW = 80
"""Columns: in fewer, the day is left out of the top line."""
STEP, TEN, MOMENT, SPEED = (
    Binding.Group(words, compact=True) for words in ("Step", "10 s", "Mark", "Speed")
)
NOTHING_YET = "there is nothing yet to go to"
ONLY_ON = "a pipe cannot be gone back or on in: save it to a file, and replay that"


class Told:
    """What stands where a live screen tells of its recording."""

    active = False
    saved: tuple[str, ...] = ()
    failed = False
    """Whether the recording can be read no further."""
    state = ""
    """What is to be known of it now."""
    found = ""
    """What the last key led to."""
    damage = ""
    """What could not be read of it."""

    def words(self) -> str:
        """For the status line."""
        return self.state or self.found or self.damage or "a replay: nothing is recorded"

    def toggle(self) -> str:
        """A refusal."""
        return "a replay is not recorded: obtui replay FILE --no-screen --record OUT writes books"


class ReplayApp(ObtuiApp):
    """One recorded market on screen."""

    replays: ClassVar[bool] = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "pause", "Pause"),
        Binding("r", "record", show=False),
        Binding("less_than_sign", "jump(-1)", "Back", key_display="<", group=TEN),
        Binding("greater_than_sign", "jump(1)", "On", key_display=">", group=TEN),
        Binding("left_curly_bracket", "moment(-1)", "Previous", key_display="{", group=MOMENT),
        Binding("right_curly_bracket", "moment(1)", "Next", key_display="}", group=MOMENT),
        Binding("minus", "speed(-1)", "Slower", key_display="-", group=SPEED),
        Binding("plus", "speed(1)", "Faster", key_display="+", group=SPEED),
        Binding("equals_sign", "speed(1)", show=False),
        Binding("comma", "step(-1)", "Back", key_display=",", group=STEP),
        Binding("full_stop", "step(1)", "On", key_display=".", group=STEP),
        Binding("g", "go", "Go to"),
    ]

    def __init__(
        self,
        market: Market,
        player: Player,
        look: Look | None = None,
        *,
        driver_class: type[TerminalDriver] | None = TerminalDriver,
    ) -> None:
        self._told = Told()
        self._line = TimeLine(id="time")
        super().__init__(
            [Watched(market, player)],
            self._told,
            look,
            clock=player.monotonic_ns,
            driver_class=driver_class,
        )
        self._player = player
        self._painted: tuple[object, ...] = ()

    def foot(self) -> Iterable[LineWidget]:
        """The time line."""
        return [self._line]

    def label(self) -> str:
        """Never live: the recording's own time, and how it is played."""
        view = self._player.view()
        if view.coming:
            return "REPLAY"
        moment = datetime.fromtimestamp(view.received_ns // SECOND, UTC)
        day = f"{moment:%Y-%m-%d} " if self.size.width >= NARROW else ""
        millis = view.received_ns // 1_000_000 % 1000
        limits = f" · {view.limits}" if view.limits else ""
        return f"REPLAY {day}{moment:%H:%M:%S}.{millis:03} {_pace(view)}{limits}"

    def _frame(self) -> None:
        super()._frame()
        # A recording that stands still has no new version: what is said of it may be new.
        if self._state(self._player.view()) != self._painted:
            self._paint()

    def _state(self, view: PlayerView) -> tuple[object, ...]:
        return _pace(view), view.failure, view.damage, view.skipped_seconds, self._told.found

    def _paint(self) -> None:
        view = self._player.view()
        told = self._told
        if view.failure not in ("", told.state) and len(view.failure) >= self.size.width:
            # The whole of it: the status line has room for its beginning only.
            self.notify(view.failure, severity="error", timeout=20, markup=False)
        self._painted = self._state(view)
        skipped = view.skipped_seconds
        told.failed = bool(view.failure)
        told.state = view.failure or (
            f"skipped {figures.duration(skipped)} with nothing in it" if skipped else ""
        )
        told.damage = view.damage
        line = self._line
        line.now_ns, line.span = view.received_ns, view.span
        line.moments = [(it.received_ns, it.kind is FrameKind.MARK) for it in view.events]
        line.repaint()
        super()._paint()  # last: it sends what both want

    def action_pause(self) -> None:
        """Stand still, or go on."""
        self._told.found = ""
        self._player.toggle_pause()
        self._paint()

    def action_step(self, frames: int) -> None:
        """One frame."""
        self._told.found = ""
        if frames > 0 or self._may_seek():
            self._player.step(frames)

    def action_jump(self, direction: int) -> None:
        """Some seconds."""
        if self._may_seek():
            self._player.seek_by(direction * JUMP_SECONDS)

    def _may_seek(self) -> bool:
        """Says why not, if not."""
        seekable, coming = self._player.seekable, self._player.view().coming
        self._told.found = "" if seekable else NOTHING_YET if coming else ONLY_ON
        return seekable

    def action_speed(self, steps: int) -> None:
        """Slower or faster."""
        self._player.change_speed(steps)
        self._paint()

    def action_moment(self, direction: int) -> None:
        """To a mark or gap."""
        if self._may_seek():
            event = self._player.seek_event(direction)
            # Not over the time line: it is a place on it.
            words = (event.kind.value, event.text) if event else ("no mark or gap there",)
            self._told.found = found = ": ".join(filter(None, words))
            self.set_timer(FOUND_SECONDS, lambda: self._leave(found))
        self._paint()

    def _leave(self, found: str) -> None:
        """What was found is passed by now, if it is played on."""
        if self._told.found is found and not self._player.view().paused:
            self._told.found = ""

    def action_go(self) -> None:
        """To a time that is typed."""
        if self._may_seek():
            self.push_screen(TimeScreen(), self._go)

    def _go(self, text: str | None) -> None:
        if not text:
            return
        now = self._player.view().received_ns
        target = parse_time(text, now)
        if target is None:
            self.notify(f"'{text}' is not a time: like 12:01:30", severity="error", markup=False)
        else:
            self._player.seek(target)


def parse_time(text: str, now_ns: int) -> int | None:
    """A time in UTC, on the day of `now_ns` where no day is given, or seconds from it, in ns."""
    text = text.strip()
    try:
        if text[:1] in {"+", "-"}:
            return now_ns + int(float(text) * SECOND)
        if ":" in text and "-" not in text:
            day: date = datetime.fromtimestamp(now_ns / SECOND, UTC).date()
            told = time.fromisoformat(text)
            moment = datetime.combine(day, told, told.tzinfo or UTC)
        else:
            moment = datetime.fromisoformat(text)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return int(moment.timestamp() * SECOND)
    except (ValueError, OverflowError):
        return None


def _pace(view: PlayerView) -> str:
    if view.seeking:
        return "seeking"
    if view.failure:
        return "broken off"
    if view.gone:
        return "no recorder"
    if view.paused:
        return "paused"
    if view.ended:
        return "end"
    return "max" if view.speed == MAX else f"×{figures.plain(view.speed)}"
