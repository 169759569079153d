"""`obtui export` as it is typed: what is written, and what is said."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

import pytest
from capture_files import capture_of, export, line_of, recorded, unzstd
from export_doubles import connect, drop, end, exported, header, walk

from obtui.export.base import Shape
from support import frames, wire
from support.captures import DATA

FORMATS = ("csv-l2", "csv-snapshot", "parquet", "books", "hftbacktest")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_is_written_from_a_capture(name: str, folder: Path) -> None:
    if name == "parquet":
        pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    source = recorded("in.jsonl.zst", walk(5).frames, packed=True)

    code = export(source, "-o", "out", "--format", name)

    shape = Shape(depth=25 if name == "csv-snapshot" else 10)
    assert code == 0
    assert Path("out").read_bytes() == exported(walk(5).frames, name, shape)
    assert sorted(path.name for path in folder.iterdir()) == ["in.jsonl.zst", "out"]


def test_depth_and_interval_are_passed_on(folder: Path) -> None:
    source = recorded("in.jsonl", walk(5).frames)

    codes = [
        export(source, "-o", "a", "--format", "csv-snapshot", "--depth", "3", "--interval", "2s"),
        export(source, "-o", "b", "--format", "books", "--depth", "77"),
    ]

    thin = Shape(depth=3, interval_ns=2_000_000_000)
    assert codes == [0, 0]
    assert Path("a").read_bytes() == exported(walk(5).frames, "csv-snapshot", thin)
    assert Path("b").read_bytes() == exported(walk(5).frames, "books", Shape(depth=77))


def test_names_say_how_it_is_packed(folder: Path) -> None:
    source = recorded("in.jsonl", walk(5).frames)

    export(source, "-o", "out.gz", "--format", "hftbacktest")
    export(source, "-o", "out.csv.zst", "--format", "csv-l2")

    assert gzip.decompress(Path("out.gz").read_bytes()) == exported(walk(5).frames, "hftbacktest")
    assert unzstd(Path("out.csv.zst").read_bytes()) == exported(walk(5).frames, "csv-l2")


def test_what_exists_is_refused_before_anything_is_read(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    source = recorded("in.jsonl", walk(5).frames)
    Path("out.csv").write_bytes(b"old")

    code = export(source, "-o", "out.csv", "--format", "csv-l2")

    assert code == 2
    expected = "obtui: out.csv exists: choose another name, or give --overwrite\n"
    assert capfd.readouterr().err == expected
    assert Path("out.csv").read_bytes() == b"old"


def test_a_capture_is_not_overwritten_by_its_own_export(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    source = recorded("in.jsonl", walk(5).frames)
    before = Path(source).read_bytes()

    code = export(source, "-o", f"./{source}", "--format", "books", "--overwrite")

    assert code == 2
    assert "is what is to be exported" in capfd.readouterr().err
    assert Path(source).read_bytes() == before


def test_a_series_is_exported_by_its_name_and_no_segment_of_it_overwritten(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    half = len(walk(5).frames) // 2
    recorded("in-000000.jsonl", walk(5).frames[:half])
    recorded("in-000001.jsonl", walk(5).frames[half:])
    before = Path("in-000001.jsonl").read_bytes()

    codes = [
        export("in.jsonl", "-o", "out", "--format", "csv-l2"),
        export("in.jsonl", "-o", "in-000001.jsonl", "--format", "csv-l2", "--overwrite"),
    ]

    assert codes == [0, 2]
    assert Path("out").read_bytes() == exported(walk(5).frames, "csv-l2")
    assert "is what is to be exported" in capfd.readouterr().err
    assert Path("in-000001.jsonl").read_bytes() == before


BAD: list[tuple[list[str], str]] = [
    (
        ["--format", "xml"],
        "there is no format xml: choose csv-l2, csv-snapshot, parquet, books, hftbacktest",
    ),
    (
        ["--format", "parquet", "-o", "-"],
        "parquet cannot be written to standard output: name a file",
    ),
    (
        ["--format", "parquet", "-o", "out.parquet.gz"],
        "parquet is compressed in itself: name it without .gz or .zst",
    ),
    (
        ["--format", "csv-l2", "--depth", "5"],
        "csv-l2 has no --depth: it has all levels, or no book",
    ),
    (["--format", "books", "--interval", "1s"], "books has no --interval: csv-snapshot has"),
    (
        ["--format", "csv-snapshot", "--interval", "soon"],
        "--interval soon is no time: give one like 100ms, 1s or 5m",
    ),
    (
        ["--format", "csv-snapshot", "--depth", "99999"],
        "--depth of csv-snapshot is at most 5000: csv-l2 has all levels",
    ),
]


@pytest.mark.parametrize(("words", "message"), BAD)
def test_what_cannot_be_is_said_in_one_line(
    words: list[str], message: str, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    source = recorded("in.jsonl", walk(5).frames)

    code = export(source, "-o", "out", *words)

    assert (code, capfd.readouterr().err) == (2, f"obtui: {message}\n")
    assert [path.name for path in folder.iterdir()] == [source]


def test_without_pyarrow_it_says_how_to_install_it(
    folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = recorded("in.jsonl", walk(5).frames)
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    code = export(source, "-o", "out.parquet", "--format", "parquet")

    expected = "obtui: parquet needs pyarrow: pip install 'obtui[parquet]'\n"
    assert (code, capfd.readouterr().err) == (2, expected)
    assert [path.name for path in folder.iterdir()] == [source]


def test_a_file_that_is_not_there_or_no_recording_is_refused(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    Path("notes.txt").write_text("not a recording\n")

    codes = [export(name, "-o", "out", "--format", "books") for name in ("gone", "notes.txt")]

    said = capfd.readouterr().err.splitlines()
    assert codes == [2, 2]
    assert len(said) == 2
    assert "gone" in said[0]
    assert "notes.txt is not a recording" in said[1]


def test_a_venue_that_is_not_known_is_refused(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    source = recorded("in.jsonl", [header(venue="mars")])

    code = export(source, "-o", "out", "--format", "books")

    said = capfd.readouterr().err
    assert code == 2
    assert "mars" in said
    assert said.count("\n") == 1
    assert not Path("out").exists()


def test_a_file_of_two_markets_is_refused(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source = recorded("in.jsonl", [header(), end(1), header(2, symbol="ETHUSD"), end(3)])

    code = export(source, "-o", "out", "--format", "books")

    said = capfd.readouterr().err
    assert code == 2
    assert "two markets (gemini BTCUSD, gemini ETHUSD)" in said
    assert not Path("out").exists()


def test_drops_and_damage_are_told_and_no_failure(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    book = frames.text(wire.depth(100, [("99", "1")], [("101", "2")]), 1)
    content = capture_of([header(), connect(), book, drop(2, 1500), drop(3, 7)])
    Path("in.jsonl").write_bytes(content + b"garbage\n" + line_of(end(4)) + b'{"k":"fra')

    code = export("in.jsonl", "-o", "out", "--format", "books")

    said = capfd.readouterr().err
    assert code == 0
    assert said.count("\n") == 1
    assert said.startswith(
        "obtui: the recording is not whole: 1,507 lines dropped by the recorder, "
        "2 places that cannot be read ("
    )
    assert said.endswith("; obtui verify tells more\n")
    assert len(Path("out").read_bytes().splitlines()) == 2


def test_a_clock_that_was_set_back_is_told(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    book = frames.text(wire.depth(100, [("99", "1")], [("101", "2")]), 10)
    change = frames.text(wire.depth(110, [("98", "1")], after=100), 5)
    source = recorded("in.jsonl", [header(), connect(), book, change, end(11)])

    code = export(source, "-o", "out", "--format", "csv-l2")

    expected = "obtui: its clock was set back once: the rows are in the order of arrival\n"
    assert (code, capfd.readouterr().err) == (0, expected)


def test_nothing_trusted_is_told(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source = recorded("in.jsonl", [header(), connect(), end(1)])

    code = export(source, "-o", "out", "--format", "csv-l2")

    assert code == 0
    assert "there are no rows" in capfd.readouterr().err


def test_book_lines_can_be_exported_but_not_as_a_venues_messages(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    source = recorded("in.jsonl", walk(5).frames)
    export(source, "-o", "books.jsonl", "--format", "books")
    capfd.readouterr()

    codes = [
        export("books.jsonl", "-o", "again.jsonl", "--format", "books"),
        export("books.jsonl", "-o", "wire.gz", "--format", "hftbacktest"),
    ]

    assert codes == [0, 2]
    again, once = (Path(name).read_bytes() for name in ("again.jsonl", "books.jsonl"))
    assert without_empty_books(again) == without_empty_books(once)
    said = capfd.readouterr().err.splitlines()
    assert said == [
        "obtui: book lines hold only the best levels: so does what was made of them",
        "obtui: book lines hold no messages of a venue: hftbacktest needs a capture",
    ]


def without_empty_books(lines: bytes) -> list[bytes]:
    """A trusted book that was empty and the end of trust are one line in this format."""
    return [line for line in lines.splitlines() if b'{"bids": [], "asks": []' not in line]


def test_the_test_data_is_read_where_it_lies(folder: Path) -> None:
    path = DATA / "gemini" / "v1-btcusd-31s.jsonl.gz"
    if not path.exists():
        pytest.skip("the real captures (../shared/data) are not on this machine")

    code = export(str(path), "-o", "out.csv", "--format", "csv-snapshot", "--depth", "1")

    rows = Path("out.csv").read_text().splitlines()
    assert code == 0
    assert [rows[-1].split(",")[index] for index in (0, 1, 4, 6)] == [
        "gemini-v1",
        "BTCUSD",
        "60713.37",
        "60707.59",
    ]
