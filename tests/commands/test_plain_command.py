"""`--plain` for markets that are followed: a line a second each, and how it ends."""

from __future__ import annotations

import itertools
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from headless_support import process, steady
from obtui import cli, exits
from obtui.commands import plain_command
from obtui.commands.plain_command import Output
from obtui.feeds.gemini import GeminiFeed
from obtui.session import Session
from obtui.shared import Market
from obtui.watched import Watched
from plain_support import Reader, standard_output, unread, writes_to
from support import frames, wire
from support.capture_files import captured
from support.several_venue import CLOSED, GOOD, UNKNOWN, V1, several_venue
from support.venue import LoopbackVenue
from support.wait import eventually
from terminal_support import PYTHON, assert_closed_whole, environment

BOOK = wire.depth(100, [("99.50", "1.0")], [("100.50", "0.25")])


class Scripted:
    """A source that does a step each time a second passes."""

    unlisted = False

    def __init__(self, market: Market, *steps: bytes) -> None:
        self._market = market
        self._steps = list(steps)
        self.stopped = threading.Event()

    def run(self, _is_cancelled: Callable[[], bool]) -> None:
        self.stopped.wait(20)

    def stop(self) -> None:
        self.stopped.set()

    def step(self, second: int) -> None:
        if second == 1:
            self._market.apply(frames.connect(second))
        if self._steps:
            self._market.apply(frames.text(self._steps.pop(0), second))


def fast(*sources: Scripted) -> Callable[[], int]:
    """A clock on which a second passes each time that it is asked."""
    seconds = itertools.count()

    def clock() -> int:
        second = next(seconds)
        for it in sources:
            it.step(second)
        return frames.wall(second)

    return clock


def scripted(*steps: bytes) -> tuple[Watched, Scripted]:
    market = Market(Session(GeminiFeed("BTCUSD")))
    source = Scripted(market, *steps)
    return Watched(market, source), source


def test_each_second_has_a_line_of_each_market_with_what_held_then() -> None:
    change = wire.depth(101, [("99.75", "2")], after=100)
    gap = wire.depth(110, [("99.80", "3")], after=109)
    # The first step is made before anything is told.
    one, first = scripted(b"{}", BOOK, change, gap)
    other, second = scripted()
    with standard_output() as reader:
        ending = threading.Thread(target=_stop_after, args=(8, reader, first, second))
        ending.start()
        code = plain_command.watch([one, other], time.monotonic() + 20, fast(first, second))
        ending.join()

    assert code == exits.DONE
    told = [line.split(maxsplit=4) for line in reader.lines[:8]]
    assert [it[0][-3:] for it in told] == ["21Z", "21Z", "22Z", "22Z", "23Z", "23Z", "24Z", "24Z"]
    assert [it[3] for it in told[::2]] == ["VERIFIED", "VERIFIED", "SYNCING", "SYNCING"]
    assert told[0][4].startswith("bid 1.0@99.5 ask 0.25@100.5 spread 100.00 bps")
    assert told[2][4].startswith("bid 2@99.75 ask 0.25@100.50")
    assert not any("@" in it[4] for it in told[4::2])
    assert {it[3] for it in told[1::2]} == {"SYNCING"}


def _stop_after(lines: int, reader: Reader, *sources: Scripted) -> None:
    eventually(lambda: len(reader.lines) >= lines, "the lines", 20)
    for it in sources:
        it.stop()


def test_it_ends_when_no_market_goes_on() -> None:
    one, source = scripted()
    source.stop()
    with standard_output() as reader:
        code = plain_command.watch([one], None)

    assert code == exits.DONE
    assert len(reader.lines) == 1, "how it ended is told"


def test_a_duration_of_less_than_a_second_is_told_by_its_end() -> None:
    one, source = scripted(b"{}", BOOK)
    for second in (0, 1):
        source.step(second)
    with standard_output() as reader:
        code = plain_command.watch([one], time.monotonic() + 0.1, lambda: frames.wall(0.5))

    assert code == exits.DONE
    assert len(reader.lines) == 1
    assert " VERIFIED bid 1.0@99.5 " in reader.lines[0]
    assert source.stopped.is_set()


def test_who_does_not_read_holds_up_no_deadline() -> None:
    with unread():
        output = Output(time.monotonic() + 0.1)
        output.put(["one", "two"])

        assert output.code == exits.DONE


def test_who_does_not_read_holds_up_no_signal() -> None:
    with unread():
        output = Output(None)
        output.catch_signals()
        sent = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGTERM))
        sent.start()
        output.put(["one", "two"])
        sent.join()

        assert output.code == 128 + signal.SIGTERM


def test_a_signal_ends_a_write_that_waits() -> None:
    # More than what the pipe has room for: `select` says that there is some.
    with unread() as (reading, _):
        output = Output(None)
        output.catch_signals()
        sent = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGTERM))
        sent.start()
        os.read(reading, 4096)
        output.put(["x" * 9000, "y"])
        sent.join()

        assert output.code == 128 + signal.SIGTERM


def test_an_end_is_that_of_any_program_in_a_pipe_whose_reader_left() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        with writes_to(writing):
            output = Output(None)
            output.put(["one", "two"])
    finally:
        os.close(writing)

    assert output.over
    assert output.code == 128 + signal.SIGPIPE


def test_a_disk_that_is_full_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        with writes_to(full):
            output = Output(None)
            output.put(["one", "two"])
    finally:
        os.close(full)

    assert output.code == exits.FAILED
    assert capfd.readouterr().err == "obtui: standard output: No space left on device\n"


# The command, against a venue on loopback

LINE = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (gemini|gemini-v1) (BTCUSD|ETHUSD|NOSUCH) "
    r"(VERIFIED bid \S+@\d\S* ask \S+@\d\S* spread \d+\.\d\d bps last - rate \d+/s"
    r"|SYNCING .+|OFFLINE .+)"
)


def test_several_are_told_and_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    markets = (GOOD, UNKNOWN, CLOSED, V1)
    with several_venue() as venue, standard_output() as reader:
        code = cli.main(
            [
                *("watch", *markets, "--url", venue.url, "--plain", "--duration", "1.1"),
                *("--record", "x-{venue}-{symbol}.jsonl", "--capture", "{venue}-{symbol}.c"),
            ]
        )

    assert code == exits.DONE
    lines = reader.lines
    assert len(lines) in {4, 8}
    assert all(LINE.fullmatch(line) for line in lines), lines
    assert [line.split()[1:3] for line in lines[:4]] == [
        it.split(":")[::1] for it in ("gemini:BTCUSD", "gemini-v1:NOSUCH", "gemini-v1:ETHUSD", V1)
    ]
    assert lines[-4].split()[3] == lines[-1].split()[3] == "VERIFIED"
    assert lines[-3].split()[3] == lines[-2].split()[3] == "OFFLINE"
    assert len(assert_closed_whole(tmp_path / "x-gemini-BTCUSD.jsonl")) > 5
    assert captured(tmp_path / "gemini-v1-BTCUSD.c")
    assert "obtui: saved" in capfd.readouterr().err


def test_a_market_that_does_not_exist_is_refused(capfd: pytest.CaptureFixture[str]) -> None:
    with several_venue() as venue, standard_output():
        code = cli.main(["watch", UNKNOWN, "--url", venue.url, "--plain"])

    assert code == exits.USAGE
    assert "choose another symbol" in capfd.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda it: it.name)
def test_a_signal_ends_it_with_a_whole_file(number: signal.Signals, tmp_path: Path) -> None:
    path = tmp_path / "books.jsonl"
    with (
        LoopbackVenue(steady()) as venue,
        subprocess.Popen(
            [*PYTHON, "BTCUSD", "--url", venue.url, "--plain", "--record", str(path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            env=environment(),
        ) as running,
    ):
        try:
            eventually(lambda: path.exists() and path.stat().st_size > 0, "a line", 20)
            running.send_signal(number)
            lines, said = running.communicate(timeout=20)
        finally:
            running.kill()

    assert running.returncode == 128 + number
    assert lines == b"" or lines.endswith(b"\n")
    assert said.startswith(b"obtui: saved ")
    assert_closed_whole(path)


def test_a_reader_that_has_enough_ends_it_without_a_word(tmp_path: Path) -> None:
    with LoopbackVenue(steady(0.005)) as venue:
        result = process(
            *("sh", "-c", '("$@"; echo $? >code) | head -1', "sh"),
            *(*PYTHON, "BTCUSD", "--url", venue.url, "--plain"),
            folder=tmp_path,
        )

    assert LINE.fullmatch(result.stdout.rstrip("\n"))
    assert result.stderr == ""
    assert (tmp_path / "code").read_text() == f"{128 + signal.SIGPIPE}\n"


def test_the_simulated_exchange_is_told_without_a_screens_library(tmp_path: Path) -> None:
    check = (
        "import sys; from obtui import cli;"
        "code = cli.main(['demo', '--plain', '--duration', '1.2', '--seed', '3']);"
        "sys.exit(code or 10 * bool({'textual', 'rich'} & set(sys.modules)))"
    )

    result = process(sys.executable, "-c", check, folder=tmp_path)

    assert result.returncode == 0, result.stderr
    assert result.stdout.count("gemini BTCUSD ") >= 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("BTCUSD", "--duration", "3"), "--duration goes with --plain"),
        (("BTCUSD", "--plain", "--record", "-"), "name a file for --record"),
        (("demo", "--plain", "--capture", "-"), "name a file for --capture"),
        (("replay", "x", "--plain", "--record", "y"), "--plain and --record do not go together"),
        (("replay", "x", "--plain", "--no-screen"), "--plain and --no-screen do not go"),
        (("replay", "x", "--duration", "3"), "--duration goes with --plain"),
    ],
)
def test_what_does_not_go_together_is_said(
    words: tuple[str, ...], told: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(list(words)) == exits.USAGE

    said = capfd.readouterr().err
    assert told in said
    assert said.count("\n") == 1
