"""The screen of a replay of a minute, and what stands on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from textual.pilot import Pilot

from obtui.frame import Frame, Header, Mark
from obtui.looks import Look
from obtui.recording.formats import feed_of
from obtui.recording.index import open_index
from obtui.recording.reader import open_recording
from obtui.replay import Player
from obtui.replay_app import ReplayApp
from obtui.session import Session
from obtui.shared import Market
from obtui.track import Track
from obtui.widgets.bars import StatusLine, TopBar
from obtui.widgets.time_line import TimeLine
from screen_support import lines, shown, until
from support import recordings, wire
from support.frames import WALL_NS, wall

DAY = datetime.fromtimestamp(WALL_NS // 10**9, UTC)


def made_market() -> Market:
    return Market(Session(feed_of(Header("gemini", "BTCUSD", url="", program=""))))


def minute() -> list[Frame]:
    """60 s, one change a second, with a mark at 20 s and a lost message at 40 s."""
    frames = [recordings.header(), recordings.opened()]
    frames.append(recordings.message(wire.depth(1, recordings.BIDS, recordings.ASKS)))
    for nth in range(1, 61):
        after = nth if nth != 40 else 10**6
        data = wire.depth(after + 1, [("1", f"{nth}")], after=after)
        frames.append(recordings.message(data, nth))
        if nth == 20:
            frames.append(recordings.control(Mark("look here"), nth))
    return frames


class Replayed:
    """A replay of a minute, its app and its player."""

    def __init__(self, pilot: Pilot[None], app: ReplayApp, player: Player) -> None:
        self.pilot = pilot
        self.app = app
        self.player = player

    @property
    def second(self) -> float:
        return (self.player.view().received_ns - WALL_NS) / 1e9

    @property
    def top(self) -> str:
        return lines(self.app, TopBar)[0]

    @property
    def line(self) -> str:
        return lines(self.app, TimeLine)[0]

    @property
    def foot(self) -> str:
        return lines(self.app, StatusLine)[0].strip()

    def toasts(self) -> str:
        return "\n".join(it.message for it in self.app._notifications)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def comes(self, condition: Callable[[], bool], what: str) -> None:
        await until(self.pilot, condition, what)
        self.app.refresh_now()

    async def at(self, second: float) -> None:
        await self.comes(lambda: self.second == second, f"second {second:g}")


@asynccontextmanager
async def replayed(
    folder: Path,
    frames: Sequence[Frame] | None = None,
    *,
    second: float | None = 30.0,
    size: tuple[int, int] = (120, 30),
    toasts: bool = False,
) -> AsyncIterator[Replayed]:
    """Shown, standing still at a second, or running as fast as it can."""
    path = recordings.put(folder / "a.jsonl", recordings.lines(frames or minute()))
    recording = open_recording([path])
    index = open_index(recording)
    market = made_market()
    speed = 1.0 if second is not None else float("inf")
    player = Player(Track(recording, index), market, made_market, speed=speed)
    if second is not None:
        player.toggle_pause()
        player.seek(wall(second))
    app = ReplayApp(market, player, Look(fps=60), driver_class=None)
    async with shown(app, size, toasts=toasts) as pilot:
        replay = Replayed(pilot, app, player)
        if second is not None:
            await replay.at(second)
        yield replay
    index.close()
