"""`obtui record`: what went wrong is said in one line, and nothing is left behind."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from headless_support import hold_only, only_line, record, recorder, steady
from support import wire
from support.capture_files import captured, kinds
from support.http import closed_port, rest_venue, silent_port
from support.venue import LoopbackVenue, plays
from support.wait import eventually
from terminal_support import assert_closed_whole


def test_nothing_listening_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    result = record(
        *("BTCUSD", "--url", f"ws://127.0.0.1:{closed_port()}", "--record", "x.jsonl"),
        *("--duration", "0.3"),
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
            *("--duration", "0.3"),
            folder=tmp_path,
        )

    assert result.returncode == 1
    assert only_line(result).startswith("obtui: no book came from gemini: SYNCING")
    assert list(tmp_path.iterdir()) == []


def test_a_server_without_a_book_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    with LoopbackVenue(plays([wire.ack()])) as venue:
        result = record(
            *("BTCUSD", "--url", venue.url, "--record", "x.jsonl", "--duration", "0.3"),
            folder=tmp_path,
        )

    assert result.returncode == 1
    assert only_line(result) == ("obtui: no book came from gemini: SYNCING · waiting for the book")
    assert list(tmp_path.iterdir()) == []


def test_a_silent_venue_is_told_where_only_a_capture_is_written(tmp_path: Path) -> None:
    with LoopbackVenue(hold_only) as venue:
        result = record(
            *("BTCUSD", "--url", venue.url, "--capture", "x.jsonl", "--duration", "0.3"),
            folder=tmp_path,
        )

    assert result.returncode == 1
    assert "obtui: no message came from gemini: " in result.stderr
    assert kinds(captured(tmp_path / "x.jsonl")) == "header connect send end"


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
