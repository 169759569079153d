"""A file that is only appended to: what can be opened, by one writer, and what stays whole."""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from recording_doubles import (
    LineWriter,
    put_all,
    run_python,
)

from obtui.recording.files import RecordingError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "book.jsonl"


# Appending


def test_appended_tells_whether_there_was_content(path: Path) -> None:
    fresh = LineWriter.open(str(path))
    put_all(fresh, "a")
    fresh.close()
    again = LineWriter.open(str(path))
    put_all(again, "b")
    again.close()

    assert not fresh.appended
    assert again.appended
    assert path.read_text() == "a\nb\n"


RECORD = '{"p": "größe €"}\n'.encode()


@pytest.mark.parametrize("cut", range(1, len(RECORD)))
def test_a_torn_tail_is_set_apart(path: Path, cut: int) -> None:
    before = b"whole\n" + RECORD[:cut]
    path.write_bytes(before)

    writer = LineWriter.open(str(path))
    put_all(writer, "next")
    status = writer.close()

    assert path.read_bytes() == before + b"\nnext\n"
    assert status.bytes_written == len(b"next\n")


def test_a_torn_tail_is_left_alone_when_nothing_is_put(path: Path) -> None:
    path.write_bytes(b"torn")

    LineWriter.open(str(path)).close()

    assert path.read_bytes() == b"torn"


def test_a_file_made_for_nothing_is_removed_and_any_other_is_not(tmp_path: Path) -> None:
    made, empty = tmp_path / "made", tmp_path / "empty"
    empty.touch()

    LineWriter.open(str(made)).close()
    LineWriter.open(str(empty)).close()

    assert not made.exists()
    assert empty.exists()


def test_kill_9_leaves_whole_lines_and_the_next_append_is_clean(path: Path) -> None:
    code = """
        import itertools, sys
        from obtui.recording.files import Disk
        from obtui.recording.sinks import open_sink
        from obtui.recording.writer import Writer
        class Line:
            def __init__(self, n): self.n = n
            def encode(self): return b"<%d>" % self.n + b"." * (self.n % 97) + b"\\n"
        writer = Writer(open_sink(sys.argv[1], disk=Disk()), Line.encode)
        for n in itertools.count():
            while not writer.backlog.put(Line(n), 10): pass
            if n == 3000: print("going", flush=True)
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), str(path)], stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"going\n"
        while not (path.exists() and path.stat().st_size > 200_000):
            assert child.poll() is None
        child.kill()

    killed = path.read_bytes()
    writer = LineWriter.open(str(path))
    put_all(writer, "next")
    writer.close()

    lines = killed.split(b"\n")
    assert all(line == b"<%d>" % n + b"." * (n % 97) for n, line in enumerate(lines[:-1])), (
        "each line but the last is whole, and none is missing"
    )
    assert path.read_bytes().split(b"\n")[-2] == b"next"
    assert path.read_bytes().startswith(killed)


# What cannot be opened


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "no" / "such"

    with pytest.raises(RecordingError) as caught:
        LineWriter.open(str(folder / "y.jsonl"))

    assert str(caught.value) == (
        f"cannot record to {folder}/y.jsonl: the folder {folder} does not exist; "
        "create it or choose another file"
    )
    assert not folder.exists()


def test_what_is_no_file_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "gone" / "x")
    os.mkfifo(tmp_path / "fifo")
    says = {
        str(tmp_path): "it is a folder; name a file in it",
        f"{tmp_path}/file/x": f"{tmp_path}/file is not a folder; choose another file",
        f"{tmp_path}/link": "it is a link that leads nowhere; choose another file",
        f"{tmp_path}/fifo": "nobody reads this pipe; start its reader first",
        "/dev/null": "it is a device or socket; choose a file, or - for standard output",
        f"{tmp_path}/{'n' * 300}": "File name too long; choose another file",
        f"{tmp_path}/a\0b": "this cannot be a file's name; choose another",
        "": "no file is named; name one",
    }

    heard = {}
    for path in says:
        with pytest.raises(RecordingError) as caught:
            LineWriter.open(path)
        heard[path] = str(caught.value)

    for path, said in heard.items():
        assert said.startswith("cannot record to ")
        assert said.endswith(f": {says[path]}")
        assert said.isprintable()


def test_permission_denied_and_a_closed_stdout_are_told(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*args: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    with pytest.raises(RecordingError, match="standard output: it is closed; name a file"):
        LineWriter.open("-", stdout=987_654)
    monkeypatch.setattr(os, "open", denied)
    with pytest.raises(RecordingError, match="permission denied; choose a file that you may"):
        LineWriter.open(str(path))


def test_a_second_writer_is_refused_until_the_first_closes(path: Path) -> None:
    code = """
        import sys
        from obtui.recording.files import Disk, RecordFile, RecordingError
        try:
            RecordFile.open(sys.argv[1], disk=Disk()).close()
        except RecordingError as error:
            print(error)
    """
    refusal = (
        f"cannot record to {path}: it is being written by another program; choose another file"
    )
    writer = LineWriter.open(str(path))

    with pytest.raises(RecordingError) as here:
        LineWriter.open(str(path))
    there = run_python(code, str(path))
    put_all(writer, "a")
    writer.close()
    after = run_python(code, str(path))

    assert str(here.value) == refusal
    assert there.stdout == refusal + "\n"
    assert (after.stdout, after.stderr) == ("", "")
    assert path.read_text() == "a\n"


def test_a_file_removed_before_it_is_locked_is_opened_anew(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really_lock = fcntl.flock
    locked: list[int] = []

    def remove_first(fd: int, operation: int) -> None:
        if not locked:
            path.unlink()
        locked.append(fd)
        really_lock(fd, operation)

    monkeypatch.setattr(fcntl, "flock", remove_first)
    writer = LineWriter.open(str(path))
    put_all(writer, "a")
    writer.close()

    assert path.read_text() == "a\n"


def test_a_file_system_without_locks_is_recorded_to(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(fd: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    writer = LineWriter.open(str(path))
    put_all(writer, "a")
    status = writer.close()

    assert path.read_text() == "a\n"
    assert status.failed is None
