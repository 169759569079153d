"""`obtui replay --no-screen`: following, signals, and what ends it before the end."""

from __future__ import annotations

import argparse
import errno
import fcntl
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from obtui.commands import replay_command
from obtui.frame import Frame, FrameKind
from obtui.recording.raw import FileBytes
from support.recordings import lines, packed, put, run
from support.wait import eventually
from terminal_support import PYTHON, assert_closed_whole, environment

Child = subprocess.Popen[bytes]


@contextmanager
def held(path: Path) -> Iterator[None]:
    """A file that a recorder writes."""
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def replaying(folder: Path, *arguments: str) -> Iterator[Child]:
    """`obtui replay ... --no-screen --record out.jsonl`, ended with the test."""
    with subprocess.Popen(
        [*PYTHON, "replay", *arguments, "--no-screen", "--record", "out.jsonl"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=environment(),
    ) as child:
        try:
            yield child
        finally:
            child.kill()


def count(path: Path) -> int:
    return path.read_bytes().count(b'{"bids": [[') if path.exists() else 0


def ended(child: Child) -> tuple[int, str]:
    """Exit code, and the one line that it said."""
    code = child.wait(10)
    assert child.stderr is not None
    said = child.stderr.read().decode()
    assert said.count("\n") == 1, said
    return code, said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_what_is_appended_is_written_until_a_signal(tmp_path: Path, number: int) -> None:
    frames = run()
    name = "b.jsonl.zst" if number == signal.SIGINT else "b.jsonl"
    pack = packed if number == signal.SIGINT else lines
    put(tmp_path / name, pack(frames[:8]))

    with held(tmp_path / name), replaying(tmp_path, name, "--follow") as child:
        eventually(lambda: count(tmp_path / "out.jsonl") == 6, "what is there is written")
        with (tmp_path / name).open("ab") as file:
            file.write(pack(frames[8:12]))
        eventually(lambda: count(tmp_path / "out.jsonl") == 10, "what comes is written")
        child.send_signal(number)
        code, said = ended(child)

    assert code == 128 + number
    assert said == "obtui: wrote 10 book lines to out.jsonl\n"
    whole = assert_closed_whole(tmp_path / "out.jsonl")
    assert len(whole) == 11
    assert whole[-1]["ts"] == frames[11].received_ns // 1_000_000


def test_a_capture_that_is_only_being_begun_is_waited_for(tmp_path: Path) -> None:
    put(tmp_path / "b.jsonl", b"")

    with held(tmp_path / "b.jsonl"), replaying(tmp_path, "b.jsonl", "--follow") as child:
        put(tmp_path / "b.jsonl", lines(run()))
        eventually(lambda: count(tmp_path / "out.jsonl") == 21, "all is written")
        child.send_signal(signal.SIGTERM)
        assert ended(child)[0] == 128 + signal.SIGTERM


def test_a_capture_that_is_removed_ends_it_in_one_line(tmp_path: Path) -> None:
    put(tmp_path / "b.jsonl", lines(run()[:8]))

    with held(tmp_path / "b.jsonl"), replaying(tmp_path, "b.jsonl", "--follow") as child:
        eventually(lambda: count(tmp_path / "out.jsonl") == 6, "what is there is written")
        (tmp_path / "b.jsonl").unlink()
        code, said = ended(child)

    assert code == 1
    assert said.startswith("obtui: b.jsonl was removed")
    assert "wrote 6 book lines to out.jsonl" in said
    assert_closed_whole(tmp_path / "out.jsonl")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_while_a_pipe_is_idle_leaves_a_whole_file(tmp_path: Path, number: int) -> None:
    with replaying(tmp_path, "-") as child:
        assert child.stdin is not None
        child.stdin.write(lines(run()[:8]))
        child.stdin.flush()
        eventually(lambda: count(tmp_path / "out.jsonl") == 6, "what came is written")
        child.send_signal(number)
        code, said = ended(child)

    assert code == 128 + number
    assert said == "obtui: wrote 6 book lines to out.jsonl\n"
    assert_closed_whole(tmp_path / "out.jsonl")


def test_nobody_who_reads_the_lines_ends_it_as_any_program(tmp_path: Path) -> None:
    put(tmp_path / "b.jsonl", lines(run()[:8]))
    end, start = os.pipe()
    os.close(end)

    with (
        held(tmp_path / "b.jsonl"),
        subprocess.Popen(
            [*PYTHON, "replay", "b.jsonl", "--follow", "--no-screen", "--record", "-"],
            stdout=start,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            env=environment(),
        ) as child,
    ):
        os.close(start)
        code = child.wait(10)
        assert child.stderr is not None
        assert (code, child.stderr.read()) == (128 + signal.SIGPIPE, b"")


def test_an_error_of_the_disk_is_one_line_and_leaves_what_came_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    path = put(tmp_path / "b.jsonl", lines(run()))
    place = len(lines(run()[:8]))
    read_at = FileBytes.read_at

    def failing(file: FileBytes, offset: int, count: int) -> bytes:
        if offset >= place:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return read_at(file, offset, min(count, place - offset))

    monkeypatch.setattr(FileBytes, "read_at", failing)
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # the tests' own are to stay
    out = str(tmp_path / "out.jsonl")

    options = {"files": [path], "record": out, "depth": 10, "no_screen": True, "follow": False}
    code = replay_command.run(argparse.Namespace(**options, plain=False, duration=None), 0.0)

    assert code == 1
    said = capfd.readouterr().err
    assert said.count("\n") == 1
    assert f"cannot read {path}: Input/output error; choose another file" in said
    assert f"wrote 6 book lines to {out}" in said
    assert_closed_whole(tmp_path / "out.jsonl")


@pytest.mark.parametrize(
    ("frames", "words"),
    [
        (run()[:8], "the recorder is gone: nothing since 2023-11-14 22:13:20"),
        (run(), "it was closed whole"),
    ],
)
def test_that_nobody_writes_it_any_more_is_said_once_and_not_written(
    tmp_path: Path, frames: list[Frame], words: str
) -> None:
    put(tmp_path / "b.jsonl", lines(frames))
    books = sum(frame.kind is FrameKind.TEXT for frame in frames)

    with replaying(tmp_path, "b.jsonl", "--follow") as child:
        assert child.stderr is not None
        assert child.stderr.readline().decode() == f"obtui: {words}; waiting for more\n"
        eventually(lambda: count(tmp_path / "out.jsonl") == books, "what is there is written")
        before = (tmp_path / "out.jsonl").read_bytes()
        with held(tmp_path / "b.jsonl"):
            put(tmp_path / "b.jsonl", lines([*frames, *run(3)]))
            eventually(lambda: count(tmp_path / "out.jsonl") == books + 4, "it goes on")
            child.send_signal(signal.SIGTERM)
            code, said = ended(child)

    assert code == 128 + signal.SIGTERM
    assert said == f"obtui: wrote {books + 4} book lines to out.jsonl\n"
    empty = b'{"bids": [], '
    # The line of the recorder that was started anew comes first, as it does where it records.
    assert (tmp_path / "out.jsonl").read_bytes()[len(before) :].startswith(empty)
    assert before.count(empty) == (frames[-1].kind is FrameKind.END)
