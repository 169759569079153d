"""`obtui record`: what it writes, of frames that a scripted venue sent on loopback."""

from __future__ import annotations

import itertools
import json
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from websockets.asyncio.server import ServerConnection

from headless_support import (
    ASKS,
    BIDS,
    changes,
    record,
    recorder,
    steady,
)
from obtui import live
from obtui.feeds.gemini import GeminiFeed
from obtui.frame import FrameKind, Header
from obtui.recording.books import BookRecorder
from obtui.session import Session
from obtui.shared import Listeners, Market
from support import wire
from support.capture_files import captured, kinds
from support.venue import LoopbackVenue, hold, plays, send_all


def test_lines_are_the_frames_books_byte_for_byte(tmp_path: Path) -> None:
    wanted = list(itertools.islice(changes(), 40))
    path = tmp_path / "books.jsonl"
    before = time.time_ns() // 1_000_000
    with LoopbackVenue(plays([frame for frame, _ in wanted])) as venue:
        result = record(
            *("BTCUSD", "--url", venue.url, "--record", str(path)),
            *("--depth", "2", "--messages", "40"),
            folder=tmp_path,
        )
    after = time.time_ns() // 1_000_000

    assert result.returncode == 0, result.stderr
    assert result.stdout == ""
    assert result.stderr == f"obtui: saved 40 book lines to {path}\n"
    written = path.read_bytes().splitlines(keepends=True)
    assert len(written) == 41
    for got, (_, expected) in zip(written, wanted, strict=False):
        assert got.startswith(expected)
        assert got[len(expected) :].endswith(b"}\n")
        assert before <= int(got[len(expected) : -2]) <= after
    assert written[-1].startswith(b'{"bids": [], "asks": [], "ts": ')
    times = [json.loads(got)["ts"] for got in written]
    assert times == sorted(times)


def no_waits(chance: random.Random, *, at_once: bool) -> Iterator[float]:
    return itertools.repeat(0.0)


def test_a_gap_is_a_line_without_a_book_and_then_a_new_book(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "back_off", no_waits)
    path = tmp_path / "books.jsonl"

    async def script(connection: ServerConnection, nth: int) -> None:
        frames = [wire.depth(100, BIDS, ASKS)]
        if nth == 1:
            frames.append(wire.depth(109, [("1", "1")], after=105))
        await send_all(connection, frames)
        await hold(connection)

    with LoopbackVenue(script) as venue:
        result = record(
            *("BTCUSD", "--url", venue.url, "--record", str(path), "--messages", "2"),
            folder=tmp_path,
        )

    assert result.returncode == 0
    books = [json.loads(text) for text in path.read_text().splitlines()]
    assert [bool(book["bids"]) for book in books] == [True, False, True, False]


def test_lines_go_to_standard_output(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with LoopbackVenue(steady(0.001)) as venue:
        result = record(
            *("BTCUSD", "--url", venue.url, "--record", "-", "--messages", "5"), folder=tmp_path
        )

    assert result.returncode == 0
    assert result.stderr == "obtui: saved 5 book lines to standard output\n"
    books = [json.loads(text) for text in capfd.readouterr().out.splitlines()]
    assert [bool(book["bids"]) for book in books] == [True] * 5 + [False]
    assert list(tmp_path.iterdir()) == []


def test_appending_sets_a_torn_line_apart(tmp_path: Path) -> None:
    path = tmp_path / "books.jsonl"
    path.write_text('{"bids": [[1, 1]], "asks": [[2, 1]], "ts": 1}\n{"bids": [[1,')
    with LoopbackVenue(plays([frame for frame, _ in itertools.islice(changes(), 3)])) as venue:
        result = record(
            *("BTCUSD", "--url", venue.url, "--record", str(path), "--messages", "3"),
            folder=tmp_path,
        )

    assert result.returncode == 0
    texts = path.read_text().splitlines()
    assert texts[1] == '{"bids": [[1,'
    added = [json.loads(text) for text in texts[2:]]
    assert [bool(book["bids"]) for book in added] == [False, True, True, True, False]


def test_a_second_recording_is_appended_behind_a_mark(tmp_path: Path) -> None:
    path = tmp_path / "books.jsonl"
    with LoopbackVenue(steady()) as venue:
        for _ in range(2):
            result = record(
                *("BTCUSD", "--url", venue.url, "--record", str(path), "--messages", "3"),
                folder=tmp_path,
            )
            assert result.returncode == 0

    books = [bool(json.loads(text)["bids"]) for text in path.read_text().splitlines()]
    # The end of the first, then the mark that between the two nobody watched.
    assert books == [True] * 3 + [False] * 2 + [True] * 3 + [False]


def test_without_a_name_both_are_made_and_told(tmp_path: Path) -> None:
    with LoopbackVenue(steady()) as venue:
        result = record("btc-usd", "--url", venue.url, "--messages", "2", folder=tmp_path)

    assert result.returncode == 0, result.stderr
    capture, books = sorted(tmp_path.iterdir())
    stem = books.name.removesuffix(".jsonl")
    assert stem.startswith("gemini-BTCUSD-")
    assert capture.name == f"{stem}.capture.jsonl.zst"
    said, saved = result.stderr.splitlines()
    assert said == f"obtui: recording book lines to {books}, frames to {capture}"
    # Before the first book there may be an ack; after the second nothing is taken any more.
    assert saved == f"obtui: saved 2 book lines to {books} and 2 frames to {capture}"


def test_a_capture_alone_counts_messages(tmp_path: Path) -> None:
    wanted = [frame for frame, _ in itertools.islice(changes(), 60)]
    path = tmp_path / "wire.jsonl.zst"
    with LoopbackVenue(plays(wanted)) as venue:
        result = record(
            *("BTCUSD", "--url", venue.url, "--capture", str(path), "--messages", "40"),
            folder=tmp_path,
        )

    assert result.returncode == 0, result.stderr
    assert result.stderr == f"obtui: saved 40 frames to {path}\n"
    got = captured(path)
    assert [frame.data for frame in got if frame.kind is FrameKind.TEXT] == wanted[:40]
    assert kinds(got[:3]) == "header connect send"
    assert kinds(got[-1:]) == "end"
    header = msgspec.json.decode(got[0].data, type=Header)
    assert header.url.startswith(venue.url)
    assert list(tmp_path.iterdir()) == [path]


def test_a_signal_ends_both_at_one_time(tmp_path: Path) -> None:
    books, wire_path = tmp_path / "books.jsonl", tmp_path / "wire.jsonl"
    with (
        LoopbackVenue(steady(0.002)) as venue,
        recorder(
            *("BTCUSD", "--url", venue.url, "--depth", "2"),
            *("--record", str(books), "--capture", str(wire_path)),
            folder=tmp_path,
            ready=books,
        ) as process,
    ):
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)

    got = captured(wire_path)
    market = Market(Session(GeminiFeed("BTCUSD")))
    again = BookRecorder.open(str(tmp_path / "again.jsonl"), 2)
    market.listeners = Listeners(books=again)
    for frame in got:
        market.apply(frame)
    again.close()
    assert kinds(got[-1:]) == "end"
    assert (tmp_path / "again.jsonl").read_bytes() == books.read_bytes()


def test_rotated_captures_are_numbered(tmp_path: Path) -> None:
    with LoopbackVenue(steady(0.01)) as venue:
        result = record(
            *("BTCUSD", "--url", venue.url, "--capture", "wire.jsonl", "--rotate", "1s"),
            *("--duration", "1.6"),
            folder=tmp_path,
        )

    assert result.returncode == 0, result.stderr
    paths = sorted(tmp_path.iterdir())
    assert [path.name for path in paths][:2] == ["wire-000000.jsonl", "wire-000001.jsonl"]
    assert f"{paths[0]} up to {paths[-1].name}" in result.stderr
    got = [frame for path in paths for frame in captured(path)]
    texts = [json.loads(frame.data)["u"] for frame in got if frame.kind is FrameKind.TEXT]
    assert texts == list(range(100, 100 + len(texts)))
