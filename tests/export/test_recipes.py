"""The README's recipes: each is run as it stands there, on files that are exported for it."""

from __future__ import annotations

import importlib
import json
import textwrap
import warnings
from pathlib import Path
from typing import Any

import pytest
from capture_files import capture_of
from export_doubles import walk
from tardis_reader import rows_of

from obtui.cli import main
from obtui.frame import FrameKind

README = Path(__file__).resolve().parents[2] / "README.md"

EXPORTS = """\
obtui export btc.jsonl.zst -o l2.csv.gz   --format csv-l2
obtui export btc.jsonl.zst -o l2.parquet  --format parquet
obtui export btc.jsonl.zst -o tops.csv    --format csv-snapshot --depth 5
obtui export btc.jsonl.zst -o books.jsonl --format books --depth 50
obtui export btc.jsonl.zst -o wire.gz     --format hftbacktest
"""

DUCKDB = """\
import duckdb

l2 = duckdb.sql("FROM 'l2.csv.gz'")
changes = duckdb.sql("FROM 'l2.parquet' WHERE side = 'bid' AND NOT is_snapshot")
tops = duckdb.sql('''
    SELECT make_timestamp(local_timestamp) AS at, "asks[0].price" - "bids[0].price" AS spread
    FROM 'tops.csv'
''')
books = duckdb.sql("SELECT ts, bids[1][1] AS bid, asks[1][1] AS ask FROM 'books.jsonl'")
wire = duckdb.sql(r'''
    SELECT line[:19]::BIGINT AS received_ns, line[21:] AS message
    FROM read_csv('wire.gz', columns = {line: 'VARCHAR'}, header = false,
                  delim = '\\n', quote = '', escape = '')
''')
"""

POLARS = """\
import polars as pl

l2 = pl.read_csv("l2.csv.gz")
changes = (
    pl.scan_parquet("l2.parquet").filter(pl.col("side") == "bid", ~pl.col("is_snapshot")).collect()
)
tops = pl.read_csv("tops.csv").select(
    pl.from_epoch("local_timestamp", time_unit="us").alias("at"),
    (pl.col("asks[0].price") - pl.col("bids[0].price")).alias("spread"),
)
books = pl.read_ndjson("books.jsonl").select(
    "ts",
    pl.col("bids").list.first().list.first().alias("bid"),
    pl.col("asks").list.first().list.first().alias("ask"),
)
line = pl.col("line")
wire = pl.read_csv(
    "wire.gz", has_header=False, new_columns=["line"], separator="\\x01", quote_char=None
).select(
    line.str.head(19).cast(pl.Int64).alias("received_ns"),
    line.str.slice(20).alias("message"),
)
"""

PANDAS = """\
import pandas as pd

l2 = pd.read_csv("l2.csv.gz")
changes = pd.read_parquet("l2.parquet").query("side == 'bid' and not is_snapshot")
top = pd.read_csv("tops.csv")
tops = pd.DataFrame({
    "at": pd.to_datetime(top["local_timestamp"], unit="us"),
    "spread": top["asks[0].price"] - top["bids[0].price"],
})
books = pd.read_json("books.jsonl", lines=True)
books["bid"] = books["bids"].str[0].str[0]
books["ask"] = books["asks"].str[0].str[0]
line = pd.read_csv("wire.gz", header=None, names=["line"], sep="\\x01", quoting=3)["line"]
wire = pd.DataFrame({"received_ns": line.str[:19].astype("int64"), "message": line.str[20:]})
"""

RECIPES = {"duckdb": DUCKDB, "polars": POLARS, "pandas": PANDAS}

Table = list[dict[str, Any]]


@pytest.fixture
def exports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the recipes' files, as the working directory."""
    pytest.importorskip("pyarrow", reason="pyarrow is not installed: the recipes read Parquet")
    monkeypatch.chdir(tmp_path)
    Path("btc.jsonl.zst").write_bytes(capture_of(walk(4).frames, packed=True))
    for line in EXPORTS.splitlines():
        assert main(line.split()[1:]) == 0
    return tmp_path


def run(name: str) -> dict[str, Table]:
    """The tables that a recipe makes, by its names."""
    importlib.import_module(name)
    made: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        exec(compile(RECIPES[name], name, "exec"), made)
    return {key: as_rows(made[key]) for key in ("l2", "changes", "tops", "books", "wire")}


def as_rows(table: Any) -> Table:  # noqa: ANN401 - of three libraries
    """Rows by column, of any of the libraries."""
    if hasattr(table, "fetchall"):
        return [dict(zip(table.columns, row, strict=True)) for row in table.fetchall()]
    if hasattr(table, "to_dicts"):
        return list(table.to_dicts())
    return list(table.to_dict("records"))


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_reads_every_format(name: str, exports: Path) -> None:
    # They are not among the test tools: all three together take longer to install than all else.
    pytest.importorskip(name, reason=f"{name} is not installed: pip install {name}")

    tables = run(name)

    main(["export", "btc.jsonl.zst", "-o", "plain.csv", "--format", "csv-l2"])
    plain = rows_of(Path("plain.csv").read_bytes())
    assert [(row["price"], row["side"]) for row in tables["l2"]] == [
        (float(row["price"]), row["side"]) for row in plain
    ]
    assert [bool(row["is_snapshot"]) for row in tables["l2"]] == [
        row["is_snapshot"] == "true" for row in plain
    ]
    assert [row["amount_text"] for row in tables["changes"]] == [
        row["amount"] for row in plain if row["side"] == "bid" and row["is_snapshot"] == "false"
    ]
    check_tops(tables["tops"])
    check_books(tables["books"])
    assert [(row["received_ns"], row["message"]) for row in tables["wire"]] == [
        (frame.received_ns, frame.data.decode())
        for frame in walk(4).frames
        if frame.kind is FrameKind.TEXT
    ]


def check_tops(tops: Table) -> None:
    lines = Path("tops.csv").read_text().splitlines()[1:]
    cells = [line.split(",") for line in lines]
    assert len(tops) == len(cells) > 50
    for row, (_, _, _, local, ask, _, bid, *_) in zip(tops, cells, strict=True):
        assert row["at"].timestamp() != 0
        assert f"{row['at']:%S.%f}" == f"{int(local) % 60_000_000 / 1e6:09.6f}"
        if ask and bid:
            assert row["spread"] == pytest.approx(float(ask) - float(bid))


def check_books(books: Table) -> None:
    lines = [json.loads(line) for line in Path("books.jsonl").read_text().splitlines()]
    assert [row["ts"] for row in books] == [line["ts"] for line in lines]
    for row, line in zip(books, lines, strict=True):
        for side, name in (("bids", "bid"), ("asks", "ask")):
            if line[side]:
                assert row[name] == line[side][0][0]
            else:
                assert row[name] is None or row[name] != row[name]


@pytest.mark.parametrize("recipe", [EXPORTS, *RECIPES.values()])
def test_the_readme_has_what_is_run_here(recipe: str) -> None:
    text = README.read_text()
    if "obtui export" not in text:
        pytest.skip("the README tells nothing of exports yet")

    assert textwrap.indent(recipe, "    ", lambda line: bool(line.strip())) in text
