"""`obtui export` as a process: pipes, signals, a full disk, a terminal."""

from __future__ import annotations

import errno
import io
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from capture_files import capture_of, export, line_of, recorded
from export_doubles import exported, walk

from obtui.commands import export_command
from obtui.export.outfile import OutFile
from support.wait import eventually

OBTUI = [sys.executable, "-m", "obtui"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_from_a_pipe_to_a_pipe(folder: Path) -> None:
    done = subprocess.run(
        [*OBTUI, "export", "-", "-o", "-", "--format", "csv-l2"],
        input=capture_of(walk(5).frames[:40]),
        capture_output=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == exported(walk(5).frames[:40], "csv-l2")
    assert list(folder.iterdir()) == []


def test_a_reader_that_has_seen_enough_is_no_failure(folder: Path) -> None:
    source = recorded("in.jsonl", walk(5, steps=3000).frames)

    child = subprocess.Popen(
        [*OBTUI, "export", source, "-o", "-", "--format", "csv-l2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert child.stdout is not None
    assert child.stderr is not None
    child.stdout.readline()
    child.stdout.close()
    said = child.stderr.read()
    child.stderr.close()

    assert child.wait(30) == 128 + signal.SIGPIPE
    assert said == b""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_quietly_and_leaves_what_was_there(
    number: signal.Signals, folder: Path
) -> None:
    out = Path("out.csv.gz")
    out.write_bytes(b"old")
    child = subprocess.Popen(
        [*OBTUI, "export", "-", "-o", str(out), "--format", "csv-l2", "--overwrite"],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert child.stdin is not None
    assert child.stderr is not None
    for frame in walk(5).frames:
        child.stdin.write(line_of(frame))
    child.stdin.flush()
    eventually(lambda: len(list(folder.glob(".*.part"))) == 1, "the export is under way")

    child.send_signal(number)

    assert child.wait(30) == 128 + number
    assert child.stderr.read() == b""
    child.stdin.close()
    child.stderr.close()
    assert list(folder.iterdir()) == [folder / out]
    assert out.read_bytes() == b"old"


def test_a_signal_in_the_moment_the_file_is_made_leaves_none(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = recorded("in.jsonl", walk(5).frames)
    create = OutFile.create

    def interrupted(path: str, *, overwrite: bool, inputs: list[str]) -> OutFile:
        made = create(path, overwrite=overwrite, inputs=inputs)
        signal.raise_signal(signal.SIGTERM)
        return made

    monkeypatch.setattr(OutFile, "create", interrupted)

    code = export(source, "-o", "out.csv", "--format", "csv-l2")

    assert code == 128 + signal.SIGTERM
    assert list(folder.iterdir()) == [folder / source]
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == set()


def test_a_disk_that_is_full_is_said_in_one_line(folder: Path) -> None:
    source = recorded("in.jsonl", walk(5, steps=3000).frames)

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    done = subprocess.run(
        [*OBTUI, "export", source, "-o", "out.csv", "--format", "csv-l2"],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=small,
    )

    assert done.returncode == 1
    reason = os.strerror(errno.EFBIG)
    assert done.stderr == f"obtui: cannot write out.csv: {reason}; no file was left\n"
    assert [path.name for path in folder.iterdir()] == [source]


class Terminal(io.StringIO):
    """A stream that is one."""

    def isatty(self) -> bool:
        return True


def test_long_work_shows_how_far_it_is_on_a_terminal_and_only_there(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = recorded("in.jsonl", walk(5, steps=1500).frames)
    monkeypatch.setattr(export_command, "LONG_SECONDS", 0.0)
    monkeypatch.setattr(export_command, "_REFRESH_SECONDS", 0.0)
    monkeypatch.setenv("TERM", "xterm-256color")
    terminal = Terminal()

    export(source, "-o", "a", "--format", "csv-l2")
    unseen = capsys.readouterr()
    monkeypatch.setattr(sys, "stderr", terminal)
    export(source, "-o", "b", "--format", "csv-l2")

    assert not unseen.err.replace("\n", "").startswith("exporting")
    assert "exporting" not in unseen.err
    assert "exporting" in terminal.getvalue()
    assert "100%" in terminal.getvalue()
    assert "obtui: wrote" in terminal.getvalue()
    assert Path("a").read_bytes() == Path("b").read_bytes()
