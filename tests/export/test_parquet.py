"""Parquet: the rows of the CSV, typed, in bounded row groups."""

from __future__ import annotations

import builtins
import io
from decimal import Decimal
from types import ModuleType
from typing import Any

import pytest
from export_doubles import exported, header, walk
from tardis_reader import rows_of

from obtui.export import parquet
from obtui.export.base import ExportError, Shape
from obtui.feeds import FEEDS
from support import frames, wire

NEEDS = "pyarrow is not installed: pip install 'obtui[parquet]'"
pa = pytest.importorskip("pyarrow", reason=NEEDS)
pq = pytest.importorskip("pyarrow.parquet", reason=NEEDS)


def table_of(data: bytes) -> Any:  # noqa: ANN401 - pyarrow has no types
    return pq.read_table(io.BytesIO(data))


@pytest.mark.parametrize("seed", range(3))
def test_its_rows_are_the_csvs(seed: int) -> None:
    recorded = walk(seed).frames

    table = table_of(exported(recorded, "parquet"))

    plain = [
        {
            "exchange": row["exchange"],
            "symbol": row["symbol"],
            "timestamp": int(row["timestamp"]),
            "local_timestamp": int(row["local_timestamp"]),
            "is_snapshot": row["is_snapshot"] == "true",
            "side": row["side"],
            "price": float(row["price"]),
            "amount": float(row["amount"]),
            "price_text": row["price"],
            "amount_text": row["amount"],
        }
        for row in rows_of(exported(recorded, "csv-l2"))
    ]
    assert table.to_pylist() == plain
    assert len(plain) > 500


def test_the_types_are_an_analysts() -> None:
    schema = table_of(exported(walk(1).frames, "parquet")).schema

    assert {field.name: field.type for field in schema} == {
        "exchange": pa.string(),
        "symbol": pa.string(),
        "timestamp": pa.int64(),
        "local_timestamp": pa.int64(),
        "is_snapshot": pa.bool_(),
        "side": pa.string(),
        "price": pa.float64(),
        "amount": pa.float64(),
        "price_text": pa.string(),
        "amount_text": pa.string(),
    }


def test_any_size_of_a_market_is_exact_as_text() -> None:
    sizes = ["0.000000000000000001", "999999999999999999.123456789012345678", "1.0000"]
    bids = [(str(price), size) for price, size in enumerate(sizes, start=1)]

    table = table_of(
        exported([header(), frames.connect(), frames.text(wire.depth(1, bids), 1)], "parquet")
    )

    assert table["amount_text"].to_pylist() == sizes[::-1]
    assert table["amount"].to_pylist() == [float(Decimal(size)) for size in sizes[::-1]]


def test_nothing_trusted_is_a_file_without_rows() -> None:
    table = table_of(exported([header()], "parquet"))

    assert table.num_rows == 0
    assert len(table.column_names) == 10


def test_row_groups_are_bounded_also_within_one_book(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "ROW_GROUP", 100)
    monkeypatch.setattr(parquet, "_BATCH", 40)
    bids = [(f"{price}", "1") for price in range(1, 1001)]
    out = io.BytesIO()
    exporter = parquet.exporter(FEEDS["gemini"]("BTCUSD"), out, Shape())

    exporter.take(frames.connect())
    exporter.take(frames.text(wire.depth(1, bids), 1))
    written = len(out.getvalue())
    exporter.finish()

    assert written > len(exported([], "parquet")), "row groups wait for nothing"
    metadata = pq.ParquetFile(io.BytesIO(out.getvalue())).metadata
    counts = [metadata.row_group(index).num_rows for index in range(metadata.num_row_groups)]
    assert sum(counts) == exporter.rows == 1000
    assert max(counts) <= 100 + 40
    assert len(counts) >= 8
    assert not out.closed


def test_without_pyarrow_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *more: Any, **named: Any) -> ModuleType:  # noqa: ANN401
        if name.partition(".")[0] == "pyarrow":
            raise ModuleNotFoundError(name)
        return real(name, *more, **named)

    monkeypatch.setattr(builtins, "__import__", without)

    with pytest.raises(ExportError) as caught:
        parquet.exporter(FEEDS["gemini"]("BTCUSD"), io.BytesIO(), Shape())

    assert str(caught.value) == "parquet needs pyarrow: pip install 'obtui[parquet]'"
