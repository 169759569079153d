"""`obtui record`: real processes against a scripted venue on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import itertools
import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from websockets.asyncio.server import ServerConnection

from obtui.feeds.gemini import GeminiFeed
from obtui.frame import FrameKind, Header
from obtui.recording.books import BookRecorder
from obtui.session import Session
from obtui.shared import Listeners, Market
from support import wire
from support.capture_files import captured, kinds
from support.http import closed_port, rest_venue, silent_port
from support.venue import LoopbackVenue, Script, hold, plays, send_all
from support.wait import eventually
from terminal_support import (
    PYTHON,
    Terminal,
    assert_closed_whole,
    book_lines,
    environment,
    terminal,
)

Result = subprocess.CompletedProcess[str]

BIDS = [("99.50", "1.0"), ("99.25", "0.50000000"), ("99", "3"), ("98.75", "1E-8")]
ASKS = [("100.50", "0.25"), ("101.00", "7")]


def changes() -> Iterator[tuple[bytes, bytes]]:
    """A book, then changes of it: each frame, and its line without the time.

    The lines are made from the frames alone, by no code of the program.
    """
    bids, asks = dict(BIDS), dict(ASKS)
    yield wire.depth(100, BIDS, ASKS), line(bids, asks)
    for number in itertools.count():
        price, size = f"99.{40 + number % 7}", ["0.125", "2.50", "0"][number % 3]
        if size == "0":
            bids.pop(price, None)
        else:
            bids[price] = size
        frame = wire.depth(101 + number, [(price, size)], after=100 + number)
        yield frame, line(bids, asks)


def line(bids: dict[str, str], asks: dict[str, str]) -> bytes:
    """The best two levels a side, as a line says them up to its time."""

    def side(levels: dict[str, str], *, best_high: bool) -> str:
        prices = sorted(levels, key=float, reverse=best_high)[:2]
        return ", ".join(f"[{price}, {levels[price]}]" for price in prices)

    best = f'"bids": [{side(bids, best_high=True)}], "asks": [{side(asks, best_high=False)}]'
    return f'{{{best}, "ts": '.encode()


def command(*arguments: str) -> list[str]:
    return [*PYTHON, "record", *arguments]


def record(*arguments: str, folder: Path) -> Result:
    return subprocess.run(
        command(*arguments),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        cwd=folder,
        env=environment(),
    )


@contextlib.contextmanager
def recorder(
    *arguments: str, folder: Path, ready: Path, stdout: int = subprocess.DEVNULL
) -> Iterator[subprocess.Popen[bytes]]:
    """A recorder that has written something."""
    with subprocess.Popen(
        command(*arguments),
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=environment(),
    ) as process:
        try:
            eventually(lambda: ready.exists() and ready.stat().st_size > 0, "a line", 20)
            yield process
        finally:
            process.kill()


def steady(seconds: float = 0.02) -> Script:
    """A book, then one change after the other until the client leaves."""

    async def script(connection: ServerConnection, nth: int) -> None:
        for frame, _ in changes():
            await connection.send(frame, text=True)
            await asyncio.sleep(seconds)

    return script


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


def test_a_gap_is_a_line_without_a_book_and_then_a_new_book(tmp_path: Path) -> None:
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


def test_the_duration_is_that_of_the_command(tmp_path: Path) -> None:
    path = tmp_path / "books.jsonl"
    with LoopbackVenue(steady()) as venue:
        started = time.monotonic()
        result = record(
            *("BTCUSD", "--url", venue.url, "--record", str(path), "--duration", "1.5"),
            folder=tmp_path,
        )
        took = time.monotonic() - started

    assert result.returncode == 0
    # Python's own start comes before the command's, and on a slow machine takes its time.
    assert 1.5 <= took < 4.0
    lines = assert_closed_whole(path)
    assert float(lines[-1]["ts"] - lines[0]["ts"]) < 1500


def only_line(result: Result) -> str:
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1, result.stderr
    return result.stderr.rstrip("\n")


def test_nothing_listening_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    result = record(
        *("BTCUSD", "--url", f"ws://127.0.0.1:{closed_port()}", "--record", "x.jsonl"),
        *("--duration", "0.5"),
        folder=tmp_path,
    )

    assert result.returncode == 1
    said = only_line(result)
    assert said.startswith("obtui: no book came from gemini: OFFLINE · ")
    assert "connection refused" in said
    assert "try --venue gemini-v1" in said
    assert list(tmp_path.iterdir()) == []


def test_a_silent_server_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    with silent_port() as port:
        result = record(
            *("BTCUSD", "--url", f"ws://127.0.0.1:{port}", "--record", "x.jsonl"),
            *("--duration", "0.5"),
            folder=tmp_path,
        )

    assert result.returncode == 1
    assert only_line(result).startswith("obtui: no book came from gemini: SYNCING")
    assert list(tmp_path.iterdir()) == []


def test_a_server_without_a_book_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    with LoopbackVenue(plays([wire.ack()])) as venue:
        result = record(
            *("BTCUSD", "--url", venue.url, "--record", "x.jsonl", "--duration", "0.5"),
            folder=tmp_path,
        )

    assert result.returncode == 1
    assert only_line(result) == ("obtui: no book came from gemini: SYNCING · waiting for the book")
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_symbol_is_the_venues_to_say(tmp_path: Path) -> None:
    with LoopbackVenue(plays([wire.UNKNOWN_STREAM])) as venue:
        result = record("NOSUCH", "--url", venue.url, "--record", "x.jsonl", folder=tmp_path)

    assert result.returncode == 2
    said = only_line(result)
    assert said.startswith("obtui: gemini has no symbol NOSUCH")
    assert said.endswith(": choose another symbol")
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_symbol_of_rest_ends_it_too(tmp_path: Path) -> None:
    with LoopbackVenue(hold_only) as venue, rest_venue(400, wire.UNKNOWN_SYMBOL) as rest:
        result = record(
            *("NOSUCH", "--url", venue.url, "--rest-url", rest.url, "--record", "x.jsonl"),
            folder=tmp_path,
        )

    assert result.returncode == 2
    assert "gemini has no symbol NOSUCH" in only_line(result)
    assert list(tmp_path.iterdir()) == []


async def hold_only(connection: ServerConnection, nth: int) -> None:
    await hold(connection)


def test_lines_go_to_standard_output(tmp_path: Path) -> None:
    with LoopbackVenue(steady(0.001)) as venue:
        result = record(
            *("BTCUSD", "--url", venue.url, "--record", "-", "--messages", "5"), folder=tmp_path
        )

    assert result.returncode == 0
    assert result.stderr == "obtui: saved 5 book lines to standard output\n"
    books = [json.loads(text) for text in result.stdout.splitlines()]
    assert [bool(book["bids"]) for book in books] == [True] * 5 + [False]
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_has_enough_ends_it_without_a_word(tmp_path: Path) -> None:
    with LoopbackVenue(steady(0.005)) as venue:
        result = subprocess.run(
            [
                *("sh", "-c", '("$@"; echo $? >code) | head -3', "sh"),
                *command("BTCUSD", "--url", venue.url, "--record", "-"),
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            cwd=tmp_path,
            env=environment(),
        )

    assert result.stdout.count("\n") == 3
    assert result.stderr == ""
    assert (tmp_path / "code").read_text() == f"{128 + signal.SIGPIPE}\n"


@pytest.mark.parametrize(
    "number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=lambda number: number.name
)
def test_a_signal_ends_it_with_a_whole_file(number: signal.Signals, tmp_path: Path) -> None:
    path = tmp_path / "books.jsonl"
    with (
        LoopbackVenue(steady()) as venue,
        recorder(
            *("BTCUSD", "--url", venue.url, "--record", str(path)), folder=tmp_path, ready=path
        ) as process,
    ):
        sent = time.monotonic()
        process.send_signal(number)
        _, said = process.communicate(timeout=20)
        took = time.monotonic() - sent

    assert process.returncode == 128 + number
    assert took < 1.0
    lines = assert_closed_whole(path)
    assert said.decode() == f"obtui: saved {len(lines) - 1} book lines to {path}\n"


def test_an_ignored_hangup_is_honoured(tmp_path: Path) -> None:
    path = tmp_path / "books.jsonl"
    with (
        LoopbackVenue(steady()) as venue,
        subprocess.Popen(
            ["nohup", *command("BTCUSD", "--url", venue.url, "--record", str(path))],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment(),
        ) as process,
    ):
        try:
            eventually(lambda: path.exists() and path.stat().st_size > 0, "a line", 20)
            process.send_signal(signal.SIGHUP)
            size = path.stat().st_size
            eventually(lambda: path.stat().st_size > size + 500, "more lines", 20)

            assert process.poll() is None
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 128 + signal.SIGTERM
        finally:
            process.kill()
    assert_closed_whole(path)


def test_a_second_writer_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "books.jsonl"
    with (
        LoopbackVenue(steady()) as venue,
        recorder(
            *("BTCUSD", "--url", venue.url, "--record", str(path)), folder=tmp_path, ready=path
        ) as first,
    ):
        second = record("BTCUSD", "--url", venue.url, "--record", str(path), folder=tmp_path)
        size = path.stat().st_size
        eventually(lambda: path.stat().st_size > size, "the first goes on", 20)
        first.send_signal(signal.SIGTERM)
        first.communicate(timeout=20)

    assert second.returncode == 2
    assert only_line(second) == (
        f"obtui: cannot record to {path}: it is being written by another program; "
        "choose another file"
    )
    assert_closed_whole(path)


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


@pytest.mark.parametrize("target", ["no/such/file", "."])
def test_a_path_that_cannot_be_written_is_refused_before_anything(
    target: str, tmp_path: Path
) -> None:
    with LoopbackVenue(steady()) as venue:
        result = record("BTCUSD", "--url", venue.url, "--record", target, folder=tmp_path)

        assert venue.connections == 0
    assert result.returncode == 2
    assert only_line(result).startswith(f"obtui: cannot record to {target}: ")
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_takes_nothing_more_is_a_failure(tmp_path: Path) -> None:
    with LoopbackVenue(steady()) as venue:
        result = subprocess.run(
            [
                *("sh", "-c", 'exec "$@" >/dev/full', "sh"),
                *command("BTCUSD", "--url", venue.url, "--record", "-"),
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            cwd=tmp_path,
            env=environment(),
        )

    assert result.returncode == 1
    assert result.stderr.startswith("obtui: recording stopped: disk full")
    assert result.stderr.count("\n") == 1


def test_progress_is_told_where_a_person_looks(tmp_path: Path) -> None:
    path = tmp_path / "books.jsonl"
    with (
        LoopbackVenue(steady()) as venue,
        terminal(
            ["record", "BTCUSD", "--url", venue.url, "--record", str(path)],
            tmp_path,
            size=(72, 10),
        ) as running,
    ):
        running.wait_for("gemini BTCUSD VERIFIED")
        running.wait_for("kB/s")
        # One line that is written over, never a second.
        progress = [text for text in running.text.splitlines() if "VERIFIED" in text]
        assert len(progress) == 1
        running.send("\x03")
        code = running.wait_for_exit()
        shown = running.text

    assert code == 128 + signal.SIGINT
    assert "VERIFIED" not in shown
    assert "obtui: saved" in shown
    assert_closed_whole(path)


def test_a_narrow_terminal_keeps_progress_on_one_line(tmp_path: Path) -> None:
    with (
        LoopbackVenue(steady()) as venue,
        terminal(
            ["record", "BTCUSD", "--url", venue.url, "--record", "x.jsonl"],
            tmp_path,
            size=(20, 6),
        ) as running,
    ):
        running.wait_for("VER")
        running.wait_until(lambda: running.raw.count(b"\r") > 2, "it was written over")

        assert len([text for text in running.text.splitlines() if text.strip()]) == 1


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
            *("--duration", "3.2"),
            folder=tmp_path,
        )

    assert result.returncode == 0, result.stderr
    paths = sorted(tmp_path.iterdir())
    assert [path.name for path in paths][:2] == ["wire-000000.jsonl", "wire-000001.jsonl"]
    assert f"{paths[0]} up to {paths[-1].name}" in result.stderr
    got = [frame for path in paths for frame in captured(path)]
    texts = [json.loads(frame.data)["u"] for frame in got if frame.kind is FrameKind.TEXT]
    assert texts == list(range(100, 100 + len(texts)))


def test_a_silent_venue_is_told_where_only_a_capture_is_written(tmp_path: Path) -> None:
    with LoopbackVenue(hold_only) as venue:
        result = record(
            *("BTCUSD", "--url", venue.url, "--capture", "x.jsonl", "--duration", "0.5"),
            folder=tmp_path,
        )

    assert result.returncode == 1
    assert "obtui: no message came from gemini: " in result.stderr
    assert kinds(captured(tmp_path / "x.jsonl")) == "header connect send end"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--rotate", "100M"], "--rotate 100M: give a size, like 100MB or 1GB, or a time, like"),
        (["--capture", "x", "--record", "x"], "--record and --capture both name x: name two files"),
        (["--capture", "-", "--rotate", "1h"], "--rotate makes files: name one with --capture"),
    ],
    ids=["rotate", "same", "stream"],
)
def test_what_cannot_be_recorded_is_said_in_a_line(
    words: list[str], told: str, tmp_path: Path
) -> None:
    result = record("BTCUSD", *words, folder=tmp_path)

    assert result.returncode == 2
    assert told in only_line(result)
    assert list(tmp_path.iterdir()) == []


STALLED_BAR_SECONDS = 1.5
"""The bar of a signal is 1 s; a slow machine has the rest."""


def ctrl_s(running: Terminal) -> None:
    running.send("\x13")


def unread(running: Terminal) -> None:
    """Fill what the terminal takes without being read."""
    stderr = os.open(f"/proc/{running.pid}/fd/2", os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(stderr, b"x" * 4096)
    finally:
        os.close(stderr)


@contextlib.contextmanager
def stalled(
    folder: Path, *more: str, stall: Callable[[Terminal], None] = ctrl_s
) -> Iterator[tuple[Terminal, Path]]:
    """A recorder that had a progress line to tell after its terminal stopped taking any."""
    path = folder / "books.jsonl"
    with (
        LoopbackVenue(steady()) as venue,
        terminal(
            ["record", "BTCUSD", "--url", venue.url, "--record", str(path), *more], folder
        ) as running,
    ):
        running.wait_for("VERIFIED")
        stall(running)
        running.fill()
        lines = len(book_lines(path))
        time.sleep(0.7)
        assert len(book_lines(path)) > lines + 5, "the recording goes on"
        yield running, path


@pytest.mark.parametrize(
    ("number", "stall"),
    [
        (signal.SIGTERM, ctrl_s),
        (signal.SIGINT, ctrl_s),
        (signal.SIGHUP, ctrl_s),
        (signal.SIGTERM, unread),
    ],
    ids=lambda value: getattr(value, "name", getattr(value, "__name__", "")),
)
def test_a_signal_ends_it_also_while_its_terminal_is_stalled(
    number: signal.Signals, stall: Callable[[Terminal], None], tmp_path: Path
) -> None:
    with stalled(tmp_path, stall=stall) as (running, path):
        sent = running.signal(number)
        code = running.wait_for_exit(reading=False)

        assert code == 128 + number
        assert running.ended_at - sent < STALLED_BAR_SECONDS
        assert_closed_whole(path)


def test_the_duration_ends_it_also_while_its_terminal_is_stalled(tmp_path: Path) -> None:
    started = time.monotonic()
    with stalled(tmp_path, "--duration", "3") as (running, path):
        code = running.wait_for_exit(reading=False)

        assert code == 0
        # Python's own start comes before the command's.
        assert 3.0 <= running.ended_at - started < 3.0 + STALLED_BAR_SECONDS + 2.0
        assert_closed_whole(path)


def test_lines_that_a_pipe_did_not_take_are_told_and_are_a_failure(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    try:
        with LoopbackVenue(steady(0.002)) as venue:
            result = subprocess.run(
                command("BTCUSD", "--url", venue.url, "--record", "-", "--duration", "1"),
                stdin=subprocess.DEVNULL,
                stdout=writing,
                stderr=subprocess.PIPE,
                text=True,
                timeout=30,
                check=False,
                cwd=tmp_path,
                env=environment(),
            )
        got = os.read(reading, 1 << 16)
    finally:
        os.close(reading)
        os.close(writing)

    assert result.returncode == 1
    told = re.fullmatch(
        r"obtui: recording stopped: not all was taken within 0\.5 s \(standard output\); "
        r"saved (\d+) book lines to standard output before it; lines lost: [1-9]\d*\n",
        result.stderr,
    )
    assert told, result.stderr
    assert int(told[1]) <= got.count(b"\n")
