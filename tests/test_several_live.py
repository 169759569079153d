"""Several markets over real sockets, on the screen and without one: each fails alone."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import pytest

from obtui import following
from obtui.app import ObtuiApp
from obtui.config import Options
from obtui.following import Following
from obtui.frame import FrameKind
from obtui.looks import Look
from obtui.recording.group import RecordingGroup
from obtui.watched import Watched
from obtui.widgets.bars import TopBar
from obtui.widgets.market_tabs import MarketTabs
from screen_support import lines, shown, until
from support.capture_files import captured
from support.several_venue import CLOSED, GOOD, UNKNOWN, V1, several_venue
from support.wait import eventually
from terminal_support import (
    PYTHON,
    assert_closed_whole,
    book_lines,
    environment,
    terminal,
)

PATTERN = "x-{venue}-{symbol}.jsonl"


def app_of(url: str, *markets: str) -> tuple[ObtuiApp, list[Following], list[Watched]]:
    options = Options.of({"symbols": markets, "url": url, "record": PATTERN})
    followed = following.follow(options, following.resolve(options.markets, options.rest))
    watched = [it.connect(options.url, options.rest) for it in followed]
    recording = following.recording_of(followed)
    assert isinstance(recording, RecordingGroup)
    return ObtuiApp(watched, recording, Look(fps=60), driver_class=None), followed, watched


async def test_each_market_lives_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with several_venue() as venue:
        app, followed, watched = app_of(venue.url, GOOD, UNKNOWN, CLOSED, V1)
        following.record_all(followed)
        async with shown(app, (160, 30)) as pilot:
            await until(pilot, lambda: bool(watched[1].refused), "it is refused")
            await until(pilot, lambda: watched[0].market.messages > 20, "the first goes on")
            await until(pilot, lambda: watched[3].market.messages > 20, "the last goes on")
            states = [it.look(1, time.monotonic_ns()).state.value for it in watched]
            await until(pilot, lambda: "OFFLINE" in lines(app, MarketTabs)[0], "the tabs")
            tabs = lines(app, MarketTabs)[0]
            await pilot.press("2")
            refused = lines(app, TopBar)[0]
            await pilot.press("r")
            files = sorted(path.name for path in tmp_path.iterdir())

        assert app.return_code is None
    assert states == ["VERIFIED", "OFFLINE", "OFFLINE", "VERIFIED"]
    assert "[1 ● gemini BTCUSD" in tabs
    assert "2 ╳ gemini-v1 NOSUCH" in tabs
    assert "OFFLINE  gemini has no symbol NOSUCH" in refused
    # Where no book came there is no file.
    assert files == ["x-gemini-BTCUSD.jsonl", "x-gemini-v1-BTCUSD.jsonl"]
    for name in files:
        assert len(assert_closed_whole(tmp_path / name)) > 20


async def test_a_defect_in_one_feed_is_in_its_recording_and_in_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with several_venue() as venue:
        app, followed, watched = app_of(venue.url, GOOD, V1)
        following.record_all(followed)
        async with shown(app) as pilot:
            await until(pilot, lambda: watched[1].market.messages > 5, "a book of both")
            monkeypatch.setattr(followed[1].market._session._decoder, "decode", None)
            await until(pilot, lambda: bool(watched[1].fault), "the defect")
            path = tmp_path / "x-gemini-v1-BTCUSD.jsonl"
            await until(pilot, lambda: not book_lines(path)[-1]["bids"], "it is in the recording")
            before = watched[0].market.messages
            await until(pilot, lambda: watched[0].market.messages > before + 5, "the other")
            running = app.is_running
            app.action_record()

    assert running
    assert watched[1].fault.startswith("ended by a defect of obtui: TypeError: 'NoneType'")
    assert_closed_whole(tmp_path / "x-gemini-BTCUSD.jsonl")
    assert_closed_whole(tmp_path / "x-gemini-v1-BTCUSD.jsonl")


def record(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PYTHON, "record", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        cwd=folder,
        env=environment(),
    )


def test_all_are_recorded_each_to_its_own_files(tmp_path: Path) -> None:
    with several_venue() as venue:
        result = record(
            tmp_path,
            *(GOOD, V1, "--url", venue.url, "--messages", "12"),
            *("--record", PATTERN, "--capture", "{symbol}-{venue}.zst"),
        )

    assert result.returncode == 0, result.stderr
    for venue_name in ("gemini", "gemini-v1"):
        books, wire = tmp_path / f"x-{venue_name}-BTCUSD.jsonl", f"BTCUSD-{venue_name}.zst"
        assert len(assert_closed_whole(books)) == 13
        texts = [it for it in captured(tmp_path / wire) if it.kind is FrameKind.TEXT]
        assert len(texts) >= 12
        assert f"obtui: saved 12 book lines to {books} and " in result.stderr
    assert len(list(tmp_path.iterdir())) == 4


def test_one_that_is_refused_is_told_at_once_and_the_other_is_recorded(tmp_path: Path) -> None:
    with several_venue() as venue:
        result = record(
            tmp_path,
            *(GOOD, UNKNOWN, CLOSED, "--url", venue.url, "--record", PATTERN),
            *("--duration", "0.8"),
        )

    refused, saved, offline = result.stderr.splitlines()
    assert result.returncode == 1
    assert refused.startswith("obtui: gemini has no symbol NOSUCH")
    assert refused.endswith(": choose another symbol")
    assert saved.startswith("obtui: saved ")
    assert offline.startswith("obtui: no book came from gemini-v1 ETHUSD: OFFLINE · the venue answ")
    assert [path.name for path in tmp_path.iterdir()] == ["x-gemini-BTCUSD.jsonl"]
    assert_closed_whole(tmp_path / "x-gemini-BTCUSD.jsonl")


def test_where_all_are_refused_it_is_a_usage_error(tmp_path: Path) -> None:
    with several_venue() as venue:
        result = record(
            tmp_path,
            *("gemini-v1:NOSUCHA", UNKNOWN, "--url", venue.url, "--record", PATTERN),
        )

    assert result.returncode == 2
    assert result.stderr.count("has no symbol") == 2
    assert list(tmp_path.iterdir()) == []


def test_a_signal_ends_all_recordings_whole(tmp_path: Path) -> None:
    paths = [tmp_path / "x-gemini-BTCUSD.jsonl", tmp_path / "x-gemini-v1-BTCUSD.jsonl"]
    with (
        several_venue() as venue,
        subprocess.Popen(
            [*PYTHON, "record", GOOD, V1, "--url", venue.url, "--record", PATTERN],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            env=environment(),
        ) as process,
    ):
        eventually(lambda: all(len(book_lines(path)) > 3 for path in paths), "lines of both", 20)
        sent = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=20)
        took = time.monotonic() - sent

    assert process.returncode == 128 + signal.SIGTERM
    assert took < 1.0
    for path in paths:
        lines = assert_closed_whole(path)
        assert f"obtui: saved {len(lines) - 1} book lines to {path}\n" in said.decode()


@pytest.mark.parametrize("stalled", [False, True], ids=["read", "unread"])
def test_a_signal_on_the_screen_ends_all_recordings_whole(stalled: bool, tmp_path: Path) -> None:
    markets = ("gemini:BTCUSD", "gemini-v1:BTCUSD", "gemini:ETHUSD")
    paths = [tmp_path / f"x-{it.replace(':', '-')}.jsonl" for it in markets]
    arguments = ["demo", *markets, "--seed=3", "--speed=10", "--record", PATTERN]
    with terminal(arguments, tmp_path) as running:
        running.wait_for("[1 ● ")
        running.wait_until(lambda: all(len(book_lines(path)) > 3 for path in paths), "lines")
        if stalled:
            running.fill()
        sent = running.signal(signal.SIGTERM)
        code = running.wait_for_exit(reading=not stalled)

        assert code == 128 + signal.SIGTERM
        assert running.ended_at - sent < 1.0
        while running.read(0.1):
            pass
        running.assert_put_back()
        after = running.raw.rpartition(b"\x1b[?1049l")[2].decode()
        assert after.count("obtui: saved ") == 3
    for path in paths:
        assert_closed_whole(path)
