"""The file of an export: whole or not at all, and nothing that is there is lost by mistake."""

from __future__ import annotations

import errno
import gzip
import os
import stat
from pathlib import Path

import pytest
from capture_files import unzstd

from obtui.export.base import ExportError
from obtui.export.outfile import OutFile


def write(path: Path, data: bytes = b"rows\n", *, overwrite: bool = False) -> None:
    with OutFile.create(str(path), overwrite=overwrite, inputs=[]) as file:
        file.stream.write(data)
        file.keep()


def test_it_is_there_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"

    with OutFile.create(str(path), overwrite=False, inputs=[]) as file:
        file.stream.write(b"rows\n")
        before = [name.suffix for name in tmp_path.iterdir()]
        file.keep()

    assert before == [".part"]
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == b"rows\n"
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~umask


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt()])
@pytest.mark.parametrize("name", ["out.csv", "out.csv.gz", "out.csv.zst"])
def test_a_failure_leaves_what_was_there(error: BaseException, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(b"old")

    def fail() -> None:
        with OutFile.create(str(path), overwrite=True, inputs=[]) as file:
            file.stream.write(b"half a r")
            raise error

    with pytest.raises(type(error)):
        fail()

    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == b"old"


def test_a_disk_that_fills_at_the_last_moment_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_fd: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(OSError, match="No space"):
        write(tmp_path / "out.csv")

    assert list(tmp_path.iterdir()) == []


def test_what_exists_is_kept_unless_it_may_be_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_bytes(b"old")
    path.chmod(0o640)

    with pytest.raises(ExportError, match=r"out\.csv exists: choose .* --overwrite"):
        write(path)
    kept = path.read_bytes()
    write(path, b"new", overwrite=True)

    assert (kept, path.read_bytes()) == (b"old", b"new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize("links", [True, False])
def test_a_file_that_appears_meanwhile_is_kept(
    links: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out.csv"
    if not links:

        def no_links(_source: str, _target: str) -> None:
            raise OSError(errno.EPERM, "Operation not permitted")

        monkeypatch.setattr(os, "link", no_links)
        write(tmp_path / "first.csv")

    with OutFile.create(str(path), overwrite=False, inputs=[]) as file:
        path.write_bytes(b"another's")
        with pytest.raises(ExportError, match="exists"):
            file.keep()

    assert path.read_bytes() == b"another's"
    assert not list(tmp_path.glob("*.part")) + list(tmp_path.glob(".*.part"))
    assert links or (tmp_path / "first.csv").read_bytes() == b"rows\n"


def test_a_link_keeps_leading_where_it_led(tmp_path: Path) -> None:
    target = tmp_path / "target.csv"
    target.write_bytes(b"old")
    link = tmp_path / "link.csv"
    link.symlink_to(target)

    write(link, b"new", overwrite=True)

    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_the_recording_itself_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "capture.jsonl"
    path.write_bytes(b"capture")
    other = tmp_path / "another-name"
    os.link(path, other)

    with pytest.raises(ExportError, match="is what is to be exported"):
        OutFile.create(str(other), overwrite=True, inputs=["-", str(path)])

    assert path.read_bytes() == b"capture"


def test_devices_and_folders_are_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    refusals = []
    for path in (pipe, tmp_path, tmp_path / "no" / "out.csv"):
        with pytest.raises(ExportError) as caught:
            OutFile.create(str(path), overwrite=True, inputs=[])
        refusals.append(str(caught.value))

    assert refusals[0].endswith("it is a device or pipe; -o - writes to standard output")
    assert refusals[1].endswith("it is a folder; name a file in it")
    assert "does not exist; create it" in refusals[2]


def test_it_is_packed_by_its_name_and_always_the_same(tmp_path: Path) -> None:
    data = b"row\n" * 1000

    for name in ("a.gz", "b.gz", "c.zst"):
        write(tmp_path / name, data)

    packed = [(tmp_path / name).read_bytes() for name in ("a.gz", "b.gz", "c.zst")]
    assert packed[0] == packed[1]
    assert packed[0][4:8] == bytes(4), "the time of a gzip file is in these"
    assert gzip.decompress(packed[0]) == unzstd(packed[2]) == data
    assert max(map(len, packed)) < 100
