"""`obtui replay --plain`: a line for each second of a recording's own time, whatever the speed."""

from __future__ import annotations

import queue
import threading
import time

from obtui import exits, plain
from obtui.commands.plain_command import STEP_SECONDS, Output
from obtui.effects import Effect
from obtui.frame import Frame, FrameKind, begins_run
from obtui.plain import SECOND
from obtui.replay import Player
from obtui.session import Session
from obtui.shared import Market

IDLE_NS = 60 * SECOND
"""A longer time without a frame is not told: it is not waited out either."""
LATE_NS = 200_000_000
"""So much later a second is told where no frame came behind it: one that belongs to it may be on
its way."""
WAITING_LINES = 1000
"""For a reader that is slower than the playing; then the playing waits."""


class ToldMarket(Market):
    """A market of a recording, which tells how it stood at each second of the recording's time."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.closed = False
        """Whether nobody takes the lines any more."""
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._telling = threading.Lock()
        self._base: tuple[int, int] | None = None
        """Wall and monotonic time of the last frame; None before the first."""
        self._next = 0
        """The second that is to be told next."""
        self._silent = True
        """Whether no second was told since it began."""

    def apply(self, frame: Frame) -> tuple[Effect, ...]:
        """As `Market.apply`; a second is told before the first frame behind it is applied."""
        with self._telling:
            base = self._base
            if base is not None and not 0 <= frame.received_ns - base[0] <= IDLE_NS:
                base = None  # the clock was set back, or there is a hole
            if base is None or begins_run(frame):
                self._begin(frame.received_ns, frame.monotonic_ns)
            self._tell_until(frame.received_ns)
            if frame.kind is FrameKind.END:
                self._tell_rest()  # behind it there is no book
            self._base = frame.received_ns, frame.monotonic_ns
        while self._lines.qsize() > WAITING_LINES and not self.closed:
            time.sleep(STEP_SECONDS)  # a recording can wait for who reads its lines
        return super().apply(frame)

    def adopt(self, other: Market) -> None:
        """As `Market.adopt`: another moment begins."""
        super().adopt(other)
        self._base = None

    def pass_time(self, received_ns: int, monotonic_ns: int) -> None:
        """Tell what is due at this monotonic time of the recording, though no frame comes;
        `received_ns` is the last frame's. 0 is before the first one."""
        # Who holds it is telling already.
        if monotonic_ns and self._telling.acquire(blocking=False):
            try:
                if self._base is None:
                    self._begin(received_ns, monotonic_ns)
                elif self._base[0] == received_ns:
                    self._tell_until(received_ns + monotonic_ns - self._base[1] - LATE_NS)
            finally:
                self._telling.release()

    def finish(self) -> None:
        """Tell what had no whole second."""
        with self._telling:
            self._tell_rest()

    def take(self) -> list[str]:
        """The lines that wait."""
        lines = []
        while not self._lines.empty():
            lines.append(self._lines.get())
        return lines

    def _begin(self, received_ns: int, monotonic_ns: int) -> None:
        self._tell_rest()
        self._base = received_ns, monotonic_ns
        self._next = received_ns // SECOND + 1
        self._silent = True

    def _tell_until(self, received_ns: int) -> None:
        while self._next * SECOND <= received_ns:
            self._tell(self._next)
            self._next += 1

    def _tell_rest(self) -> None:
        """Less than a second is told by how it ended."""
        if self._base is not None and self._silent:
            self._tell(self._base[0] // SECOND)

    def _tell(self, second: int) -> None:
        assert self._base is not None
        received_ns, monotonic_ns = self._base
        since = max(0, second * SECOND - received_ns)
        line = plain.line(self.view(1, monotonic_ns + since, prints=1), second * SECOND)
        self._silent = False
        self._lines.put(line)


def replay(player: Player, market: ToldMarket, *, ends: bool, deadline: float | None) -> int:
    """Play until a signal, the deadline (monotonic) or, where it `ends`, the recording's end;
    returns the exit code."""
    output = Output(deadline)
    output.catch_signals()
    playing = threading.Thread(target=player.run, name="feed", daemon=True)
    playing.start()
    while not output.over:
        view = player.view()
        over = not playing.is_alive() or (ends and view.ended)
        if not (over or view.coming):
            market.pass_time(view.received_ns, player.monotonic_ns())
        output.put(market.take())
        if over:
            break
        time.sleep(STEP_SECONDS)  # the recording is played in a thread of its own
    player.stop()
    if output.code in {None, exits.DONE}:
        market.finish()
        output.put(market.take())
    market.closed = True
    view = player.view()
    if view.damage:
        exits.say(f"obtui: {view.damage}\n")
    failure = view.failure
    if failure and not output.code:
        return exits.fail(failure, exits.USAGE if player.unlisted else exits.FAILED)
    return output.code or exits.DONE
