"""The screen of a replay, by its keys: what it says, and where it goes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from obtui.frame import Frame, Header, Mark
from obtui.recording.formats import feed_of
from obtui.recording.index import open_index
from obtui.recording.reader import open_recording
from obtui.replay import Player, Track
from obtui.replay_app import ReplayApp, parse_time
from obtui.replay_command import NotRecorded
from obtui.session import Session
from obtui.shared import Market
from obtui.widgets.bars import TopBar
from obtui.widgets.time_line import DONE, FAULT, HERE, MARK, TODO, TimeLine
from obtui.widgets.time_screen import TimeScreen
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
    note: str = "",
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
    app = ReplayApp(market, player, NotRecorded(), fps=60, note=note, driver_class=None)
    async with shown(app, size) as pilot:
        replay = Replayed(pilot, app, player)
        if second is not None:
            await replay.at(second)
        yield replay
    index.close()


async def test_space_pauses_and_goes_on(tmp_path: Path) -> None:
    async with replayed(tmp_path) as replay:
        assert " paused " in replay.top

        await replay.press("space")
        assert " ×1 " in replay.top
        assert not replay.player.view().paused

        await replay.press("space")
        assert " paused " in replay.top


async def test_full_stop_and_comma_go_a_frame_on_and_back(tmp_path: Path) -> None:
    async with replayed(tmp_path) as replay:
        await replay.press(".")
        await replay.at(31)

        await replay.press(",")
        await replay.at(30)
        await replay.press(",")
        await replay.at(29)
        assert replay.player.view().paused


async def test_angle_brackets_go_ten_seconds(tmp_path: Path) -> None:
    async with replayed(tmp_path) as replay:
        await replay.press("<")
        await replay.at(20)

        for second in (30, 40, 50, 60):
            await replay.press(">")
            await replay.at(second)


async def test_braces_go_to_marks_and_gaps_and_say_which(tmp_path: Path) -> None:
    async with replayed(tmp_path) as replay:
        await replay.press("}")
        await replay.at(40)
        assert "gap: " in replay.top
        assert "SYNCING" in replay.top

        await replay.press("{")
        await replay.at(20)
        assert "mark: look here" in replay.top

        await replay.press("{")
        await replay.comes(lambda: "no mark or gap there" in replay.top, "it says so")
        assert replay.second == 20


@pytest.mark.parametrize(
    ("keys", "pace"), [("+", "×2"), ("=", "×2"), ("-", "×0.5"), ("--", "×0.25"), ("+" * 9, "max")]
)
async def test_plus_and_minus_change_the_speed(tmp_path: Path, keys: str, pace: str) -> None:
    async with replayed(tmp_path, second=60) as replay:
        await replay.press(*keys)
        label = replay.app.label()

        assert "paused" in label
        replay.player.toggle_pause()
        # The last frame is passed by: what stands then is the end.
        assert pace in replay.app.label() or "end" in replay.app.label()
        assert replay.player.view().speed == float(pace[1:] if pace != "max" else "inf")


@pytest.mark.parametrize(
    ("text", "second"),
    [(f"{DAY.replace(second=0):%H:%M}", None), ("+5", 35), ("-12.5", 17), ("+999", 60)],
)
async def test_g_goes_to_a_time(tmp_path: Path, text: str, second: float | None) -> None:
    async with replayed(tmp_path) as replay:
        await replay.press("g")
        await replay.comes(lambda: isinstance(replay.app.screen, TimeScreen), "it asks")
        replay.app.screen.query_one(Input).value = text
        await replay.press("enter")

        await replay.at(second if second is not None else 0)
        assert not isinstance(replay.app.screen, TimeScreen)


@pytest.mark.parametrize("text", ["noon", "25:00:00", "[b]12", "+nan", "2026-13-01", "+inf"])
async def test_g_with_no_time_says_so_and_stays(tmp_path: Path, text: str) -> None:
    async with replayed(tmp_path) as replay:
        await replay.press("g")
        await replay.comes(lambda: isinstance(replay.app.screen, TimeScreen), "it asks")
        replay.app.screen.query_one(Input).value = text
        await replay.press("enter")

        await replay.comes(lambda: f"'{text}' is not a time" in replay.toasts(), "it says so")
        assert replay.second == 30


@pytest.mark.parametrize("leave", [("escape",), ("enter",)])
async def test_g_may_be_left(tmp_path: Path, leave: tuple[str, ...]) -> None:
    async with replayed(tmp_path) as replay:
        await replay.press("g", *leave)
        await replay.comes(lambda: not isinstance(replay.app.screen, TimeScreen), "it is closed")

        assert not replay.toasts()
        assert replay.second == 30


async def test_r_says_that_a_replay_is_not_recorded(tmp_path: Path) -> None:
    async with replayed(tmp_path) as replay:
        await replay.press("r")

        assert "a replay is not recorded" in replay.toasts()


async def test_q_ends_it(tmp_path: Path) -> None:
    async with replayed(tmp_path) as replay:
        await replay.press("q")

        assert replay.player._stopped
        assert not replay.app.return_code


@pytest.mark.parametrize("size", [(80, 24), (120, 30), (200, 60)])
async def test_the_top_line_always_says_replay_and_the_recordings_time(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with replayed(tmp_path, size=size) as replay:
        for keys, second in (("", 30), ("}", 40), ("{", 20), (".", 21), ("<", 11), (",", 10)):
            await replay.press(*keys)
            await replay.at(second)
            moment = datetime.fromtimestamp(WALL_NS // 10**9 + second, UTC)

            assert f"REPLAY {moment:%Y-%m-%d %H:%M:%S}.000 " in replay.top
        await replay.press("question_mark")
        assert "REPLAY" in replay.top


async def test_at_the_end_it_says_so(tmp_path: Path) -> None:
    async with replayed(tmp_path, second=None, note="top levels only") as replay:
        await replay.comes(lambda: replay.player.view().ended, "the end")

        assert " end · top levels only" in replay.top
        assert " 100% " in replay.line


async def test_the_time_line_has_its_marks_and_its_share(tmp_path: Path) -> None:
    async with replayed(tmp_path) as replay:
        first, bar, last, share = replay.line.split()

        assert first == f"{DAY:%H:%M:%S}"
        assert last == f"{datetime.fromtimestamp(WALL_NS // 10**9 + 60, UTC):%H:%M:%S}"
        assert share == "50%"
        assert len(replay.line) == 120
        places = {sign: bar.index(sign) / (len(bar) - 1) for sign in (MARK, HERE, FAULT)}
        assert places == pytest.approx({MARK: 1 / 3, HERE: 1 / 2, FAULT: 2 / 3}, abs=0.01)
        assert set(bar[: bar.index(HERE)]) == {DONE, MARK}
        assert set(bar[bar.index(HERE) + 1 :]) == {TODO, FAULT}


async def test_the_time_line_follows_every_seek(tmp_path: Path) -> None:
    async with replayed(tmp_path) as replay:
        for second, share in ((0, "0%"), (15, "25%"), (60, "100%")):
            replay.player.seek(wall(second))
            await replay.at(second)

            assert replay.line.split()[-1] == share


def painted(width: int, **told: object) -> str:
    line = TimeLine()
    for name, value in told.items():
        setattr(line, name, value)
    line.part = lambda _name: None  # type: ignore[method-assign, assignment, return-value]
    return "".join(segment.text for segment in line.paint(width, 1)[0])


def test_a_time_line_without_an_end_says_so() -> None:
    assert painted(80, now_ns=WALL_NS, span=None) == f" {DAY:%H:%M:%S} · no end yet"


def test_a_narrow_time_line_is_not_broken() -> None:
    for width in range(26, 60):
        text = painted(width, now_ns=WALL_NS, span=(WALL_NS, WALL_NS), moments=[(WALL_NS, True)])
        assert len(text) <= width
        assert "0%" in text


def test_a_gap_is_not_hidden_by_a_mark() -> None:
    both = [(WALL_NS + 50, False), (WALL_NS + 50, True)]
    for moments in (both, both[::-1]):
        text = painted(80, now_ns=WALL_NS, span=(WALL_NS, WALL_NS + 100), moments=moments)
        assert FAULT in text
        assert MARK not in text


def ns(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * 10**9


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("12:01:30", ns("2026-03-31T12:01:30+00:00")),
        (" 12:01 ", ns("2026-03-31T12:01:00+00:00")),
        ("12:01:30.5", ns("2026-03-31T12:01:30+00:00") + 500_000_000),
        ("2026-03-30 23:59:59", ns("2026-03-30T23:59:59+00:00")),
        ("2026-03-30T23:59:59Z", ns("2026-03-30T23:59:59+00:00")),
        ("2026-03-30 23:59:59+02:00", ns("2026-03-30T21:59:59+00:00")),
        ("12:01:30+02:00", ns("2026-03-31T10:01:30+00:00")),
        ("+90", ns("2026-03-31T06:01:30+00:00")),
        ("-0.5", ns("2026-03-31T06:00:00+00:00") - 500_000_000),
        ("", None),
        ("+", None),
        ("noon", None),
        ("12", None),
        ("24:00:01", None),
        ("12:60", None),
        ("+inf", None),
        ("-nan", None),
        ("+1e400", None),
    ],
)
def test_a_typed_time(text: str, wanted: int | None) -> None:
    assert parse_time(text, ns("2026-03-31T06:00:00+00:00")) == wanted
