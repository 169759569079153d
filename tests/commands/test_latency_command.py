"""`obtui latency`: the table, the JSON, and what is said of clocks and failures."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from unittest.mock import ANY

import pytest

from obtui import cli
from obtui.commands import latency_command
from obtui.conversation import NOT_ASKED
from obtui.latency import Series
from support.http import closed_port, silent_port
from support.scripted_rest import ScriptedRest, scripted_rest
from support.venue import LoopbackVenue, plays
from support.wire import depth
from terminal_support import PYTHON, environment


def answer(path: str, _nth: int) -> tuple[int, str]:
    return 200, '["btcusd"]' if path == "/v1/symbols" else "{}"


@pytest.fixture
def server() -> Iterator[ScriptedRest]:
    with scripted_rest(answer) as server:
        yield server


@pytest.fixture
def venue() -> Iterator[LoopbackVenue]:
    now = time.time_ns()
    changes = [depth(11 + n, [("100", "2")], after=10 + n, ts=now) for n in range(3)]
    with LoopbackVenue(plays([depth(10, [("100", "1")]), *changes])) as venue:
        yield venue


def measure(url: str, rest_url: str, *more: str) -> int:
    rest = ["--rest-url", rest_url] if rest_url else []
    return cli.main(["latency", "btc-usd", "-n", "3", "--url", url, *rest, *more])


def test_all_four_are_side_by_side(
    server: ScriptedRest, venue: LoopbackVenue, capfd: pytest.CaptureFixture[str]
) -> None:
    assert measure(venue.url, server.url) == 0

    out, err = capfd.readouterr()
    lines = out.splitlines()
    assert err == ""
    assert all(len(line) < 80 for line in lines)
    hosts = f"127.0.0.1:{server.server_port} and 127.0.0.1:{venue.port}"
    assert lines[0] == f"gemini BTCUSD at {hosts}, 3 of each"
    assert lines[2].split() == ["milliseconds", "n", "min", "median", "p95"]
    rows = {line[:34].strip(): line[34:].split() for line in lines[3:8]}
    assert rows == {
        "REST, a new connection each time": ["3", ANY, ANY, ANY],
        "REST, on a kept connection": ["0", "-", "-", "-"],
        "the venue does not keep the conn": ["ection", "open"],
        "websocket, ping to pong": ["3", ANY, ANY, ANY],
        "age of the feed's book messages": ["3", ANY, ANY, ANY],
    }
    assert "difference of the two clocks" in " ".join(lines[8:])
    books = [path for path in server.paths if "/book/" in path]
    assert books == ["/v1/book/btcusd?limit_bids=10&limit_asks=10"] * 5


def test_as_json_it_has_all_figures_and_why_there_are_none(
    server: ScriptedRest, venue: LoopbackVenue, capfd: pytest.CaptureFixture[str]
) -> None:
    assert measure(venue.url, server.url, "--json") == 0

    told = json.loads(capfd.readouterr().out)
    found = told.pop("milliseconds")
    assert told == {
        "venue": "gemini",
        "symbol": "BTCUSD",
        "rest_url": server.url,
        "url": f"{venue.url}/?snapshot=-1",
        "asked": 3,
    }
    assert list(found) == ["rest_new", "rest_kept", "ping", "age"]
    assert [found[name]["count"] for name in found] == [3, 0, 3, 3]
    assert found["rest_kept"]["min"] is None
    assert found["rest_kept"]["why"] == "the venue does not keep the connection open"
    for name in ("rest_new", "ping", "age"):
        it = found[name]
        assert 0 < it["min"] <= it["median"] <= it["p95"]
        assert it["why"] == ""


def test_with_a_url_alone_rest_is_not_asked(
    venue: LoopbackVenue, capfd: pytest.CaptureFixture[str]
) -> None:
    assert measure(venue.url, "") == 0

    out = capfd.readouterr().out
    assert out.count(NOT_ASKED) == 2
    assert out.startswith(f"gemini BTCUSD at 127.0.0.1:{venue.port}, 3 of each\n")


def test_where_nothing_answers_every_row_says_why(capfd: pytest.CaptureFixture[str]) -> None:
    nobody = closed_port()

    assert measure(f"ws://127.0.0.1:{nobody}", f"http://127.0.0.1:{nobody}") == 1

    out = capfd.readouterr().out
    assert out.count("\n  connection refused\n") == 4
    assert "clock" not in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["BTCUDS"], "obtui: gemini has no symbol BTCUDS: the nearest is BTCUSD"),
        (["nyse:BTCUSD"], "obtui: there is no venue 'nyse'"),
        (["BTCUSD", "--rest-url", "x"], "obtui: --rest-url x: it must look like"),
    ],
)
def test_what_cannot_be_measured_is_told_before(
    server: ScriptedRest,
    arguments: list[str],
    message: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["latency", "--rest-url", server.url, *arguments]) == 2

    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith(message)


@pytest.mark.parametrize("times", ["0", "1001", "-1", "many"])
def test_the_number_has_bounds(times: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["latency", "BTCUSD", f"-n={times}"])

    assert left.value.code == 2
    assert "argument -n" in capsys.readouterr().err


def test_figures_are_of_what_was_measured() -> None:
    it = latency_command.figures_of(Series([float(value) for value in range(100, 0, -1)], "why"))

    assert (it.count, it.min, it.median, it.p95, it.why) == (100, 1.0, 50.5, 95.0, "why")
    one = latency_command.figures_of(Series([-2.00049]))
    assert (one.min, one.median, one.p95) == (-2.0, -2.0, -2.0)


@pytest.mark.parametrize(
    ("ages", "told"),
    [
        ([30.0, 12.0], "7.0 ms ahead of"),
        ([3.0, 80.0], "2.0 ms behind"),
        ([-95.0], "100.0 ms behind"),
        ([90_000.0], "90 s ahead of"),
    ],
)
def test_the_clocks_are_told_apart_by_half_a_ping(ages: list[float], told: str) -> None:
    text = latency_command.of_clocks(Series([10.0, 14.0]), Series(ages))

    assert f"this clock is {told} the venue's" in text


def test_without_a_ping_nothing_is_said_of_the_clocks_difference() -> None:
    assert "half a ping" not in latency_command.of_clocks(Series(), Series([1.0]))


def test_the_user_may_leave_at_any_time() -> None:
    with silent_port() as port:
        running = subprocess.Popen(
            [*PYTHON, "latency", "BTCUSD", "--url", f"ws://127.0.0.1:{port}"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
        )
        assert running.stdout is not None
        while "REST, on a kept" not in running.stdout.readline():
            pass
        os.kill(running.pid, signal.SIGINT)
        out, err = running.communicate(timeout=10)

    assert running.returncode == 128 + signal.SIGINT
    assert "Traceback" not in out + err
