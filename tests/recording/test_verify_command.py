"""`obtui verify` as it is run: exit codes, the table, JSON, pipes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from obtui import cli
from obtui.commands import verify_command
from obtui.frame import Disconnect, Drop, Frame, Gap
from obtui.recording.report import ConnectionReport
from support.recordings import control, header, lines, message, opened, packed, put, run

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
        "closed       whole\n",
        "missing      nothing\n",
        "result       whole\n",
    ):
        assert line in out
    assert "2023-11-14 22:13:20.000" in out


def test_a_series_by_its_name(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    put(tmp_path / "a-000000.jsonl.zst", packed(run()[:9]))
    put(tmp_path / "a-000001.jsonl.zst", packed([header(1, segment=1), *run()[9:]]))

    code, out, _ = call(str(tmp_path / "a.jsonl.zst"), capfd=capfd)

    assert code == 0, out
    assert f"file 2       {tmp_path}/a-000001.jsonl.zst" in out


def test_one_that_is_torn(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = put(tmp_path / "a.jsonl", lines(run())[:-5])

    code, out, _ = call(path, capfd=capfd)

    assert code == 1
    assert "end torn" in out
    assert "missing      1 run not closed, 1 torn end\n" in out
    assert "closed       no: 1 of 1 run ended without an end line, as when killed\n" in out
    assert "result       NOT WHOLE\n" in out


def test_one_that_this_version_cannot_decode(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = put(tmp_path / "a.jsonl", lines(run()).replace(b"gemini", b"nosuch"))

    code, out, _ = call(path, capfd=capfd)
    also, told, _ = call(path, "--json", capfd=capfd)
    report = json.loads(told)

    assert (code, also) == (1, 1)
    assert "checked by   not checked: this version cannot decode nosuch\n" in out
    assert "missing      not known\n" in out
    assert "result       not checked\n" in out
    assert "crossed" not in out
    assert (report["result"], report["whole"]) == ("not checked", False)
    assert report["crossing_count"] is report["crossed_seconds"] is report["gaps"] is None


def lost(seconds: float) -> Frame:
    reason = "the venue said nothing for far longer than its rule: " + "a very long word " * 7
    return control(Gap("SYNCING", reason, lost=True), seconds)


@pytest.mark.parametrize("columns", ["20", "80", "300"])
def test_it_fits_80_columns_and_has_no_other_width(
    columns: str,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    frames = [*run()[:-1], lost(3), control(Drop(1_234_567), 4), header(5, segment=1)]
    frames += [control(Disconnect("x", 1.0), 6), opened(7, 2), message(b"{", 8, 2)]
    path = put(tmp_path / "a.jsonl", lines(frames) + b"?\n{")

    _, out, _ = call(path, capfd=capfd)

    rows = [row for row in out.splitlines() if not row.startswith("file")]
    assert max(map(len, rows)) <= 80
    assert "…" not in out
    assert "run  connection  opened                   messages  books  sequence\n" in out
    assert "  1           1  2023-11-14 22:13:20.000        21     21  whole\n" in out
    missing = out[out.index("missing") : out.index("result")].split()
    assert " ".join(missing[1:]) == (
        "1 gap, 1 connection given up, 1 reconnect, 1,234,567 lines dropped, 1 run not closed, "
        "1 torn end, 1 place that cannot be read"
    )
    assert "damage      file 1, byte " in out


def test_checksums_have_a_column_where_the_venue_sends_some() -> None:
    its = ConnectionReport(1, 1, None, None, 9_999_999, 9_999_999, "unchecked", "", 9_999_999)

    head, row = verify_command.connections([its])

    assert head.endswith("  checksums")
    assert row.endswith("  9,999,999")
    assert len(row) <= 80


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
    code = "import sys, obtui.commands.verify_command; print({'textual', 'rich'} & {*sys.modules})"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)

    assert done.stdout == b"set()\n"
