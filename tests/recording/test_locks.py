"""Who writes a file, asked by others: it neither keeps a recorder out nor takes one for another."""

from __future__ import annotations

import fcntl
import os
import threading
from pathlib import Path

import pytest

from obtui.recording.files import Disk, RecordFile, RecordingError
from obtui.recording.follow import is_being_recorded
from obtui.recording.raw import Stopped, is_being_written
from obtui.recording.reader import open_recording
from support.recordings import header, lines, put, run


def test_who_only_asks_does_not_keep_a_recorder_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path / "a.jsonl", lines(run()))
    asking = os.open(path, os.O_RDONLY)
    fcntl.flock(asking, fcntl.LOCK_SH)
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            os.close(asking)

    monkeypatch.setattr("obtui.recording.opening.time.sleep", wait)
    RecordFile.open(path, disk=Disk()).close()

    assert len(waits) == 2


def test_another_recorder_is_refused_within_a_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path / "a.jsonl", lines(run()))
    waits: list[float] = []
    monkeypatch.setattr("obtui.recording.opening.time.sleep", waits.append)
    file = RecordFile.open(path, disk=Disk())

    with pytest.raises(RecordingError, match="being written by another program"):
        RecordFile.open(path, disk=Disk())

    assert 0 < sum(waits) < 0.1
    file.close()


def test_of_what_cannot_be_opened_it_is_not_known(tmp_path: Path) -> None:
    assert is_being_written(str(tmp_path / "none")) is None


def test_a_recorder_in_a_later_file_is_one(tmp_path: Path) -> None:
    first = put(tmp_path / "b-000000.jsonl", lines(run()))
    recording = open_recording([first])
    assert is_being_recorded(recording) is False

    with (tmp_path / "b-000007.jsonl").open("ab") as later:
        fcntl.flock(later, fcntl.LOCK_EX)
        assert is_being_recorded(recording) is True

    with (tmp_path / "bb-000007.jsonl").open("ab") as another:
        fcntl.flock(another, fcntl.LOCK_EX)
        assert is_being_recorded(recording) is False


def test_a_named_pipe_that_nobody_writes_to_can_be_left(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    stop = threading.Event()
    ended = threading.Event()

    def wait() -> None:
        with pytest.raises(Stopped):
            open_recording([str(tmp_path / "pipe")], stop=stop.is_set)
        ended.set()

    threading.Thread(target=wait, daemon=True).start()
    stop.set()

    assert ended.wait(5)


def test_a_named_pipe_is_read_when_somebody_writes_to_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    data = lines([header(), *run()[1:]])

    def write() -> None:
        (tmp_path / "pipe").write_bytes(data)

    threading.Thread(target=write, daemon=True).start()

    assert len(list(open_recording([str(tmp_path / "pipe")]).frames())) == len(run())
