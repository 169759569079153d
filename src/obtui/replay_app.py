"""The screen of a replay: the same, with a time line and keys that move through the recording."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import ClassVar

from textual.binding import Binding, BindingType

from obtui import figures
from obtui.app import ObtuiApp
from obtui.frame import FrameKind
from obtui.replay import Player
from obtui.seams import Recording
from obtui.shared import Market
from obtui.terminal import TerminalDriver
from obtui.widgets.lines import LineWidget
from obtui.widgets.time_line import TimeLine
from obtui.widgets.time_screen import TimeScreen

SECOND = 1_000_000_000
JUMP_SECONDS = 10.0


class ReplayApp(ObtuiApp):
    """One recorded market on screen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "pause", "Pause"),
        Binding("r", "record", show=False),
        Binding("full_stop", "step(1)", "On", key_display="."),
        Binding("comma", "step(-1)", "Back", key_display=","),
        Binding("less_than_sign", "jump(-1)", "-10 s", key_display="<"),
        Binding("greater_than_sign", "jump(1)", "+10 s", key_display=">"),
        Binding("left_curly_bracket", "moment(-1)", "Mark", key_display="{"),
        Binding("right_curly_bracket", "moment(1)", "Mark", key_display="}"),
        Binding("minus", "speed(-1)", "Slower", key_display="-"),
        Binding("plus", "speed(1)", "Faster", key_display="+"),
        Binding("equals_sign", "speed(1)", show=False),
        Binding("g", "go", "Go to"),
    ]

    def __init__(
        self,
        market: Market,
        player: Player,
        recording: Recording,
        *,
        fps: float = 20.0,
        theme: str = "obtui",
        note: str = "",
        driver_class: type[TerminalDriver] | None = TerminalDriver,
    ) -> None:
        """`note` is said beside REPLAY: what the recording cannot show."""
        super().__init__(
            market,
            player,
            recording,
            fps=fps,
            theme=theme,
            clock=player.monotonic_ns,
            driver_class=driver_class,
        )
        self._player = player
        self._note = note
        self._found = ""
        """What was last gone to."""

    def foot(self) -> Iterable[LineWidget]:
        """The time line."""
        return [TimeLine(id="time")]

    def label(self) -> str:
        """Never live: the recording's own time, and how it is played."""
        view = self._player.view()
        moment = datetime.fromtimestamp(view.received_ns / SECOND, UTC)
        pace = "paused" if view.paused else "end" if view.ended else _speed(view.speed)
        note = "".join(f" · {words}" for words in (self._note, self._found) if words)
        return f"REPLAY {moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03} {pace}{note}"

    def _paint(self, depth: int = 1) -> None:
        super()._paint(depth)
        lines = self.screen_stack[0].query(TimeLine)
        view = self._player.view()
        for line in lines:
            line.now_ns, line.span = view.received_ns, view.span
            line.moments = [(it.received_ns, it.kind is FrameKind.MARK) for it in view.events]
            line.repaint()

    def action_pause(self) -> None:
        """Stand still, or go on."""
        self._player.toggle_pause()
        self._paint()

    def action_step(self, frames: int) -> None:
        """One frame."""
        self._player.step(frames)

    def action_jump(self, direction: int) -> None:
        """Some seconds."""
        self._player.seek_by(direction * JUMP_SECONDS)

    def action_speed(self, steps: int) -> None:
        """Slower or faster."""
        self._player.change_speed(steps)
        self._paint()

    def action_moment(self, direction: int) -> None:
        """To a mark or gap."""
        event = self._player.seek_event(direction)
        # In the top line, not over the time line that it is a place on.
        self._found = f"{event.kind.value}: {event.text}" if event else "no mark or gap there"
        self._paint()

    def action_go(self) -> None:
        """To a time that is typed."""
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


def _speed(speed: float) -> str:
    return "max" if speed == float("inf") else f"×{figures.plain(speed)}"
