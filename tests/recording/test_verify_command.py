"""`obtui verify` as it is run: exit codes, the table, JSON, pipes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from obtui import cli
from support.recordings import lines, packed, put, run

COMMAND = [sys.executable, "-m", "obtui", "verify"]


def call(*words: str, capfd: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = cli.main(["verify", *words])
    told = capfd.readouterr()
    return code, told.out, told.err


def test_a_whole_one(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = put(tmp_path / "a.jsonl", lines(run()))

    code, out, err = call(path, capfd=capfd)

    assert (code, err) == (0, "")
    assert out.startswith("recording    capture of gemini BTCUSD · obtui\n")
    for line in (
        f"file 1       {path} · {len(lines(run())) / 1000:.1f} kB · end whole\n",
        "lines        25: 1 header, 1 connect, 21 frame, 1 mark, 1 end\n",
        "rate         9.1 messages a second, at most 10\n",
        "connections  1 in 1 run\n",
        "missing      0 gaps, 0 connections given up, 0 reconnects, 0 lines dropped, 0 torn ends\n",
        "closed       whole\n",
        "result       whole\n",
    ):
        assert line in out
    assert "2023-11-14 22:13:20.000" in out


def test_one_that_is_torn(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = put(tmp_path / "a.jsonl", lines(run())[:-5])

    code, out, _ = call(path, capfd=capfd)

    assert code == 1
    assert "end torn" in out
    assert "result       NOT WHOLE\n" in out


def test_json(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = put(tmp_path / "a.zst", packed(run()))

    code, out, _ = call(path, "--json", capfd=capfd)
    report = json.loads(out)

    assert code == 0
    assert report["whole"] is True
    assert report["counts"]["frame"] == 21
    assert report["files"][0]["tail"] == "whole"
    assert report["states"]["VERIFIED"] == pytest.approx(2.2)


def test_one_that_cannot_be_read(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, out, err = call(str(tmp_path / "nosuch"), capfd=capfd)

    assert (code, out) == (2, "")
    assert err == f"obtui: cannot read {tmp_path}/nosuch: there is no such file; check its name\n"


def test_what_a_file_holds_is_shown_and_not_obeyed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    data = lines(run()).replace(b"BTCUSD", rb"[red]\\u001b[2J")
    code, out, _ = call(put(tmp_path / "[bold]a", data), capfd=capfd)

    assert code == 0
    assert "[red] [2J" in out
    assert "[bold]a" in out
    assert "\x1b" not in out


def test_a_pipe_in_and_a_pipe_that_nobody_reads_out(tmp_path: Path) -> None:
    piped = subprocess.run([*COMMAND, "-"], input=lines(run()), capture_output=True, check=False)
    path = put(tmp_path / "a", lines(run()))
    with subprocess.Popen(
        [*COMMAND, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as alone:
        assert alone.stdout is not None
        assert alone.stderr is not None
        alone.stdout.close()
        said = alone.stderr.read()

    assert piped.returncode == 0
    assert b"file 1       - \xc2\xb7 a pipe" in piped.stdout
    assert piped.stderr == b""
    assert said == b""
    assert alone.returncode == 128 + 13


def test_it_needs_no_screen() -> None:
    code = "import sys, obtui.verify_command; print({'textual', 'rich'} & {*sys.modules})"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)

    assert done.stdout == b"set()\n"
