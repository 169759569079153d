"""`obtui replay`: real processes, without a screen and in a real terminal."""

from __future__ import annotations

import fcntl
import gzip
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from obtui.frame import Mark
from obtui.recording.books import encode_book_line
from support.captures import DATA
from support.frames import wall
from support.recordings import control, eventful_market, lines, put, run
from terminal_support import PYTHON, environment, simulated, terminal

Result = subprocess.CompletedProcess[bytes]


def obtui(folder: Path, *arguments: str, stdin: bytes = b"") -> Result:
    return subprocess.run(
        [*PYTHON, *arguments],
        input=stdin,
        capture_output=True,
        timeout=30,
        check=False,
        cwd=folder,
        env=environment(),
    )


def refused(result: Result) -> str:
    """The one line that it says."""
    said = result.stderr.decode()
    assert result.returncode == 2, said
    assert said.count("\n") == 1, said
    assert not result.stdout
    return said


@pytest.mark.parametrize(
    ("capture", "rotate", "runs"),
    [
        ("b.jsonl", (), 1),
        ("b.jsonl.zst", (), 1),
        pytest.param("b.jsonl.zst", (), 2),
        ("b.jsonl", ("--rotate", "1s"), 1),
        pytest.param("b.jsonl.zst", ("--rotate", "1s"), 2),
    ],
)
def test_the_lines_are_those_of_the_live_run_byte_for_byte(
    tmp_path: Path, capture: str, rotate: tuple[str, ...], runs: int
) -> None:
    for _ in range(runs):
        with simulated(speed=20) as url:
            live = obtui(
                tmp_path,
                *("record", "BTCUSD", "--url", url, "--record", "a.jsonl"),
                *("--capture", capture, *rotate, "--messages", "18"),
            )
        assert live.returncode == 0, live.stderr
    files = sorted(path.name for path in tmp_path.glob("b*jsonl*") if ".idx" not in path.name)

    result = obtui(tmp_path, "replay", *files, "--no-screen", "--record", "out.jsonl")

    assert result.returncode == 0, result.stderr
    if rotate:
        assert len(files) > 1
    wanted = (tmp_path / "a.jsonl").read_bytes()
    assert wanted.count(b"\n") >= 19 * runs
    assert (tmp_path / "out.jsonl").read_bytes() == wanted
    count = 18 * runs
    assert f"wrote {count} book lines to out.jsonl" in result.stderr.decode()


def test_a_pipe_gives_the_same_on_standard_output(tmp_path: Path) -> None:
    data = lines(eventful_market(500))
    put(tmp_path / "b.jsonl", data)

    one = obtui(tmp_path, "replay", "b.jsonl", "--no-screen", "--record", "out.jsonl")
    two = obtui(tmp_path, "replay", "-", "--no-screen", "--record", "-", stdin=data)

    assert one.returncode == two.returncode == 0, two.stderr
    assert two.stdout == (tmp_path / "out.jsonl").read_bytes()
    assert two.stdout.count(b"\n") > 400


def test_book_lines_come_out_as_they_went_in(tmp_path: Path) -> None:
    from decimal import Decimal as D  # noqa: N817 - many of them

    book = [
        encode_book_line([(D(100 - n), D("1.50"))], [(D(101), D(n + 1))], wall(n)) for n in range(9)
    ]
    book.append(encode_book_line((), (), wall(9)))
    put(tmp_path / "books.jsonl", b"".join(book))

    result = obtui(tmp_path, "replay", "books.jsonl", "--no-screen", "--record", "out.jsonl")

    assert result.returncode == 0, result.stderr
    assert (tmp_path / "out.jsonl").read_bytes() == b"".join(book)


def test_a_sample_is_replayed(tmp_path: Path) -> None:
    found = sorted((DATA / "gemini").glob("*.jsonl.gz"), key=lambda path: path.stat().st_size)
    if not found:
        pytest.skip("the real captures (../shared/data) are not on this machine")
    sample = tmp_path / "sample.jsonl"
    with gzip.open(found[0], "rb") as packed:
        sample.write_bytes(packed.read(1 << 19).rpartition(b"\n")[0] + b"\n")

    result = obtui(tmp_path, "replay", "sample.jsonl", "--no-screen", "--record", "out.jsonl")

    assert result.returncode == 0, result.stderr
    assert (tmp_path / "out.jsonl").read_bytes().count(b'{"bids": [[') > 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("b.jsonl", "--no-screen"), "--record FILE"),
        (("b.jsonl", "--record", "out.jsonl"), "--no-screen"),
        (("none.jsonl", "--no-screen", "--record", "out.jsonl"), "no such file"),
        (("nonsense", "--no-screen", "--record", "out.jsonl"), "nonsense"),
        (("empty", "--no-screen", "--record", "out.jsonl"), "empty"),
        ((".", "--no-screen", "--record", "out.jsonl"), "it is a folder"),
        (("b.jsonl", "b.jsonl", "--no-screen", "--record", "out.jsonl"), "twice"),
        (("b.jsonl", "--no-screen", "--record", "b.jsonl"), "it is a capture"),
        (("b.jsonl",), "not a terminal"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    put(tmp_path / "b.jsonl", lines(run()))
    put(tmp_path / "nonsense", b"a shopping list\nand nothing else\n")
    put(tmp_path / "empty", b"")

    assert said in refused(obtui(tmp_path, "replay", *arguments))
    assert not (tmp_path / "out.jsonl").exists()


def test_in_a_terminal_it_plays_pauses_and_ends(tmp_path: Path) -> None:
    put(tmp_path / "b.jsonl", lines(run(300)))

    with terminal(["replay", "b.jsonl"], tmp_path) as running:
        running.wait_for("REPLAY 2023-11-14 22:13:2")
        running.wait_for("100.0")
        running.send(" ")
        running.wait_for(" paused")
        running.send("<")
        running.wait_for("22:13:20.000 paused")
        running.send("q")

        assert running.wait_for_exit() == 0
        running.assert_put_back()


def test_a_pipe_is_played_and_the_keyboard_still_works(tmp_path: Path) -> None:
    put(tmp_path / "b.jsonl", lines(run(300)))
    # What writes to the pipe neither ends nor writes on.
    script = '(cat b.jsonl; exec sleep 30) | exec "$0" -m obtui replay - --speed 10'
    command = ("bash", "-c", script, sys.executable)

    with terminal([], tmp_path, command=command) as running:
        running.wait_for("REPLAY 2023-11-14 22:13:")
        running.wait_for("no end yet")
        running.send(" ")
        running.wait_for(" paused")
        running.send("<,")
        running.send(" ")
        running.wait_for("×10")
        running.send("q")
        running.wait_until(lambda: b"\x1b[?1049l" in running.raw, "the screen is left")


def test_what_is_being_written_is_followed_to_its_marks_and_its_end(tmp_path: Path) -> None:
    frames = run()
    path = tmp_path / "b.jsonl"
    early, late = control(Mark("early"), 0.35), control(Mark("look here"), 0.8)
    put(path, lines([*frames[:5], early, *frames[5:8]]))

    with (
        path.open("ab") as recorder,
        terminal(["replay", "b.jsonl", "--follow"], tmp_path) as running,
    ):
        fcntl.flock(recorder, fcntl.LOCK_EX)
        # At once the present, though it is half a second after the beginning.
        running.wait_for("22:13:20.600 ×1")
        running.wait_for("no end yet")
        recorder.write(lines([late, *frames[8:12]]))
        recorder.flush()
        running.wait_for("22:13:21.000 ×1")
        running.send(" {")
        running.wait_for("mark: look here")
        running.wait_for("22:13:20.800 paused")
        running.send("{")
        running.wait_for("mark: early")
        running.send(" ")
        running.wait_for("22:13:21.000 ×1")
        path.unlink()
        running.wait_for("22:13:21.000 broken off")
        running.wait_for("b.jsonl was removed")
        running.send("q")

        assert running.wait_for_exit() == 0
        running.assert_put_back()


@pytest.mark.parametrize("how", ["q", "\x03", signal.SIGTERM])
def test_an_idle_pipe_does_not_hold_up_the_exit(tmp_path: Path, how: str | int) -> None:
    os.mkfifo(tmp_path / "pipe")
    held = os.open(tmp_path / "pipe", os.O_RDWR)
    os.write(held, lines(run()))

    with terminal(["replay", "pipe", "--speed", "max"], tmp_path) as running:
        running.wait_for("22:13:22.300 max")
        if isinstance(how, str):
            at = time.monotonic()
            running.send(how)
        else:
            at = running.signal(how)
        code = running.wait_for_exit()

        assert running.ended_at - at < 0.5
        assert code == (0 if isinstance(how, str) else 128 + how)
        running.assert_put_back()
    os.close(held)


def test_a_capture_without_a_line_is_waited_for_on_the_screen(tmp_path: Path) -> None:
    path = tmp_path / "b.jsonl"
    path.touch()

    with terminal(["replay", "b.jsonl", "--follow"], tmp_path) as running:
        running.wait_for("waiting for the first line")
        put(path, lines(run()))
        running.wait_for("22:13:22.300 end")
        running.send("q")

        assert running.wait_for_exit() == 0
        running.assert_put_back()


@pytest.mark.parametrize("said", ["", "nonsense"])
def test_a_pipe_without_a_line_is_waited_for_on_the_screen(tmp_path: Path, said: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    script = 'exec "$0" -m obtui replay - < pipe'
    held = os.open(tmp_path / "pipe", os.O_RDWR)

    with terminal([], tmp_path, command=("bash", "-c", script, sys.executable)) as running:
        running.wait_for("standard input")
        running.wait_for("waiting for the first line")
        if said:
            os.write(held, said.encode() + b"\n")
            os.close(held)
        else:
            running.send("q")

        assert running.wait_for_exit() == (2 if said else 0)
        running.assert_put_back()
        assert ("standard input is not a recording" in running.text) == bool(said)
    if not said:
        os.close(held)
